import type { Database } from 'better-sqlite3';
import { createAudioReader } from './audio-reader.ts';
import { createLogScan } from './log-scan.ts';
import type { BulkRequests, Handlers } from './requests.ts';
import { exportSession } from './session-file.ts';

/** The long jobs. */
export function createBulk(database: Database): Handlers<BulkRequests> {
  return {
    ...createLogScan(database),
    ...createAudioReader(database),
    'session.export': ({ id, includeIdentities, secrets }) => ({ data: exportSession(database, id, { includeIdentities, secrets }) }),
  };
}
