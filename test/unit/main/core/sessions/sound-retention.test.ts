import { expect, test } from 'vitest';
import { expiredSounds, type RunSounds } from '../../../../../main/core/sessions/sound-retention.ts';
import type { SessionSummary } from '../../../../../preload/contract/sessions.ts';

const DAY_MS = 86_400_000;
const MB = 1e6;
const run = (day: number, sessionId: string | null = null): RunSounds => ({
  ...{ runId: `run-${day}`, sessionId, startedWallMs: day * DAY_MS, bytes: 10 * MB },
});
const sessions = [
  { id: 'kept', isKept: true, state: 'closed' },
  { id: 'now', state: 'recording' },
  { id: 'plain', state: 'closed' },
] as SessionSummary[];
const of = (rule: { maximumGb?: number; maximumAgeDays?: number }, runs: readonly RunSounds[]) =>
  expiredSounds({
    ...{ runs, sessions, usedBytes: 500 * MB, nowMs: 10 * DAY_MS },
    rule: { maximumGb: rule.maximumGb ?? null, maximumAgeDays: rule.maximumAgeDays ?? null },
  }).map(({ runId, reason }) => `${runId} ${reason}`);

test('sounds of checks go oldest first, until the library is small enough', () => {
  expect(of({ maximumGb: 0.485 }, [run(4), run(2), run(1)])).toEqual(['run-1 size', 'run-2 size']);
  expect(of({ maximumGb: 0.5 }, [run(1)])).toEqual([]);
  expect(of({}, [run(1)])).toEqual([]);
});

test('sounds of checks go with their age; not those of a session that is kept or being recorded', () => {
  expect(of({ maximumAgeDays: 7 }, [run(1, 'plain'), run(2, 'gone'), run(9)])).toEqual(['run-1 age', 'run-2 age']);
  expect(of({ maximumAgeDays: 1, maximumGb: 0.1 }, [run(1, 'kept'), run(2, 'now')])).toEqual([]);
});
