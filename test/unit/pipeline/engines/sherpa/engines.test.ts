import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { createSherpaStt } from '../../../../../pipeline/engines/stt/sherpa.ts';
import { createSherpaTts } from '../../../../../pipeline/engines/tts/sherpa.ts';
import { type FakeSherpaOptions, FakeSherpaProcess, fakeSherpa } from '../../../../fakes/sherpa.ts';
import { writeTinyVoice } from '../../../../fakes/tiny-voice.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const root = mkdtempSync(join(tmpdir(), 'talkbench-sherpa-'));
const folder = (name: string) => join(mkdtempSync(join(root, name)), '.');
let streaming = '';
let senseVoice = '';
let voice = '';
beforeAll(() => {
  [streaming, senseVoice, voice] = ['streaming', 'sense', 'voice'].map(folder) as [string, string, string];
  for (const name of ['encoder.onnx', 'decoder.onnx', 'joiner.onnx', 'tokens.txt'])
    writeFileSync(join(streaming, name), 'decode_chunk_len');
  for (const name of ['model.onnx', 'tokens.txt']) writeFileSync(join(senseVoice, name), 'sense_voice_ctc');
  for (const name of ['model.onnx', 'lexicon.txt', 'tokens.txt']) writeFileSync(join(voice, name), '');
});
afterAll(() => rmSync(root, { recursive: true }));

const signal = () => new AbortController().signal;
const second = new Int16Array(16_000).fill(100);

function stt(modelFolder: string, options: FakeSherpaOptions = {}) {
  const sherpa = fakeSherpa(options);
  const { processes, startProcess } = FakeSherpaProcess.starter(sherpa.native);
  const clock = new VirtualClock();
  const engine = createSherpaStt({ id: 'mine', clock, config: { folder: modelFolder, model: 'auto', threads: 1 }, startProcess });
  return { ...sherpa, processes, clock, engine };
}

