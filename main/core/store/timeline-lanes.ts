import { z } from 'zod';
import {
  openSpan,
  type TimelineLane,
  type TimelineSeries,
  type TimelineTone,
  timelineLanes,
  timelineTones,
} from '../../../preload/contract/timeline.ts';
import {
  codeOfKind,
  type EventFacts,
  type FactKind,
  KIND_COUNT,
  kindOfCode,
  outcomeNames,
  stateNames,
  wireChannels,
} from './timeline-facts.ts';
import { GrowingSeries } from './timeline-series.ts';

/** A sentence of the reply under way: asked of the voice, made, begun to be heard. */
const sentence = z.object({
  id: z.number(),
  sentence: z.number(),
  durationUs: z.number().nullable(),
  startedUs: z.number().nullable(),
  startId: z.number().nullable(),
});

/** What must be known of the past to go on: spans that are open, by what ends them, and what the reply under way consists of. */
export const laneState = z.object({
  open: z.array(openSpan.extend({ key: z.string() })),
  replies: z.array(z.object({ turn: z.number(), sentences: z.array(sentence) })),
});
export type LaneState = z.infer<typeof laneState>;
type OpenSpan = LaneState['open'][number];
type Reply = LaneState['replies'][number];

export const noLanes: LaneState = { open: [], replies: [] };

/** Replies that are remembered: a later one only overlaps the one before it. */
const MAX_REPLIES = 4;

const stateTones: Record<(typeof stateNames)[number], TimelineTone> = {
  idle: 'quiet',
  listening: 'quiet',
  'user-speaking': 'user',
  committing: 'setting',
  thinking: 'engine',
  speaking: 'agent',
  paused: 'warn',
};

const outcomeTones: Record<(typeof outcomeNames)[number], TimelineTone> = {
  completed: 'agent',
  interrupted: 'warn',
  'no-reply': 'quiet',
  failed: 'error',
  unanswered: 'error',
};

/** Instants that are only marked; everything else is handled by name. */
const marks: Partial<Record<FactKind, [TimelineLane, TimelineTone]>> = {
  '': ['conversation', 'quiet'],
  'conversation.opened': ['conversation', 'device'],
  'conversation.closed': ['conversation', 'quiet'],
  'conversation.idle': ['conversation', 'setting'],
  'conversation.changed': ['conversation', 'setting'],
  'agent.memory': ['conversation', 'engine'],
  'agent.note': ['conversation', 'warn'],
  'turn.committed': ['turn', 'setting'],
  'endpoint.asked': ['turn', 'quiet'],
  'turn.preempted': ['turn', 'engine'],
  'interruption.onset': ['turn', 'warn'],
  'interruption.decided': ['turn', 'warn'],
  'interruption.false': ['turn', 'quiet'],
  'stt.partial': ['transcript', 'quiet'],
  'llm.headers': ['llm', 'quiet'],
  'llm.first-token': ['llm', 'quiet'],
  'llm.first-answer': ['llm', 'agent'],
  'llm.first-chunk': ['llm', 'pipeline'],
  'llm.text': ['tokens', 'agent'],
  'llm.reasoning': ['tokens', 'quiet'],
  'tts.headers': ['tts', 'quiet'],
  'tts.audio': ['tts', 'engine'],
  'tts.first-audio': ['tts', 'device'],
  'downlink.first-frame': ['heard', 'pipeline'],
  'downlink.audible': ['heard', 'device'],
  'downlink.underrun': ['heard', 'warn'],
  'downlink.last-frame': ['heard', 'quiet'],
  'listener.connection': ['device', 'quiet'],
  'device.online': ['device', 'device'],
  'device.offline': ['device', 'warn'],
  'device.refused': ['device', 'error'],
  'device.property': ['device', 'pipeline'],
  'device.event': ['device', 'pipeline'],
  'device.ota': ['device', 'setting'],
  'device.call': ['device', 'agent'],
  'engine.error': ['error', 'error'],
  'stage.leaked': ['error', 'warn'],
  dropped: ['error', 'error'],
};

/** The same by the kind's code: most events are these, a million of them at a time. */
const markOfCode = Array.from({ length: KIND_COUNT }, (_, code) => marks[kindOfCode(code)]);
const queueCode = codeOfKind('downlink.queue');
const wireCode = codeOfKind('wire.message');
const wireTones: readonly TimelineTone[] = ['up', 'down', 'warn'];

