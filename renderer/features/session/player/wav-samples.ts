/** The samples of a WAV of 16 bits, interleaved as they stand in it. Throws RangeError for anything else. */
export function wavSamples(wav: Uint8Array): Int16Array<ArrayBuffer> {
  const view = new DataView(wav.buffer, wav.byteOffset, wav.byteLength);
  for (let at = 12; at + 8 <= wav.byteLength; ) {
    const size = view.getUint32(at + 4, true);
    // 'data'
    if (view.getUint32(at, false) === 0x64617461) {
      const found = wav.subarray(at + 8, at + 8 + (size & ~1));
      const samples = new Int16Array(found.byteLength >> 1);
      new Uint8Array(samples.buffer).set(found);
      return samples;
    }
    at += 8 + size + (size & 1);
  }
  throw new RangeError('a WAV without samples');
}
