import { resolve } from 'node:path';
import type { StreamSnapshot } from '../../../preload/contract/index.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { SettingsService } from '../settings/settings.ts';
import { type Redact, redactBytes } from '../store/redact.ts';
import type { LogBook } from './log-book.ts';
import { type BookRow, plainRow } from './row.ts';
import { rowFormatter } from './row-formats.ts';
import { SavedFile, type SavedPiece } from './saved-file.ts';

/** Sizes are told so often. */
const TELL_US = 1_000_000;

type SavingState = StreamSnapshot<'logs.saving'>;

export interface SavingDeps {
  clock: Clock;
  book: LogBook;
  settings: Pick<SettingsService, 'get' | 'onChange'>;
  /** Holds the folder `logs`, where files go unless the settings say otherwise. */
  dataDirectory: string;
  secrets(): Promise<readonly string[]>;
}

export interface Saving {
  streams: Pick<StreamHandlers, 'logs.saving'>;
  /** Resolves when what came so far is in its files, or cannot be. */
  close(): Promise<void>;
}

/**
 * Saves the log to files while it comes, one series a port, as the settings say: from the port's opening on, boot messages included.
 * The files are the user's own, so identities (IMEI, IMSI, ICCID) stay in; secrets that the core holds never do. 'raw' is the bytes
 * received, without those of a flasher.
 */
export function createSaving(deps: SavingDeps): Saving {
  const { clock, book, settings } = deps;
  let wanted = settings.get().saving;
  let files = new Map<string, SavedFile>();
  let closing: Promise<unknown> = Promise.resolve();
  let cancelTelling: (() => void) | null = null;
  const topic: Topic<SavingState, SavingState> = new Topic({ snapshot: state, retain: 1 });

  function state(): SavingState {
    const all = [...files.values()];
    const problem = all.find((file) => file.problem !== null)?.problem;
    return {
      files: all.flatMap(({ port, path, bytes, lostRows }) =>
        path === null && lostRows === 0 ? [] : [{ port, path: path ?? '', bytes, lostRows }],
      ),
      ...(problem === undefined || problem === null ? {} : { problem: problem.value }),
    };
  }

  function tellSoon(): void {
    cancelTelling ??= clock.at((clock.nowUs() + TELL_US) as MonoUs, () => {
      cancelTelling = null;
      topic.publish(state());
    });
  }

  function fileOf(port: string): SavedFile {
    let file = files.get(port);
    if (file === undefined) {
      const chosen = wanted;
      file = new SavedFile({
        ...chosen,
        port,
        directory: resolve(deps.dataDirectory, chosen.directory === '' ? 'logs' : chosen.directory),
        secrets: deps.secrets,
        bytesOf: (piece, redact) => bytesOf(piece, redact, chosen),
        onChange: tellSoon,
      });
      files.set(port, file);
    }
    return file;
  }

  function closeFiles(): void {
    const left = [...files.values()];
    files = new Map();
    closing = Promise.all([closing, ...left.map((file) => file.close())]);
    tellSoon();
  }

  const stopSettings = settings.onChange((next) => {
    if (JSON.stringify(next.saving) === JSON.stringify(wanted)) return;
    wanted = next.saving;
    closeFiles();
  });
  const stopRows = book.listen({
    onRows(rows, { sessionId, startedWallMs }) {
      if (!wanted.isOn) return;
      for (const [port, own] of Map.groupBy(rows, (row) => row.port)) {
        const isLast = own.at(-1)?.event === 'port.closed';
        const wallMs = startedWallMs + (own[0] as BookRow).atUs / 1000;
        fileOf(port).add({ rows: own, wallMs, startedWallMs, sessionId, isLast });
      }
    },
  });

  return {
    streams: { 'logs.saving': () => ({ topic, isState: true }) },
    async close() {
      stopSettings();
      stopRows();
      closeFiles();
      cancelTelling?.();
      await closing;
    },
  };
}

function bytesOf({ rows, startedWallMs }: SavedPiece, redact: Redact, { format, style }: Settings['saving']): Buffer {
  if (format !== 'raw') return Buffer.from(rows.map(plainRow).map(rowFormatter(format, { style, startedWallMs, redact })).join(''));
  const received = rows.filter(({ direction }) => direction === 'received').map(({ raw }) => raw);
  return Buffer.from(redactBytes(redact, Buffer.concat(received)));
}
