import type { Database } from 'better-sqlite3';
import { firstSchema } from './0001-first-schema.ts';
import { logBlocks } from './0002-log-blocks.ts';
import { deviceLists } from './0003-device-lists.ts';

/** One step forward. Released migrations never change; a database's `user_version` is the last one it has had. */
export interface Migration {
  number: number;
  purpose: string;
  sql: string;
  /** Runs after `sql`, in the same transaction. Calls `onProgress` at least once a second or so. */
  convert?: (database: Database, onProgress: () => void) => void;
}

export const migrations: readonly Migration[] = [firstSchema, logBlocks, deviceLists];

export const SCHEMA_VERSION = migrations.length;
