import { blockPowers, levelDb, quantile } from './decibels.ts';
import { type Hum, mainsHum, spectrumCurve, spectrumOf } from './spectrum.ts';

export interface Noise {
  /** The median of 50 ms blocks, and the loudest of them; without a DC offset. */
  noiseDbFs: number;
  loudestDbFs: number;
  hum: Hum | null;
  /** Hz and dBFS in third octaves. */
  curve: [hz: number, dbFs: number][];
}

const BLOCK = 800;

/** Of a stretch in which nobody speaks, 16 kHz. */
export function noiseOf(pcm: Int16Array): Noise {
  const mean = Math.round(pcm.reduce((sum, sample) => sum + sample, 0) / Math.max(1, pcm.length));
  const centred = pcm.map((sample) => Math.max(-32768, Math.min(32767, sample - mean)));
  const levels = Array.from(blockPowers(centred, BLOCK), levelDb);
  return {
    noiseDbFs: quantile(levels, 0.5),
    loudestDbFs: quantile(levels, 1),
    hum: mainsHum(pcm),
    curve: spectrumCurve(spectrumOf(pcm)),
  };
}
