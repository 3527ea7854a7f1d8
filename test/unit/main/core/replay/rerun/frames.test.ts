import { expect, test } from 'vitest';
import { framesOf } from '../../../../../../main/core/replay/rerun/frames.ts';
import { FRAME_US, packet } from './recorded.ts';

test('packets that fit the wire stand in their frames as they were, and a pause stays a pause', () => {
  const packets = [packet(1, 2 * FRAME_US), packet(2, 3 * FRAME_US), packet(3, 13 * FRAME_US)];
  const { frames, exactPackets } = framesOf(packets, { codec: 'pcm', frameMs: 20 });
  expect(exactPackets).toBe(3);
  expect(frames.map((frame) => frame?.[0] ?? null)).toEqual([null, null, 1, 2, ...Array(9).fill(null), 3]);
  expect(frames[2]).toBe(packets[0]?.bytes);
});

test('a clock that drifts neither drops a packet nor puts a gap in', () => {
  const packets = Array.from({ length: 500 }, (_, number) => packet(number % 250, Math.round(number * FRAME_US * 1.002)));
  const { frames } = framesOf(packets, { codec: 'pcm', frameMs: 20 });
  expect(frames).toEqual(packets.map(({ bytes }) => bytes));
});

test('of another frame length, what was heard is coded anew and none is told as exact', () => {
  const packets = [0, 1, 2, 3].map((number) => packet(number + 1, number * FRAME_US));
  const { frames, exactPackets } = framesOf(packets, { codec: 'pcm', frameMs: 40 });
  expect(exactPackets).toBe(0);
  expect(Buffer.concat(frames.map((frame) => frame ?? new Uint8Array()))).toEqual(Buffer.concat(packets.map(({ bytes }) => bytes)));
});

test('times and rates that no microphone has are refused, not filled up with silence', () => {
  for (const codec of ['pcm', 'opus'] as const) {
    const far = [packet(1, 0), packet(2, Number.MAX_SAFE_INTEGER)];
    expect(() => framesOf(far, { codec, frameMs: 20 })).toThrow(expect.objectContaining({ code: 'replay/bad-uplink' }));
    const slow = [{ ...packet(1, 0), sampleRate: 1 }];
    expect(() => framesOf(slow, { codec, frameMs: 20 })).toThrow(expect.objectContaining({ code: 'replay/bad-uplink' }));
  }
  expect(framesOf([packet(1, -1e15), packet(2, 0)], { codec: 'pcm', frameMs: 20 }).frames).toHaveLength(2);
});
