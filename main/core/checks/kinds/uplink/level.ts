import { z } from 'zod';
import { rounded } from '../../audio/decibels.ts';
import type { SpeechLevel } from '../../audio/speech-level.ts';
import { check, type Measurement, type ValueSpec } from '../../check.ts';
import { packetEvidence, speakAndRecord } from './recording.ts';

export const levelValues: readonly ValueSpec[] = [
  // −26 dBFS is what speech is lined up to (ITU-T P.56, P.830). 17 dB above, speech's peaks are cut off; 14 below, a
  // recogniser's noise floor and a voice detector's threshold (−40 dBFS, reference/voice.md §2.4) are near.
  { name: 'activeDbFs', unit: 'dBFS', limit: { min: -40, max: -9 }, next: 'gain' },
  // One sample in a thousand is heard as a rasp.
  { name: 'clippedPercent', unit: '%', limit: { max: 0.1 }, next: 'clipping' },
  // A hundredth of full scale costs no headroom; what is more is a bias that is wrong.
  { name: 'dcOffsetPercent', unit: '%', limit: { min: -1, max: 1 }, isOptional: true, next: 'offset' },
  { name: 'peakDbFs', unit: 'dBFS' },
  { name: 'noiseFloorDbFs', unit: 'dBFS' },
  { name: 'activityPercent', unit: '%' },
];

export function levelFigures(level: SpeechLevel): Record<string, Measurement> {
  return {
    activeDbFs: rounded(level.activeDbFs),
    clippedPercent: rounded(level.clippedPercent, 3),
    dcOffsetPercent: rounded(level.dcOffsetPercent, 2),
    peakDbFs: rounded(level.peakDbFs),
    noiseFloorDbFs: rounded(level.noiseFloorDbFs),
    activityPercent: rounded(level.activityPercent),
  };
}

/** Quieter than a voice through any microphone that works. */
export const SILENT_DBFS = -75;

/** How loud a voice comes up, and whether the converter bears it. */
export const uplinkLevel = check({
  name: 'uplink.level',
  group: 'uplink',
  needs: ['conversation', 'voice'],
  parameters: z.strictObject({}),
  values: levelValues,
  nexts: ['gain', 'clipping', 'offset', 'silent', 'no-packets'],
  async measure(bench) {
    const spoken = await speakAndRecord(bench);
    if (spoken === 'no-conversation') return { skipped: spoken };
    if (spoken === 'nobody-there') return { person: spoken };
    if (spoken.packets.length === 0) return { values: {}, next: 'no-packets' };
    const { pcm } = await bench.measures.soundOf(spoken.packets);
    const values = levelFigures(await bench.measures.speechLevel(pcm));
    // Opus's encoder takes an offset away before it codes: what is left tells nothing of the converter.
    if (spoken.packets[0]?.codec === 'opus') values.dcOffsetPercent = null;
    const evidence = [...packetEvidence(spoken.packets), bench.keepSound('uplink', pcm)];
    return { values, evidence, ...(Number(values.activeDbFs) < SILENT_DBFS && { next: 'silent' }) };
  },
});
