import { promisify } from 'node:util';
import { createInflate, deflate as deflateCallback } from 'node:zlib';

const deflate = promisify(deflateCallback);

/** The zlib stream of `data`, or null when that is no smaller. */
export async function deflateIfSmaller(data: Uint8Array): Promise<Uint8Array | null> {
  const deflated = await deflate(data, { level: 9 });
  return deflated.length < data.length ? deflated : null;
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