describe('sherpa-onnx recognises', () => {
  test('while it hears: partial texts, each once, and the last after the end', async () => {
    const { engine, processes, heardSamples } = stt(streaming, { transcripts: ['turn', 'turn on', 'turn on the light'] });
    const partials: string[] = [];
    const stream = await engine.open({ language: 'en', signal: signal(), onPartial: (text) => partials.push(text) });
    for (let at = 0; at < 3200; at += 320) stream.write(second.subarray(at, at + 320));
    expect(await stream.finish()).toEqual({ text: 'turn on the light' });
    expect(partials).toEqual(['turn', 'turn on']);
    // And half a second of silence, without which such a model keeps its last word to itself.
    expect(heardSamples()).toBe(3200 + 8000);
    await engine.close?.();
    expect(processes[0]?.isRunning).toBe(false);
  });

  test('a whole utterance, with language and emotion in our words', async () => {
    const { engine } = stt(senseVoice, { transcripts: ['今天天气怎么样'], lang: '<|zh|>', emotion: '<|HAPPY|>' });
    const stream = await engine.open({ language: 'zh', signal: signal() });
    stream.write(second);
    expect(await stream.finish()).toEqual({ text: '今天天气怎么样', language: 'zh', emotion: 'happy' });
    await engine.close?.();
  });

  test('several utterances at once in one process', async () => {
    const { engine, processes } = stt(streaming);
    const streams = await Promise.all([1, 2, 3].map(() => engine.open({ language: 'en', signal: signal() })));
    for (const stream of streams) stream.write(second);
    expect(await Promise.all(streams.map((stream) => stream.finish()))).toEqual(Array(3).fill({ text: 'hello world' }));
    expect(processes).toHaveLength(1);
    await engine.close?.();
  });

  test('an aborted utterance is let go of in the process, and says nothing more', async () => {
    const { engine, processes } = stt(streaming);
    const abort = new AbortController();
    const partials: string[] = [];
    const stream = await engine.open({ language: 'en', signal: abort.signal, onPartial: (text) => partials.push(text) });
    const finishing = stream.finish();
    abort.abort(new Error('interrupted'));
    stream.write(second);
    await expect(finishing).rejects.toThrow('interrupted');
    expect(partials).toEqual([]);
    expect(processes[0]?.received.at(-1)).toMatchObject({ kind: 'audio' });
    expect(processes[0]?.received.some(({ kind }) => kind === 'close')).toBe(true);
    await engine.close?.();
  });

  test('a model that was loaded ahead is the one that is used; one that could not be loaded is tried again', async () => {
    const { engine, processes } = stt(streaming);
    engine.warm?.();
    engine.warm?.();
    const stream = await engine.open({ language: 'en', signal: signal() });
    stream.write(second);
    expect((await stream.finish()).text).toBe('hello world');
    expect(processes).toHaveLength(1);
    await engine.close?.();
    const { engine: elsewhere } = stt('/nowhere');
    elsewhere.warm?.();
    await expect(elsewhere.open({ language: 'en', signal: signal() })).rejects.toMatchObject({ code: 'model/incomplete' });
  });

  test('a process that dies fails what it was at, with its last words, and the next utterance starts another', async () => {
    const { engine, processes } = stt(streaming);
    const stream = await engine.open({ language: 'en', signal: signal() });
    processes[0]?.write('terminate called\nwhat(): out of memory\n');
    processes[0]?.end('SIGABRT');
    await expect(stream.finish()).rejects.toMatchObject({
      value: { code: 'engine/failed', data: { reason: 'the process ended with SIGABRT (what(): out of memory)' } },
    });
    const again = await engine.open({ language: 'en', signal: signal() });
    again.write(second);
    expect((await again.finish()).text).toBe('hello world');
    expect(processes).toHaveLength(2);
    await engine.close?.();
  });

  test('a model that the library refuses fails with what it wrote on standard error', async () => {
    const sherpa = fakeSherpa();
    class Refusing {
      constructor() {
        throw new Error('Please check your config!');
      }
    }
    const { processes, startProcess } = FakeSherpaProcess.starter({ ...sherpa.native, OnlineRecognizer: Refusing as never });
    const config = { folder: streaming, model: 'auto', threads: 1 };
    const starting = () => {
      const child = startProcess();
      processes.at(-1)?.write('/features.h: tokens.txt has 3 tokens, the model 5000\n');
      return child;
    };
    const engine = createSherpaStt({ id: 'mine', clock: systemClock, config, startProcess: starting });
    await expect(engine.open({ language: 'en', signal: signal() })).rejects.toMatchObject({
      code: 'engine/failed',
      value: { data: { engine: 'mine', reason: 'Please check your config! (/features.h: tokens.txt has 3 tokens, the model 5000)' } },
    });
  });

  test('a model that never loads is given up after a minute', async () => {
    const { native } = fakeSherpa();
    const clock = new VirtualClock();
    const child = new FakeSherpaProcess(native);
    child.send = () => {}; // it hangs
    const config = { folder: streaming, model: 'streaming-transducer', threads: 1 };
    const engine = createSherpaStt({ id: 'mine', clock, config, startProcess: () => child });
    const opening = expect(engine.open({ language: 'en', signal: signal() })).rejects.toMatchObject({ code: 'engine/timeout' });
    while (clock.pendingTimers === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(60_000_000);
    await opening;
    expect(child.isRunning).toBe(false);
  });
});

describe('sherpa-onnx speaks', () => {
  function tts(options: FakeSherpaOptions = {}) {
    const sherpa = fakeSherpa(options);
    const { processes, startProcess } = FakeSherpaProcess.starter(sherpa.native);
    const engine = createSherpaTts({
      id: 'mine',
      clock: new VirtualClock(),
      config: { folder: voice, speaker: 1, threads: 1 },
      startProcess,
    });
    return { ...sherpa, processes, engine };
  }

  test('part by part, as it is made, with the speaker’s number and the speed', async () => {
    const { engine, configs } = tts({ speech: [2, 3] });
    const parts: unknown[] = [];
    for await (const event of engine.synthesize({ text: '你好。', language: 'zh', voice: '3', speed: 1.5 }, signal())) parts.push(event);
    expect(parts).toEqual([2, 3].map((length) => ({ kind: 'audio', pcm: new Int16Array(length).fill(32_767), sampleRate: 22_050 })));
    expect(configs.at(-1)).toEqual({ text: '你好。', sid: 3, speed: 1.5 });
    for await (const _ of engine.synthesize({ text: 'x', language: 'zh', voice: 'Xiaoxiao' }, signal()));
    expect(configs.at(-1)).toMatchObject({ sid: 0 }); // no number of a speaker: the first
    await engine.close?.();
  });

  test('left in the middle, the library stops at its next part', async () => {
    let parts = 0;
    const { engine, processes } = tts({
      speech: [1, 1, 1, 1, 1, 1],
      onPart: async () => {
        parts += 1;
        await new Promise((resolve) => setImmediate(resolve));
      },
    });
    for await (const _ of engine.synthesize({ text: 'a long story', language: 'en' }, signal())) break;
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(processes[0]?.received.at(-1)).toMatchObject({ kind: 'close' });
    expect(parts).toBeLessThan(6);
    await engine.close?.();
  });
});

test('the real library dies of a file that is no model; its process dies with it, and says why', { timeout: 60_000 }, async () => {
  const engine = createSherpaStt({ id: 'mine', clock: systemClock, config: { folder: streaming, model: 'auto', threads: 1 } });
  await expect(engine.open({ language: 'en', signal: signal() })).rejects.toMatchObject({
    code: 'engine/failed',
    value: { data: { reason: expect.stringContaining('Load model from') } },
  });
  await engine.close?.();
});

test('the real library speaks with a voice of five operators: a sentence at a time, in samples of ours', { timeout: 60_000 }, async () => {
  const tiny = folder('tiny');
  writeTinyVoice(tiny);
  const engine = createSherpaTts({ id: 'mine', clock: systemClock, config: { folder: tiny, speaker: 0, threads: 1 } });
  const parts: Int16Array[] = [];
  for await (const event of engine.synthesize({ text: 'hello. hello.', language: 'en' }, signal())) {
    if (event.kind !== 'audio') continue;
    expect(event.sampleRate).toBe(16_000);
    parts.push(event.pcm);
  }
  expect(parts).toHaveLength(2);
  // HH AH L OW and the stop, each as loud as its token's number.
  for (const number of [40, 10, 20, 30, 2]) expect(parts[0]).toContain(Math.round((number / 100) * 32_768));
  await engine.close?.();
});
