import type { SimulatedFigures, SimulatedTurn } from '../../../../preload/contract/replay.ts';
import { rankOf } from '../../analysis/percentiles.ts';

/**
 * A shorter silence was a pause: who goes on after it had not ended. Counted from the end of speech, not from the commit: the recorded user
 * does not wait for an answer that comes later.
 */
const PAUSE_MS = 1500;

/** Over the turns of conversations, each a list of its own: what follows a turn is in its own conversation. */
export function figuresOf(conversations: readonly (readonly SimulatedTurn[])[]): SimulatedFigures {
  const turns = conversations.flat();
  const asked = turns.filter(({ initiator, committedMs }) => initiator === 'user-speech' && committedMs !== null);
  const endpoints = asked.flatMap(({ committedMs, speechEndMs }) =>
    committedMs === null || speechEndMs === null ? [] : Math.max(0, committedMs - speechEndMs),
  );
  // What was committed and never heard is slower than any that was.
  const v2vs = asked.flatMap(({ v2vMs }) => v2vMs ?? []);
  const unanswered = asked.filter(({ v2vMs, outcome }) => v2vMs === null && (outcome === 'unanswered' || outcome === 'failed')).length;
  return {
    turns: turns.length,
    userTurns: asked.length,
    v2v: quantiles(v2vs, unanswered),
    endpoint: quantiles(endpoints, 0),
    interruptions: turns.filter(({ interruption }) => interruption !== null).length,
    falseInterruptions: turns.reduce((sum, turn) => sum + turn.falseInterruptions, 0),
    earlyCuts: conversations.reduce((sum, own) => sum + earlyCuts(own), 0),
    unanswered,
    modelled: turns.filter(({ modelled }) => modelled.length > 0).length,
  };
}

function earlyCuts(turns: readonly SimulatedTurn[]): number {
  const cut = turns.filter(({ initiator, committedMs, speechEndMs }, index) => {
    if (initiator !== 'user-speech' || committedMs === null || speechEndMs === null) return false;
    const next = turns.slice(index + 1).find(({ speechStartMs }) => speechStartMs !== null && speechStartMs > speechEndMs);
    return (next?.speechStartMs ?? Number.POSITIVE_INFINITY) - speechEndMs <= PAUSE_MS;
  });
  return cut.length;
}

/** Nearest rank over answered and unanswered; null where the rank falls among the latter. */
function quantiles(values: readonly number[], censored: number): SimulatedFigures['v2v'] {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (percent: number) => sorted[rankOf(percent, sorted.length + censored) - 1] ?? null;
  return { p50: at(50), p95: at(95), n: sorted.length, censored };
}
