import { describe, expect, test } from 'vitest';
import { Topic } from '../../../../../main/core/endpoint/topic.ts';
import { LogIndex } from '../../../../../main/core/logs/log-index.ts';
import type { FoundRows, LogArchive, RecordedLog } from '../../../../../main/core/logs/log-rows.ts';
import { View } from '../../../../../main/core/logs/view.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import type { LogViewState } from '../../../../../preload/contract/logs.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

type Scan = { from: number; to: number; signal: AbortSignal; found(seqs: number[]): void; fail(error: unknown): void };

/** A view of a recorded log of a million rows, whose store answers when the test says so. */
function openView() {
  const clock = new VirtualClock();
  const scans: Scan[] = [];
  const faults: unknown[] = [];
  const archive: LogArchive = {
    settle: async () => {},
    open: () => Promise.reject(new Error('is open')),
    rows: async () => [],
    lines: async () => ({ text: '', rows: 0 }),
    scan: (_sessionId, _filter, { from, to }, signal) =>
      new Promise<FoundRows & { wantedPorts: readonly string[] }>((resolve, reject) => {
        const found = (seqs: number[]) =>
          resolve({ seqs, atUs: seqs.map((seq) => seq * 1000), levels: seqs.map(() => 1), ports: [], wantedPorts: [] });
        scans.push({ from, to, signal, found, fail: reject });
      }),
  };
  const log: RecordedLog = { sessionId: 's', startedWallMs: 0, length: 1_000_000, index: new LogIndex(), isLive: false };
  const states: LogViewState[] = [];
  const topic: Topic<LogViewState, LogViewState> = new Topic({ snapshot: () => view.state, retain: 1 });
  topic.listen((state) => states.push(state));
  const onFault = (error: unknown) => faults.push(error);
  const view = new View(log, { filter: { minimumLevel: 'error' }, tail: 0 }, topic, { clock, archive, onFault });
  return { clock, view, scans, states, faults };
}

describe('a view of a long recorded log', () => {
  test('shows what is found as it is found, slice after slice, and says how far it is', async () => {
    const { clock, scans, states } = openView();
    scans[0]?.found([5, 9]);
    await clock.advance(50_000);
    expect(states.at(-1)).toMatchObject({ length: 2, judgedRows: scans[0]?.to, totalRows: 1_000_000 });
    expect(scans[1]?.from).toBe(scans[0]?.to);
    for (let slice = 1; slice < scans.length; slice++) {
      scans[slice]?.found([scans[slice]?.from ?? 0]);
      await clock.advance(50_000);
    }
    expect(scans.at(-1)?.to).toBe(1_000_000);
    expect(states.at(-1)).toMatchObject({ length: scans.length + 1, judgedRows: 1_000_000 });
  });

  test('keeps what was found when the rest takes too long, and says so', async () => {
    const { clock, view, scans, states } = openView();
    scans[0]?.found([5]);
    await clock.settle();
    scans[1]?.fail(new TalkError('timeout', { operation: 'log.scan', timeoutMs: 10_000 }));
    await clock.advance(50_000);
    expect(states.at(-1)).toMatchObject({ length: 1, judgedRows: scans[0]?.to, problem: { code: 'timeout' } });
    expect(view.indexOfSeq(5)).toBe(0);
    expect(scans).toHaveLength(2);
  });

  test('that is closed gives up the search under way, and takes no more', async () => {
    const { clock, view, scans, states, faults } = openView();
    view.close();
    expect(scans[0]?.signal.aborted).toBe(true);
    scans[0]?.fail(new TalkError('cancelled'));
    await clock.advance(1_000_000);
    expect([scans.length, states, faults, view.length]).toEqual([1, [], [], 0]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('whose store fails by a bug says so to the core, and stands still', async () => {
    const { clock, view, scans, faults } = openView();
    const bug = new Error('a bug');
    scans[0]?.fail(bug);
    await clock.settle();
    expect(faults).toEqual([bug]);
    expect(view.state.problem).toMatchObject({ code: 'internal', data: { id: view.id } });
  });
});
