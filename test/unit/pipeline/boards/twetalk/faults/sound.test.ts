import { describe, expect, test } from 'vitest';
import { random } from '../../../../../../pipeline/boards/random.ts';
import { gain, hum, narrow, noise, offset } from '../../../../../../pipeline/boards/twetalk/faults/hearing.ts';
import { crackle, slowClock } from '../../../../../../pipeline/boards/twetalk/faults/playing.ts';
import { Room } from '../../../../../../pipeline/boards/twetalk/room.ts';
import { healthyTraits, plainTraits, type SoundStage } from '../../../../../../pipeline/boards/twetalk/traits.ts';
import type { MonoUs } from '../../../../../../preload/contract/time.ts';

const FRAME = 960;
const tone = (hz: number, samples: number, amplitude = 8000) =>
  Int16Array.from({ length: samples }, (_, index) => Math.round(amplitude * Math.sin((2 * Math.PI * hz * index) / 16_000)));

/** Frame by frame, as a board has them. */
function through(stage: SoundStage, pcm: Int16Array): Int16Array {
  const parts: number[] = [];
  for (let at = 0; at < pcm.length; at += FRAME) parts.push(...stage(pcm.slice(at, at + FRAME)));
  return Int16Array.from(parts);
}

const dbfs = (pcm: Int16Array) => 20 * Math.log10(Math.sqrt(pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length) / 32_768);

/** Level of one frequency. */
function levelAt(pcm: Int16Array, hz: number): number {
  let [real, imaginary] = [0, 0];
  pcm.forEach((sample, index) => {
    const phase = (2 * Math.PI * hz * index) / 16_000;
    real += sample * Math.cos(phase);
    imaginary += sample * Math.sin(phase);
  });
  return 20 * Math.log10(((2 * Math.hypot(real, imaginary)) / pcm.length + 1e-9) / 32_768);
}

describe('what a microphone can do to sound', () => {
  test('noise has the level that was asked for, and is the same for one seed', () => {
    const silent = new Int16Array(16_000);
    expect(dbfs(through(noise(-36, random(1)), silent))).toBeCloseTo(-36, 0);
    expect(through(noise(-36, random(1)), silent)).toEqual(through(noise(-36, random(1)), silent));
  });

  test('hum is the mains and its harmonics, of the level that was asked for and without seams', () => {
    const heard = through(hum(-28), new Int16Array(16_000));
    expect(dbfs(heard)).toBeCloseTo(-28, 1);
    expect(levelAt(heard, 50) - levelAt(heard, 100)).toBeCloseTo(6, 0);
    expect(levelAt(heard, 75)).toBeLessThan(-70);
  });

  test('too much gain clips and never wraps', () => {
    const heard = through(gain(30), tone(440, 16_000));
    expect([Math.min(...heard), Math.max(...heard)]).toEqual([-32_768, 32_767]);
    expect(heard.filter((sample) => Math.abs(sample) >= 32_767).length / heard.length).toBeGreaterThan(0.8);
  });

  test('an offset moves the middle', () => {
    const heard = through(offset(3000), tone(440, 16_000));
    expect(heard.reduce((sum, sample) => sum + sample, 0) / heard.length).toBeCloseTo(3000, 0);
  });

  test('a narrow path leaves nothing above half its rate, and what is below as it was, frame after frame', () => {
    const high = tone(3000, 16_000);
    const pcm = tone(1000, 16_000).map((sample, index) => sample + (high[index] ?? 0));
    const heard = through(narrow(4000), pcm).subarray(2000);
    expect(levelAt(heard, 1000)).toBeCloseTo(levelAt(pcm, 1000), 1);
    expect(levelAt(heard, 3000)).toBeLessThan(-70);
  });
});

describe('what a loudspeaker can do to sound', () => {
  test('crackles by the clock of its samples, not of its packets', () => {
    const heard = through(crackle(12, 240), new Int16Array(16_000).fill(100));
    // Five gaps in a second, at 0, 240, 480, 720 and 960 ms.
    expect(heard.filter((sample) => sample === 0)).toHaveLength(5 * 12 * 16);
  });

  test('a slow clock makes more samples of the same sound, without a seam', () => {
    const heard = through(slowClock(300), tone(500, 96_000));
    expect(heard.length).toBeCloseTo(96_000 * 1.0003, -1);
    const steepest = heard.reduce((most, sample, index) => Math.max(most, Math.abs(sample - (heard[index - 1] ?? sample))), 0);
    expect(steepest).toBeLessThan((2 * Math.PI * 500 * 8000) / 16_000 + 2);
  });
});

describe('the room of a board', () => {
  const at = (ms: number) => (ms * 1000) as MonoUs;
  const silent = () => new Int16Array(FRAME);

  test('nobody speaks and nothing plays: a healthy microphone hears a quiet room, never digital silence', () => {
    const traits = healthyTraits(random(1));
    const room = new Room(traits, random(2));
    const heard = room.heard(silent(), at(60));
    expect(dbfs(heard)).toBeCloseTo(traits.noiseDbfs ?? 0, 0);
  });

  test('the firmware alone hears what is said, sample by sample', () => {
    const said = tone(440, FRAME);
    expect(new Room(plainTraits(), random(1)).heard(said, at(60))).toEqual(said);
  });

  test.each([-10, -26])('an echo is as loud as the fault says: %i dB of what is played', (echoDb) => {
    const room = new Room({ ...plainTraits(), echoDb }, random(1));
    const played = Int16Array.from({ length: 20 * FRAME }, (_, index) => Math.round(8000 * (2 * random(index)() - 1)));
    const heard: number[] = [];
    for (let frame = 0; frame < 20; frame++) {
      room.played(played.slice(frame * FRAME, (frame + 1) * FRAME), at(frame * 60));
      heard.push(...room.heard(silent(), at((frame + 1) * 60)));
    }
    expect(dbfs(Int16Array.from(heard).subarray(3 * FRAME)) - dbfs(played)).toBeCloseTo(echoDb, 0);
  });

  test('what was played while nobody listened is not heard later', () => {
    const room = new Room({ ...plainTraits(), echoDb: -10 }, random(1));
    room.played(tone(440, FRAME), at(0));
    expect(room.heard(silent(), at(2060)).every((sample) => sample === 0)).toBe(true);
    room.played(new Int16Array(FRAME), at(2060));
    expect(room.heard(silent(), at(2120)).every((sample) => sample === 0)).toBe(true);
  });

  test('half duplex hears nothing while it plays, and everything after', () => {
    const room = new Room({ ...plainTraits(), isHalfDuplex: true }, random(1));
    const said = tone(440, FRAME);
    room.played(tone(300, FRAME), at(0));
    expect(room.heard(said, at(60)).every((sample) => sample === 0)).toBe(true);
    expect(room.heard(said, at(240))).toEqual(said);
  });
});
