import type { TrackPeaks } from '../../preload/contract/sessions.ts';

type Spans = readonly (readonly [number, number])[];

/** Loudness 0..1 of something like speech: syllables of 180 ms that breathe. */
function loudness(spans: Spans, us: number): number {
  const span = spans.find(([from, to]) => us >= from && us < to);
  if (span === undefined) return 0.012;
  const syllable = Math.sin(((us - span[0]) / 180_000) * Math.PI) ** 2;
  const breath = 0.55 + 0.45 * Math.sin((us - span[0]) / 700_000 + span[0]);
  return 0.06 + 0.8 * syllable * Math.abs(breath);
}

export function samplePeaks(spans: Spans, durationUs: number, bucketUs: number): TrackPeaks {
  const count = Math.ceil(durationUs / bucketUs);
  const minimum = new Int8Array(count);
  const maximum = new Int8Array(count);
  for (let bucket = 0; bucket < count; bucket++) {
    const level = loudness(spans, bucket * bucketUs);
    maximum[bucket] = Math.round(level * (0.8 + 0.2 * Math.sin(bucket * 12.9898)) * 127);
    minimum[bucket] = -Math.round(level * (0.8 + 0.2 * Math.sin(bucket * 78.233)) * 127);
  }
  return { bucketUs, fromUs: 0, minimum: new Uint8Array(minimum.buffer), maximum: new Uint8Array(maximum.buffer) };
}

/** Stereo 16 kHz PCM WAV of [fromUs, toUs): left the user, right the agent. */
export function sampleWav(user: Spans, agent: Spans, fromUs: number, toUs: number): Uint8Array<ArrayBuffer> {
  const frames = Math.max(0, Math.round(((toUs - fromUs) * 16) / 1000));
  const buffer = new ArrayBuffer(44 + frames * 4);
  const wav = new DataView(buffer);
  const ascii = (offset: number, text: string): void => {
    for (const [index, character] of Array.from(text).entries()) wav.setUint8(offset + index, character.charCodeAt(0));
  };
  ascii(0, 'RIFF');
  wav.setUint32(4, 36 + frames * 4, true);
  ascii(8, 'WAVEfmt ');
  wav.setUint32(16, 16, true);
  wav.setUint16(20, 1, true);
  wav.setUint16(22, 2, true);
  wav.setUint32(24, 16000, true);
  wav.setUint32(28, 64000, true);
  wav.setUint16(32, 4, true);
  wav.setUint16(34, 16, true);
  ascii(36, 'data');
  wav.setUint32(40, frames * 4, true);
  for (let frame = 0; frame < frames; frame++) {
    const us = fromUs + (frame * 1000) / 16;
    wav.setInt16(44 + frame * 4, loudness(user, us) * 9000 * Math.sin((us / 1_000_000) * 2 * Math.PI * 180), true);
    wav.setInt16(46 + frame * 4, loudness(agent, us) * 9000 * Math.sin((us / 1_000_000) * 2 * Math.PI * 240), true);
  }
  return new Uint8Array(buffer);
}
