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
