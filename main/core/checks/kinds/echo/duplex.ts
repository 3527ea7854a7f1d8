import type { Bench } from '../../bench.ts';

/** Enough for a voice detector not to take it for a voice: see echo.return. */
export const LEAST_LOSS_DB = 30;
/** ITU-T P.340: a terminal that takes more than 12 dB off who speaks into the other is no duplex terminal. */
export const MOST_NEAR_LOSS_DB = 12;
export const LEAST_NEAR_HEARD_PERCENT = 60;

type Values = Readonly<Record<string, string | number | boolean | null>> | undefined;

/**
 * What the board can do, from as many of the echo checks as have been done (`own`: the values of the one that is just ending). Half duplex as
 * soon as one of them says so; full duplex takes both that echo stays away and that a voice comes through. Kept as the run's facts: `duplex`, and
 * what the agent's setting `turns.isHalfDuplex` would have to be; neither where nothing can be said, also where an earlier try of a check had.
 */
export function tellDuplex(bench: Bench, own: { check: string; values: Values }): 'full' | 'half' | null {
  const valuesOf = (check: string): Values => (check === own.check ? own.values : bench.measured(check));
  const [returned, both, self] = [valuesOf('echo.return'), valuesOf('echo.doubletalk'), valuesOf('echo.selfinterrupt')];
  const isHalf =
    isUnder(returned?.lossDb, LEAST_LOSS_DB) ||
    isUnder(both?.nearHeardPercent, LEAST_NEAR_HEARD_PERCENT) ||
    isOver(both?.nearLossDb, MOST_NEAR_LOSS_DB) ||
    self?.isInterrupted === true;
  const isFull = !isHalf && typeof both?.nearLossDb === 'number' && (typeof returned?.lossDb === 'number' || self?.isInterrupted === false);
  if (!isHalf && !isFull) {
    bench.facts.delete('duplex');
    bench.facts.delete('turns.isHalfDuplex');
    return null;
  }
  const duplex = isHalf ? 'half' : 'full';
  bench.facts.set('duplex', duplex);
  bench.facts.set('turns.isHalfDuplex', isHalf);
  return duplex;
}

function isUnder(value: unknown, limit: number): boolean {
  return typeof value === 'number' && value < limit;
}

function isOver(value: unknown, limit: number): boolean {
  return typeof value === 'number' && value > limit;
}
