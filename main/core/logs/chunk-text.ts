import { isAscii } from 'node:buffer';

// oxlint-disable-next-line no-control-regex
const notAscii = /[^\0-\x7f]/g;

/**
 * The chunk at work as text, a character a byte, made once for all who look at it: to search it takes a fraction of the time that
 * looking at its bytes takes, and most lines, whatever their encoding, are slices of it.
 */
export class ChunkText {
  #chunk: Buffer | null = null;
  #text = '';
  /** No byte from `#asciiFrom` to before `#asciiTo` is other than ASCII; the one at `#asciiTo`, if there is one, is. */
  #asciiFrom = 0;
  #asciiTo = 0;

  /** The chunk must not be written to any more. */
  read(chunk: Buffer): string {
    if (chunk !== this.#chunk) {
      this.#chunk = chunk;
      this.#text = chunk.toString('latin1');
      this.#asciiFrom = 0;
      this.#asciiTo = isAscii(chunk) ? chunk.length : -1;
    }
    return this.#text;
  }

  /** The text of bytes that are ASCII; null when some are not, or it is another chunk. Asked for one line after another, no byte is looked at twice. */
  ascii(chunk: Buffer, start: number, end: number): string | null {
    if (chunk !== this.#chunk) return null;
    if (start < this.#asciiFrom || start > this.#asciiTo) {
      notAscii.lastIndex = start;
      this.#asciiFrom = start;
      this.#asciiTo = notAscii.test(this.#text) ? notAscii.lastIndex - 1 : chunk.length;
    }
    return end <= this.#asciiTo ? this.#text.slice(start, end) : null;
  }
}
