import type { PipelineEvent, PipelineEventKind, TurnInitiator } from '../../../preload/contract/events.ts';
import type { BreakdownPart, TurnBreakdown } from '../../../preload/contract/sessions.ts';

/**
 * One turn's latency after reference/voice.md §2.2, from its events alone.
 *
 * - `totalUs` is D1 − U1 and null unless both are known; a turn the user did not speak has no U1.
 * - A part is present when both of its bounds are known, also when it took no time: 0 is a measurement, absence is not.
 *   When `missing` is empty the parts are contiguous and sum to `totalUs` exactly.
 * - Stages overlap when a stage starts early (a transcript before the VAD's decision, a language model before the
 *   commit). A part then begins where the one before it ended, so no time counts twice and no part is negative; what
 *   the early start saved is `preemptGainUs`.
 * - What is said to bridge the wait for a tool is no reply: the first sound is that of the reply itself.
 * - Leading silence of the synthesised audio is paid at the device, so it stands last and ends at D1.
 */
export interface TurnEvents {
  initiator: TurnInitiator;
  /** The turn's own events and the user speech that led to it, in the order they happened. */
  events: readonly PipelineEvent[];
}

type EventOf<Kind extends PipelineEventKind> = Extract<PipelineEvent, { kind: Kind }>;
type AudibleSource = EventOf<'downlink.audible'>['source'];

/** Best first: heard, told, inferred, assumed. */
const sourceRank: readonly AudibleSource[] = ['recording', 'device', 'echo', 'estimate'];

/** An underrun shorter than this is not heard as a gap (voice.md §2.2). */
const AUDIBLE_GAP_US = 40_000;

/** The instants of voice.md §2.1; undefined where the turn has none. */
export interface Instants {
  u1?: number | undefined;
  u2?: number | undefined;
  u3?: number | undefined;
  u4?: number | undefined;
  l0?: number | undefined;
  l1?: number | undefined;
  l2?: number | undefined;
  l2a?: number | undefined;
  l3?: number | undefined;
  t0?: number | undefined;
  t1?: number | undefined;
  t2?: number | undefined;
  leadSilenceUs?: number | undefined;
  s0?: number | undefined;
  d1?: number | undefined;
  audibleSource: AudibleSource | null;
  hasLanguageModel: boolean;
}

export function breakdownOf(turn: TurnEvents): TurnBreakdown {
  const instants = instantsOf(turn);
  const { u1, s0, d1 } = instants;
  const isOrdered = u1 === undefined || d1 === undefined || d1 >= u1;
  const { parts, missing } = partsOf(turn.initiator, instants);
  return {
    totalUs: u1 !== undefined && d1 !== undefined && isOrdered ? d1 - u1 : null,
    serverUs: u1 !== undefined && s0 !== undefined && s0 >= u1 ? s0 - u1 : null,
    audibleSource: instants.audibleSource,
    parts,
    missing,
    preemptGainUs: preemptGain(instants),
    product: productMetrics(instants, turn.events),
    interruption: interruptionOf(turn.events),
  };
}

export function instantsOf(turn: TurnEvents): Instants {
  const events = survivingEvents(turn.events);
  const committed = first(events, 'turn.committed') ?? first(events, 'turn.started');
  const u4 = committed?.atUs;
  const speech = turn.initiator === 'user-speech' ? lastBefore(events, 'user.speech-ended', u4) : undefined;
  const fillers = new Set(events.flatMap((event) => (event.kind === 'tts.request' && event.isFiller ? event.sentence : [])));
  const isReply = ({ sentence }: { sentence: number }) => !fillers.has(sentence);
  // The first that is heard: a voice may have made nothing of the one before it.
  const firstAudio = events
    .flatMap((event) => (event.kind === 'tts.first-audio' && isReply(event) ? event : []))
    .toSorted((one, other) => one.sentence - other.sentence)[0];
  const firstSentence = (firstAudio ?? first(events, 'tts.request', isReply))?.sentence;
  const ofFirstSentence = ({ sentence }: { sentence: number }) => sentence === firstSentence;
  const firstRequest = first(events, 'tts.request', ofFirstSentence);
  // A request that failed and was made again under the same id counts from its last try.
  const l2 = first(events, 'llm.first-token')?.atUs;
  const firstTry = l2 === undefined ? undefined : lastBefore(events, 'llm.request', l2);
  const answeredRequest =
    firstAudio && events.findLast((event) => event.kind === 'tts.request' && ofFirstSentence(event) && event.atUs <= firstAudio.atUs);
  const l0 = (firstTry ?? first(events, 'llm.request'))?.atUs;
  const t0 = (answeredRequest ?? firstRequest)?.atUs;
  const ofThisTry = (fromUs: number | undefined) => (event: PipelineEvent) => fromUs !== undefined && event.atUs >= fromUs;
  const audible = bestSource(events.filter((event) => event.kind === 'downlink.audible'));
  return {
    u1: speech?.atUs,
    u2: speech?.declaredUs,
    u3:
      turn.initiator === 'user-speech'
        ? (lastBefore(events, 'stt.final', u4) ?? lastBefore(events, 'stt.partial', u4))?.atUs // a stable partial may have been used
        : undefined,
    u4,
    l0,
    l1: first(events, 'llm.headers', (event) => ofThisTry(l0)(event) && event.atUs <= (l2 ?? event.atUs))?.atUs,
    l2,
    l2a: first(events, 'llm.first-answer')?.atUs,
    l3: first(events, 'llm.first-chunk')?.atUs,
    t0,
    t1: first(events, 'tts.headers', (event) => ofFirstSentence(event) && ofThisTry(t0)(event))?.atUs,
    t2: firstAudio?.atUs,
    leadSilenceUs: firstAudio?.leadSilenceUs,
    s0: first(events, 'downlink.first-frame')?.atUs,
    d1: audible?.atUs,
    audibleSource: audible?.source ?? null,
    hasLanguageModel: events.some((event) => event.kind === 'llm.request'),
  };
}

