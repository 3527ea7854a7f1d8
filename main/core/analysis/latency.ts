import { decodeWav } from '../../../pipeline/audio/wav.ts';
import {
  type LatencyCheck,
  type LatencyFacet,
  type LatencyGroup,
  type LatencyRow,
  latencyFacets,
  type TurnFilter,
} from '../../../preload/contract/latency.ts';
import type { ConversationRecord, TurnRecord } from '../../../preload/contract/sessions.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { CallContext, CallHandlers } from '../endpoint/handlers.ts';
import type { Recorder } from '../sessions/recorder.ts';
import type { Store } from '../store/store.ts';
import { type Assertion, checked, parseAssertions } from './assertions.ts';
import { parseBudget } from './budget.ts';
import { configurationDifferences, differencesOf } from './compare.ts';
import { cdfOf, histogramOf, rangeOf } from './distribution.ts';
import { recordOf, sampleOf } from './metrics.ts';
import { nearestRank, statisticsOf } from './percentiles.ts';
import { analyseRecordingAside } from './recording-thread.ts';
import { type AnalysedTurn, eventsOf } from './session-turns.ts';
import { checkedKinds, checkTurns } from './sound-check.ts';
import { millisecondPowers, soundSpans } from './sound-spans.ts';
import { trendOfSessions, trendWithin } from './trend.ts';
import { facetValues, filtered, groupsOf, ordered } from './turn-list.ts';
import { createTurnShelf } from './turn-shelf.ts';

type Calls = Pick<CallHandlers, Extract<keyof CallHandlers, `latency.${string}`>>;

export interface Latency {
  calls: Calls;
}

/** Sound is fetched and measured so much at a time, which holds up nothing else. */
const PIECE_US = 60_000_000;
/** As `sessions.audio`: decoding an hour takes seconds. */
const LONGEST_US = 3_600_000_000;

/** Groups a reply holds at most: the largest. Conditions are checked for every one. */
const MOST_GROUPS = 200;
/** Steps of all curves of a reply together, and the fewest one is drawn with. */
const CURVE_STEPS = 12_000;
const LEAST_STEPS = 60;
const MOST_FACET_VALUES = 200;

