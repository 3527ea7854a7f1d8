import type { SoundStage } from '../traits.ts';
import { clipped } from './hearing.ts';

/** What can be wrong between a decoder and its loudspeaker. */

/** So much silence so often, as of a DMA buffer that is not filled in time. */
export function crackle(gapMs: number, everyMs: number): SoundStage {
  let at = 0;
  return (pcm) => pcm.map((sample) => (at++ % (everyMs * 16) < gapMs * 16 ? 0 : sample));
}

/** A converter whose clock is so much too slow plays everything longer: more samples come out than went in. */
export function slowClock(ppm: number): SoundStage {
  const step = 1 - ppm / 1e6;
  /** Of the next sample out, counted from the newest one that is kept. */
  let position = 0;
  let last = 0;
  return (pcm) => {
    const out: number[] = [];
    for (; position <= pcm.length - 1; position += step) {
      const index = Math.floor(position);
      const before = index < 0 ? last : (pcm[index] ?? 0);
      const after = pcm[index + 1] ?? before;
      out.push(clipped(before + (after - before) * (position - index)));
    }
    position -= pcm.length;
    last = pcm.at(-1) ?? last;
    return Int16Array.from(out);
  };
}
