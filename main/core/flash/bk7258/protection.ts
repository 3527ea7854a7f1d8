import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { FlashChip, StatusWrite } from './flash-chip.ts';
import type { Answer } from './frames.ts';
import type { BootLink } from './link.ts';

/** Commands of a flash that write its status registers: both, or the low one; the high one. */
const STATUS_WRITES = [0x01, 0x31];
const LOOKS = 5;
const LOOK_MS = 20;

/**
 * The write protection of a board's flash: bits of its status registers, which keep their values without power. In the same registers
 * stand bits that can never be cleared again, so that what is written back is read twice and changed in those bits only.
 */
export class Protection {
  readonly #link: BootLink;
  readonly #flash: FlashChip;
  /** As it was found; null: it was not touched. */
  #before: number | null;

  constructor(link: BootLink, flash: FlashChip, before: number | null = null) {
    this.#link = link;
    this.#flash = flash;
    this.#before = before;
  }

  get isLifted(): boolean {
    return this.#before !== null;
  }

  /** The same over another link. */
  over(link: BootLink): Protection {
    return new Protection(link, this.#flash, this.#before);
  }

  /** Fails with `flash/protocol` when the flash stays protected. */
  async lift(): Promise<void> {
    const { protection } = this.#flash;
    const before = await this.#read();
    if ((before & protection) === 0) return;
    this.#before ??= before;
    const now = await this.#write(before & ~protection);
    if ((now & protection) === 0) return;
    const status = `0x${now.toString(16).padStart(4, '0')}`;
    throw new TalkError('flash/protocol', { command: 'WRITE_STATUS', status, reason: 'the write protection does not clear' });
  }

  /** As it was found. False: it is not as it was. */
  async putBack(): Promise<boolean> {
    if (this.#before === null) return true;
    if ((await this.#write(this.#before)) !== this.#before) return false;
    this.#before = null;
    return true;
  }

  /** Without what says what it is doing just now. */
  async #read(): Promise<number> {
    const { statusCommands, volatileBits } = this.#flash;
    let status = 0;
    for (const [index, command] of statusCommands.entries()) {
      const isIt = ({ data }: Answer) => data.length === 1 || data[0] === command;
      const answer = await this.#link.requestAgreed('READ_STATUS', Uint8Array.from([command]), { isIt });
      // The command comes back before its value.
      status |= (answer[1] ?? answer[0] ?? 0) << (8 * index);
    }
    return status & ~volatileBits;
  }

  /** What it reads as then. */
  async #write(value: number): Promise<number> {
    let status = await this.#read();
    for (const [index, way] of this.#flash.statusWrites.entries()) {
      const isLast = index === this.#flash.statusWrites.length - 1;
      if (!(await this.#ask(value, way, isLast))) continue;
      for (let looks = 0; looks < LOOKS && (looks === 0 || status !== value); looks++) {
        if (looks > 0) await this.#link.sleep(LOOK_MS);
        status = await this.#read();
      }
      if (status === value) break;
    }
    return status;
  }

  /** False: it refuses this way, and there is another. */
  async #ask(value: number, way: StatusWrite, isLast: boolean): Promise<boolean> {
    try {
      for (const request of this.#requestsFor(value, way)) {
        const isIt = ({ data }: Answer) => data.length === 0 || data[0] === request[0];
        await this.#link.request('WRITE_STATUS', request, { isIt });
      }
      return true;
    } catch (error) {
      if (isLast || !isTalkError(error, 'flash/protocol') || error.value.data.status === null) throw error;
      return false;
    }
  }

  #requestsFor(value: number, way: StatusWrite): Uint8Array[] {
    const bytes = this.#flash.statusCommands.map((_, index) => (value >> (8 * index)) & 0xff);
    const [write = 0] = STATUS_WRITES;
    if (way === 'together') return [Uint8Array.from([write, ...bytes])];
    return bytes.map((byte, index) => Uint8Array.from([STATUS_WRITES[index] ?? write, byte]));
  }
}
