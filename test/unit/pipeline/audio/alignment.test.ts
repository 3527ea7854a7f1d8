import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMinimumDelayLine, mixInto, placeOnTimeline } from '../../../../pipeline/audio/alignment.ts';
import type { MonoUs } from '../../../../preload/contract/time.ts';

const us = (value: number) => value as MonoUs;
const PACKET_US = 60_000;

describe('minimum-delay line', () => {
  test('knows nothing before the first packet and after a reset', () => {
    const line = createMinimumDelayLine();
    expect(line.map(0)).toBeUndefined();
    line.add(0, us(100));
    expect(line.map(50)).toBe(150);
    line.reset();
    expect(line.map(0)).toBeUndefined();
  });

  test('jitter is removed: the line is the fastest packet of the window, never later than any arrival in it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200_000), { minLength: 1, maxLength: 80 }), fc.nat(10_000_000), (jitters, offsetUs) => {
        const line = createMinimumDelayLine();
        let lastUs = 0;
        const delays: number[] = [];
        for (const [index, jitterUs] of jitters.entries()) {
          const mediaUs = index * PACKET_US;
          lastUs = Math.max(lastUs, offsetUs + mediaUs + jitterUs); // arrivals are in order
          delays.push(lastUs - mediaUs);
          line.add(mediaUs, us(lastUs));
          expect(line.map(mediaUs)).toBe(mediaUs + Math.min(...delays));
        }
      }),
    );
  });

  test('a fast packet is forgotten after the window, so drift is followed', () => {
    const line = createMinimumDelayLine({ windowUs: 1_000_000 });
    const driftPerPacketUs = 60; // 1000 ppm
    for (let index = 0; index < 1000; index++) {
      const mediaUs = index * PACKET_US;
      const trueUs = mediaUs + index * driftPerPacketUs;
      line.add(mediaUs, us(trueUs));
      expect(Math.abs((line.map(mediaUs) ?? 0) - trueUs)).toBeLessThanOrEqual(17 * driftPerPacketUs);
    }
  });
});

describe('timeline', () => {
  test('pieces stand where their time says, gaps are silence, overlaps are mixed', () => {
    const track = placeOnTimeline(
      [
        { startUs: 2000, pcm: Int16Array.of(1, 1, 1) },
        { startUs: 4000, pcm: Int16Array.of(10, 10) },
        { startUs: 8000, pcm: Int16Array.of(5) },
      ],
      { sampleRate: 1000, startUs: 1000 },
    );
    expect([...track]).toEqual([0, 1, 1, 11, 10, 0, 0, 5]);
  });

  test('what lies outside the track is cut', () => {
    const track = placeOnTimeline([{ startUs: 0, pcm: Int16Array.of(1, 2, 3, 4, 5, 6) }], { sampleRate: 1000, startUs: 2000, endUs: 5000 });
    expect([...track]).toEqual([3, 4, 5]);
  });

  test('mixing clips at full scale', () => {
    const track = Int16Array.of(30_000, -30_000);
    mixInto(track, Int16Array.of(10_000, -10_000), 0);
    expect([...track]).toEqual([32_767, -32_768]);
  });
});