/**
 * Events as the lanes of one conversation, in the order they happened; those of other conversations are passed over. What begins in one
 * stretch and ends in the next is told with the one it ends in.
 */
export class LaneAssembler {
  readonly #wanted: number | null;
  readonly #open: Map<string, OpenSpan>;
  readonly #replies: Reply[];
  readonly #series: (GrowingSeries | undefined)[] = [];

  /** `wanted`: the key of the conversation; null: only what is of none. */
  constructor(wanted: number | null, state: LaneState) {
    this.#wanted = wanted;
    this.#open = new Map(state.open.map((span) => [span.key, { ...span }]));
    this.#replies = structuredClone(state.replies);
  }

  add(facts: EventFacts): void {
    const { count, ordinal, atUs, kind, conversation, turn, first, second } = facts;
    for (let i = 0; i < count; i++) {
      const owner = conversation[i] as number;
      if (!Number.isNaN(owner) && owner !== this.#wanted) continue;
      const code = kind[i] as number;
      const id = ordinal[i] as number;
      const us = atUs[i] as number;
      const mark = markOfCode[code];
      if (mark !== undefined) this.#mark(mark[0], mark[1], us, id);
      else if (code === queueCode) this.#of('queue', 'pipeline', 'levels').push(us, first[i] as number, id);
      else if (code === wireCode) this.#mark(wireChannels[first[i] as number] ?? 'mqtt', wireTones[second[i] as number] ?? 'warn', us, id);
      else this.#event(kindOfCode(code), id, us, turn[i] as number, first[i] as number, second[i] as number);
    }
  }

  state(): LaneState {
    return { open: [...this.#open.values()], replies: this.#replies };
  }

  open(): z.infer<typeof openSpan>[] {
    return [...this.#open.values()].map(({ lane, tone, fromUs, id }) => ({ lane, tone, fromUs, id }));
  }

  /** What was assembled since it was made, in order of time. */
  series(): TimelineSeries[] {
    return this.#series.flatMap((series) => series?.told() ?? []);
  }

  #event(kind: FactKind, id: number, atUs: number, turn: number, first: number, second: number): void {
    switch (kind) {
      case 'turn.state':
        this.#begin('state', { lane: 'state', tone: stateTones[stateNames[first] ?? 'idle'], fromUs: atUs, id });
        return;
      case 'turn.started':
        this.#begin(`turn ${turn}`, { lane: 'turn', tone: 'pipeline', fromUs: atUs, id });
        return;
      case 'turn.ended':
        this.#end(`turn ${turn}`, atUs, { tone: outcomeTones[outcomeNames[first] ?? 'completed'] });
        this.#endReply(turn, atUs);
        return;
      case 'user.speech-started':
        this.#begin('speech', { lane: 'speech', tone: 'user', fromUs: atUs, id });
        this.#begin('transcript', { lane: 'transcript', tone: 'user', fromUs: atUs, id });
        return;
      case 'user.speech-ended':
        this.#end('speech', atUs);
        return;
      case 'stt.final':
        // The span leads to the words it became.
        if (!this.#end('transcript', atUs, { id })) this.#mark('transcript', 'user', atUs, id);
        return;
      case 'llm.request':
        this.#begin(`llm ${turn}`, { lane: 'llm', tone: 'engine', fromUs: atUs, id });
        return;
      case 'llm.done':
        this.#end(`llm ${turn}`, atUs);
        return;
      case 'tts.request':
        this.#begin(`tts ${turn} ${first}`, { lane: 'tts', tone: 'agent', fromUs: atUs, id });
        this.#sentence(turn, first, id);
        return;
      case 'tts.done':
        this.#end(`tts ${turn} ${first}`, atUs);
        this.#sentence(turn, first, null).durationUs = second;
        return;
      case 'downlink.sentence-started':
        this.#sentenceStarted(turn, first, atUs, id);
        return;
      case 'downlink.play-ended':
      case 'interruption.silent':
        this.#mark('heard', kind === 'interruption.silent' ? 'warn' : 'quiet', atUs, id);
        this.#endReply(turn, atUs);
        return;
      case 'interruption.server-stopped':
        this.#mark('turn', 'warn', atUs, id);
        return;
      case 'tool.call':
        this.#begin(`tool ${first}`, { lane: 'tool', tone: 'device', fromUs: atUs, id });
        return;
      case 'tool.result':
        this.#end(`tool ${first}`, atUs);
        return;
      default: // what has no lane of its own
    }
  }

  #mark(lane: TimelineLane, tone: TimelineTone, atUs: number, id: number): void {
    this.#of(lane, tone, 'marks').push(atUs, atUs, id);
  }

  /** What was open under the same key ends here. */
  #begin(key: string, span: Omit<OpenSpan, 'key'>): void {
    this.#end(key, span.fromUs);
    this.#open.set(key, { ...span, key });
  }

  /** False when nothing was open under that key. */
  #end(key: string, toUs: number, change: { tone?: TimelineTone; id?: number } = {}): boolean {
    const span = this.#open.get(key);
    if (span === undefined) return false;
    this.#open.delete(key);
    this.#span(span.lane, change.tone ?? span.tone, span.fromUs, toUs, change.id ?? span.id);
    return true;
  }

  #span(lane: TimelineLane, tone: TimelineTone, fromUs: number, toUs: number, id: number): void {
    this.#of(lane, tone, 'spans').push(fromUs, Math.max(fromUs, toUs), id);
  }

