import type { Database } from 'better-sqlite3';
import { createLogExport } from './log-export.ts';
import { createLogScan } from './log-scan.ts';
import type { BulkRequests, Handlers } from './requests.ts';
import { sessionSizes } from './session-sizes.ts';
import { createTimelineBulk } from './timeline-reader.ts';

/** The long jobs. A search must not wait until the decoders of the others are loaded. */
export function createBulk(database: Database): Handlers<BulkRequests> {
  const audio = lazily(async () => (await import('./audio-reader.ts')).createAudioReader(database));
  const peaks = lazily(async () => (await import('./timeline-peaks.ts')).createPeaks(database));
  const replay = lazily(async () => (await import('./replay-reader.ts')).createReplayReader(database));
  return {
    'log.scan': createLogScan(database),
    ...createLogExport(database),
    ...createTimelineBulk(database),
    'timeline.peaks': async (body) => (await peaks())['timeline.peaks'](body),
    'audio.wav': async (body) => (await audio())['audio.wav'](body),
    'audio.peaks': async (body) => (await audio())['audio.peaks'](body),
    'session.preview': async ({ id, ...options }) => (await import('./session-preview.ts')).previewSession(database, id, options),
    'session.check': async ({ path, fileName }) => {
      await convertWhisk({ path, fileName });
      (await import('./session-check.ts')).checkSessionFile(path);
      return {};
    },
    'session.sizes': ({ ids }) => ({ sizes: sessionSizes(database, ids) }),
    'replay.packets': async (body) => (await replay())['replay.packets'](body),
    'replay.chunks': async (body) => (await replay())['replay.chunks'](body),
    'session.render': async (request) => ({
      facts: (await import('../sessions/export/render.ts')).renderSession(database, request),
    }),
  };
}

/** A file of Pipecat's becomes one of ours, which is checked as any other: what it tells is somebody else's too. */
async function convertWhisk({ path, fileName }: { path: string; fileName: string | undefined }): Promise<void> {
  const { isWhisk, whiskToSession } = await import('../sessions/import/whisk.ts');
  if (isWhisk(path)) whiskToSession(path, { name: fileName ?? 'whisk' });
}

function lazily<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
