import type { SimulatedTurn, SimulationFidelity, TurnChange, TurnPair } from '../../../../preload/contract/replay.ts';
import { normalised } from './recorded-llm.ts';
import { median } from './typical.ts';

/** A shorter difference is the same: the clock counts in whole microseconds, and a sum of rounded parts may be one off. */
const SAME_MS = 1;

/**
 * Turns on both sides that are about the same speech: those whose speech overlaps, directly or by way of another one. What was not spoken
 * (a greeting, a text, a reminder) is matched in order among its own kind.
 */
export function pairsOf(before: readonly SimulatedTurn[], after: readonly SimulatedTurn[]): TurnPair[] {
  const pairs = [...spokenGroups(before, after), ...unspokenGroups(before, after)];
  return pairs.map(([one, other]) => pairOf(one, other)).toSorted((one, other) => startOf(one) - startOf(other));
}

type Group = [SimulatedTurn[], SimulatedTurn[]];

function spokenGroups(before: readonly SimulatedTurn[], after: readonly SimulatedTurn[]): Group[] {
  const side = (turns: readonly SimulatedTurn[], index: 0 | 1) => turns.flatMap((turn) => (spanOf(turn) === null ? [] : { turn, index }));
  const all = [...side(before, 0), ...side(after, 1)].toSorted(
    (one, other) => (spanOf(one.turn)?.from ?? 0) - (spanOf(other.turn)?.from ?? 0),
  );
  // Two turns of one side are never joined by themselves: the user is silent between them.
  const groups: { members: { turn: SimulatedTurn; index: 0 | 1 }[] }[] = [];
  for (const member of all) {
    const joined = groups.filter(({ members }) =>
      members.some((other) => other.index !== member.index && overlaps(spanOf(other.turn), spanOf(member.turn))),
    );
    for (const group of joined) groups.splice(groups.indexOf(group), 1);
    groups.push({ members: [...joined.flatMap(({ members }) => members), member] });
  }
  return groups.map(
    ({ members }): Group => [
      members.filter(({ index }) => index === 0).map(({ turn }) => turn),
      members.filter(({ index }) => index === 1).map(({ turn }) => turn),
    ],
  );
}

function unspokenGroups(before: readonly SimulatedTurn[], after: readonly SimulatedTurn[]): Group[] {
  const unspoken = (turns: readonly SimulatedTurn[], initiator: string) =>
    turns.filter((turn) => spanOf(turn) === null && turn.initiator === initiator);
  return ['greeting', 'user-text', 'injected', 'idle', 'user-speech'].flatMap((initiator) => {
    const [one, other] = [unspoken(before, initiator), unspoken(after, initiator)];
    return Array.from(
      { length: Math.max(one.length, other.length) },
      (_, index): Group => [one.slice(index, index + 1), other.slice(index, index + 1)],
    );
  });
}

function spanOf({ speechStartMs, speechEndMs }: SimulatedTurn): { from: number; to: number } | null {
  return speechStartMs === null || speechEndMs === null ? null : { from: speechStartMs, to: Math.max(speechEndMs, speechStartMs + 1) };
}

function overlaps(one: ReturnType<typeof spanOf>, other: ReturnType<typeof spanOf>): boolean {
  return one !== null && other !== null && Math.min(one.to, other.to) > Math.max(one.from, other.from);
}

function pairOf(before: SimulatedTurn[], after: SimulatedTurn[]): TurnPair {
  const [one, other] = [before.at(-1), after.at(-1)];
  const cuts = (turns: readonly SimulatedTurn[]) => turns.filter(({ interruption }) => interruption !== null).length;
  const cutsMore = cuts(after) - cuts(before);
  const parts = new Set([...Object.keys(one?.parts ?? {}), ...Object.keys(other?.parts ?? {})]);
  return {
    change: changeOf(before, after),
    before,
    after,
    committedByMs: difference(one?.committedMs, other?.committedMs),
    v2vByMs: difference(one?.v2vMs, other?.v2vMs),
    partsByMs: Object.fromEntries(
      [...parts].flatMap((key) => {
        const by = difference(one?.parts[key], other?.parts[key]);
        return by === null ? [] : [[key, by]];
      }),
    ),
    interruptionsGained: Math.max(0, cutsMore),
    interruptionsLost: Math.max(0, -cutsMore),
  };
}

function changeOf(before: readonly SimulatedTurn[], after: readonly SimulatedTurn[]): TurnChange {
  const [one, other] = [before[0], after[0]];
  if (one === undefined) return 'gained';
  if (other === undefined) return 'lost';
  if (before.length > 1) return after.length > 1 ? 'regrouped' : 'merged';
  if (after.length > 1) return 'split';
  if (normalised(one.userText) !== normalised(other.userText)) return 'text';
  if (one.outcome !== other.outcome || one.interruption !== other.interruption) return 'outcome';
  const moves = [difference(one.committedMs, other.committedMs), difference(one.v2vMs, other.v2vMs)];
  const isKnownAlike = (one.committedMs === null) === (other.committedMs === null) && (one.v2vMs === null) === (other.v2vMs === null);
  return isKnownAlike && moves.every((by) => Math.abs(by ?? 0) <= SAME_MS) ? 'same' : 'moved';
}

function difference(before: number | null | undefined, after: number | null | undefined): number | null {
  return typeof before !== 'number' || typeof after !== 'number' ? null : rounded(after - before);
}

/** To the microsecond: what is left of a subtraction is no difference. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function startOf({ before, after }: TurnPair): number {
  const turn = before[0] ?? after[0];
  return turn?.speechStartMs ?? turn?.committedMs ?? turn?.firstFrameMs ?? 0;
}

/** The simulation under the recorded settings against the recording itself. */
export function fidelityOf(recorded: readonly SimulatedTurn[], simulated: readonly SimulatedTurn[]): SimulationFidelity {
  const matched = pairsOf(recorded, simulated).filter(
    ({ before: [one, second], after: [other, third] }) =>
      one !== undefined &&
      other !== undefined &&
      second === undefined &&
      third === undefined &&
      normalised(one.userText) === normalised(other.userText),
  );
  const commits = matched.flatMap(({ committedByMs }) => (committedByMs === null ? [] : Math.abs(committedByMs)));
  const v2vs = matched.flatMap(({ v2vByMs }) => (v2vByMs === null ? [] : Math.abs(v2vByMs)));
  const of = (values: readonly number[]) => ({
    median: values.length === 0 ? null : median(values),
    max: values.length === 0 ? null : values.reduce((most, value) => Math.max(most, value)),
  });
  return {
    recordedTurns: recorded.length,
    simulatedTurns: simulated.length,
    matched: matched.length,
    commitMedianMs: of(commits).median,
    commitMaxMs: of(commits).max,
    v2vMedianMs: of(v2vs).median,
    v2vMaxMs: of(v2vs).max,
  };
}