  #of(lane: TimelineLane, tone: TimelineTone, form: TimelineSeries['form']): GrowingSeries {
    const place = (timelineLanes.indexOf(lane) * timelineTones.length + timelineTones.indexOf(tone)) * 3 + formOrder.indexOf(form);
    const known = this.#series[place];
    if (known !== undefined) return known;
    const made = new GrowingSeries({ lane, tone, form });
    this.#series[place] = made;
    return made;
  }

  #reply(turn: number): Reply {
    const known = this.#replies.find((reply) => reply.turn === turn);
    if (known !== undefined) return known;
    const reply: Reply = { turn, sentences: [] };
    this.#replies.push(reply);
    if (this.#replies.length > MAX_REPLIES) this.#replies.shift();
    return reply;
  }

  #sentence(turn: number, number: number, id: number | null): Reply['sentences'][number] {
    const { sentences } = this.#reply(turn);
    const known = sentences.find((each) => each.sentence === number);
    if (known !== undefined) return known;
    const made = { id: id ?? 0, sentence: number, durationUs: null, startedUs: null, startId: null };
    sentences.push(made);
    return made;
  }

  #sentenceStarted(turn: number, number: number, atUs: number, id: number): void {
    this.#endSentence(turn, atUs);
    Object.assign(this.#sentence(turn, number, id), { startedUs: atUs, startId: id });
    this.#begin(`heard ${turn}`, { lane: 'heard', tone: 'agent', fromUs: atUs, id });
  }

  #endSentence(turn: number, atUs: number): void {
    this.#end(`heard ${turn}`, atUs);
  }

  /**
   * The reply is over for the ear: what was made of it and not played is drawn after it, as long as it would have sounded. A sentence
   * that was still being made has no length, and is as wide as an instant.
   */
  #endReply(turn: number, atUs: number): void {
    const at = this.#replies.findIndex((reply) => reply.turn === turn);
    const isHeard = this.#open.has(`heard ${turn}`);
    this.#endSentence(turn, atUs);
    const reply = this.#replies[at];
    if (reply === undefined) return;
    this.#replies.splice(at, 1);
    let nextUs = atUs;
    const last = reply.sentences.findLast(({ startedUs }) => startedUs !== null);
    for (const { id, startId, startedUs, durationUs } of reply.sentences.sort((a, b) => a.sentence - b.sentence)) {
      const wholeUs = durationUs ?? 0;
      const isCut = startedUs !== null && isHeard && startId === last?.startId;
      if (startedUs !== null && !isCut) continue;
      const restUs = startedUs === null ? wholeUs : startedUs + wholeUs - atUs;
      // Players end a little before or after what they were given is long.
      if (startedUs !== null && restUs < CUT_US) continue;
      this.#span('heard', 'unheard', nextUs, nextUs + restUs, startId ?? id);
      nextUs += restUs;
    }
  }
}

/** Less than this of a sentence is not called unheard. */
const CUT_US = 150_000;

const formOrder: readonly TimelineSeries['form'][] = ['marks', 'spans', 'levels'];