/**
 * Without the generations that were cancelled and started again (a preemptive answer the user spoke on over): their
 * instants describe work that nobody heard.
 */
function survivingEvents(events: readonly PipelineEvent[]): readonly PipelineEvent[] {
  const thrownAway = events.findLastIndex((event) => event.kind === 'turn.preempted' && !event.isUsed);
  if (thrownAway >= 0)
    return events.filter((event, i) => i > thrownAway || !(event.kind.startsWith('llm.') || event.kind.startsWith('tts.')));
  const firstFrame = events.findIndex((event) => event.kind === 'downlink.first-frame');
  const heard = firstFrame < 0 ? events.length : firstFrame;
  let restart = -1;
  let cancelled = -1;
  for (let i = 0; i < heard; i++) {
    const event = events[i];
    if (event?.kind === 'llm.done' && event.finish === 'cancelled') cancelled = i;
    if (event?.kind === 'llm.request' && cancelled > restart) restart = i;
  }
  if (restart < 0) return events;
  return events.filter((event, i) => i >= restart || !(event.kind.startsWith('llm.') || event.kind.startsWith('tts.')));
}

/** A boundary of the additive breakdown and the part that ends at it. */
interface Boundary {
  name: string;
  key: BreakdownPart['key'];
  owner: BreakdownPart['owner'];
  atUs: number | undefined;
}

function partsOf(initiator: TurnInitiator, instants: Instants): { parts: BreakdownPart[]; missing: string[] } {
  const isSpoken = initiator === 'user-speech';
  const { u1, u4, s0, leadSilenceUs } = instants;
  const startUs = isSpoken ? u1 : u4;
  // An end before its beginning is a clock's or a protocol's fault: that bound is as good as missing.
  const isOrdered = instants.d1 === undefined || startUs === undefined || instants.d1 >= startUs;
  const d1 = isOrdered ? instants.d1 : undefined;
  // Waiting for the user's words ends with the commit, whatever was still expected then.
  const beforeCommit = (atUs: number | undefined) => (atUs === undefined || u4 === undefined ? atUs : Math.min(atUs, u4));
  const boundaries: Boundary[] = [];
  if (isSpoken) {
    boundaries.push({ name: 'U2', key: 'vad_silence', owner: 'setting', atUs: beforeCommit(instants.u2) });
    boundaries.push({ name: 'U3', key: 'asr_final_wait', owner: 'engine', atUs: beforeCommit(instants.u3) });
    boundaries.push({ name: 'U4', key: 'eou_wait', owner: 'setting', atUs: u4 });
  }
  if (instants.hasLanguageModel) {
    boundaries.push({ name: 'L2a', key: 'llm_ttft', owner: 'engine', atUs: instants.l2a });
    boundaries.push({ name: 'L3', key: 'text_agg', owner: 'pipeline', atUs: instants.l3 });
  }
  boundaries.push({ name: 'T2', key: 'tts_ttfb', owner: 'engine', atUs: instants.t2 });
  boundaries.push({ name: 'S0', key: 'send_wait', owner: 'pipeline', atUs: s0 });
  const isLeadKnown = d1 !== undefined && leadSilenceUs !== undefined;
  const leadStart = isLeadKnown ? Math.max(s0 ?? Number.NEGATIVE_INFINITY, d1 - leadSilenceUs) : undefined;
  boundaries.push({ name: d1 === undefined ? 'D1' : 'T2', key: 'transport_device', owner: 'device', atUs: leadStart });
  boundaries.push({ name: 'D1', key: 'tts_lead_silence', owner: 'engine', atUs: d1 });

  const missing: string[] = [];
  if (u1 === undefined) missing.push('U1');
  let fromUs = startUs;
  // Parts after a bound that is missing never reach back over what came before it.
  let reachedUs = startUs ?? Number.NEGATIVE_INFINITY;
  const parts: BreakdownPart[] = [];
  for (const { name, key, owner, atUs } of boundaries) {
    if (atUs === undefined) {
      if (!missing.includes(name)) missing.push(name);
      fromUs = undefined;
      continue;
    }
    const toUs = Math.min(Math.max(atUs, reachedUs), d1 ?? Number.POSITIVE_INFINITY);
    if (fromUs !== undefined) parts.push({ key, owner, fromUs, toUs, durationUs: toUs - fromUs });
    fromUs = toUs;
    reachedUs = toUs;
  }
  return { parts, missing };
}

