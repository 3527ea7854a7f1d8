import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createResampler, resample } from '../../../../pipeline/audio/resample.ts';
import { rms, tone } from './tones.ts';

const pairs = [8000, 22_050, 24_000, 44_100, 48_000].flatMap((rate) => [
  { from: rate, to: 16_000 },
  { from: 16_000, to: rate },
]);

/** The middle of a recording, clear of both ends' transients. */
function middle(pcm: Int16Array): Int16Array {
  return pcm.slice(Math.floor(pcm.length / 4), Math.floor((3 * pcm.length) / 4));
}

/** Power of what is left after the best-fitting sine of `frequency` is taken out, as amplitude. */
function residue(pcm: Int16Array, frequency: number, sampleRate: number): number {
  let real = 0;
  let imaginary = 0;
  for (const [i, sample] of pcm.entries()) {
    real += sample * Math.cos((2 * Math.PI * frequency * i) / sampleRate);
    imaginary += sample * Math.sin((2 * Math.PI * frequency * i) / sampleRate);
  }
  const a = (2 * real) / pcm.length;
  const b = (2 * imaginary) / pcm.length;
  const rest = pcm.reduce((sum, sample, i) => {
    const angle = (2 * Math.PI * frequency * i) / sampleRate;
    return sum + (sample - a * Math.cos(angle) - b * Math.sin(angle)) ** 2;
  }, 0);
  return Math.sqrt(rest / pcm.length);
}

describe.each(pairs)('resampling $from Hz to $to Hz', ({ from, to }) => {
  const lower = Math.min(from, to);

  test('keeps a 1 kHz tone at its instants, level and length', () => {
    const result = resample(tone(1000, from / 2, 20_000, from), { from, to });
    expect(result.length).toBe(Math.ceil(to / 2));
    const expected = tone(1000, to / 2, 20_000, to);
    const worst = middle(result.map((sample, i) => Math.abs(sample - (expected[i] ?? 0)))).reduce((a, b) => Math.max(a, b), 0);
    expect(worst).toBeLessThanOrEqual(4);
  });

  test('keeps tones up to 80% of the band within 0.1 dB', () => {
    const result = middle(resample(tone(lower * 0.4, from / 2, 20_000, from), { from, to }));
    expect(20 * Math.log10(rms(result) / (20_000 / Math.SQRT2))).toBeCloseTo(0, 1);
  });

  test('lets no alias or image through above -80 dB', () => {
    if (from > to) {
      for (const frequency of [to * 0.52, to * 0.7, from * 0.45]) {
        const level = 20 * Math.log10((rms(middle(resample(tone(frequency, from / 2, 32_000, from), { from, to }))) + 1e-9) / 22_627);
        expect(level).toBeLessThan(-80);
      }
    } else {
      // An upsampled tone's image stands at from - frequency: nothing but the tone may be there.
      const window = middle(resample(tone(1000, from / 2, 32_000, from), { from, to }));
      const whole = window.slice(0, Math.floor(window.length / (to / 100)) * (to / 100));
      expect(20 * Math.log10(residue(whole, 1000, to) / 22_627)).toBeLessThan(-80);
    }
  });
});

test('blocks of any size give the same samples as the whole at once', () => {
  fc.assert(
    fc.property(fc.constantFrom(...pairs), fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 12 }), (rates, sizes) => {
      const whole = Int16Array.from({ length: sizes.reduce((a, b) => a + b, 0) }, (_, i) => ((i * 7919) % 40_000) - 20_000);
      const resampler = createResampler(rates);
      const parts: number[] = [];
      let at = 0;
      for (const size of sizes) {
        parts.push(...resampler.process(whole.subarray(at, at + size)));
        at += size;
      }
      parts.push(...resampler.flush());
      expect(parts).toEqual([...resample(whole, rates)]);
      expect(parts.length).toBe(Math.ceil((whole.length * rates.to) / rates.from));
    }),
    { numRuns: 40 },
  );
});

test('a resampler is as new after a flush', () => {
  const resampler = createResampler({ from: 44_100, to: 16_000 });
  const sound = tone(700, 3000, 9000, 44_100);
  const once = [...resampler.process(sound), ...resampler.flush()];
  expect([...resampler.process(sound), ...resampler.flush()]).toEqual(once);
});

test('full-scale square waves clip instead of wrapping round', () => {
  const square = Int16Array.from({ length: 4000 }, (_, i) => (i % 40 < 20 ? 32_767 : -32_768));
  const result = resample(square, { from: 8000, to: 16_000 });
  for (let i = 1000; i < 6000; i++) if (i % 80 > 4 && i % 80 < 36) expect(result[i]).toBeGreaterThan(20_000);
});

test('the same rate passes through as a copy', () => {
  const sound = tone(500, 100);
  const same = createResampler({ from: 16_000, to: 16_000 }).process(sound);
  expect(same).toEqual(sound);
  expect(same).not.toBe(sound);
});

test.each([0, 16_000.5, Number.NaN])('%d is not a sample rate', (rate) => {
  expect(() => createResampler({ from: rate, to: 16_000 })).toThrow(RangeError);
});
