import { firstSchema } from './0001-first-schema.ts';

/** One step forward. Released migrations never change; a database's `user_version` is the last one it has had. */
export interface Migration {
  number: number;
  purpose: string;
  sql: string;
}

export const migrations: readonly Migration[] = [firstSchema];

export const SCHEMA_VERSION = migrations.length;
