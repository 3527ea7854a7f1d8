import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { encodeBlock } from '../../main/core/logs/block.ts';
import type { BookRow } from '../../main/core/logs/row.ts';
import { createRecorder, type Recorder } from '../../main/core/sessions/recorder.ts';
import { openStore, type Store, type StoreOptions } from '../../main/core/store/store.ts';
import type { TalkErrorValue } from '../../preload/contract/errors.ts';
import type { MonoUs } from '../../preload/contract/time.ts';
import { VirtualClock } from './virtual-clock.ts';

export const silentLog = pino({ level: 'silent' });

/** A real store in a folder of its own, and a recorder on a virtual clock. */
export interface TestBench {
  folder: string;
  path: string;
  store: Store;
  recorder: Recorder;
  clock: VirtualClock;
  problems: TalkErrorValue[];
  /** Closes the store and opens the same file again. */
  reopen(options?: Partial<StoreOptions>): Promise<void>;
  close(): Promise<void>;
}

export async function openTestBench(options: Partial<StoreOptions> = {}): Promise<TestBench> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-test-'));
  const path = join(folder, 'library.db');
  const clock = new VirtualClock(5_000_000);
  const problems: TalkErrorValue[] = [];
  const open = (more: Partial<StoreOptions>) =>
    openStore({ path, log: silentLog, onProblem: (problem) => problems.push(problem), ...more });
  const record = (store: Store) => createRecorder({ store, clock, log: silentLog, appVersion: '0.1.0' });
  const store = await open(options);
  const bench: TestBench = {
    folder,
    path,
    store,
    recorder: record(store),
    clock,
    problems,
    async reopen(more = {}) {
      await bench.store.close();
      bench.store = await open(more);
      bench.recorder = record(bench.store);
    },
    async close() {
      await bench.store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return bench;
}

/** A row in session time: a millisecond a row from the first second on. */
export function logRow(port: string, seq: number, text: string, more: Partial<BookRow> = {}): BookRow {
  const raw = new Uint8Array(Buffer.from(`${text}\r\n`));
  return {
    seq,
    port,
    atUs: (1_000_000 + seq * 1000) as MonoUs,
    direction: 'received',
    text,
    raw,
    grammar: 'plain',
    message: text,
    offset: -1,
    isRepeat: false,
    ...more,
  };
}

/** Rows as they come from a port: their bytes first. Gives them back with their places in the stream. */
export function recordRows(recorder: Recorder, rows: readonly BookRow[]): BookRow[] {
  const startedUs = recorder.session?.startedUs ?? 0;
  const placed = rows.map((row) => {
    if (row.direction === 'notice') return row;
    const atUs = (startedUs + row.atUs) as MonoUs;
    return { ...row, offset: recorder.raw({ port: row.port, direction: row.direction, atUs, bytes: row.raw }) };
  });
  recorder.rows(encodeBlock(placed));
  return placed;
}

/** All of a recorded log, as far as it is stored. */
export async function storedRows(store: Store, sessionId: string): Promise<BookRow[]> {
  const { length } = await store.read('log.blocks', { sessionId });
  return store.read('log.window', { sessionId, seqs: Array.from({ length }, (_, seq) => seq) });
}
