import { afterEach, describe, expect, test } from 'vitest';
import type { TuyaDeviceOptions } from '../../../../../pipeline/boards/tuya/device.ts';
import { speechPcm } from '../../../../fakes/engines.ts';
import { type TuyaTestBench, tuyaTestBench } from '../../../../fakes/tuya.ts';

let bench: TuyaTestBench;
afterEach(() => bench.close());

const said = 'what is the time';
const answer = ['It is ', 'noon.'];

async function ready(options: Parameters<typeof tuyaTestBench>[0] = {}): Promise<TuyaTestBench> {
  bench = await tuyaTestBench({ ...options, isReal: true });
  bench.engines.stt.add({ text: said, finalMs: 10 });
  bench.engines.llm.add({ tokens: answer, ttftMs: 10 });
  return bench;
}

const generations: { name: string; options: Partial<TuyaDeviceOptions> }[] = [
  { name: 'version 2.1, signed', options: { version: 2 } },
  { name: 'version 2.1, 20 bytes of signature', options: { version: 2, signLevel: 1 } },
  { name: 'version 2.1, unsigned', options: { version: 2, signLevel: 0 } },
  { name: 'version 1, AES-GCM', options: { version: 1, level: 4 } },
  { name: 'version 1, AES-CBC', options: { version: 1, level: 3 } },
  { name: 'version 1, ChaCha20', options: { version: 1, level: 2 } },
  { name: 'a buffer of 512 bytes', options: { version: 2, maxFragmentBytes: 512 } },
];

describe('a device talks, the whole way through turn-taking', () => {
  test.each(generations)('typed, $name', async ({ options }) => {
    // Where only known devices are let in, an unsigned one needs a token.
    await ready(options.signLevel === 0 ? { settings: { devices: { unknownDevices: 'accept' } } } : {});
    const device = await bench.connect(options);
    const turn = await device.openSession().ask('hello');
    expect(turn).toMatchObject({ reply: 'It is noon.', transcript: '', isBroken: false, codec: 101 });
    expect(turn.pcm.length).toBeGreaterThan(0);
    expect(device.violations).toEqual([]);
    expect(bench.faults).toEqual([]);
  });

  test('push-to-talk: EventEnd lets the button go', async () => {
    await ready();
    const device = await bench.connect();
    const turn = await device.openSession({ audio: 'opus' }).speak(speechPcm(400), { codec: 'opus' });
    expect(turn).toMatchObject({ transcript: said, reply: 'It is noon.', hasServerVad: false, codec: 111 });
    expect(device.violations).toEqual([]);
  });

  test('the cloud’s voice activity detection ends a stream that has no end', async () => {
    await ready({ settings: { turns: { vadSilenceMs: 240 } } });
    const device = await bench.connect();
    const turn = await device.openSession().speak(speechPcm(500), { isServerVad: true });
    expect(turn).toMatchObject({ transcript: said, reply: 'It is noon.', hasServerVad: true });
    expect(device.violations).toEqual([]);
  });

  test('an event without speech is answered with an empty transcript', async () => {
    await ready();
    bench.engines.stt.add({ text: '' });
    const device = await bench.connect();
    const session = device.openSession();
    const first = await session.speak(speechPcm(200));
    expect(first.transcript).toBe(said);
    const second = await session.speak(new Int16Array(4800));
    expect(second).toMatchObject({ transcript: '', reply: '' });
    expect(device.violations).toEqual([]);
  });

  test('onlyAsr: the transcript and nothing more', async () => {
    await ready();
    const device = await bench.connect();
    const turn = await device.openSession().speak(speechPcm(300), { chat: { 'sys.workflow': 'asr' } });
    expect(turn).toMatchObject({ transcript: said, reply: '' });
    expect(turn.pcm).toEqual([]);
    expect(device.violations).toEqual([]);
  });

  test('what the model thinks comes as reasoningContent', async () => {
    bench = await tuyaTestBench({ isReal: true });
    bench.engines.llm.add({ reasoning: ['hm, '], tokens: ['Noon.'], ttftMs: 10 });
    const device = await bench.connect();
    const turn = await device.openSession().ask('hello');
    expect(turn).toMatchObject({ reasoning: 'hm, ', reply: 'Noon.' });
    expect(device.violations).toEqual([]);
  });

  test('a session without sound is answered in writing only', async () => {
    await ready();
    const device = await bench.connect();
    const turn = await device.openSession({ attributes: { needTts: 'false' } }).ask('hello');
    expect(turn).toMatchObject({ reply: 'It is noon.', pcm: [] });
    expect(device.violations).toEqual([]);
  });

  test('after a ChatBreak of the device nothing of that event comes any more', async () => {
    bench = await tuyaTestBench({ isReal: true });
    bench.engines.llm.add({ tokens: ['A long story that goes on. ', 'And on. ', 'And on.'], ttftMs: 10 });
    bench.engines.llm.add({ tokens: ['Short.'], ttftMs: 10 });
    const device = await bench.connect();
    const session = device.openSession();
    const eventId = session.startEvent();
    session.chunk('text', 0, new TextEncoder().encode('tell me'));
    session.endEvent(eventId);
    await device.until(() => (session.turns.all[0]?.pcm.length ?? 0) > 0);
    session.break(eventId);
    const next = await session.ask('stop');
    expect(next.reply).toBe('Short.');
    expect(device.violations).toEqual([]);
  });

  test('speech over a reply breaks it: the device is told', async () => {
    bench = await tuyaTestBench({ isReal: true, settings: { turns: { vadSilenceMs: 240, interruptionMs: 300 } } });
    const { stt, llm } = bench.engines;
    stt.add({ text: 'tell me a story', finalMs: 10 });
    stt.add({ text: 'stop that', finalMs: 10, partials: [{ atMs: 300, text: 'stop that' }] });
    llm.add({ tokens: ['Once upon a time there was a very long tale that had no end at all and went on for ever.'], ttftMs: 10 });
    llm.add({ tokens: ['All right.'], ttftMs: 10 });
    const device = await bench.connect();
    const session = device.openSession();
    const eventId = session.startEvent({ 'asr.enableVad': true, 'processing.interrupt': true });
    session.chunk('audio', 1, new Uint8Array(0), []);
    const say = async (ms: number, isDone: () => boolean) => {
      for (let at = 0; !isDone() && at < 20_000; at += 20) {
        const pcm = at < ms ? speechPcm(20) : new Int16Array(320);
        session.chunk('audio', 2, new Uint8Array(pcm.buffer));
        await new Promise<void>((resolve) => bench.observer && device.clock.at((device.clock.nowUs() + 20_000) as never, resolve));
      }
    };
    await say(500, () => (session.turns.all[0]?.pcm.length ?? 0) > 2);
    await say(900, () => session.turns.all.some((turn) => turn.reply === 'All right.'));
    expect(session.turns.all[0]).toMatchObject({ eventId, transcript: 'tell me a story', isBroken: true });
    expect(session.turns.all.at(-1)).toMatchObject({ transcript: 'stop that' });
    expect(device.violations).toEqual([]);
  });
});
