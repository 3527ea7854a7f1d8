import { describe, expect, test } from 'vitest';
import { compareSound } from '../../../../../../main/core/checks/audio/compare.ts';
import { opusFacts } from '../../../../../../main/core/checks/audio/opus-facts.ts';
import { readOpusFile } from '../../../../../../main/core/checks/audio/opus-file.ts';
import { referenceSound, referenceSounds } from '../../../../../../main/core/checks/audio/reference-sound.ts';
import { decodeWav } from '../../../../../../pipeline/audio/wav.ts';

describe('reference sounds', () => {
  test.each([
    [20, 60],
    [40, 120],
    [60, 180],
  ] as const)('recv.opus of %i ms is raw packets of %i bytes that sound as output.wav does', (frameMs, bytes) => {
    const { recvOpus, outputWav } = referenceSounds(frameMs);
    expect(recvOpus.length % bytes).toBe(0);
    const { container, packets } = readOpusFile(recvOpus);
    expect(container).toBe('fixed');
    expect(opusFacts(packets)).toMatchObject({ packetMs: frameMs, isCbr: true, packetBytes: bytes, channels: 1, invalid: 0 });
    const { sampleRate, channels } = decodeWav(outputWav);
    expect(sampleRate).toBe(16_000);
    const heard = compareSound(referenceSound(), channels[0] ?? new Int16Array(0));
    expect(heard).toMatchObject({ isFound: true, heardPercent: 100, gaps: 0 });
    expect(heard.similarity).toBeGreaterThan(0.9);
  });

  test('are the same every time', () => {
    expect(referenceSounds(60)).toEqual(referenceSounds(60));
  });
});
