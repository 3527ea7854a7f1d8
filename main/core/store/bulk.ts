import type { Database } from 'better-sqlite3';
import { createLogExport } from './log-export.ts';
import { createLogScan } from './log-scan.ts';
import type { BulkRequests, Handlers } from './requests.ts';

/** The long jobs. A search must not wait until the decoders of the others are loaded. */
export function createBulk(database: Database): Handlers<BulkRequests> {
  const audio = lazily(async () => (await import('./audio-reader.ts')).createAudioReader(database));
  return {
    'log.scan': createLogScan(database),
    ...createLogExport(database),
    'audio.wav': async (body) => (await audio())['audio.wav'](body),
    'audio.peaks': async (body) => (await audio())['audio.peaks'](body),
    'session.export': async ({ id, includeIdentities, secrets }) => {
      const { exportSession } = await import('./session-file.ts');
      return { data: exportSession(database, id, { includeIdentities, secrets }) };
    },
  };
}

function lazily<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
