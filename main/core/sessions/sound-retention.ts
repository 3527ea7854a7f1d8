import type { RetentionRule, SessionSummary } from '../../../preload/contract/sessions.ts';

/** What one run of checks has kept to be listened to. */
export interface RunSounds {
  runId: string;
  sessionId: string | null;
  startedWallMs: number;
  bytes: number;
}

export interface ExpiredSounds {
  runId: string;
  sizeBytes: number;
  reason: 'age' | 'size';
}

const DAY_MS = 86_400_000;
const GB = 1e9;

/**
 * Of which runs the sounds go, oldest first, before any session does: they are copies of what sessions hold, and a run's results stay. Not those
 * of a session that the user keeps or that is being recorded.
 */
export function expiredSounds(state: {
  runs: readonly RunSounds[];
  sessions: readonly SessionSummary[];
  usedBytes: number;
  rule: RetentionRule;
  nowMs: number;
}): ExpiredSounds[] {
  const { maximumAgeDays, maximumGb } = state.rule;
  const staying = new Set(state.sessions.filter(({ isKept, state: it }) => isKept === true || it === 'recording').map(({ id }) => id));
  const removable = state.runs
    .filter(({ sessionId }) => sessionId === null || !staying.has(sessionId))
    .toSorted((one, other) => one.startedWallMs - other.startedWallMs);
  let left = state.usedBytes;
  return removable.flatMap(({ runId, startedWallMs, bytes }): ExpiredSounds[] => {
    const isOld = maximumAgeDays !== null && startedWallMs < state.nowMs - maximumAgeDays * DAY_MS;
    const isTooMuch = maximumGb !== null && left > maximumGb * GB;
    if (!isOld && !isTooMuch) return [];
    left -= bytes;
    return [{ runId, sizeBytes: bytes, reason: isOld ? 'age' : 'size' }];
  });
}
