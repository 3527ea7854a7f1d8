import { randomUUID } from 'node:crypto';
import type { SpokenMessageKind } from '../../../preload/contract/cloud/twetalk.ts';
import type { ConversationMessage } from '../../conversation.ts';
import { asObject, type BoardJson, encodeForBoard, parseObject } from './board-text.ts';
import { type HeardMessage, readHeard } from './messages/heard.ts';
import { fillTemplate, type SpokenValues } from './messages/spoken.ts';
import type { MessageTable } from './messages/table.ts';

/**
 * RTVI, the JSON vocabulary inside TWeTalk's message frames (reference/twetalk.md §5.3 and §5.4):
 * `{"label":"rtvi-ai","type":…,"data":…}`. The order in which messages go out is the conversation's.
 */
const LABEL = 'rtvi-ai';
const RTVI_VERSION = '1.0.0';

export interface RtviMessage {
  type: string;
  /** JSON for a message frame, in the form the board's reader can take. */
  text: string;
}

export interface RtviContext {
  /** The `user_id` of transcriptions. */
  deviceId: string;
  wallMs: number;
  /** The `task_id` of errors. */
  conversationId: string;
  table: MessageTable;
}

/** Says a conversation's message in RTVI. */
export function toRtvi(message: ConversationMessage, context: RtviContext): RtviMessage {
  switch (message.kind) {
    case 'user-started-speaking':
    case 'user-stopped-speaking':
    case 'bot-started-speaking':
    case 'bot-stopped-speaking':
      return rtvi(message.kind);
    case 'user-transcript': {
      const timestamp = new Date(context.wallMs).toISOString();
      return rtvi('user-transcription', { text: message.text, user_id: context.deviceId, timestamp, final: message.isFinal });
    }
    case 'user-turn':
      return rtvi('user-llm-text', { text: message.text });
    case 'bot-thinking-started':
      return rtvi('bot-llm-started');
    case 'bot-text':
      return rtvi('bot-llm-text', { text: message.text });
    case 'bot-thinking-stopped':
      return rtvi('bot-llm-stopped');
    case 'bot-sentence':
      return rtvi('bot-transcription', { text: message.text });
    case 'bot-voice-started':
      return rtvi('bot-tts-started');
    case 'bot-voice-stopped':
      return rtvi('bot-tts-stopped');
    case 'emotion':
      return spoken('emotion', { emotion: message.emotion }, context.table);
    case 'idle':
      return spoken('idle', { retry: message.retry }, context.table);
    case 'intent':
      if (message.intent.kind === 'music') return spoken('music', { query: message.intent.query, id: randomUUID() }, context.table);
      if (message.intent.kind === 'hang-up') return spoken('hang-up', {}, context.table);
      return spoken('call', { event: 'user_calling', stream: 'device_to_user', called: message.intent.contact }, context.table);
    case 'metrics':
      return rtvi('metrics', metricsData(message.metrics));
    case 'error':
      return rtvi('error', {
        error: message.error.code,
        // Told within a conversation, which carries on: RTVI clients hang up on a fatal one.
        fatal: false,
        ...(message.productCode === undefined ? {} : { code: message.productCode }),
        ...(message.roundId === undefined ? {} : { round_id: message.roundId }),
        task_id: context.conversationId,
      });
  }
}

/** One of Tencent's own messages, in the form the table has for it. */
export function spoken(kind: SpokenMessageKind, values: SpokenValues, table: MessageTable): RtviMessage {
  const shape = table.spoken[kind];
  return rtvi(shape.type, fillTemplate(shape, values));
}

/** There is no conversation and will be none: the socket closes next. */
export function fatalError(code: string): RtviMessage {
  return rtvi('error', { error: code, fatal: true });
}

/** The answer to `client-ready`, under its id. */
export function botReady(id: string): RtviMessage {
  return rtvi('bot-ready', { version: RTVI_VERSION }, id);
}

function rtvi(type: string, data?: { [key: string]: BoardJson }, id?: string): RtviMessage {
  return { type, text: encodeForBoard({ label: LABEL, type, id, data }) };
}

/** Which stage a product metric is the time to first byte of; RTVI counts in seconds. The others are processing times. */
const firstByteMetrics: Record<string, string> = { asr_latency: 'stt', llm_first_token: 'llm', tts_first_frame_latency: 'tts' };

function metricsData(metrics: Record<string, number>): { [key: string]: BoardJson } {
  const ttfb: BoardJson[] = [];
  const processing: BoardJson[] = [];
  for (const [name, milliseconds] of Object.entries(metrics)) {
    if (!Number.isFinite(milliseconds)) continue;
    const stage = firstByteMetrics[name];
    const value = Math.round(milliseconds) / 1000;
    if (stage === undefined) processing.push({ processor: name, value });
    else ttfb.push({ processor: stage, value });
  }
  return { ttfb, processing };
}

/** What somebody says in one go is far shorter, and everything behind this point reads a text more than once. */
const MAX_TEXT_CHARACTERS = 4096;

export type IncomingRtvi =
  | { kind: 'client-ready'; id: string }
  | { kind: 'send-text'; text: string; isSpoken: boolean }
  | { kind: 'disconnect-bot' }
  | HeardMessage
  | { kind: 'unknown'; type: string; body: Record<string, unknown> | null };

/** Reads the JSON of a message frame from a board. Anything but RTVI and what the table has is 'unknown', named as well as it can be. */
export function readRtvi(text: string, table: MessageTable): IncomingRtvi {
  const message = parseObject(text);
  if (message === null) return { kind: 'unknown', type: 'not JSON', body: null };
  const type = typeof message.type === 'string' ? message.type : 'untyped';
  if (type === 'client-ready') return { kind: 'client-ready', id: typeof message.id === 'string' ? message.id : '' };
  if (type === 'send-text') {
    const data = asObject(message.data);
    const options = asObject(data?.options);
    if (typeof data?.content === 'string' && data.content !== '' && data.content.length <= MAX_TEXT_CHARACTERS) {
      return { kind: 'send-text', text: data.content, isSpoken: options?.audio_response !== false };
    }
  }
  if (type === 'disconnect-bot') return { kind: 'disconnect-bot' };
  return readHeard(message, table) ?? { kind: 'unknown', type, body: message };
}
