import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import type { TurnRecord } from '../../../../preload/contract/sessions.ts';
import { heardAndUnheard } from '../../../lib/heard.ts';
import type { NumberedEvent } from '../lanes.ts';

interface Base {
  /** Unique in its transcript. */
  key: string;
  fromUs: number;
  /** Where it has been said; the same as `fromUs` for what has no length. */
  toUs: number;
}

/** What a transcript consists of, in order of time. */
export type TranscriptLine = Base &
  (
    | { kind: 'user'; turn: TurnRecord; text: string }
    | { kind: 'agent'; turn: TurnRecord; heard: string; unheard: string }
    | { kind: 'tool'; turn: TurnRecord; call: TurnRecord['toolCalls'][number] }
    | { kind: 'event'; ordinal: number; event: TroubleEvent }
  );

/** What stands between the lines: what went wrong, and what nobody said. */
const troubleKinds = [
  'engine.error',
  'conversation.idle',
  'dropped',
  'downlink.underrun',
  'conversation.closed',
  'device.offline',
] as const;
type TroubleEvent = Extract<PipelineEvent, { kind: (typeof troubleKinds)[number] }>;

/** All that `linesOf` reads. */
export const lineKinds: readonly PipelineEvent['kind'][] = [
  ...troubleKinds,
  ...(['user.speech-started', 'user.speech-ended'] as const),
  ...(['downlink.sentence-started', 'downlink.play-ended', 'interruption.silent'] as const),
];

function isTrouble(event: PipelineEvent): event is TroubleEvent {
  return (troubleKinds as readonly string[]).includes(event.kind);
}

/** When a reply was heard, or the user spoke, as far as it is told. */
interface Told {
  fromUs: number;
  toUs: number | null;
}

/**
 * The turns of a conversation as lines, with what went wrong between them. `events`: of this conversation and of none, in order;
 * where there are none, times are those that the turns tell themselves.
 */
export function linesOf(turns: readonly TurnRecord[], events: readonly NumberedEvent[]): TranscriptLine[] {
  const heard = heardOf(events);
  const speeches = speechesOf(events);
  const lines: TranscriptLine[] = [];
  let beforeUs = 0;
  for (const turn of turns) {
    const endUs = turn.endedUs ?? turn.startedUs;
    const { parts } = turn.breakdown;
    const told = heard.get(turn.turnId);
    const replyUs = Math.max(turn.startedUs, told?.fromUs ?? parts.at(-1)?.toUs ?? turn.startedUs);
    const key = `${turn.conversationId} ${turn.turnId}`;
    if (turn.userText !== '') {
      const speech =
        turn.initiator === 'user-speech' ? speeches.findLast(({ fromUs }) => fromUs >= beforeUs && fromUs < replyUs) : undefined;
      const fromUs = Math.min(turn.startedUs, speech?.fromUs ?? turn.startedUs);
      const toUs = Math.max(fromUs, speech?.toUs ?? parts[0]?.fromUs ?? Math.min(replyUs, endUs));
      lines.push({ kind: 'user', key: `${key} user`, fromUs, toUs, turn, text: turn.userText });
    }
    beforeUs = replyUs;
    for (const call of turn.toolCalls)
      lines.push({ kind: 'tool', key: `${key} ${call.callId}`, fromUs: call.atUs, toUs: call.atUs + (call.elapsedUs ?? 0), turn, call });
    if (turn.replyText !== '') {
      const toUs = Math.max(replyUs, told?.toUs ?? endUs);
      lines.push({ kind: 'agent', key: `${key} agent`, fromUs: replyUs, toUs, turn, ...heardAndUnheard(turn.replyText, turn.heardText) });
    }
  }
  for (const { ordinal, event } of events)
    if (isTrouble(event)) lines.push({ kind: 'event', key: `event ${ordinal}`, fromUs: event.atUs, toUs: event.atUs, ordinal, event });
  return lines.sort((a, b) => a.fromUs - b.fromUs);
}

function heardOf(events: readonly NumberedEvent[]): Map<number, Told> {
  const heard = new Map<number, Told>();
  for (const { event } of events) {
    if (event.kind === 'downlink.sentence-started') {
      if (!heard.has(event.turnId)) heard.set(event.turnId, { fromUs: event.atUs, toUs: null });
    } else if (event.kind === 'downlink.play-ended' || event.kind === 'interruption.silent') {
      const of = heard.get(event.turnId);
      if (of !== undefined) of.toUs = Math.min(of.toUs ?? Number.POSITIVE_INFINITY, event.atUs);
    }
  }
  return heard;
}

function speechesOf(events: readonly NumberedEvent[]): Told[] {
  const speeches: Told[] = [];
  for (const { event } of events) {
    const last = speeches.at(-1);
    if (event.kind === 'user.speech-started') speeches.push({ fromUs: event.atUs, toUs: null });
    else if (event.kind === 'user.speech-ended' && last !== undefined) last.toUs ??= event.atUs;
  }
  return speeches;
}

/** The line that is being said at `us`: the latest that began, while it lasts; between two lines none. */
export function lineAt(lines: readonly TranscriptLine[], us: number): TranscriptLine | null {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle] as TranscriptLine).fromUs <= us) low = middle + 1;
    else high = middle;
  }
  for (let index = low - 1; index >= Math.max(0, low - 8); index--) {
    const line = lines[index] as TranscriptLine;
    if (line.toUs > us) return line;
  }
  return null;
}