/** Latency of recorded sessions: preload/contract/latency.ts. */
export function createLatency(deps: { store: Store; recorder: Recorder }): Latency {
  const { store, recorder } = deps;
  const shelf = createTurnShelf(store);
  /** The order asked for last: a list that is scrolled asks for page after page of it. */
  let sorted: { key: string; turns: readonly AnalysedTurn[]; list: AnalysedTurn[] } | undefined;

  /** What was just recorded is part of the answer, as far as the disk lets it: the store tells of its own faults. */
  async function turnsOf(ids: readonly string[], where?: TurnFilter): Promise<AnalysedTurn[]> {
    if (recorder.session !== null && ids.includes(recorder.session.id)) await store.flush().catch(() => {});
    return filtered(await shelf.turnsOf(ids), where);
  }

  /** Sessions in the order they began. */
  async function byStart(ids: readonly string[]): Promise<string[]> {
    const starts = await Promise.all([...new Set(ids)].map(async (id) => [id, await store.read('session.summary', { id })] as const));
    return starts.sort(([, one], [, other]) => (one?.startedWallMs ?? 0) - (other?.startedWallMs ?? 0)).map(([id]) => id);
  }

  async function breakdownsOf(turns: readonly AnalysedTurn[]): Promise<Map<AnalysedTurn, TurnRecord['breakdown']>> {
    const found = new Map<AnalysedTurn, TurnRecord['breakdown']>();
    for (const [id, own] of Map.groupBy(turns, ({ sessionId }) => sessionId)) {
      const places = own.map(({ conversationId, turnId }) => ({ conversationId, turnId }));
      const records = await store.read('session.turnsAt', { id, places });
      const byPlace = new Map(records.map((record) => [`${record.turnId}/${record.conversationId}`, record.breakdown]));
      for (const turn of own) {
        const breakdown = byPlace.get(`${turn.turnId}/${turn.conversationId}`);
        if (breakdown !== undefined) found.set(turn, breakdown);
      }
    }
    return found;
  }

  const calls: Calls = {
    'latency.show': async ({ ids, where, by, assertions, budget }) => {
      const limits = limitsOf(assertions, budget);
      const groups = [...groupsOf(await turnsOf(ids, where), by)];
      return {
        groups: largest(groups).map(([name, own]) => groupOf(name, own)),
        checks: groups.flatMap(([name, own]) => limits.map((limit) => checked(limit, own, name))),
      };
    },

    'latency.turns': async ({ ids, where, order, from, count, withBreakdown }) => {
      const turns = await turnsOf(ids, where);
      const key = JSON.stringify([ids, where, order]);
      const isSame = sorted?.key === key && sorted.turns.length === turns.length && sorted.turns.every((turn, i) => turn === turns[i]);
      sorted = isSame && sorted !== undefined ? sorted : { key, turns, list: ordered(turns, order) };
      const page = sorted.list.slice(from, from + count);
      const breakdowns = withBreakdown ? await breakdownsOf(page) : new Map<AnalysedTurn, TurnRecord['breakdown']>();
      return { total: turns.length, rows: page.map((turn) => rowOf(turn, breakdowns.get(turn))) };
    },

    'latency.turn': async ({ sessionId, conversationId, turnId }) => {
      if (recorder.session?.id === sessionId) await store.flush().catch(() => {});
      const [turn] = await store.read('session.turnsAt', { id: sessionId, places: [{ conversationId, turnId }] });
      if (turn === undefined) throw new TalkError('session/not-found', { id: sessionId });
      return turn;
    },

    'latency.facets': async ({ ids }) => {
      const turns = await turnsOf(ids);
      const values = latencyFacets.map((facet) => [facet, facetValues(turns, facet, MOST_FACET_VALUES)] as const);
      return { turns: turns.length, facets: Object.fromEntries(values) as Record<LatencyFacet, (typeof values)[number][1]> };
    },

    'latency.compare': async ({ a, b, whereA, whereB, assertions, budget }) => {
      const limits = limitsOf(assertions, budget);
      const [turnsA, turnsB] = [await turnsOf(a, whereA), await turnsOf(b, whereB)];
      const configurations = (turns: readonly AnalysedTurn[]) => turns.map(({ configuration }) => configuration);
      const inA = new Set(turnsA);
      return {
        a: groupOf('a', turnsA),
        b: groupOf('b', turnsB),
        shared: turnsB.filter((turn) => inA.has(turn)).length,
        configuration: configurationDifferences(configurations(turnsA), configurations(turnsB)),
        differences: differencesOf(turnsA, turnsB),
        checks: limits.map((limit): LatencyCheck => checked(limit, turnsB, 'b')),
      };
    },

    'latency.distribution': async ({ ids, where, metric, by, buckets, toMs }) => {
      const samples = largest([...groupsOf(await turnsOf(ids, where), by)]).map(
        ([name, turns]) => [name, sampleOf(turns, metric)] as const,
      );
      const range = rangeOf(samples.map(([, sample]) => sample));
      const shown = { fromMs: range.fromMs, toMs: Math.max(range.fromMs, Math.min(range.toMs, toMs ?? range.toMs)) };
      const steps = Math.max(LEAST_STEPS, Math.floor(CURVE_STEPS / Math.max(20, samples.length)));
      return {
        groups: samples.map(([name, sample]) => ({
          name,
          n: sample.sorted.length,
          censored: sample.censored,
          cdf: cdfOf(sample, steps),
          histogram: histogramOf(sample, buckets, shown),
        })),
      };
    },

    'latency.trend': async ({ ids, where, metric, by }) => {
      const turns = await turnsOf(ids, where);
      const sessions = await byStart(ids);
      const isPerSession = sessions.length > 1;
      const groups = largest([...groupsOf(turns, by)]).map(([name, own]) => ({
        name,
        points: isPerSession ? trendOfSessions(own, metric, sessions) : trendWithin(own, metric),
      }));
      return { isPerSession, groups };
    },

    'latency.check': async ({ id, toleranceMs }, context) => {
      if (recorder.session?.id === id) await store.flush().catch(() => {});
      const detail = await store.read('session.detail', { id });
      if (detail === null) throw new TalkError('session/not-found', { id });
      const events = await eventsOf(store, id, checkedKinds);
      const conversations = [];
      for (const conversation of detail.conversations) {
        const { conversationId } = conversation;
        const spans = await trackSpans(store, { id, conversation, untilUs: detail.session.durationUs }, context);
        const own = events.filter((event) => 'conversationId' in event && event.conversationId === conversationId);
        conversations.push({ conversationId, turns: checkTurns(own, spans, toleranceMs) });
      }
      const differences = conversations.flatMap(({ turns }) =>
        turns.flatMap(({ differenceMs }) => (differenceMs === null ? [] : [Math.abs(differenceMs)])),
      );
      return { conversations, compared: differences.length, medianDifferenceMs: nearestRank(Float64Array.from(differences).sort(), 50) };
    },

    'latency.recording': (request, { signal }) => analyseRecordingAside(request, signal),
  };
  return { calls };
}

