const BLOCK_BYTES = 32;

/**
 * CRC-16 of Beken's flash controller: polynomial 0x8005, from 0xFFFF, not reflected ('123456789' gives AEE7). Its bytes follow each
 * 32 of what is run, the high one first.
 */
export function bekenCrc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x8005 : 0)) & 0xffff;
  }
  return crc;
}

/** With them; the last block filled up with FF. */
export function withBlockCrcs(data: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += BLOCK_BYTES) {
    const block = new Uint8Array(BLOCK_BYTES).fill(0xff);
    block.set(data.subarray(at, at + BLOCK_BYTES));
    const crc = bekenCrc16(block);
    blocks.push(block, Uint8Array.of(crc >> 8, crc & 0xff));
  }
  return Uint8Array.from(Buffer.concat(blocks));
}

/** Whether all of it has them already. */
export function hasBlockCrcs(data: Uint8Array): boolean {
  const stride = BLOCK_BYTES + 2;
  if (data.length === 0 || data.length % stride !== 0) return false;
  for (let at = 0; at < data.length; at += stride) {
    const [high = 0, low = 0] = data.subarray(at + BLOCK_BYTES, at + stride);
    if (bekenCrc16(data.subarray(at, at + BLOCK_BYTES)) !== ((high << 8) | low)) return false;
  }
  return true;
}

/** Where such a chip has its memory and sees its flash, each in two ways (with bit 28). */
const isInMemory = (address: number) => (address & 0xeff00000) >>> 0 === 0x28000000;
const isInFlash = (address: number) => (address & 0xef000000) >>> 0 === 0x02000000;

/**
 * A program as its linker left it: it begins with the table of a Cortex-M (stack, odd address of the start), and the first 32 bytes are
 * not followed by their CRC. The chip reads its flash by way of these, so it would not run.
 */
export function isBareProgram(data: Uint8Array): boolean {
  if (data.length < BLOCK_BYTES + 2) return false;
  const words = new DataView(data.buffer, data.byteOffset, data.length);
  const [stack, start] = [words.getUint32(0, true), words.getUint32(4, true)];
  return isInMemory(stack) && isInFlash(start) && start % 2 === 1 && !hasBlockCrcs(data.subarray(0, BLOCK_BYTES + 2));
}
