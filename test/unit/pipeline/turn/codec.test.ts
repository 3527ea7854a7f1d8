import { expect, test } from 'vitest';
import { createFrameEncoder } from '../../../../pipeline/turn/codec.ts';

const frame = (level: number) => Int16Array.from({ length: 960 }, (_, at) => level * Math.sin(at / 3));
const lengths = (encoder: { encode(pcm: Int16Array): Uint8Array }) =>
  new Set([0, 0, 8000, 0, 200, 0, 0, 0].map((level) => encoder.encode(frame(level)).length));

test('TWeTalk’s boards get packets of 180 bytes, silence or not: their rings are cut that way', () => {
  expect(lengths(createFrameEncoder({ codec: 'opus', sampleRate: 16_000, frameMs: 60 }, 24_000))).toEqual(new Set([180]));
});

test('a gateway whose boards take any packet asks for a variable rate', () => {
  expect(
    lengths(createFrameEncoder({ codec: 'opus', sampleRate: 16_000, frameMs: 60, isVariableRate: true }, 24_000)).size,
  ).toBeGreaterThan(2);
});