function preemptGain({ u4, l2a }: Instants): number | null {
  return u4 !== undefined && l2a !== undefined && l2a < u4 ? u4 - l2a : null;
}

/** The vendors' own names, milliseconds. `asr_latency` contains the VAD's silence, as TRTC defines it. */
function productMetrics(instants: Instants, events: readonly PipelineEvent[]): TurnBreakdown['product'] {
  const { u1, u3, l0, l1, l2, t0, t1, t2, s0 } = instants;
  const interruption = interruptionOf(events);
  return {
    asr_latency: milliseconds(span(u1, u3)),
    llm_network_latency: milliseconds(span(l0, l1)),
    llm_first_token: milliseconds(span(l0, l2)),
    tts_network_latency: milliseconds(span(t0, t1)),
    tts_first_frame_latency: milliseconds(span(t0, t2)),
    tts_discontinuity: s0 === undefined ? null : discontinuities(events),
    interruption: milliseconds(interruption?.detectUs ?? null),
  };
}

/** Times playback ran dry, audibly, before the last frame of the reply. */
function discontinuities(events: readonly PipelineEvent[]): number {
  const last = events.findLastIndex((event) => event.kind === 'downlink.last-frame');
  const heard = last < 0 ? events : events.slice(0, last);
  return heard.filter((event) => event.kind === 'downlink.underrun' && event.gapUs >= AUDIBLE_GAP_US).length;
}

/** Barge-in: onset (I0) to decision (I1) to server silent (I2) to speaker silent (I3). Null when nobody interrupted. */
function interruptionOf(events: readonly PipelineEvent[]): TurnBreakdown['interruption'] {
  const decided = first(events, 'interruption.decided');
  if (decided === undefined) return null;
  // Earlier onsets were false alarms; a manual interruption has none.
  const i0 = lastBefore(events, 'interruption.onset', decided.atUs)?.atUs;
  const i1 = decided.atUs;
  const i2 = first(events, 'interruption.server-stopped')?.atUs;
  const i3 = bestSource(events.filter((event) => event.kind === 'interruption.silent'))?.atUs;
  return { stopUs: span(i0, i3), detectUs: span(i0, i1), serverStopUs: span(i1, i2), residualUs: span(i2, i3) };
}

function span(fromUs: number | undefined, toUs: number | undefined): number | null {
  return fromUs === undefined || toUs === undefined ? null : Math.max(0, toUs - fromUs);
}

function milliseconds(us: number | null): number | null {
  return us === null ? null : us / 1000;
}

function first<Kind extends PipelineEventKind>(
  events: readonly PipelineEvent[],
  kind: Kind,
  accepts: (event: EventOf<Kind>) => boolean = () => true,
): EventOf<Kind> | undefined {
  return events.find((event): event is EventOf<Kind> => event.kind === kind && accepts(event as EventOf<Kind>));
}

/** The last of its kind that happened no later than `limitUs`. */
function lastBefore<Kind extends PipelineEventKind>(
  events: readonly PipelineEvent[],
  kind: Kind,
  limitUs: number | undefined,
): EventOf<Kind> | undefined {
  return events.findLast((event): event is EventOf<Kind> => event.kind === kind && event.atUs <= (limitUs ?? Number.POSITIVE_INFINITY));
}

function bestSource<E extends { source: AudibleSource }>(events: readonly E[]): E | undefined {
  return events.toSorted((a, b) => sourceRank.indexOf(a.source) - sourceRank.indexOf(b.source))[0];
}