function limitsOf(assertions: string | undefined, budget: string | undefined): Assertion[] {
  return [...(assertions === undefined ? [] : parseAssertions(assertions)), ...(budget === undefined ? [] : parseBudget(budget))];
}

function groupOf(name: string, turns: readonly AnalysedTurn[]): LatencyGroup {
  const spoken = turns.filter(({ initiator }) => initiator === 'user-speech');
  return {
    name,
    turns: turns.length,
    spoken: spoken.length,
    unanswered: spoken.filter((turn) => turn.isCensored).length,
    statistics: statisticsOf(turns),
  };
}

/** In the order they came in. */
function largest(groups: readonly (readonly [string, AnalysedTurn[]])[]): readonly (readonly [string, AnalysedTurn[]])[] {
  if (groups.length <= MOST_GROUPS) return groups;
  const least = groups.map(([, turns]) => turns.length).sort((one, other) => other - one)[MOST_GROUPS - 1] ?? 0;
  return groups.filter(([, turns]) => turns.length >= least).slice(0, MOST_GROUPS);
}

function rowOf(turn: AnalysedTurn, breakdown: TurnRecord['breakdown'] | undefined): LatencyRow {
  const { sessionId, conversationId, turnId, startedUs, initiator, outcome, userText, facets, values } = turn;
  const row = { sessionId, conversationId, turnId, startedUs, initiator, outcome, isCensored: turn.isCensored, userText, facets };
  return { ...row, ...(breakdown !== undefined && { breakdown }), values: recordOf(values) };
}

/** Both tracks of a conversation's first hour as spans of sound, ms of the session; none for a conversation without sound. */
async function trackSpans(store: Store, place: { id: string; conversation: ConversationRecord; untilUs: number }, { signal }: CallContext) {
  const { id, conversation } = place;
  const { conversationId, openedUs } = conversation;
  const wholeUs = conversation.closedUs ?? place.untilUs;
  const endUs = Math.min(wholeUs, openedUs + LONGEST_US);
  const lengthMs = Math.max(0, Math.ceil((endUs - openedUs) / 1000));
  const tracks = [new Float32Array(lengthMs), new Float32Array(lengthMs)] as const;
  const hasSound = conversation.uplinkPackets + conversation.downlinkPackets > 0;
  for (let fromUs = openedUs; hasSound && fromUs < endUs; fromUs += PIECE_US) {
    const toUs = Math.min(endUs, fromUs + PIECE_US);
    const { wav } = await store.bulk('audio.wav', { id, conversationId, fromUs, toUs }, { signal });
    const { sampleRate, channels } = decodeWav(wav);
    const at = (fromUs - openedUs) / 1000;
    for (const [i, track] of tracks.entries()) {
      const powers = millisecondPowers(channels[i] ?? new Int16Array(0), sampleRate);
      track.set(powers.subarray(0, Math.max(0, lengthMs - at)), at);
    }
  }
  const [user, agent] = tracks.map((track) =>
    soundSpans(track).spans.map(({ fromMs, toMs }) => ({ fromMs: openedUs / 1000 + fromMs, toMs: openedUs / 1000 + toMs })),
  );
  return { user: user ?? [], agent: agent ?? [], untilMs: endUs < wholeUs ? endUs / 1000 : Number.POSITIVE_INFINITY };
}
