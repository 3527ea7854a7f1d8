import { describe, expect, test } from 'vitest';
import type { Engines } from '../../../../../pipeline/conversation.ts';
import { serveTranslation } from '../../../../../pipeline/gateways/speech/translate-stream.ts';
import { FakeLlm, FakeStt, FakeTts, silencePcm, speechPcm } from '../../../../fakes/engines.ts';
import { lab, speechBench } from '../../../../fakes/speech.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

type Options = { settings?: Record<string, unknown>; engines?: (clock: VirtualClock) => Partial<Engines>; version?: 1 | 2 };

function open({ version = 2, ...options }: Options = {}) {
  const clock = new VirtualClock();
  const bench = speechBench(clock, {
    ...(options.settings && { settings: options.settings }),
    ...(options.engines && { engines: options.engines(clock) }),
  });
  const { client, socket } = bench.connect();
  serveTranslation(socket, version, bench.deps);
  const init = (more: object = {}) => client.text({ lang_source: 'en', lang_target: 'zh', request_id: 'r-1', token: lab.token, ...more });
  /** As a microphone sends it. */
  const say = async (pcm: Int16Array) => {
    for (let at = 0; at < pcm.length; at += 640) {
      client.pcm(pcm.slice(at, at + 640));
      await clock.advance(40_000);
    }
  };
  return { clock, ...bench, client, init, say };
}

const sentence = async (bench: ReturnType<typeof open>) => {
  await bench.say(speechPcm(1000));
  await bench.say(silencePcm(1200));
};
const joke = { text: 'please tell a joke', partials: [{ atMs: 500, text: 'please tell' }] };
const types = (messages: Record<string, unknown>[]) =>
  messages.map((message) => {
    const { slice_type: type, index } = (message.original_detail ?? {}) as { slice_type?: number; index?: number };
    return `${type ?? '-'}/${index ?? (message.index as number)} ${(message.translation as string | undefined) ?? ''}`.trim();
  });

