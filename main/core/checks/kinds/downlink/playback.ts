import { z } from 'zod';
import type { Comparison } from '../../audio/compare.ts';
import { rounded } from '../../audio/decibels.ts';
import type { Bench } from '../../bench.ts';
import { check, type Measurement } from '../../check.ts';
import { askForQuiet, curve, type Line, packetsSince, silentLine } from '../uplink/recording.ts';

/** A board plays the last of it this long after it was sent. */
const AFTER_MS = 1500;
const whatItIs = {
  zh: '一声上升音、约 6 秒无词的语音、一声下降音',
  en: 'a rising tone, about six seconds of speech without words, a falling tone',
} as const;

/** A known sound played to the board, and what comes out of it. */
export const downlinkPlayback = check({
  name: 'downlink.playback',
  group: 'downlink',
  needs: ['conversation'],
  parameters: z.strictObject({}),
  values: [
    { name: 'heardBy' },
    { name: 'isHeard', limit: { equals: true }, isTimed: true, next: 'not-heard' },
    // 40 to 200 ms are usual (a frame or two of buffer and the sound card's); half a second is felt in every turn and at every interruption.
    { name: 'delayMs', unit: 'ms', limit: { max: 500 }, isOptional: true, isTimed: true, next: 'late' },
    { name: 'heardPercent', unit: '%', limit: { min: 90 }, isOptional: true, isTimed: true, next: 'incomplete' },
    // Of eight seconds: two frames of 60 ms.
    { name: 'gapMs', unit: 'ms', limit: { max: 120 }, isOptional: true, isTimed: 'sum', next: 'gaps' },
    { name: 'longestGapMs', unit: 'ms' },
    // A dropout of 10 ms is heard as a click; about one is what a codec's own pauses look like.
    { name: 'breakMs', unit: 'ms', limit: { max: 60 }, isOptional: true, isTimed: 'sum', next: 'crackle' },
    // Through a small loudspeaker and a desk's air 0.7 is usual; other sound has none.
    { name: 'similarity', limit: { min: 0.55 }, isOptional: true, isTimed: { fromMs: 100 }, next: 'distorted' },
    // Speech at −26 dBFS through a speaker at its usual volume; 30 dB less is a mouse.
    { name: 'heardDbFs', unit: 'dBFS', limit: { min: -56 }, isOptional: true, next: 'quiet' },
    { name: 'levelDifferenceDb', unit: 'dB' },
    // As of uplink.clock: what is surely off, the interval taken from it.
    { name: 'clockOffPpm', unit: 'ppm', limit: { max: 100 }, isOptional: true, isTimed: true, next: 'sample-clock' },
    { name: 'driftPpm', unit: 'ppm' },
    // The bench's own.
    { name: 'benchLateMs', unit: 'ms' },
  ],
  nexts: ['not-heard', 'late', 'incomplete', 'gaps', 'crackle', 'distorted', 'quiet', 'sample-clock'],
  async measure(bench) {
    const line = await silentLine(bench, { turns: { interruption: 'off' } });
    if (line === null) return { skipped: 'no-conversation' };
    if ((await askForQuiet(bench, 10)) === 'skip') return { person: 'person-skipped' };
    const reference = await bench.measures.referenceSound();
    const sinceUs = bench.clock.nowUs();
    const { firstFrameUs } = await playedOut(bench, line, reference);
    const benchLateMs = rounded(bench.lateness(sinceUs).longestMs, 0);
    const heard = await hear(bench, line, { sinceUs, firstFrameUs, reference });
    const kept = [bench.keepSound('reference', reference)];
    if (heard === null) return await askPerson(bench, kept);
    const evidence = [...kept, bench.keepSound('heard', heard.pcm), curve('heard', 'timeS', 'lateMs', heard.comparison.curve)];
    return { values: { ...(await valuesOf(bench, heard, reference, firstFrameUs)), benchLateMs }, evidence };
  },
});

async function playedOut(bench: Bench, { device }: Line, reference: Int16Array): Promise<{ firstFrameUs: number }> {
  const played = await device.play(reference);
  await bench.sleep(AFTER_MS);
  return played;
}

interface Heard {
  by: 'ear' | 'uplink';
  pcm: Int16Array;
  fromUs: number;
  comparison: Comparison;
}

interface Playing {
  sinceUs: number;
  firstFrameUs: number;
  reference: Int16Array;
}

/** Whoever hears the speaker: an ear, else the board's own microphone where its echo is not cancelled. Null: nobody does. */
async function hear(bench: Bench, line: Line, { sinceUs, firstFrameUs, reference }: Playing): Promise<Heard | null> {
  const eared = await bench.voice.heard(firstFrameUs);
  if (eared !== null) {
    return { by: 'ear', pcm: eared.pcm, fromUs: eared.fromUs, comparison: await bench.measures.compareSound(reference, eared.pcm) };
  }
  const packets = await packetsSince(bench, line, sinceUs);
  if (packets.length === 0) return null;
  const pcm = await bench.measures.placedSound(packets, firstFrameUs, bench.clock.nowUs());
  const comparison = await bench.measures.compareSound(reference, pcm);
  return comparison.isFound ? { by: 'uplink', pcm, fromUs: firstFrameUs, comparison } : null;
}

async function valuesOf(
  bench: Bench,
  { by, pcm, fromUs, comparison }: Heard,
  reference: Int16Array,
  firstFrameUs: number,
): Promise<Record<string, Measurement>> {
  if (!comparison.isFound) return { heardBy: by, isHeard: false };
  const begins = Math.max(0, Math.round((comparison.delayMs * 16_000) / 1000));
  const { activeDbFs } = await bench.measures.speechLevel(pcm.subarray(begins, begins + reference.length));
  const { driftPpm, driftHalfWidthPpm } = comparison;
  return {
    heardBy: by,
    isHeard: true,
    delayMs: rounded((fromUs - firstFrameUs) / 1000 + comparison.delayMs, 0),
    heardPercent: rounded(comparison.heardPercent, 0),
    gapMs: rounded(comparison.gapMs, 0),
    longestGapMs: rounded(comparison.longestGapMs, 0),
    breakMs: comparison.breakMs,
    similarity: rounded(comparison.similarity, 2),
    // What is left in the uplink by an echo canceller says nothing of how loud the speaker is.
    heardDbFs: by === 'uplink' ? null : rounded(activeDbFs),
    levelDifferenceDb: rounded(comparison.levelDifferenceDb),
    clockOffPpm: driftPpm === null ? null : rounded(Math.max(0, Math.abs(driftPpm) - driftHalfWidthPpm), 0),
    driftPpm: driftPpm === null ? null : rounded(driftPpm, 0),
  };
}

/** Numbers are left out: a person tells whether it was the sound. */
async function askPerson(bench: Bench, evidence: ReturnType<Bench['keepSound']>[]) {
  const answer = await bench.ask({ ask: 'heard', data: { what: whatItIs[bench.language] }, kind: 'judge' });
  if (answer === 'nobody') return { person: 'nobody-there' as const, evidence };
  if (answer === 'skip') return { person: 'person-skipped' as const, evidence };
  if (answer === 'no') return { values: { heardBy: 'person', isHeard: false }, evidence };
  return { values: { heardBy: 'person', isHeard: true }, evidence };
}
