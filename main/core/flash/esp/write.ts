import { createHash } from 'node:crypto';
import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import { type CommandName, dataBlock, words } from './commands.ts';
import { deflateIfSmaller, inflatedEnds } from './deflated.ts';
import type { EspLoader } from './loader.ts';

const STUB_BLOCK_BYTES = 0x4000;
const ROM_BLOCK_BYTES = 0x400;
const TRIES_PER_BLOCK = 3;
/** How long an answer lost on the way may still take to come in before its block goes again. */
const LATE_ANSWER_MS = 50;
/** Erasing and writing at a slow flash's worst. */
const WRITE_MS_PER_MEGABYTE = 40_000;
/** A block itself takes 3 s at the ROM's rate, on lines whose driver takes it at once and sends it later. */
const SHORTEST_TIMEOUT_MS = 10_000;
const LONGEST_TIMEOUT_MS = 240_000;

export interface WriteOptions {
  compress: boolean;
  /** Bytes of the image (not of the wire) that the chip has taken. */
  onProgress(writtenBytes: number): void;
}

/** Erases and writes one region. `data` is padded to a multiple of 4 already. */
export async function writeRegion(loader: EspLoader, offset: number, data: Uint8Array, options: WriteOptions): Promise<void> {
  // The ROM is trusted with plain blocks only, as esptool does.
  const deflated = options.compress && loader.isStub ? await deflateIfSmaller(data) : null;
  const payload = deflated ?? data;
  const blockBytes = loader.isStub ? STUB_BLOCK_BYTES : ROM_BLOCK_BYTES;
  const ends = deflated === null ? plainEnds(data, blockBytes) : await inflatedEnds(deflated, blockBytes);
  const begin = loader.beginWords(data.length, ends.length, blockBytes, offset);
  // The ROM erases all of it here, the stub as it goes.
  await loader.link.command(deflated === null ? 'flashBegin' : 'deflateBegin', begin, { timeoutMs: timeoutFor(data.length) });
  for (const [sequence, end] of ends.entries()) {
    const part = payload.subarray(sequence * blockBytes, (sequence + 1) * blockBytes);
    // The stub answers a block before it writes it, so the wait may be for the block before.
    const timeoutMs = timeoutFor(end - (ends[sequence - 2] ?? 0));
    if (deflated === null) await sendBlock(loader, 'flashData', padded(part, blockBytes), sequence, timeoutMs);
    else await sendBlock(loader, 'deflateData', part, sequence, timeoutMs);
    options.onProgress(end);
  }
  // Only its end says that the stub wrote the last blocks, and well. 1: stay in the loader.
  if (!loader.isStub) return;
  const timeoutMs = timeoutFor(data.length - (ends.at(-3) ?? 0));
  await loader.link.command(deflated === null ? 'flashEnd' : 'deflateEnd', words(1), { timeoutMs });
}

function plainEnds(data: Uint8Array, blockBytes: number): number[] {
  return Array.from({ length: Math.ceil(data.length / blockBytes) }, (_, block) => Math.min(data.length, (block + 1) * blockBytes));
}

function timeoutFor(sizeBytes: number): number {
  const timeoutMs = (sizeBytes / (1024 * 1024)) * WRITE_MS_PER_MEGABYTE;
  return Math.min(LONGEST_TIMEOUT_MS, Math.max(SHORTEST_TIMEOUT_MS, timeoutMs));
}

/** Compares the chip's MD5 of a region with `data`'s. Fails with `flash/verify-mismatch`. */
export async function verifyRegion(loader: EspLoader, offset: number, data: Uint8Array): Promise<void> {
  const expected = createHash('md5').update(data).digest('hex');
  const actual = await loader.md5(offset, data.length);
  if (actual !== expected) throw new TalkError('flash/verify-mismatch', { offset, expected, actual }, { retryable: true });
}

async function sendBlock(loader: EspLoader, name: CommandName, part: Uint8Array, sequence: number, timeoutMs: number): Promise<void> {
  const block = dataBlock(part, sequence);
  for (let attempt = 1; ; attempt++) {
    try {
      await loader.link.command(name, block.data, { checksum: block.checksum, timeoutMs });
      return;
    } catch (error) {
      if (attempt === TRIES_PER_BLOCK || !isTalkError(error, 'flash/protocol')) throw error;
      await loader.link.sleep(LATE_ANSWER_MS);
      loader.link.discard();
    }
  }
}

/** An uncompressed block is always whole; what follows the data is what erased flash reads as. */
function padded(part: Uint8Array, blockBytes: number): Uint8Array {
  if (part.length === blockBytes) return part;
  const out = new Uint8Array(blockBytes).fill(0xff);
  out.set(part);
  return out;
}
