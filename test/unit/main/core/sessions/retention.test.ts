import { statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { summaryOf } from '../../../../../main/core/checks/runs.ts';
import { watchDisk } from '../../../../../main/core/sessions/disk.ts';
import { expired } from '../../../../../main/core/sessions/retention.ts';
import { createSessions, type Sessions } from '../../../../../main/core/sessions/sessions.ts';
import type { RetentionRule, SessionSummary } from '../../../../../preload/contract/sessions.ts';
import { checkRunOf } from '../../../../fakes/check-run.ts';
import { openTestBench, silentLog, type TestBench } from '../../../../fakes/store.ts';

const DAY_MS = 86_400_000;
const MB = 1e6;
const nothingGone = { includeIdentities: false, redactions: [], leaveOut: [] };
const context = { signal: new AbortController().signal, role: 'operator' as const };

const session = (id: string, more: Partial<SessionSummary> = {}): SessionSummary => ({
  ...{ id, title: id, state: 'closed', startedWallMs: Number(id) * DAY_MS, durationUs: 0, boards: [] },
  ...{ conversationCount: 0, turnCount: 0, logRowCount: 0, droppedCount: 0, appVersion: '', note: '' },
  ...more,
});

describe('what retention removes', () => {
  const sessions = [session('5', { state: 'recording' }), session('4'), session('3'), session('2', { isKept: true }), session('1')];
  const sizes = new Map(sessions.map(({ id }) => [id, 100 * MB]));
  const of = (rule: Partial<RetentionRule>, usedBytes = 500 * MB) =>
    expired({ sessions, sizes, usedBytes, rule: { maximumGb: null, maximumAgeDays: null, ...rule }, nowMs: 6 * DAY_MS }).map(
      ({ id, reason }) => `${id} ${reason}`,
    );

  test('is the oldest first, until the library is small enough; never what is kept or being recorded', () => {
    expect(of({ maximumGb: 0.4 })).toEqual(['1 size']);
    expect(of({ maximumGb: 0.1 })).toEqual(['1 size', '3 size', '4 size']);
    expect(of({ maximumGb: 0.5 })).toEqual([]);
  });

  test('is what is older, by its end', () => {
    expect(of({ maximumAgeDays: 2 })).toEqual(['1 age', '3 age']);
    expect(of({ maximumAgeDays: 2, maximumGb: 0.2 })).toEqual(['1 age', '3 age', '4 size']);
    const long = [session('1', { durationUs: 5 * DAY_MS * 1000 })];
    const rule = { maximumGb: null, maximumAgeDays: 2 };
    expect(expired({ sessions: long, sizes, usedBytes: 0, rule, nowMs: 6 * DAY_MS })).toEqual([]);
  });
});

describe('the library', () => {
  let bench: TestBench;
  let sessions: Sessions;
  let rule: RetentionRule | null = null;
  beforeEach(async () => {
    rule = null;
    bench = await openTestBench();
    const { store, recorder, clock } = bench;
    sessions = await createSessions({ store, recorder, clock, log: silentLog, retention: () => rule });
  }, 60_000);
  afterEach(async () => {
    sessions.close();
    await bench.close();
  });

  async function record(bytes: number): Promise<string> {
    const { id } = bench.recorder.ensureSession();
    for (let left = bytes; left > 0; left -= 50_000)
      bench.recorder.raw({
        port: 'COM1',
        direction: 'received',
        atUs: bench.clock.nowUs(),
        bytes: new Uint8Array(50_000).fill(left % 251),
      });
    await bench.recorder.stop();
    await bench.clock.advance(10_000_000);
    return id;
  }

  test('shows what a rule would remove before it is in force, then removes it when a recording ends, and is smaller for it', async () => {
    const ids = [await record(3 * MB), await record(3 * MB)];
    const [first = '', second = ''] = ids;
    await sessions.calls['sessions.keep']({ id: first, isKept: true }, context);
    const wanted = { maximumGb: 0.001, maximumAgeDays: null };
    const before = await sessions.calls['sessions.storage']({ retention: wanted }, context);
    expect(before.wouldRemove.map(({ id, sizeBytes }) => [id, Math.round(sizeBytes / MB)])).toEqual([[second, 3]]);
    expect(before).toMatchObject({ sessions: 2, keptSessions: 1 });
    expect((await sessions.calls['sessions.storage']({}, context)).wouldRemove).toEqual([]);

    rule = wanted;
    const third = await record(100_000);
    await expect
      .poll(async () => (await sessions.calls['sessions.list']({ limit: 10 }, context)).sessions.map(({ id }) => id), { timeout: 20_000 })
      .toEqual([first]);
    expect(third).not.toBe(second);
    await sessions.calls['sessions.keep']({ id: first, isKept: false }, context);
    const after = await sessions.calls['sessions.storage']({}, context);
    expect(after.libraryBytes).toBeLessThan(before.libraryBytes - 2 * MB);
    await bench.store.close();
    expect(statSync(bench.path).size).toBeLessThan(before.libraryBytes - 2 * MB);
    await bench.reopen();
  });

  test('loses the sounds of checks before any session, and the evidence says so; those of a kept session stay', async () => {
    const { store } = bench;
    const [kept, other] = [await record(100_000), await record(100_000)];
    await sessions.calls['sessions.keep']({ id: kept, isKept: true }, context);
    for (const [id, sessionId] of [
      ['of-kept', kept],
      ['of-other', other],
    ] as const) {
      const run = checkRunOf({ id, sessionId, state: 'passed' });
      await store.write('check.save', { summary: summaryOf(run), run, request: {} });
      await store.write('check.keepSound', { runId: id, soundId: 's', wav: new Uint8Array(1_000_000).fill(7) });
    }
    const { libraryBytes, freeBytes } = await sessions.calls['sessions.storage']({}, context);
    const wanted = { maximumGb: (libraryBytes - freeBytes - 900_000) / 1e9, maximumAgeDays: null };
    const planned = await sessions.calls['sessions.storage']({ retention: wanted }, context);
    expect(planned).toMatchObject({ wouldRemoveSounds: { runs: 1, sizeBytes: 1_000_000 }, wouldRemove: [] });
    rule = wanted;
    const last = await record(1000);
    await expect
      .poll(() => store.read('check.sound', { runId: 'of-other', soundId: 's' }), { timeout: 20_000 })
      .toEqual({ wav: null, isRemoved: true });
    expect((await store.read('check.sound', { runId: 'of-kept', soundId: 's' })).wav).toHaveLength(1_000_000);
    expect((await store.read('check.run', { id: 'of-other' }))?.run.state).toBe('passed');
    expect((await sessions.calls['sessions.list']({ limit: 10 }, context)).sessions.map(({ id }) => id).sort()).toEqual(
      [kept, other, last].sort(),
    );
  });

  test('keeps what the user said is to stay after the sweep had begun', async () => {
    const id = await record(10_000);
    const { store } = bench;
    await sessions.calls['sessions.keep']({ id, isKept: true }, context);
    expect(await store.write('session.remove', { id, unlessKept: true })).toEqual({ found: false });
    expect((await store.read('session.summary', { id }))?.isKept).toBe(true);
    expect(await store.write('session.remove', { id })).toEqual({ found: true });
  });

  test('keeps a session that a suite names, and one that somebody is at', async () => {
    const [named, played, other] = [await record(10_000), await record(10_000), await record(10_000)];
    await bench.store.write('document.save', { kind: 'suite', id: 's', body: { text: `golden: { session: ${named} }` }, wallMs: 0 });
    await sessions.calls['sessions.preview']({ id: played, ...nothingGone }, context);
    await bench.clock.advance(2 * DAY_MS * 1000);
    rule = { maximumGb: null, maximumAgeDays: 1 };
    const last = await record(10_000);
    const ids = async () => (await sessions.calls['sessions.list']({ limit: 10 }, context)).sessions.map((one) => one.id);
    await expect.poll(ids, { timeout: 20_000 }).not.toContain(other);
    expect((await ids()).sort()).toEqual([named, played, last].sort());
  });

  test('counts the age of a session from elsewhere from when it came', async () => {
    const id = await record(10_000);
    const { data } = await sessions.calls['sessions.export']({ id, includeIdentities: false }, context);
    await sessions.calls['sessions.remove']({ id }, context);
    await bench.clock.advance(5 * DAY_MS * 1000);
    await sessions.calls['sessions.import']({ data }, context);
    const of = async (maximumAgeDays: number) =>
      (await sessions.calls['sessions.storage']({ retention: { maximumGb: null, maximumAgeDays } }, context)).wouldRemove.length;
    expect(await of(1)).toBe(0);
    await bench.clock.advance(2 * DAY_MS * 1000);
    expect([await of(1), await of(3)]).toEqual([1, 0]);
  });

  test('that a killed process left in the middle of a removal or an import has neither', async () => {
    const id = await record(100_000);
    await bench.store.close();
    const { default: Database } = await import('better-sqlite3');
    const database = new Database(bench.path);
    database.prepare("UPDATE session SET id = '!remove ' || id WHERE id = ?").run(id);
    database.close();
    await bench.reopen();
    expect(await bench.store.read('session.list', { limit: 10 })).toEqual([]);
    await expect.poll(() => bench.store.read('session.summary', { id: `!remove ${id}` }), { timeout: 20_000 }).toBeNull();
  });
});

test('a recording that found no disk for a while goes on, and says how much of it is missing', async () => {
  const bench = await openTestBench({ maximumBytes: 600_000, queueLimitBytes: 400_000 });
  const stop = watchDisk(bench);
  try {
    const { recorder, store, clock } = bench;
    recorder.ensureSession('old');
    const raw = () => recorder.raw({ port: 'COM1', direction: 'received', atUs: clock.nowUs(), bytes: new Uint8Array(50_000).fill(7) });
    for (let i = 0; i < 5; i++) raw();
    const oldId = (await recorder.stop()) ?? '';
    const { id } = recorder.ensureSession('new');
    for (let i = 0; i < 5; i++) raw();
    await expect(store.flush()).rejects.toMatchObject({ value: { code: 'store/disk-full' } });
    // Bytes leave room to what says what happened.
    for (let i = 0; i < 5; i++) raw();
    recorder.event({ kind: 'listener.connection', atUs: clock.nowUs(), listener: 'mqtt', remoteAddress: 'a' });
    const { droppedCount } = store.status;
    expect(droppedCount).toBeGreaterThan(0);
    expect(droppedCount).toBeLessThan(10);

    await store.write('session.remove', { id: oldId });
    await expect
      .poll(
        () =>
          store.flush().then(
            () => store.status.problem,
            () => 'still full',
          ),
        { timeout: 20_000 },
      )
      .toBeNull();
    await store.flush();
    const { events } = await store.read('session.events', { id, afterOrdinal: -1, limit: 10 });
    expect(events.map(({ event }) => event.kind)).toEqual(['listener.connection', 'dropped']);
    expect(events.at(-1)?.event).toMatchObject({ what: 'disk-full', count: droppedCount });
    expect(await store.read('session.summary', { id })).toMatchObject({ droppedCount });
  } finally {
    stop();
    await bench.close();
  }
});
