import { z } from 'zod';
import { rounded } from '../../audio/decibels.ts';
import type { SpeechSpectrum } from '../../audio/spectrum.ts';
import { check, type Measurement, type ValueSpec } from '../../check.ts';
import { SILENT_DBFS } from './level.ts';
import { curve, type Line, packetEvidence, packetsSince, silentLine, speakAndRecord } from './recording.ts';

const SOUND_MS = 6000;

export const spectrumValues: readonly ValueSpec[] = [
  { name: 'high10Hz', unit: 'Hz' },
  // ITU-T P.341's mask for wideband terminals passes 200 Hz to 6.3 kHz; a path of 8 kHz anywhere on the board ends below 4.
  { name: 'high20Hz', unit: 'Hz', limit: { min: 5500 }, next: 'narrow' },
  { name: 'low10Hz', unit: 'Hz' },
  { name: 'low20Hz', unit: 'Hz', limit: { max: 400 }, next: 'thin' },
  { name: 'humDb', unit: 'dB' },
];

export function spectrumFigures({ bandwidth, hum }: SpeechSpectrum): Record<string, Measurement> {
  const hz = (value: number | null) => (value === null ? null : Math.round(value));
  return {
    high10Hz: hz(bandwidth.high10Hz),
    high20Hz: hz(bandwidth.high20Hz),
    low10Hz: hz(bandwidth.low10Hz),
    low20Hz: hz(bandwidth.low20Hz),
    humDb: rounded(hum?.prominenceDb ?? 0),
  };
}

/** Which part of the band comes up. */
export const uplinkSpectrum = check({
  name: 'uplink.spectrum',
  group: 'uplink',
  needs: ['conversation', 'voice'],
  parameters: z.strictObject({}),
  values: spectrumValues,
  nexts: ['narrow', 'thin', 'no-packets'],
  async measure(bench) {
    const line = await silentLine(bench);
    if (line === null) return { skipped: 'no-conversation' };
    const recorded = await recordWide(bench, line);
    if (recorded === 'no-conversation') return { skipped: recorded };
    if (recorded === 'nobody-there') return { person: recorded };
    const { packets, reference } = recorded;
    if (packets.length === 0) return { values: {}, next: 'no-packets' };
    const { pcm } = await bench.measures.soundOf(packets);
    // Without a voice in it there is nothing whose spectrum it could be: uplink.level says what is wrong.
    if ((await bench.measures.speechLevel(pcm)).activeDbFs < SILENT_DBFS) return { skipped: 'needs-earlier' };
    const measured = await bench.measures.speechSpectrum(pcm, reference);
    return {
      values: spectrumFigures(measured),
      evidence: [
        ...packetEvidence(packets),
        bench.keepSound('uplink', pcm),
        curve('spectrum', 'frequencyHz', 'levelDbfs', measured.curve),
        curve('response', 'frequencyHz', 'levelDb', measured.bandwidth.response),
      ],
    };
  },
});

/** Syllables that fill the band, where they can be played at the board; else what a person says. */
async function recordWide(bench: Parameters<typeof speakAndRecord>[0], line: Line) {
  const reference = await bench.measures.nearEndSound(SOUND_MS);
  const sinceUs = bench.clock.nowUs();
  if ((await bench.voice.sound(reference)) !== null) return { packets: await packetsSince(bench, line, sinceUs), reference };
  const spoken = await speakAndRecord(bench);
  return typeof spoken === 'string' ? spoken : { packets: spoken.packets, reference: spoken.said.pcm };
}
