import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallBody, CallReply } from '../../../../preload/contract/index.ts';
import type { SessionExportFormat } from '../../../../preload/contract/sessions.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { Store } from '../../store/store.ts';
import { scratchFolder } from '../scratch-folders.ts';

export interface Renderings {
  piece(request: RenderingRequest, signal: AbortSignal): Promise<CallReply<'sessions.export'>>;
  /** All of it at once. Throws TalkError 'too-large' too. */
  whole(request: Omit<RenderingRequest, 'cursor'>, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  close(): void;
}

type RenderingRequest = Omit<CallBody<'sessions.export'>, 'format'> & { format: SessionExportFormat; secrets: readonly string[] };

/** One finished file, handed out piece by piece. */
interface Rendering {
  folder: string;
  file: FileHandle;
  fileName: string;
  totalBytes: number;
  facts: Record<string, number>;
  forget(): void;
}

const PIECE_BYTES = 4 << 20;
/** A buffer holds no more. */
const WHOLE_LIMIT_BYTES = 2 ** 31 - 1;
/** Two hours of sound take half a minute to decode; a slow machine is given its time. */
const TIMEOUT_MS = 15 * 60_000;
/** Somebody who stopped asking does not come back. */
const KEPT_US = 10 * 60_000_000;

const endings: Record<SessionExportFormat, string> = {
  talkbench: 'talkbench',
  wav: 'wav',
  ogg: 'ogg',
  srt: 'srt',
  vtt: 'vtt',
  csv: 'csv',
  jsonl: 'jsonl',
  perfetto: 'perfetto.json',
  otlp: 'otlp.jsonl',
  html: 'html',
};

/**
 * Sessions as files of other formats. Each is written whole to a folder that only its owner reads, by a thread of the store that holds
 * none of it in memory, and given out from there: so all pieces are of one moment, also while the session is being recorded.
 */
export function createRenderings(deps: { store: Store; clock: Clock; wholeLimitBytes?: number }): Renderings {
  const { store, clock, wholeLimitBytes = WHOLE_LIMIT_BYTES } = deps;
  const kept = new Map<string, Rendering>();

  async function render(request: Omit<RenderingRequest, 'cursor'>, signal: AbortSignal): Promise<Rendering> {
    const folder = await scratchFolder();
    try {
      const path = join(folder, 'file');
      const { facts } = await store.bulk('session.render', { ...request, path }, { signal, timeoutMs: TIMEOUT_MS });
      const file = await open(path, 'r');
      return { folder, file, fileName: fileNameOf(request, facts), totalBytes: (await file.stat()).size, facts, forget: () => {} };
    } catch (error) {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      throw error;
    }
  }

  async function drop(rendering: Rendering): Promise<void> {
    rendering.forget();
    await rendering.file.close().catch(() => {});
    await rm(rendering.folder, { recursive: true, force: true });
  }

  function keep(key: string, rendering: Rendering): void {
    rendering.forget();
    const cancelTimer = clock.at((clock.nowUs() + KEPT_US) as MonoUs, () => void drop(rendering));
    kept.set(key, rendering);
    rendering.forget = () => {
      cancelTimer();
      kept.delete(key);
    };
  }

  return {
    async piece(request, signal) {
      const [key = '', offset = '0'] = request.cursor?.split('@') ?? [randomUUID()];
      const rendering = request.cursor === undefined ? await render(request, signal) : kept.get(key);
      if (rendering === undefined) throw new TalkError('not-found', { what: 'export', id: request.cursor });
      const { file, fileName, totalBytes, facts } = rendering;
      const from = Number(offset);
      if (!Number.isSafeInteger(from) || from < 0) throw new TalkError('not-found', { what: 'export', id: request.cursor });
      try {
        const { bytesRead, buffer } = await file.read(new Uint8Array(Math.max(0, Math.min(PIECE_BYTES, totalBytes - from))), {
          position: from,
        });
        const to = from + bytesRead;
        if (to < totalBytes && bytesRead > 0) keep(key, rendering);
        else await drop(rendering);
        return {
          fileName,
          data: buffer.subarray(0, bytesRead),
          cursor: to < totalBytes && bytesRead > 0 ? `${key}@${to}` : null,
          totalBytes,
          facts,
        };
      } catch (error) {
        await drop(rendering);
        throw error;
      }
    },
    async whole(request, signal) {
      const rendering = await render(request, signal);
      try {
        const { file, totalBytes } = rendering;
        if (totalBytes > wholeLimitBytes) throw new TalkError('too-large', { limitBytes: wholeLimitBytes, sizeBytes: totalBytes });
        return new Uint8Array(await file.readFile());
      } finally {
        await drop(rendering);
      }
    },
    close() {
      for (const rendering of [...kept.values()]) {
        void drop(rendering);
        // The process may end before that.
        rmSync(rendering.folder, { recursive: true, force: true });
      }
    },
  };
}

function fileNameOf({ id, format, track, content }: Omit<RenderingRequest, 'cursor'>, facts: Record<string, number>): string {
  const what = format === 'ogg' ? `-${track ?? 'uplink'}` : format === 'csv' || format === 'jsonl' ? `-${content ?? 'turns'}` : '';
  // A track of PCM is no Ogg Opus.
  return `${id}${what}.${format === 'ogg' && facts.isOpus === 0 ? 'wav' : endings[format]}`;
}
