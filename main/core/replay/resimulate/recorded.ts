import type { PipelineEvent, TurnInitiator } from '../../../../preload/contract/events.ts';
import type { TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
import { type RecordedAnswer, recordedAnswers } from './recorded-answers.ts';
import { type Input, recordedInputs } from './recorded-inputs.ts';
import { type RecordedSentence, recordedSentences } from './recorded-sentences.ts';
import { type RecordedUtterance, recordedUtterances } from './recorded-utterances.ts';

type Opened = Extract<PipelineEvent, { kind: 'conversation.opened' }>;

/** One packet of the uplink, decoded: 16 kHz mono s16 as bytes. One that no decoder took is one byte, which no decoder takes either. */
export interface RecordedPacket {
  atUs: number;
  pcm: Uint8Array;
}

export interface RecordedTool {
  name: string;
  arguments: string;
  atUs: number;
  isOk: boolean;
  result: unknown;
  elapsedUs: number;
}

/** What the board reported of a reply: its first sound after its first frame, its silence after the last frame that was sent. */
export interface RecordedPlayout {
  turnId: number;
  audibleAfterUs: number | null;
  silentAfterUs: number | null;
  source: 'device' | 'echo';
}

/** A conversation as far as it can be had again without its engines and its board. Times are the session's. */
export interface RecordedConversation {
  sessionId: string;
  conversationId: string;
  opened: Opened;
  closedUs: number;
  closeReason: string;
  /** The conversation's end cut a turn short: it would be no more whole for running on. */
  isCutAtEnd: boolean;
  events: readonly PipelineEvent[];
  packets: readonly RecordedPacket[];
  isDenoised: boolean;
  utterances: readonly RecordedUtterance[];
  answers: readonly RecordedAnswer[];
  sentences: readonly RecordedSentence[];
  tools: readonly RecordedTool[];
  playouts: readonly RecordedPlayout[];
  inputs: readonly Input[];
  /** What the agent said first; empty when it did not. */
  greeting: string;
  droppedCount: number;
}

export interface RecordedSources {
  sessionId: string;
  /** Of this conversation, in the order they were told. */
  events: readonly PipelineEvent[];
  packets: readonly RecordedPacket[];
  isDenoised: boolean;
  /** The recording's own end, for a conversation that was never closed. */
  endUs: number;
}

/** Null where the conversation's beginning was not recorded: nobody knows its settings. */
export function recordedConversation({ sessionId, events, packets, isDenoised, endUs }: RecordedSources): RecordedConversation | null {
  const opened = events.find((event) => event.kind === 'conversation.opened');
  if (opened === undefined) return null;
  const closed = events.find((event) => event.kind === 'conversation.closed');
  const closedUs = closed?.atUs ?? endUs;
  const started = new Map(events.flatMap((event) => (event.kind === 'turn.started' ? [[event.turnId, event]] : [])));
  const initiatorOf = (turnId: number): TurnInitiator | undefined => started.get(turnId)?.initiator;
  const utterances = recordedUtterances(events);
  const lastEnd = events.findLast((event) => event.kind === 'turn.ended');
  const greeted = events.find((event) => event.kind === 'turn.ended' && initiatorOf(event.turnId) === 'greeting');
  const greetingTurn = [...started.values()].find(({ initiator }) => initiator === 'greeting')?.turnId;
  const sentences = recordedSentences(events);
  const said = sentences.filter(({ turnId }) => turnId === greetingTurn).map(({ text }) => text);
  return {
    sessionId,
    conversationId: opened.conversationId,
    opened,
    closedUs,
    closeReason: closed?.reason ?? 'recording ended',
    isCutAtEnd: lastEnd !== undefined && lastEnd.atUs >= closedUs - CUT_US && ['unanswered', 'interrupted'].includes(lastEnd.outcome),
    events,
    packets,
    isDenoised,
    utterances,
    answers: recordedAnswers(events),
    sentences,
    tools: recordedTools(events),
    playouts: recordedPlayouts(events),
    inputs: recordedInputs(events, { utterances, packets, frameUs: opened.uplink.frameMs * 1000 }),
    greeting: greeted?.kind === 'turn.ended' && greeted.replyText !== '' ? greeted.replyText : said.join(''),
    droppedCount: events.reduce((sum, event) => sum + (event.kind === 'dropped' ? event.count : 0), 0),
  };
}

const CUT_US = 5_000;

function recordedTools(events: readonly PipelineEvent[]): RecordedTool[] {
  return events.flatMap((event) => {
    if (event.kind !== 'tool.call') return [];
    const result = events.find((each) => each.kind === 'tool.result' && each.turnId === event.turnId && each.callId === event.callId);
    if (result?.kind !== 'tool.result') return [];
    const { isOk, result: value, elapsedUs } = result;
    return { name: event.name, arguments: JSON.stringify(event.arguments), atUs: event.atUs, isOk, result: value, elapsedUs };
  });
}

function recordedPlayouts(events: readonly PipelineEvent[]): RecordedPlayout[] {
  const playouts = new Map<number, RecordedPlayout>();
  const firstFrames = new Map<number, number>();
  const stops = new Map<number, number>();
  const of = (turnId: number, source: RecordedPlayout['source']) => {
    const playout = playouts.get(turnId) ?? { turnId, audibleAfterUs: null, silentAfterUs: null, source };
    playouts.set(turnId, playout);
    return playout;
  };
  for (const event of events) {
    if (event.kind === 'downlink.first-frame') firstFrames.set(event.turnId, event.atUs);
    else if (event.kind === 'interruption.server-stopped') stops.set(event.turnId, event.atUs);
    else if (event.kind === 'downlink.audible' || event.kind === 'interruption.silent') {
      if (event.source !== 'device' && event.source !== 'echo') continue;
      const beganUs = (event.kind === 'downlink.audible' ? firstFrames : stops).get(event.turnId);
      if (beganUs === undefined) continue;
      const afterUs = Math.max(0, event.atUs - beganUs);
      if (event.kind === 'downlink.audible') of(event.turnId, event.source).audibleAfterUs = afterUs;
      else of(event.turnId, event.source).silentAfterUs = afterUs;
    }
  }
  return [...playouts.values()];
}

/** An expected failure, and how long after the request. */
export interface RecordedFailure {
  afterUs: number;
  error: TalkErrorValue;
}
