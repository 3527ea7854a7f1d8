import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LlmEvent, LlmMessage, LlmRequest, LlmTool } from '../../../../../pipeline/engines/llm/engine.ts';
import { numberIn, numberWords } from '../../../../../pipeline/engines/llm/numbers.ts';
import { createScriptedLlm } from '../../../../../pipeline/engines/llm/scripted.ts';
import type { Clock, MonoUs } from '../../../../../preload/contract/time.ts';

/** A clock on which every wait is over at once: order matters here, not time. */
const eagerClock: Clock = {
  nowUs: () => 0 as MonoUs,
  wallMs: () => new Date(2026, 0, 5, 15, 8).getTime(),
  at(_atUs, callback) {
    let isCancelled = false;
    queueMicrotask(() => isCancelled || callback());
    return () => {
      isCancelled = true;
    };
  },
};

const tools: LlmTool[] = ['control_volume', 'get_battery', 'set_alarm_clock', 'make_call'].map((name) => ({
  name,
  description: '',
  parameters: {},
}));

function request(language: string, messages: LlmMessage[], available = tools): LlmRequest {
  return { model: 'scripted', language, messages, tools: available };
}

async function run(wanted: LlmRequest, signal = new AbortController().signal): Promise<LlmEvent[]> {
  return Array.fromAsync(createScriptedLlm({ clock: eagerClock }).respond(wanted, signal));
}

async function say(language: string, text: string, available = tools): Promise<string> {
  const events = await run(request(language, [{ role: 'user', content: text }], available));
  return events.map((event) => (event.kind === 'text' ? event.text : '')).join('');
}

describe('scripted agent', () => {
  test.each([
    ['en', 'what time is it', 'It is three oh eight in the afternoon.'],
    ['zh', '现在几点', '现在是十五点八分。'],
    ['en', 'repeat after me the bench is ready', 'the bench is ready'],
    ['zh', '跟我说，今天很好', '今天很好'],
    ['en', 'count to five', 'one, two, three, four, five.'],
    ['zh', '数到十二', '一，二，三，四，五，六，七，八，九，十，十一，十二。'],
  ])('%s: %s', async (language, text, reply) => {
    expect(await say(language, text)).toBe(reply);
  });

  test('says that it is scripted when it has no script', async () => {
    expect(await say('en', 'please explain quantum chromodynamics')).toMatch(/scripted test agent/);
    expect(await say('zh', '量子色动力学是什么')).toMatch(/按脚本/);
  });

  test.each([
    ['set the volume to fifty', 'control_volume', { action: 'set', volume: 50 }],
    ['把音量调到五十', 'control_volume', { action: 'set', volume: 50 }],
    ['turn the volume up', 'control_volume', { action: 'increase', volume: 10 }],
    ['how much battery is left', 'get_battery', {}],
    ['call mom', 'make_call', { contact: 'mom' }],
    ['please call my mother.', 'make_call', { contact: 'mother' }],
    ['给妈妈打电话', 'make_call', { contact: '妈妈' }],
    ['帮我给王医生打个电话', 'make_call', { contact: '王医生' }],
    ['打电话给爸爸', 'make_call', { contact: '爸爸' }],
    ['呼叫奶奶。', 'make_call', { contact: '奶奶' }],
    ['定一个七点的闹钟', 'set_alarm_clock', { hour: '7', minute: '0', frequency: 'once', day_choice: '' }],
  ])('%s asks the board', async (text, name, parameters) => {
    const events = await run(request(/\p{Script=Han}/u.test(text) ? 'zh' : 'en', [{ role: 'user', content: text }]));
    expect(events.slice(1)).toEqual([
      { kind: 'tool-call', call: expect.objectContaining({ name, arguments: parameters }) },
      { kind: 'done', finish: 'tool-calls' },
    ]);
  });

  test.each([
    ['ringing', '好的，正在给妈妈打电话。'],
    ['busy', '现在已经在通话了。'],
    ['unknown-contact', '通讯录里没有妈妈。'],
  ])('says what became of a call: %s', async (status, reply) => {
    const call = { id: 'call-1', name: 'make_call', arguments: { contact: '妈妈' } };
    const messages: LlmMessage[] = [
      { role: 'user', content: '给妈妈打电话' },
      { role: 'assistant', content: '', toolCalls: [call] },
      { role: 'tool', toolCallId: 'call-1', name: 'make_call', content: JSON.stringify({ status }) },
    ];
    const events = await run(request('zh', messages));
    expect(events.map((event) => (event.kind === 'text' ? event.text : '')).join('')).toBe(reply);
  });

  test('says what the board answered', async () => {
    const call = { id: 'call-1', name: 'get_battery', arguments: {} };
    const answered = async (content: string) => {
      const messages: LlmMessage[] = [
        { role: 'user', content: 'how much battery is left' },
        { role: 'assistant', content: '', toolCalls: [call] },
        { role: 'tool', toolCallId: 'call-1', name: 'get_battery', content },
      ];
      return (await run(request('en', messages))).map((event) => (event.kind === 'text' ? event.text : '')).join('');
    };
    expect(await answered('{"battery":42}')).toBe('The battery is at 42 percent.');
    expect(await answered('{"error":"tool/timeout"}')).toBe('The board did not do that.');
  });

  test.each([
    ['set the volume to fifty', 'self_audio_speaker_set_volume', { volume: 50 }],
    ['turn the volume up', 'self.audio_speaker.set_volume', { volume: 80 }],
    ['把音量调到五十', 'device_audio_volume_set', { volume: 50 }],
    ['how much battery is left', 'self_get_device_status', {}],
  ])('%s: a board that calls it %s is asked by that name', async (text, name, parameters) => {
    const language = /\p{Script=Han}/u.test(text) ? 'zh' : 'en';
    const events = await run({
      ...request(language, [{ role: 'user', content: text }]),
      tools: [{ name, description: '', parameters: {} }],
    });
    expect(events[1]).toEqual({ kind: 'tool-call', call: expect.objectContaining({ name, arguments: parameters }) });
  });

  test('a tool the board does not have is said, not called', async () => {
    expect(await say('en', 'set the volume to fifty', [])).toBe('This board has no control_volume action.');
  });

  test('the error script fails as an engine failure', async () => {
    await expect(say('en', 'simulate an error')).rejects.toMatchObject({ code: 'engine/failed' });
  });

  test('an abort ends it without a done', async () => {
    const controller = new AbortController();
    const events: LlmEvent[] = [];
    for await (const event of createScriptedLlm({ clock: eagerClock }).respond(
      request('en', [{ role: 'user', content: 'tell me a story' }]),
      controller.signal,
    )) {
      events.push(event);
      if (events.length === 5) controller.abort();
    }
    expect(events.map((event) => event.kind)).toEqual(['headers', 'text', 'text', 'text', 'text']);
  });
});

test('numbers survive being said and heard in both languages', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 99 }), fc.constantFrom('zh' as const, 'en' as const), (value, language) => {
      expect(numberIn(numberWords(value, language))).toBe(value);
    }),
  );
});
