import type { TurnRecord } from '../../../../preload/contract/sessions.ts';
import { align, type Step } from './align.ts';
import { spokenUnits } from './spoken-units.ts';

/** Two turns that have nothing in common but their place are still one that was misheard; far apart in time they are two. */
const GAP_COST = 0.55;
const TIME_COST = 0.1;
const FAR_US = 30_000_000;
/** Said by text instead of by voice. */
const OTHER_INITIATOR_COST = 0.05;

/** Which turn stands for which, by what the user said and when, in order. `a` of golden, `b` of candidate. */
export function alignTurns(golden: readonly TurnRecord[], candidate: readonly TurnRecord[]): Step[] {
  const [a, b] = [golden.map(placed(golden)), candidate.map(placed(candidate))];
  return align(a.length, b.length, (i, j) => costOf(a[i], b[j]), GAP_COST);
}

interface PlacedTurn {
  initiator: TurnRecord['initiator'];
  said: ReadonlyMap<string, number>;
  saidUnits: number;
  replied: ReadonlyMap<string, number>;
  repliedUnits: number;
  /** From the first turn on, µs: a session may have waited long for its first word. */
  afterUs: number;
}

function placed(turns: readonly TurnRecord[]): (turn: TurnRecord) => PlacedTurn {
  const originUs = turns[0]?.startedUs ?? 0;
  return ({ initiator, userText, replyText, startedUs }) => {
    const [said, replied] = [bagOf(userText), bagOf(replyText)];
    return {
      initiator,
      said: said.bag,
      saidUnits: said.units,
      replied: replied.bag,
      repliedUnits: replied.units,
      afterUs: startedUs - originUs,
    };
  };
}

function bagOf(text: string): { bag: Map<string, number>; units: number } {
  const units = spokenUnits(text);
  const bag = new Map<string, number>();
  for (const { text: unit } of units) bag.set(unit, (bag.get(unit) ?? 0) + 1);
  return { bag, units: units.length };
}

function costOf(a: PlacedTurn | undefined, b: PlacedTurn | undefined): number {
  if (a === undefined || b === undefined) return Number.POSITIVE_INFINITY;
  const isSameInitiator = a.initiator === b.initiator;
  const isSaid = a.saidUnits + b.saidUnits > 0;
  // A greeting never stands for a question.
  if (!isSameInitiator && (a.saidUnits === 0 || b.saidUnits === 0)) return Number.POSITIVE_INFINITY;
  const textCost = isSaid
    ? 1 - inCommon(a.said, b.said, a.saidUnits + b.saidUnits)
    : (1 - inCommon(a.replied, b.replied, a.repliedUnits + b.repliedUnits)) / 2;
  const timeCost = TIME_COST * Math.min(1, Math.abs(a.afterUs - b.afterUs) / FAR_US);
  return textCost + timeCost + (isSameInitiator ? 0 : OTHER_INITIATOR_COST);
}

/** Dice's coefficient of two bags of units: order does not matter here, and it is quick. */
function inCommon(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>, units: number): number {
  if (units === 0) return 1;
  let common = 0;
  for (const [unit, times] of a) common += Math.min(times, b.get(unit) ?? 0);
  return (2 * common) / units;
}
