import { promisify } from 'node:util';
import { createInflate, deflate as deflateCallback } from 'node:zlib';

const deflate = promisify(deflateCallback);

/** What goes over the wire for a stretch of flash, in blocks of at most `blockBytes`. */
export interface Payload {
  bytes: Uint8Array;
  isDeflated: boolean;
  blockBytes: number;
  /** How much of the original is complete after each block. */
  ends: readonly number[];
}

/** `data` as it is. */
export function plainPayload(data: Uint8Array, blockBytes: number): Payload {
  const ends = Array.from({ length: Math.ceil(data.length / blockBytes) }, (_, block) => Math.min(data.length, (block + 1) * blockBytes));
  return { bytes: data, isDeflated: false, blockBytes, ends };
}

/** The zlib stream of `data`; `data` as it is when that is no smaller. */
export async function smallerPayload(data: Uint8Array, blockBytes: number): Promise<Payload> {
  const bytes = await deflate(data, { level: 9 });
  if (bytes.length >= data.length) return plainPayload(data, blockBytes);
  return { bytes, isDeflated: true, blockBytes, ends: await inflatedEnds(bytes, blockBytes) };
}

/**
 * How much of the original is complete after each block of the stream: erased flash deflates a thousandfold, so one block may
 * be megabytes for the chip to write, or a few bytes.
 */
export async function inflatedEnds(deflated: Uint8Array, blockBytes: number): Promise<number[]> {
  const inflate = createInflate();
  let inflatedBytes = 0;
  inflate.on('data', (chunk: Uint8Array) => {
    inflatedBytes += chunk.length;
  });
  const ends: number[] = [];
  for (let at = 0; at < deflated.length; at += blockBytes) {
    await new Promise<void>((resolve, reject) => {
      inflate.write(deflated.subarray(at, at + blockBytes), (error) => (error ? reject(error) : resolve()));
    });
    ends.push(inflatedBytes);
  }
  inflate.destroy();
  return ends;
}
