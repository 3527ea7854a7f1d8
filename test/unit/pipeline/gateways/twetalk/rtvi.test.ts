import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConversationMessage } from '../../../../../pipeline/conversation.ts';
import { messageTable } from '../../../../../pipeline/gateways/twetalk/messages/table.ts';
import { readRtvi as read, toRtvi } from '../../../../../pipeline/gateways/twetalk/rtvi.ts';

const table = messageTable({ spoken: {}, heard: {} });
const context = { deviceId: 'P_D', wallMs: Date.UTC(2026, 0, 1), conversationId: 'c-1', table };
const readRtvi = (text: string) => read(text, table);
const say = (message: ConversationMessage) => toRtvi(message, context).text;

test('the speaking messages are the documented bytes', () => {
  expect(say({ kind: 'bot-started-speaking' })).toBe('{"label":"rtvi-ai","type":"bot-started-speaking"}');
  expect(Buffer.byteLength(say({ kind: 'bot-started-speaking' }))).toBe(49);
});

test('every message of a conversation has its RTVI type', () => {
  const types = (
    [
      { kind: 'user-started-speaking' },
      { kind: 'user-transcript', text: '刘', isFinal: false },
      { kind: 'user-stopped-speaking' },
      { kind: 'user-transcript', text: '给我讲个故事', isFinal: true },
      { kind: 'user-turn', text: '给我讲个故事' },
      { kind: 'bot-thinking-started' },
      { kind: 'bot-text', text: '好' },
      { kind: 'bot-sentence', text: '好的。' },
      { kind: 'bot-voice-started' },
      { kind: 'bot-started-speaking' },
      { kind: 'bot-thinking-stopped' },
      { kind: 'bot-voice-stopped' },
      { kind: 'bot-stopped-speaking', wasInterrupted: true },
    ] satisfies ConversationMessage[]
  ).map((message) => toRtvi(message, context).type);
  expect(types).toEqual([
    'user-started-speaking',
    'user-transcription',
    'user-stopped-speaking',
    'user-transcription',
    'user-llm-text',
    'bot-llm-started',
    'bot-llm-text',
    'bot-transcription',
    'bot-tts-started',
    'bot-started-speaking',
    'bot-llm-stopped',
    'bot-tts-stopped',
    'bot-stopped-speaking',
  ]);
});

test('an interim transcription carries user, time and finality', () => {
  expect(JSON.parse(say({ kind: 'user-transcript', text: '刘', isFinal: false }))).toEqual({
    label: 'rtvi-ai',
    type: 'user-transcription',
    data: { text: '刘', user_id: 'P_D', timestamp: '2026-01-01T00:00:00.000Z', final: false },
  });
});

test('metrics are told in seconds, first bytes by stage', () => {
  expect(JSON.parse(say({ kind: 'metrics', metrics: { llm_first_token: 412.4, asr_latency: 600, interruption: 90 } })).data).toEqual({
    ttfb: [
      { processor: 'llm', value: 0.412 },
      { processor: 'stt', value: 0.6 },
    ],
    processing: [{ processor: 'interruption', value: 0.09 }],
  });
});

test('an error carries its code, never a text, and is not fatal while the conversation carries on', () => {
  for (const retryable of [true, false]) {
    const error = { code: 'engine/failed' as const, data: {}, retryable };
    expect(JSON.parse(say({ kind: 'error', error })).data).toEqual({ error: 'engine/failed', fatal: false, task_id: 'c-1' });
  }
});

test('send-text is spoken unless it says otherwise; an empty or odd one is unknown', () => {
  expect(readRtvi('{"type":"send-text","data":{"content":"hi"}}')).toEqual({ kind: 'send-text', text: 'hi', isSpoken: true });
  expect(readRtvi('{"type":"send-text","data":{"content":""}}')).toMatchObject({ kind: 'unknown', type: 'send-text' });
  expect(readRtvi('{"type":"send-text","data":"hi"}')).toMatchObject({ kind: 'unknown', type: 'send-text' });
  expect(readRtvi('[]')).toMatchObject({ kind: 'unknown', type: 'not JSON' });
  expect(readRtvi('{}')).toMatchObject({ kind: 'unknown', type: 'untyped' });
});

test('any text from a board is read without throwing', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readRtvi(text)));
});
