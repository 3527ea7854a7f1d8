import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SoundShelf } from '../../../../../../renderer/features/session/player/shelf.ts';
import { HOP, TimeStretch } from '../../../../../../renderer/features/session/player/stretch.ts';

const RATE = 16_000;

/** A voice-like tone of `hz` on the left with its overtones, another one on the right. */
function tone(seconds: number, hz = 140): Int16Array {
  const samples = new Int16Array(seconds * RATE * 2);
  for (let i = 0; i < samples.length / 2; i++) {
    const phase = (2 * Math.PI * hz * i) / RATE;
    samples[2 * i] = 8000 * Math.sin(phase) + 4000 * Math.sin(2 * phase) + 2000 * Math.sin(3 * phase);
    samples[2 * i + 1] = 6000 * Math.sin(phase * 0.5 + 1);
  }
  return samples;
}

function player(samples: Int16Array, at = 0) {
  const shelf = new SoundShelf(2);
  shelf.put(at, samples);
  shelf.end = at + samples.length / 2;
  const stretch = new TimeStretch(shelf, 2);
  stretch.end = shelf.end;
  /** Renders as an audio thread does, 128 samples at a time. */
  const render = (count: number): [Float32Array, Float32Array] => {
    const out: [Float32Array, Float32Array] = [new Float32Array(count), new Float32Array(count)];
    for (let done = 0; done < count; done += 128) stretch.render(out.map((channel) => channel.subarray(done, Math.min(count, done + 128))));
    return out;
  };
  return { shelf, stretch, render };
}

/** Rising zero crossings a second. */
function pitch(samples: Float32Array): number {
  const crossings: number[] = [];
  for (let i = 1; i < samples.length; i++) if ((samples[i - 1] as number) < 0 && (samples[i] as number) >= 0) crossings.push(i);
  return ((crossings.length - 1) * RATE) / ((crossings.at(-1) ?? 0) - (crossings[0] ?? 0));
}

/** The largest step from sample to sample: a click is a step that the sound itself does not have. */
function steepest(samples: Float32Array): number {
  let most = 0;
  for (let i = 1; i < samples.length; i++) most = Math.max(most, Math.abs((samples[i] as number) - (samples[i - 1] as number)));
  return most;
}

