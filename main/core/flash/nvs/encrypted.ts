/** Less says little about how often each byte comes. */
const ENTROPY_BYTES = 512;
/** Bits a byte: 512 random ones have 7.6, text 5, code 6. */
const RANDOM_ENTROPY = 7.2;
/** Of a plain entry a third and more are 00 and FF, its key's padding; of random bytes one in 128. */
const BLANK_SHARE = 0.1;

/**
 * Whether bytes that hold nothing readable look like cipher text. NVS encryption leaves a page's header as it is and hides each entry, flash
 * encryption hides all.
 */
export function looksEncrypted(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  if (bytes.length >= ENTROPY_BYTES) return entropy(bytes) > RANDOM_ENTROPY;
  return bytes.filter((byte) => byte === 0 || byte === 0xff).length / bytes.length < BLANK_SHARE;
}

/** Shannon's, in bits a byte. */
function entropy(bytes: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  return counts.reduce((sum, count) => (count === 0 ? sum : sum - (count / bytes.length) * Math.log2(count / bytes.length)), 0);
}
