import type { Readable } from 'node:stream';

/**
 * What the speaking process answers on its standard output: blocks of kind u32, length u32 (little endian) and that many
 * bytes. Each request (one JSON line) is answered by audio blocks and then one `done` or `failed`.
 */
export interface EspeakRequest {
  text: string;
  voice: string;
  /** Words a minute. */
  rate: number;
}

export const blockKinds = { audio: 0, done: 1, failed: 2 } as const;
const HEADER_BYTES = 8;
/** A sentence is made in blocks of about 100 ms; anything near this is not ours. */
const MAX_BODY_BYTES = 1 << 24;

export interface Block {
  kind: number;
  body: Buffer;
}

export function encodeBlock(kind: number, body: Uint8Array): Buffer {
  const block = Buffer.alloc(HEADER_BYTES + body.byteLength);
  block.writeUInt32LE(kind, 0);
  block.writeUInt32LE(body.byteLength, 4);
  block.set(body, HEADER_BYTES);
  return block;
}

/** Yields the blocks of a stream; ends with it. Throws on a length no block has. */
export async function* readBlocks(stream: Readable): AsyncGenerator<Block> {
  let pending = Buffer.alloc(0);
  for await (const chunk of stream) {
    pending = Buffer.concat([pending, chunk as Buffer]);
    while (pending.length >= HEADER_BYTES) {
      const length = pending.readUInt32LE(4);
      if (length > MAX_BODY_BYTES) throw new RangeError(`a block of ${length} bytes`);
      if (pending.length < HEADER_BYTES + length) break;
      yield { kind: pending.readUInt32LE(0), body: pending.subarray(HEADER_BYTES, HEADER_BYTES + length) };
      pending = pending.subarray(HEADER_BYTES + length);
    }
  }
}