describe('playing at another speed', () => {
  test('at speed 1 is the recording itself, to the sample', () => {
    const samples = tone(1);
    const { stretch, render } = player(samples);
    stretch.play();
    const [left, right] = render(8000);
    for (let i = HOP; i < 8000; i++) {
      expect(left[i]).toBeCloseTo((samples[2 * i] as number) / 32_768, 6);
      expect(right[i]).toBeCloseTo((samples[2 * i + 1] as number) / 32_768, 6);
    }
  });

  test.each([0.25, 0.5, 0.75, 1.25, 1.5, 2, 3, 4])('at %f takes that much of the recording and keeps its pitch', (rate) => {
    const { stretch, render } = player(tone(6));
    stretch.rate = rate;
    stretch.play();
    const [left, right] = render(16_000);
    expect(stretch.position).toBeGreaterThan(16_000 * rate - HOP * rate - 1);
    expect(stretch.position).toBeLessThan(16_000 * rate + HOP * rate + 1);
    expect(pitch(left.subarray(2 * HOP))).toBeCloseTo(140, -0.5);
    expect(pitch(right.subarray(2 * HOP))).toBeCloseTo(70, -0.5);
    expect(steepest(left)).toBeLessThan(steepest(player1().left) * 1.6);
  });

  function player1() {
    const { stretch, render } = player(tone(2));
    stretch.play();
    const [left] = render(16_000);
    return { left };
  }

  test('any way of seeking, pausing and changing speed neither clicks nor leaves the recording', () => {
    const samples = tone(4);
    const natural = steepest(player1().left);
    const step = fc.oneof(
      fc.record({ seek: fc.integer({ min: 0, max: 70_000 }) }),
      fc.record({ rate: fc.constantFrom(0.25, 0.5, 1, 1.5, 4) }),
      fc.constant({ pause: true }),
      fc.constant({ play: true }),
      fc.record({ loop: fc.constantFrom(null, { from: 8000, to: 12_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.integer({ min: 1, max: 12 })), { maxLength: 12 }), (steps) => {
        const { stretch, render } = player(samples);
        stretch.play();
        const heard: number[] = [...render(640)[0]];
        for (const [each, blocks] of steps) {
          if ('seek' in each) stretch.seek(each.seek);
          if ('rate' in each) stretch.rate = each.rate;
          if ('pause' in each) stretch.pause();
          if ('play' in each) stretch.play();
          if ('loop' in each) stretch.loop = each.loop;
          heard.push(...render(blocks * 128)[0]);
          expect(stretch.position).toBeGreaterThanOrEqual(0);
        }
        expect(steepest(Float32Array.from(heard))).toBeLessThan(natural * 1.6);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a place', () => {
  test('that is not there yet is waited for in silence, and none of it is left out', () => {
    const samples = tone(2);
    const { shelf, stretch, render } = player(samples);
    shelf.clear();
    shelf.end = RATE * 2;
    stretch.seek(4800);
    stretch.play();
    expect(render(1600)[0].every((sample) => sample === 0)).toBe(true);
    expect(stretch.state).toBe('waiting');
    shelf.put(4800, samples.slice(9600));
    const [left] = render(4000);
    expect(stretch.state).toBe('playing');
    expect(stretch.position).toBeGreaterThan(4800 + 3000);
    expect(steepest(left)).toBeGreaterThan(0);
  });

  test('at the end is the end, and a loop goes round', () => {
    const { stretch, render } = player(tone(1));
    stretch.seek(15_000);
    stretch.play();
    render(2000);
    expect(stretch.state).toBe('ended');
    stretch.loop = { from: 1000, to: 3000 };
    render(10_000);
    expect(stretch.state).toBe('playing');
    expect(stretch.position).toBeGreaterThanOrEqual(1000);
    expect(stretch.position).toBeLessThan(3000 + HOP);
  });

  test('of a loop that is nothing, or that reaches past the end, is a place still', () => {
    const { stretch, render } = player(tone(1));
    stretch.loop = { from: 4000, to: 4000 };
    stretch.seek(4000);
    stretch.play();
    render(2000);
    expect(stretch.state).toBe('playing');
    expect(stretch.position).toBeGreaterThanOrEqual(4000);
    expect(stretch.position).toBeLessThan(4000 + 2 * HOP);
    stretch.loop = { from: 14_000, to: 40_000 };
    stretch.seek(14_000);
    render(8000);
    expect(stretch.state).toBe('playing');
    expect(stretch.position).toBeLessThan(16_000);
    stretch.loop = { from: 20_000, to: 40_000 };
    render(8000);
    expect(stretch.state).toBe('ended');
  });

  test('is the same after a pause', () => {
    const { stretch, render } = player(tone(2));
    stretch.play();
    render(5000);
    const before = stretch.position;
    stretch.pause();
    render(1000);
    expect(stretch.position).toBe(before);
  });
});

test('pieces are read across their borders, and what lies outside of the recording is silence', () => {
  const shelf = new SoundShelf(2);
  shelf.end = 30;
  shelf.put(
    10,
    Int16Array.from({ length: 20 }, (_, i) => i * 100),
  );
  shelf.put(
    20,
    Int16Array.from({ length: 20 }, (_, i) => 2000 + i * 100),
  );
  const into = [new Float32Array(30), new Float32Array(30)];
  shelf.read(5, 30, into);
  const left = [...(into[0] as Float32Array)].map((sample) => Math.round(sample * 32_768));
  expect(left.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(left.slice(6, 25)).toEqual(Array.from({ length: 19 }, (_, i) => 200 + i * 200));
  expect(left.slice(25)).toEqual([0, 0, 0, 0, 0]);
  expect(shelf.has(10, 100)).toBe(true);
  expect(shelf.has(9, 2)).toBe(false);
  shelf.drop(10);
  expect(shelf.has(15, 10)).toBe(false);
});
