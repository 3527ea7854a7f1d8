import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createRecorder, type Recorder } from '../../main/core/sessions/recorder.ts';
import { openStore, type Store, type StoreOptions } from '../../main/core/store/store.ts';
import type { TalkErrorValue } from '../../preload/contract/errors.ts';
import type { LogRow } from '../../preload/contract/logs.ts';
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

export function logRow(port: string, seq: number, text: string, more: Partial<LogRow> = {}): LogRow {
  const raw = new Uint8Array(Buffer.from(`${text}\r\n`));
  return {
    seq,
    port,
    atUs: (6_000_000 + seq * 1000) as MonoUs,
    direction: 'received',
    text,
    raw,
    grammar: 'plain',
    message: text,
    ...more,
  };
}
