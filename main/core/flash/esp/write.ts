import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate as deflateCallback } from 'node:zlib';
import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import { MAGIC_ADDRESS } from './chips.ts';
import { type CommandName, dataBlock, words } from './commands.ts';
import { DEFAULT_TIMEOUT_MS } from './link.ts';
import type { EspLoader } from './loader.ts';

const deflate = promisify(deflateCallback);
const STUB_BLOCK_BYTES = 0x4000;
const ROM_BLOCK_BYTES = 0x400;
const TRIES_PER_BLOCK = 3;
/** Erasing and writing at a slow flash's worst. */
const WRITE_MS_PER_MEGABYTE = 40_000;

export interface WriteOptions {
  compress: boolean;
  /** Bytes of the image (not of the wire) that the chip has taken. */
  onProgress(writtenBytes: number): void;
}

/** Erases and writes one region. `data` is padded to a multiple of 4 already. */
export async function writeRegion(loader: EspLoader, offset: number, data: Uint8Array, options: WriteOptions): Promise<void> {
  const timeoutMs = Math.max(10_000, (data.length / (1024 * 1024)) * WRITE_MS_PER_MEGABYTE);
  const packed = options.compress && loader.isStub ? await deflate(data, { level: 9 }) : data;
  const isPacked = packed.length < data.length;
  const payload = isPacked ? packed : data;
  const blockBytes = loader.isStub ? STUB_BLOCK_BYTES : ROM_BLOCK_BYTES;
  const blocks = Math.ceil(payload.length / blockBytes);
  await loader.link.command(isPacked ? 'deflateBegin' : 'flashBegin', loader.beginWords(data.length, blocks, blockBytes, offset), {
    timeoutMs,
  });
  for (let sequence = 0; sequence < blocks; sequence++) {
    const part = payload.subarray(sequence * blockBytes, (sequence + 1) * blockBytes);
    await sendBlock(loader, isPacked ? 'deflateData' : 'flashData', isPacked ? part : padded(part, blockBytes), sequence, timeoutMs);
    const taken = Math.min(payload.length, (sequence + 1) * blockBytes);
    options.onProgress(Math.floor((taken / payload.length) * data.length));
  }
  // The stub answers a block before it writes it: this answer comes when the last one is in the flash.
  if (loader.isStub) await loader.link.command('readRegister', words(MAGIC_ADDRESS), { timeoutMs });
}

/** Compares the chip's MD5 of a region with `data`'s. Fails with `flash/verify-mismatch`. */
export async function verifyRegion(loader: EspLoader, offset: number, data: Uint8Array): Promise<void> {
  const expected = createHash('md5').update(data).digest('hex');
  const actual = await loader.md5(offset, data.length);
  if (actual !== expected) throw new TalkError('flash/verify-mismatch', { offset, expected, actual }, { retryable: true });
}

/** Reads flash back through the stub, whose packets are acknowledged with the count so far and end with their MD5. */
export async function readRegion(loader: EspLoader, offset: number, sizeBytes: number): Promise<Uint8Array> {
  if (!loader.isStub) throw new TalkError('unsupported', { feature: 'read flash', why: 'needs the stub' });
  const { link } = loader;
  await link.command('readFlash', words(offset, sizeBytes, 0x1000, 64));
  const data = new Uint8Array(sizeBytes);
  for (let received = 0; received < sizeBytes; ) {
    const packet = await nextPacket(loader);
    if (received + packet.length > sizeBytes)
      throw new TalkError('flash/protocol', { command: 'readFlash', status: null, reason: 'too much data' });
    data.set(packet, received);
    received += packet.length;
    await link.send(words(received));
  }
  const actual = Buffer.from(await nextPacket(loader)).toString('hex');
  const expected = createHash('md5').update(data).digest('hex');
  if (actual !== expected) throw new TalkError('flash/verify-mismatch', { offset, expected, actual }, { retryable: true });
  return data;
}

async function nextPacket(loader: EspLoader): Promise<Uint8Array> {
  const packet = await loader.link.packet(DEFAULT_TIMEOUT_MS);
  if (packet === null)
    throw new TalkError('flash/protocol', { command: 'readFlash', status: null, reason: 'no answer' }, { retryable: true });
  return packet;
}

async function sendBlock(loader: EspLoader, name: CommandName, part: Uint8Array, sequence: number, timeoutMs: number): Promise<void> {
  const block = dataBlock(part, sequence);
  for (let attempt = 1; ; attempt++) {
    try {
      await loader.link.command(name, block.data, { checksum: block.checksum, timeoutMs });
      return;
    } catch (error) {
      if (attempt === TRIES_PER_BLOCK || !isTalkError(error, 'flash/protocol')) throw error;
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
