import { describe, expect, test } from 'vitest';
import type { Engines } from '../../../../../pipeline/conversation.ts';
import { readAsrTarget } from '../../../../../pipeline/gateways/speech/asr-query.ts';
import { serveRecognition } from '../../../../../pipeline/gateways/speech/asr-stream.ts';
import { FakeStt, silencePcm, speechPcm } from '../../../../fakes/engines.ts';
import { lab, speechBench } from '../../../../fakes/speech.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

function open(query: string, engines: (clock: VirtualClock) => Partial<Engines> = () => ({})) {
  const clock = new VirtualClock();
  const bench = speechBench(clock, { engines: engines(clock) });
  const { client, socket } = bench.connect();
  const read = readAsrTarget(`/asr/v2/${lab.appId}?${query}`);
  if (read === null) throw new Error('no path');
  if (typeof read === 'string') serveRecognition(socket, null, { code: 4001, message: read }, bench.deps);
  else serveRecognition(socket, read, null, bench.deps);
  const say = async (pcm: Int16Array, packetSamples = 640) => {
    for (let at = 0; at < pcm.length; at += packetSamples) {
      client.pcm(pcm.slice(at, at + packetSamples));
      await clock.advance(40_000);
    }
  };
  return { clock, ...bench, client, say };
}

const joke = (clock: VirtualClock) => ({ stt: new FakeStt(clock, [{ text: '可以讲个笑话吗', partials: [{ atMs: 500, text: '可以' }] }]) });

describe('recognition', () => {
  test('confirmation, beginning, changes, end, final: as the document shows them', async () => {
    const bench = open('engine_model_type=iot_16k_zh&voice_format=1', joke);
    expect(bench.client.messages).toEqual([{ code: 0, message: 'success' }]);
    await bench.say(silencePcm(400));
    await bench.say(speechPcm(1000));
    await bench.say(silencePcm(1000));
    bench.client.text({ type: 'end' });
    await bench.clock.settle();
    const [, begun, changed, ended, final] = bench.client.messages;
    expect(begun).toEqual({
      code: 0,
      message: '',
      final: 0,
      result: { slice_type: 0, index: 0, voice_text_str: '', start_time: 384, end_time: 384 },
    });
    expect(changed).toMatchObject({ result: { slice_type: 1, index: 0, voice_text_str: '可以', start_time: 384 } });
    expect(ended).toMatchObject({ final: 0, result: { slice_type: 2, index: 0, voice_text_str: '可以讲个笑话吗', start_time: 384 } });
    const { end_time: endMs } = (ended?.result ?? { end_time: 0 }) as { end_time: number };
    expect(Math.abs(endMs - 1400)).toBeLessThan(60);
    expect(final).toEqual({ code: 0, message: '', final: 1 });
    expect(bench.client.closed?.code).toBe(1000);
    expect(bench.clock.pendingTimers).toBe(0);
  });

  test('at 8 kHz the recogniser gets 16 kHz', async () => {
    const bench = open('engine_model_type=iot_8k_zh', joke);
    // The fakes' speech is at half the sampling rate, which no conversion keeps.
    const tone = Int16Array.from({ length: 8000 }, (_, index) => Math.round(9000 * Math.sin(index / 2)));
    await bench.say(tone, 320);
    await bench.say(silencePcm(1000, 8000), 320);
    bench.client.text({ type: 'end' });
    await bench.clock.settle();
    expect(bench.client.messages.at(-2)).toMatchObject({ result: { slice_type: 2, voice_text_str: '可以讲个笑话吗' } });
    expect(bench.engines.stt.heardMs[0]).toBeGreaterThan(1000);
    expect(bench.observer.packets[0]).toMatchObject({ sampleRate: 8000, durationUs: 40_000 });
  });

  test('words under way are finished by the client’s end', async () => {
    const bench = open('', joke);
    await bench.say(speechPcm(800));
    bench.client.text('{"type":"end"}');
    await bench.clock.advance(100_000);
    expect(bench.client.messages.map(({ final }) => final)).toEqual([undefined, 0, 0, 0, 1]);
  });

  test('needvad=0: all of it is one sentence, whatever it sounds like', async () => {
    const bench = open('needvad=0', joke);
    await bench.say(silencePcm(800));
    bench.client.text('{"type":"end"}');
    await bench.clock.advance(100_000);
    expect(
      bench.client.messages.filter(({ result }) => result !== undefined).map(({ result }) => (result as { slice_type: number }).slice_type),
    ).toEqual([0, 1, 2]);
    expect(bench.engines.stt.heardMs).toEqual([800]);
  });

  test('needvad=0 without an end: a sentence is as long as sentences may be, and what comes then is the next', async () => {
    const bench = open('needvad=0&max_speak_time=5000', joke);
    await bench.say(silencePcm(12_000));
    bench.client.text('{"type":"end"}');
    await bench.clock.advance(100_000);
    expect(bench.engines.stt.heardMs).toEqual([5000, 5000, 2000]);
    const starts = bench.client.messages.map(({ result }) => result as { slice_type: number; start_time: number } | undefined);
    expect(starts.filter((each) => each?.slice_type === 0).map((each) => each?.start_time)).toEqual([0, 5000, 10_000]);
  });

  test('a voice id is named in every answer, an empty word list where one is asked for', async () => {
    const bench = open('voice_id=v-1&word_info=1', joke);
    await bench.say(speechPcm(800));
    bench.client.text('{"type":"end"}');
    await bench.clock.advance(100_000);
    expect(bench.client.messages.every(({ voice_id: id }) => id === 'v-1')).toBe(true);
    expect(bench.client.messages[1]).toMatchObject({ result: { word_size: 0, word_list: [] } });
  });

  test.each([
    ['engine_model_type=nonsense', /unknown engine_model_type/],
    ['voice_format=4', /voice_format/],
    ['engine_model_type=iot_16k_it', /fake-stt has no it/],
  ])('%s is told and closed', async (query, message) => {
    const bench = open(query);
    await bench.clock.settle();
    expect(bench.client.messages).toEqual([{ code: 4001, message: expect.stringMatching(message) }]);
    expect(bench.client.closed?.code).toBe(1008);
  });

  test('pace, gap and a failing engine are told with their codes and closed', async () => {
    const fast = open('voice_id=v');
    for (let packet = 0; packet < 100; packet += 1) fast.client.pcm(silencePcm(40));
    expect(fast.client.messages.at(-1)).toEqual({ code: 4000, message: 'audio faster than real time', voice_id: 'v' });

    const slow = open('');
    slow.client.pcm(silencePcm(40));
    await slow.clock.advance(6_000_000);
    expect(slow.client.messages.at(-1)).toEqual({ code: 4008, message: 'no audio for 6 s' });

    const broken = open('', (clock) => ({ stt: new FakeStt(clock, [{ text: '', error: new Error('x') }]) }));
    await broken.say(speechPcm(800));
    await broken.say(silencePcm(1000));
    expect(broken.client.messages.at(-1)).toEqual({ code: 30102, message: 'stt failed: engine/failed' });
    expect(broken.client.closed?.code).toBe(1011);
    for (const bench of [fast, slow, broken]) {
      await bench.clock.settle();
      expect(bench.clock.pendingTimers).toBe(0);
      expect(bench.tally.open).toBe(0);
    }
  });
});
