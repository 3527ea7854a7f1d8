import { BadElf } from './byte-reader.ts';

/** Several times what the largest firmware's debug information takes, all of it asked for. */
const LEAST_BYTES = 64 * 1024 * 1024;
const TIMES_ITS_SIZE = 16;

/**
 * What one file may cost, in bytes held or read. Names, ranges, line tables and abbreviations may be shared by as many entries as the
 * file likes, and sections be packed a thousand times over: a file of some kilobytes could ask for gigabytes.
 */
export class Effort {
  #left: number;

  constructor(fileBytes: number) {
    this.#left = LEAST_BYTES + TIMES_ITS_SIZE * fileBytes;
  }

  /** Throws BadElf when it is too much, and from then on. */
  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw new BadElf('it unfolds to far more than its size: no compiler makes that');
  }
}
