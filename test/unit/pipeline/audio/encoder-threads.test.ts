import { afterEach, expect, test } from 'vitest';
import { createEncoderThreads, type EncoderThreads } from '../../../../pipeline/audio/encoder-threads.ts';
import { createOpusEncoder, type OpusEncoderOptions } from '../../../../pipeline/audio/opus.ts';
import { tone } from './tones.ts';

let threads: EncoderThreads | undefined;
afterEach(() => threads?.close());

const constant: OpusEncoderOptions = { sampleRate: 16_000, channels: 1, bitrate: 24_000, frameMs: 60, isCbr: true };
const variable: OpusEncoderOptions = { ...constant, bitrate: 16_000, frameMs: 20, isCbr: false };
const framesOf = (options: OpusEncoderOptions, hertz: number) =>
  Array.from({ length: 12 }, (_, index) => tone(hertz + 40 * index, options.frameMs * 16));

test('streams on threads make the packets that an encoder of their own would, each with its own rate and frame', async () => {
  threads = createEncoderThreads({ threads: 2 });
  const settings = [constant, variable, constant];
  const streams = settings.map((options) => threads?.open(options));
  const packets = await Promise.all(
    streams.map(async (stream, index) => {
      const frames = framesOf(settings[index] ?? constant, 200 + 100 * index);
      const answers = await Promise.all([frames.slice(0, 1), frames.slice(1)].map(async (some) => stream?.encode(some)));
      return answers.flatMap((some) => some ?? []);
    }),
  );
  for (const [index, options] of settings.entries()) {
    const encoder = createOpusEncoder(options);
    expect(packets[index]).toEqual(framesOf(options, 200 + 100 * index).map((frame) => encoder.encode(frame)));
  }
  expect(new Set(packets[0]?.map(({ length }) => length))).toEqual(new Set([180]));
});

test('after a restart the first packet is that of a fresh encoder, whatever was under way', async () => {
  threads = createEncoderThreads({ threads: 1 });
  const stream = threads.open(constant);
  const [one = new Int16Array(960), other = new Int16Array(960)] = framesOf(constant, 300);
  const before = stream.encode([one, other]);
  stream.restart();
  const after = stream.encode([one, other]);
  expect(await after).toEqual(await before);
});

test('a warm-up starts every thread and leaves no stream; frames under way when everything closes are rejected', async () => {
  threads = createEncoderThreads({ threads: 2 });
  await threads.warmUp();
  const stream = threads.open(constant);
  const underWay = stream.encode([new Int16Array(960)]).catch(() => 'rejected');
  stream.close();
  expect(await underWay).toBe('rejected');
  await threads.close();
  await threads.close();
});