describe('simultaneous translation', () => {
  test('V2: original and translation together, from beginning to end, and silent unless asked', async () => {
    const bench = open({ engines: (clock) => ({ stt: new FakeStt(clock, [joke, { text: 'good morning' }]) }) });
    bench.init();
    await sentence(bench);
    await sentence(bench);
    expect(types(bench.client.messages)).toEqual(['0/0', '1/0', '2/0 请讲个笑话', '0/1', '2/1 早上好']);
    expect(bench.client.messages[2]).toEqual({
      code: 0,
      msg: 'success',
      translation: '请讲个笑话',
      original_detail: { slice_type: 2, index: 0, voice_text_str: 'please tell a joke' },
      engine: 'phrase-table',
    });
    expect(bench.client.audio).toEqual([]);
    bench.client.terminate();
    await bench.clock.settle();
    expect(bench.clock.pendingTimers).toBe(0);
    expect(bench.tally).toMatchObject({ open: 0, streams: 1 });
  });

  test('V1: original and translation one after the other, and spoken unless asked not to', async () => {
    const bench = open({ version: 1, engines: (clock) => ({ stt: new FakeStt(clock, [joke]) }) });
    bench.init();
    await sentence(bench);
    expect(types(bench.client.messages)).toEqual(['0/0', '1/0', '2/0', '-/0 请讲个笑话']);
    expect(bench.client.messages[2]).toEqual({
      code: 0,
      msg: 'success',
      original: '',
      original_detail: { slice_type: 2, index: 0, voice_text_str: 'please tell a joke' },
    });
    expect(bench.client.messages[3]).toMatchObject({ translation: '请讲个笑话', index: 0 });
    await bench.say(silencePcm(2000));
    expect(bench.client.audio.length).toBeGreaterThan(5);
    expect(bench.client.audio.every(({ length }) => length === 1280)).toBe(true);
    bench.client.terminate();
  });

  test('the voice comes at the pace it is played, and only for what is stable', async () => {
    const bench = open({ engines: (clock) => ({ stt: new FakeStt(clock, [joke]), tts: new FakeTts(clock, { msPerCharacter: 400 }) }) });
    bench.init({ enable_tts: true, is_tts_stream: true });
    await sentence(bench);
    const { tts: voice } = bench.engines;
    expect(voice.requests.map(({ text, language }) => [text, language])).toEqual([['请讲个笑话', 'zh']]);
    while (bench.client.audio.length === 0) await bench.say(silencePcm(40));
    const before = bench.client.audio.length;
    await bench.say(silencePcm(400));
    expect(bench.client.audio.length - before).toBe(10);
    bench.client.terminate();
  });

  test('off in the middle is off at once, and on again with the next sentence', async () => {
    const bench = open({
      engines: (clock) => ({
        stt: new FakeStt(clock, [joke, { text: 'good morning' }, { text: 'thank you' }]),
        tts: new FakeTts(clock, { msPerCharacter: 1000 }),
      }),
    });
    bench.init({ enable_tts: true, is_tts_stream: true });
    await sentence(bench);
    while (bench.client.audio.length === 0) await bench.say(silencePcm(40));
    const count = bench.client.texts.length;
    bench.client.text({ enable_tts: false });
    const heard = bench.client.audio.length;
    await sentence(bench);
    expect(bench.client.audio.length).toBe(heard);
    expect(bench.client.texts.length).toBeGreaterThan(count); // texts go on
    bench.client.text({ disable_tts: false });
    await sentence(bench);
    await bench.say(silencePcm(1000));
    expect(bench.client.audio.length).toBeGreaterThan(heard);
    bench.client.terminate();
  });

  test('a heartbeat brings back what it carried; orders are answered with nothing', async () => {
    const bench = open();
    bench.init();
    bench.client.text({ ping: '2025-07-07 15:33:49' });
    bench.client.text({ ping: { nested: [1] } });
    bench.client.text({ enable_tts: true });
    bench.client.text({ something: 'else' });
    bench.client.text('no json at all');
    expect(bench.client.messages).toEqual([{ pong: '2025-07-07 15:33:49' }, { pong: { nested: [1] } }]);
    const unknown = bench.observer.of('wire.message').filter(({ isUnknown }) => isUnknown === true);
    expect(unknown.map(({ text }) => text)).toEqual(['{"something":"else"}', 'no json at all']);
    bench.client.terminate();
  });

  test('a heartbeat that carries more than can be written again is no heartbeat', () => {
    const bench = open();
    bench.init();
    bench.client.text(`{"ping":${'['.repeat(20_000)}${']'.repeat(20_000)}}`);
    bench.client.text({ ping: 1 });
    expect(bench.client.messages).toEqual([{ pong: 1 }]);
    bench.client.terminate();
  });

  test.each([
    ['a wrong token', { token: 'wrong' }, -1, 'Invalid Token'],
    ['no token', { token: '' }, -1, 'Invalid Token'],
    ['a pair the phrase table does not know', { lang_target: 'ja' }, 4001, /en to ja.*phrase table/],
    ['a language nobody lists', { lang_source: 'tlh' }, 4001, /tlh/],
  ])('%s is refused with a code, and the socket closed', async (_what, more, code, msg) => {
    const bench = open();
    bench.init(more);
    await bench.clock.settle();
    expect(bench.client.messages).toEqual([{ code, msg: expect.stringMatching(msg) }]);
    expect(bench.client.closed?.code).toBe(1008);
    expect(bench.clock.pendingTimers).toBe(0);
    expect(bench.observer.of('conversation.opened')).toEqual([]);
  });

  test('audio before the settings, settings that are none, and none at all', async () => {
    for (const begin of [
      async (bench: ReturnType<typeof open>) => bench.client.pcm(speechPcm(40)),
      async (bench: ReturnType<typeof open>) => bench.client.text('[]'),
      (bench: ReturnType<typeof open>) => bench.clock.advance(10_000_000),
    ]) {
      const bench = open();
      await begin(bench);
      await bench.clock.settle();
      expect(bench.client.messages).toEqual([expect.objectContaining({ code: 4001 })]);
      expect(bench.client.closed?.code).toBe(1008);
    }
  });

  test('a language model translates where one is configured, and is not named in the message', async () => {
    const llm = (clock: VirtualClock) => new FakeLlm(clock, [{ tokens: ['冗談', 'を言って', 'ください。'] }]);
    const bench = open({ engines: (clock) => ({ stt: new FakeStt(clock, [joke]), llm: llm(clock) }) });
    bench.init({ lang_target: 'ja' });
    await sentence(bench);
    expect(bench.client.messages.at(-1)).toEqual({
      code: 0,
      msg: 'success',
      translation: '冗談を言ってください。',
      original_detail: { slice_type: 2, index: 0, voice_text_str: 'please tell a joke' },
    });
    const request = (bench.engines.llm as FakeLlm).requests[0];
    expect(request?.messages[0]?.content).toContain('from English into Japanese');
    expect(request?.messages[1]?.content).toBe('please tell a joke');
    bench.client.terminate();
  });

  test('engines that fail are told with the documents’ codes, and the stream goes on', async () => {
    const bench = open({
      engines: (clock) => ({
        stt: new FakeStt(clock, [{ text: 'zaphod' }, { text: '', error: new Error('broken') }, { text: 'thank you' }]),
      }),
    });
    bench.init({ enable_tts: true });
    await sentence(bench);
    await sentence(bench);
    await sentence(bench);
    expect(bench.client.messages.filter(({ code }) => code !== 0).map(({ code, msg }) => [code, msg])).toEqual([
      [30202, 'nothing of this text is in the embedded phrase table: configure a language model'],
      [30102, 'stt failed: engine/failed'],
    ]);
    expect(bench.client.messages.at(-1)).toMatchObject({ translation: '谢谢' });
    expect(bench.observer.of('engine.error').map(({ stage, productCode }) => [stage, productCode])).toEqual([
      ['llm', 30202],
      ['stt', 30102],
    ]);
    bench.client.terminate();
  });

  test('faster than real time is told and closed; so are six seconds without audio', async () => {
    const fast = open();
    fast.init();
    for (let packet = 0; packet < 100; packet += 1) fast.client.pcm(silencePcm(40));
    await fast.clock.settle();
    expect(fast.client.messages).toEqual([{ code: 4000, msg: 'audio faster than real time' }]);
    expect(fast.client.closed?.code).toBe(1008);

    const slow = open();
    slow.init();
    slow.client.pcm(silencePcm(40));
    await slow.clock.advance(6_000_000);
    expect(slow.client.messages).toEqual([{ code: 4008, msg: 'no audio for 6 s' }]);
    expect(slow.clock.pendingTimers).toBe(0);
  });

  test('the session has it: who, the sound both ways, what was understood; and no token', async () => {
    const bench = open({ engines: (clock) => ({ stt: new FakeStt(clock, [joke]) }) });
    bench.init({ enable_tts: true });
    await sentence(bench);
    await bench.say(silencePcm(2000));
    bench.client.terminate();
    await bench.clock.settle();
    const { observer } = bench;
    expect(observer.of('conversation.opened')[0]).toMatchObject({
      gateway: 'speech',
      deviceName: 'translate-v2',
      language: 'en',
      engines: { llm: 'phrase-table' },
    });
    expect(observer.of('stt.final').map(({ text }) => text)).toEqual(['please tell a joke']);
    expect(observer.of('conversation.closed')).toHaveLength(1);
    const tracks = observer.packets.map(({ track }) => track);
    expect(tracks.filter((track) => track === 'uplink').length).toBe(105);
    expect(tracks).toContain('downlink');
    const { index, mediaUs } = observer.packets.findLast(({ track }) => track === 'uplink') ?? { index: 0, mediaUs: 0 };
    expect([index, mediaUs]).toEqual([104, 104 * 40_000]);
    expect(JSON.stringify(observer.events)).not.toContain(lab.token);
  });

  test('so many of one token at once, and the place is free again afterwards', async () => {
    const clock = new VirtualClock();
    const bench = speechBench(clock, { settings: { speech: { maxConcurrent: 1 } } });
    const join = () => {
      const { client, socket } = bench.connect();
      serveTranslation(socket, 2, bench.deps);
      client.text({ token: lab.token });
      return client;
    };
    const first = join();
    expect(join().messages).toEqual([{ code: 4006, msg: 'too many at once' }]);
    first.terminate();
    await clock.settle();
    const third = join();
    expect(third.messages).toEqual([]);
    third.terminate();
  });

  test('a client that reads nothing, and one that never stops talking, cost themselves', async () => {
    const slow = open();
    slow.init();
    slow.client.bufferedAmount = 2 * 1024 * 1024;
    slow.client.text({ ping: 1 });
    await slow.clock.settle();
    expect(slow.client.closed?.code).toBe(1006);
    expect(slow.observer.of('dropped').map(({ what }) => what)).toEqual(['slow-socket']);

    const flood = open();
    flood.init();
    for (let message = 0; message < 500; message += 1) flood.client.text({ ping: message });
    await flood.clock.settle();
    expect(flood.client.closed?.code).toBe(1008);
    expect(flood.client.texts.length).toBeLessThan(101);
    expect(flood.clock.pendingTimers).toBe(0);
  });
});
