import type { Database } from 'better-sqlite3';
import { firstSchema } from './0001-first-schema.ts';
import { logBlocks } from './0002-log-blocks.ts';
import { deviceLists } from './0003-device-lists.ts';
import { documents } from './0004-documents.ts';
import { denoisedTrack } from './0005-denoised-track.ts';
import { timeline } from './0006-timeline.ts';
import { notes } from './0007-notes.ts';
import { checkRuns } from './0008-check-runs.ts';

/** One step forward. Released migrations never change; a database's `user_version` is the last one it has had. */
export interface Migration {
  number: number;
  purpose: string;
  sql: string;
  /** Runs after `sql`, in the same transaction. Calls `onProgress` at least once a second or so. */
  convert?: (database: Database, onProgress: () => void) => void;
}

export const migrations: readonly Migration[] = [firstSchema, logBlocks, deviceLists, documents, denoisedTrack, timeline, notes, checkRuns];

export const SCHEMA_VERSION = migrations.length;
