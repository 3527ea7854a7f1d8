/** What the fakes say for a text: 16 kHz samples that depend on each of its characters, so that a wrong or missing one shows. */
export function fakeSpeech(text: string): Int16Array {
  const seed = Array.from(text).reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973, 7);
  return Int16Array.from({ length: 800 }, (_, at) => ((at * 37 + seed * 13) % 20_000) - 10_000);
}

/** The samples' bytes, little endian, in `count` pieces of whole samples. */
export function piecesOf(pcm: Int16Array, count = 8): Uint8Array[] {
  const bytes = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const size = Math.ceil(bytes.length / count / 2) * 2;
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.slice(at * size, (at + 1) * size));
}
