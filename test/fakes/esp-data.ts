import { createHash } from 'node:crypto';

/** Bytes that no deflating makes smaller; the same for the same seed. */
export function incompressible(sizeBytes: number, seed = 'data'): Uint8Array {
  const out = new Uint8Array(sizeBytes);
  for (let at = 0; at < sizeBytes; at += 32) {
    const digest = createHash('sha256').update(`${seed} ${at}`).digest();
    out.set(digest.subarray(0, Math.min(32, sizeBytes - at)), at);
  }
  return out;
}

/** Bytes of which half repeats, as in machine code. */
export function codeLike(sizeBytes: number, seed = 'code'): Uint8Array {
  const out = incompressible(sizeBytes, seed);
  for (let at = 32; at + 32 <= sizeBytes; at += 64) out.fill(at >> 12, at, at + 32);
  return out;
}

/** The same, beginning like an application of an ESP32-S3: what a board is let have where one starts. */
export function likeImage(data: Uint8Array): Uint8Array {
  const out = data.slice();
  out.set([0xe9, 4]);
  out.set([9, 0], 12);
  return out;
}
