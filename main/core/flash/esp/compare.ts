import { createHash } from 'node:crypto';
import type { EspLoader } from './loader.ts';
import { wireMs } from './rates.ts';

export const COMPARED_BYTES = 0x10000;
/** How fast a chip digests its flash, until it has been seen to do it; and what asking costs beside. */
const ASSUMED_BYTES_PER_MS = 2048;
const ASKING_MS = 5;
/** What a comparison that finds nothing may cost, of the time that writing takes. */
const MOST_IN_VAIN = 1 / 16;

/** A part of a region, from and to in its bytes. */
export interface Stretch {
  from: number;
  to: number;
}

/**
 * What of `data` is not on the board yet at `offset`, by the chip's own MD5: of all of it, and if that differs of each 64 KiB.
 *
 * It never costs more than it can save. Not begun where digesting would take longer than sending `wireBytes`; ended, with the rest
 * taken as changed, where a digest turns out to take longer than sending a block, or when what was spent on looking exceeds
 * what was found by more than 1/16 of the sending. The ROM, which digests too slowly, is not asked.
 */
export async function changedStretches(loader: EspLoader, offset: number, data: Uint8Array, wireBytes: number): Promise<Stretch[]> {
  const all = [{ from: 0, to: data.length }];
  const { clock } = loader.link;
  const sendingMs = wireMs(wireBytes, loader.baudRate);
  if (!loader.isStub || data.length / ASSUMED_BYTES_PER_MS + ASKING_MS > sendingMs) return all;

  const startedUs = clock.nowUs();
  const held = await loader.md5(offset, data.length);
  if (held === md5Of(data)) return [];
  // A blank board has nothing to find.
  if (held === md5Of(new Uint8Array(data.length).fill(0xff))) return all;
  const blocks = Math.ceil(data.length / COMPARED_BYTES);
  const savedPerBlockMs = sendingMs / blocks;
  const askedMs = (clock.nowUs() - startedUs) / 1000;
  if (blocks === 1 || askedMs / blocks >= savedPerBlockMs) return all;

  const changed: Stretch[] = [];
  let spentMs = askedMs;
  let savedMs = 0;
  for (let from = 0; from < data.length; from += COMPARED_BYTES) {
    const to = Math.min(data.length, from + COMPARED_BYTES);
    if (spentMs > savedMs + sendingMs * MOST_IN_VAIN) {
      add(changed, { from, to: data.length });
      break;
    }
    const beganUs = clock.nowUs();
    if ((await loader.md5(offset + from, to - from)) === md5Of(data.subarray(from, to))) savedMs += savedPerBlockMs;
    else add(changed, { from, to });
    spentMs += (clock.nowUs() - beganUs) / 1000;
  }
  return changed;
}

/** Where the first 64 KiB begins that the board holds otherwise, with both digests; null when all of it is the same after all. */
export async function firstDifference(
  loader: EspLoader,
  offset: number,
  data: Uint8Array,
): Promise<{ offset: number; expected: string; actual: string } | null> {
  for (let from = 0; from < data.length; from += COMPARED_BYTES) {
    const block = data.subarray(from, from + COMPARED_BYTES);
    const expected = md5Of(block);
    const actual = await loader.md5(offset + from, block.length);
    if (actual !== expected) return { offset: offset + from, expected, actual };
  }
  return null;
}

export function md5Of(data: Uint8Array): string {
  return createHash('md5').update(data).digest('hex');
}

function add(list: Stretch[], next: Stretch): void {
  const last = list.at(-1);
  if (last?.to === next.from) last.to = next.to;
  else list.push(next);
}
