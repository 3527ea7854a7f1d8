import { describe, expect, test } from 'vitest';
import { SpeechDetector } from '../../../../pipeline/turn/speech-detector.ts';
import { silencePcm, speechPcm } from '../../../fakes/engines.ts';

const WINDOW_US = 32_000;

/** Feeds windows of 32 ms: probability and whether the window is loud. The end is told to the nearest window. */
function detect(
  windows: readonly (readonly [probability: number, isLoud: boolean])[],
  options: { minimumSpeechMs?: number; silenceMs?: number } = {},
) {
  const heard: string[] = [];
  const detector = new SpeechDetector({
    threshold: 0.5,
    minimumSpeechMs: options.minimumSpeechMs ?? 120,
    prerollMs: 300,
    silenceMs: () => options.silenceMs ?? 500,
    listener: {
      onset: (mediaUs) => heard.push(`onset ${mediaUs / WINDOW_US}`),
      falseOnset: () => heard.push('false'),
      started: (mediaUs) => heard.push(`started ${mediaUs / WINDOW_US}`),
      continued: () => undefined,
      ended: (mediaUs) => heard.push(`ended ${Math.round(mediaUs / WINDOW_US)}`),
    },
  });
  for (const [index, [probability, isLoud]] of windows.entries()) {
    detector.push(isLoud ? speechPcm(32) : silencePcm(32), index * WINDOW_US, probability);
  }
  return heard;
}

const repeat = (count: number, probability: number, isLoud: boolean) => Array.from({ length: count }, () => [probability, isLoud] as const);

describe('speech detector', () => {
  test('onset after two windows, speech after the minimum, the end where the sound ended', () => {
    expect(detect([...repeat(5, 0, false), ...repeat(20, 0.9, true), ...repeat(20, 0, false)])).toEqual([
      'onset 5',
      'started 5',
      'ended 25',
    ]);
  });

  test('a detector that trails does not move the acoustic end', () => {
    expect(detect([...repeat(20, 0.9, true), ...repeat(10, 0.9, false), ...repeat(20, 0, false)]).at(-1)).toBe('ended 20');
  });

  test('a dip within hysteresis does not end speech, a short pause neither', () => {
    const windows = [
      ...repeat(10, 0.9, true),
      ...repeat(20, 0.4, true),
      ...repeat(10, 0, false),
      ...repeat(10, 0.9, true),
      ...repeat(20, 0, false),
    ];
    expect(detect(windows)).toEqual(['onset 0', 'started 0', 'ended 50']);
  });

  test('what is shorter than the minimum is a false onset', () => {
    expect(detect([...repeat(3, 0.9, true), ...repeat(20, 0, false)])).toEqual(['onset 0', 'false']);
  });

  test('a single window is nothing at all', () => {
    expect(detect([...repeat(1, 0.9, true), ...repeat(20, 0, false)])).toEqual([]);
  });

  test('the shortest minimum still tells the onset first', () => {
    expect(detect([...repeat(1, 0.9, true), ...repeat(20, 0, false)], { minimumSpeechMs: 30 })).toEqual([
      'onset 0',
      'started 0',
      'ended 1',
    ]);
  });
});
