import { describe, expect, test } from 'vitest';
import { SpeechDetector } from '../../../../pipeline/turn/speech-detector.ts';
import { silencePcm, speechPcm } from '../../../fakes/engines.ts';

const WINDOW_US = 32_000;

/** Feeds windows of 32 ms: probability and whether the window is loud. The end is told to the nearest window. */
function detect(
  windows: readonly (readonly [probability: number, isLoud: boolean])[],
  options: { minimumSpeechMs?: number; silenceMs?: number; longestMs?: number } = {},
) {
  const heard: string[] = [];
  const detector = new SpeechDetector({
    settings: () => ({
      threshold: 0.5,
      minimumSpeechMs: options.minimumSpeechMs ?? 120,
      prerollMs: 300,
      longestMs: options.longestMs ?? 60_000,
    }),
    silenceMs: () => options.silenceMs ?? 500,
    listener: {
      onset: (mediaUs) => heard.push(`onset ${mediaUs / WINDOW_US}`),
      falseOnset: () => heard.push('false'),
      started: (mediaUs) => heard.push(`started ${mediaUs / WINDOW_US}`),
      continued: () => undefined,
      paused: (pauseMs) => heard.push(`paused ${pauseMs}`),
      ended: (mediaUs, reason) => heard.push(`ended ${Math.round(mediaUs / WINDOW_US)}${reason === 'silence' ? '' : ` ${reason}`}`),
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
    expect(detect(windows)).toEqual(['onset 0', 'started 0', 'paused 320', 'ended 50']);
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

  test('speech without an end is ended when it is too long, and what follows is a new utterance', () => {
    const heard = detect([...repeat(100, 0.9, true), ...repeat(20, 0, false)], { longestMs: 1600 });
    expect(heard).toEqual([...['onset 0', 'started 0', 'ended 50 too-long'], ...['onset 50', 'started 50', 'ended 100 too-long']]);
  });

  test('a pause within an utterance is told, the gaps between sounds are not', () => {
    const heard = detect([
      ...repeat(10, 0.9, true),
      ...repeat(2, 0, false),
      ...repeat(10, 0.9, true),
      ...repeat(12, 0, false),
      ...repeat(5, 0.9, true),
    ]);
    expect(heard).toEqual(['onset 0', 'started 0', 'paused 384']);
  });

  test('a changed threshold takes effect within about a second of silence, never within an utterance', () => {
    const heard: string[] = [];
    let threshold = 0.9;
    const detector = new SpeechDetector({
      settings: () => ({ threshold, minimumSpeechMs: 96, prerollMs: 100, longestMs: 60_000 }),
      silenceMs: () => 320,
      listener: {
        onset: () => undefined,
        falseOnset: () => undefined,
        started: (mediaUs) => heard.push(`started ${mediaUs / WINDOW_US}`),
        continued: () => undefined,
        ended: () => heard.push('ended'),
      },
    });
    let at = 0;
    const say = (count: number, probability: number) => {
      for (let i = 0; i < count; i++) detector.push(speechPcm(32), at++ * WINDOW_US, probability);
    };
    say(10, 0.6);
    threshold = 0.5;
    say(40, 0);
    say(10, 0.6); // from window 50 on
    threshold = 0.9;
    say(10, 0.6);
    say(20, 0);
    expect(heard).toEqual(['started 50', 'ended']);
  });

  test('the pre-roll holds what came shortly before the onset, in order, once', () => {
    const started: Int16Array[] = [];
    const detector = new SpeechDetector({
      settings: () => ({ threshold: 0.5, minimumSpeechMs: 64, prerollMs: 96, longestMs: 60_000 }),
      silenceMs: () => 320,
      listener: {
        onset: () => undefined,
        falseOnset: () => undefined,
        started: (_mediaUs, preroll) => started.push(preroll),
        continued: () => undefined,
        ended: () => undefined,
      },
    });
    for (let i = 0; i < 12; i++) detector.push(new Int16Array(512).fill(i), i * WINDOW_US, i >= 10 ? 0.9 : 0);
    const windows = [...(started[0] ?? [])].filter((_, index) => index % 512 === 0);
    // 96 ms are three windows, and the two of the onset.
    expect(windows).toEqual([7, 8, 9, 10, 11]);
  });
});

test('a word begun with a stammer is handed on from its first sound: what it was confirmed by may have had silences in it', () => {
  let handedOn = 0;
  const detector = new SpeechDetector({
    settings: () => ({ threshold: 0.5, minimumSpeechMs: 120, prerollMs: 300, longestMs: 60_000 }),
    silenceMs: () => 500,
    listener: {
      onset: () => undefined,
      falseOnset: () => undefined,
      started: (_mediaUs, preroll) => {
        handedOn = preroll.length / 16;
      },
      continued: () => undefined,
      ended: () => undefined,
    },
  });
  // Sounds of 32 ms with 160 ms between them: the fourth makes it speech, 608 ms after the first began.
  const windows = [...repeat(20, 0, false), ...Array.from({ length: 4 }, () => [...repeat(1, 0.9, true), ...repeat(5, 0, false)]).flat()];
  for (const [index, [probability, isLoud]] of windows.entries())
    detector.push(isLoud ? speechPcm(32) : silencePcm(32), index * WINDOW_US, probability);
  expect(handedOn).toBe(300 + 3 * 192 + 32);
});
