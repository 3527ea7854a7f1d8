import { type PipelineEvent, turnOutcome, turnStateName } from '../../../preload/contract/events.ts';
import { ColumnReader, type PackedColumns, packColumns } from '../logs/packed-columns.ts';

/**
 * What a timeline needs of events, without their texts: a stretch of so many ordinals packed into a blob that is kept beside them. It
 * follows from the events alone, so it can be thrown away at any time; another version of it is not read but made again.
 */
export const FACTS_VERSION = 1;
export const BLOCK_EVENTS = 4096;

/** Codes are places in this list: new kinds go to its end, or `FACTS_VERSION` changes. What is not in it is 0. */
const kinds = [
  '',
  'conversation.opened',
  'conversation.closed',
  'turn.state',
  'turn.started',
  'turn.ended',
  'user.speech-started',
  'user.speech-ended',
  'stt.partial',
  'stt.final',
  'turn.committed',
  'endpoint.asked',
  'turn.preempted',
  'conversation.idle',
  'conversation.changed',
  'agent.memory',
  'agent.note',
  'llm.request',
  'llm.headers',
  'llm.first-token',
  'llm.reasoning',
  'llm.first-answer',
  'llm.text',
  'llm.first-chunk',
  'llm.done',
  'tts.request',
  'tts.headers',
  'tts.first-audio',
  'tts.done',
  'downlink.first-frame',
  'downlink.audible',
  'downlink.sentence-started',
  'downlink.underrun',
  'downlink.last-frame',
  'downlink.play-ended',
  'downlink.queue',
  'interruption.onset',
  'interruption.decided',
  'interruption.server-stopped',
  'interruption.silent',
  'interruption.false',
  'tool.call',
  'tool.result',
  'wire.message',
  'listener.connection',
  'device.online',
  'device.offline',
  'device.refused',
  'device.property',
  'device.event',
  'device.ota',
  'device.call',
  'engine.error',
  'stage.leaked',
  'dropped',
  'tts.audio',
] as const satisfies readonly (PipelineEvent['kind'] | '')[];
export type FactKind = (typeof kinds)[number];
export const KIND_COUNT = kinds.length;

const codes = new Map<string, number>(kinds.map((kind, code) => [kind, code]));
export const codeOfKind = (kind: string): number => codes.get(kind) ?? 0;
export const kindOfCode = (code: number): FactKind => kinds[code] ?? '';

export const wireChannels = ['mqtt', 'websocket', 'http', 'tcp', 'udp'] as const;
export const stateNames = turnStateName.options;
export const outcomeNames = turnOutcome.options;

/** Events that carry a number the lanes need; only their bodies are read. */
const telling: ReadonlySet<string> = new Set<FactKind>([
  'turn.state',
  'turn.ended',
  'tts.request',
  'tts.headers',
  'tts.first-audio',
  'tts.done',
  'downlink.sentence-started',
  'downlink.queue',
  'downlink.underrun',
  'tool.call',
  'tool.result',
  'wire.message',
]);

/** Up to two numbers of an event: what they are is told by its kind. */
export function factsOf(event: PipelineEvent): [first: number, second: number] {
  switch (event.kind) {
    case 'turn.state':
      return [stateNames.indexOf(event.state), Number.NaN];
    case 'turn.ended':
      return [outcomeNames.indexOf(event.outcome), Number.NaN];
    case 'tts.done':
      return [event.sentence, event.durationUs];
    case 'tts.request':
    case 'tts.headers':
    case 'tts.first-audio':
    case 'downlink.sentence-started':
      return [event.sentence, Number.NaN];
    case 'downlink.queue':
      return [event.queuedUs, Number.NaN];
    case 'downlink.underrun':
      return [event.gapUs, Number.NaN];
    case 'tool.call':
    case 'tool.result':
      return [numberOf(event.callId), Number.NaN];
    case 'wire.message':
      return [wireChannels.indexOf(event.channel), event.isUnknown === true ? 2 : event.direction === 'up' ? 0 : 1];
    default:
      return [Number.NaN, Number.NaN];
  }
}

/** FNV-1a: calls of one conversation are told apart by it. */
function numberOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

/** An event as it is stored. */
export interface StoredEvent {
  ordinal: number;
  at_us: number;
  kind: string;
  conversation_key: number | null;
  turn_id: number | null;
  body: string;
}

/** Columns of one block, a number for each event; absent is NaN. */
export interface EventFacts {
  count: number;
  ordinal: Float64Array;
  atUs: Float64Array;
  kind: Float64Array;
  conversation: Float64Array;
  turn: Float64Array;
  first: Float64Array;
  second: Float64Array;
}

const COLUMN_COUNT = 7;

export function factsOfRows(rows: readonly StoredEvent[]): EventFacts {
  const count = rows.length;
  const [ordinal, atUs, kind, conversation, turn, first, second] = Array.from({ length: COLUMN_COUNT }, () =>
    new Float64Array(count).fill(Number.NaN),
  ) as SevenColumns;
  for (const [i, row] of rows.entries()) {
    ordinal[i] = row.ordinal;
    atUs[i] = row.at_us;
    kind[i] = codeOfKind(row.kind);
    conversation[i] = row.conversation_key ?? Number.NaN;
    turn[i] = row.turn_id ?? Number.NaN;
    if (telling.has(row.kind)) [first[i], second[i]] = factsOf(JSON.parse(row.body) as PipelineEvent);
  }
  return { count, ordinal, atUs, kind, conversation, turn, first, second };
}

export function packFacts(facts: EventFacts): PackedColumns {
  const { ordinal, atUs, kind, conversation, turn, first, second } = facts;
  return packColumns([ordinal, atUs, kind, conversation, turn, first, second]);
}

/** Throws RangeError when they are damaged. */
export function unpackFacts(columns: Uint8Array, count: number): EventFacts {
  const reader = new ColumnReader(columns, COLUMN_COUNT, count);
  const [ordinal, atUs, kind, conversation, turn, first, second] = Array.from({ length: COLUMN_COUNT }, (_, index) =>
    reader.read(index),
  ) as SevenColumns;
  return { count, ordinal, atUs, kind, conversation, turn, first, second };
}

type Column = Float64Array<ArrayBuffer>;
type SevenColumns = [Column, Column, Column, Column, Column, Column, Column];
