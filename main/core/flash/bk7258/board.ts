import { crc32 } from 'node:zlib';
import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { ChipIdentity, FlashOptions } from '../../../../preload/contract/flash.ts';
import type { FlashRun } from '../tool.ts';
import { enterBootloader, pulseReset, START_RATE } from './connect.ts';
import { type Dialect, dialectFor } from './dialect.ts';
import { flashChipOf } from './flash-chip.ts';
import { type Answer, readU32, u32 } from './frames.ts';
import { chipIn, chipRegisters, identityOf } from './identity.ts';
import { BootLink, OTHER_ANSWER } from './link.ts';
import { Protection } from './protection.ts';

export const SECTOR_BYTES = 0x1000;
export const BLOCK_BYTES = 0x10000;
const ERASE_SECTOR = 0x20;
const ERASE_BLOCK = 0xd8;
/** Times by a public tool for this chip, which found shorter ones too short. */
const ERASE_SECTOR_MS = 5000;
const ERASE_BLOCK_MS = 15_000;
const WRITE_MS = 8000;
const CRC_MS = 10_000;
const BAUD_ANSWER_MS = 600;
/** Between lower and higher only these are tried. */
const rates = [2_000_000, 1_500_000, 921_600, 460_800, 230_400, START_RATE];
const REBOOT_KEY = 0xa5;
/** The bootloader listens for a few milliseconds only; asked sooner it would stay. */
const BOOT_MS = 300;
/** Fewer are a line that rang. */
const SPEAKS_BYTES = 8;
const RECONNECT_PULSES = 5;
/** For a short request to leave, at any rate. */
const SENT_MS = 10;

/** A board in its bootloader. What fails for a line that is too fast is tried again on a slower one. */
export class BootBoard {
  readonly link: BootLink;
  readonly #run: FlashRun;
  readonly #options: FlashOptions;
  readonly #dialect: Dialect;
  readonly #signal: AbortSignal;
  #rate = START_RATE;
  /** Once its flash is known. */
  #protection: Protection | null = null;
  #isLinked = false;

  constructor(run: FlashRun, options: FlashOptions, signal: AbortSignal = run.signal) {
    this.#run = run;
    this.#options = options;
    this.#dialect = dialectFor(options);
    this.#signal = signal;
    this.link = new BootLink(run, signal);
  }

  get isLinked(): boolean {
    return this.#isLinked;
  }

  /** Whether it is worth reaching it once more: it listens, or its flash is without its protection. */
  get isUnfinished(): boolean {
    return this.#isLinked || this.isUnprotected;
  }

  /** Its flash's protection is not as it was found. */
  get isUnprotected(): boolean {
    return this.#protection?.isLifted === true;
  }

  /** Fails with `flash/sync-timeout`. */
  async connect(pulses?: number): Promise<void> {
    this.#isLinked = false;
    await enterBootloader(this.#run, this.link, this.#options.before, pulses);
    this.#rate = START_RATE;
    this.#isLinked = true;
  }

  /** Another link to where this one is, for putting things back after `signal` of this one was aborted. */
  again(): BootBoard {
    const board = new BootBoard(this.#run, this.#options, new AbortController().signal);
    board.#rate = this.#rate;
    board.#protection = this.#protection?.over(board.link) ?? null;
    board.#isLinked = this.#isLinked;
    return board;
  }

  /** After it was left in the middle of something. False: it answers no more. */
  async comeBack(): Promise<boolean> {
    this.#isLinked = await this.link.linkCheck(50, 20);
    // It may have been left between two rates, or reset.
    for (let round = 1; round <= RECONNECT_PULSES && !this.#isLinked; round++) {
      await this.#run.port.setBaudRate(START_RATE);
      if (!(await pulseReset(this.#run, this.#options.before, this.#signal))) break;
      this.#isLinked = await this.link.linkCheck(200, 2);
      if (this.#isLinked) this.#rate = START_RATE;
    }
    return this.#isLinked;
  }

  /** What it says it is. Fails with `flash/wrong-chip` for another of Beken's, known or not, unless forced. */
  async identify(): Promise<ChipIdentity> {
    const register = await this.#chipRegister();
    const answer = await this.link.requestAgreed('READ_ID', Uint8Array.from([0x9f, 0, 0, 0]), { isIt: ({ data }) => data.length >= 3 });
    const [maker = 0, type = 0, capacity = 0] = answer.subarray(-3);
    const flash = flashChipOf(maker | (type << 8) | (capacity << 16));
    this.#protection = new Protection(this.link, flash);
    const identity = identityOf(register, flash);
    if (identity.chip !== 'bk7258' && !this.#options.force)
      throw new TalkError('flash/wrong-chip', { expected: 'bk7258', actual: identity.chip });
    return identity;
  }

  /** To that rate, or the next lower one that works. */
  async speedUp(wanted: number): Promise<void> {
    let reason = 'no answer';
    for (const rate of [wanted, ...rates.filter((each) => each < wanted)]) {
      if (rate === this.#rate) break;
      const isCarried = await this.#isCarried(rate);
      if (isCarried && (await this.#setRate(rate))) break;
      reason = isCarried ? 'no answer' : 'the port does not have it';
    }
    if (this.#rate < wanted) this.#run.note('baud-reduced', { from: wanted, to: this.#rate, reason });
  }

  /** A lower rate, if need be the board's own after another reset. False: there is none. */
  async slowDown(reason: string): Promise<boolean> {
    const from = this.#rate;
    const lower = await this.#lowerRate();
    if (lower === null) return false;
    // Where that does not help, it was reset and is at its own, the lowest.
    if (!(await this.#setRate(lower)) && this.#rate === from) await this.connect(RECONNECT_PULSES);
    this.#run.note('baud-reduced', { from, to: this.#rate, reason });
    try {
      await this.unprotect();
      return true;
    } catch (error) {
      if (!isTalkError(error, 'flash/protocol')) throw error;
      return this.slowDown(String(error.value.data.reason));
    }
  }

  /** Fails with `flash/protocol` when its flash stays write-protected. */
  async unprotect(): Promise<void> {
    if (this.#protection === null) throw new Error('not identified yet');
    await this.#protection.lift();
  }

  /** The protection as it was found, as far as it goes: `isUnprotected` says what came of it. */
  async protectAgain(): Promise<void> {
    await this.#protection?.putBack();
  }

  async eraseSector(address: number, says = 'sector'): Promise<void> {
    await this.#erase(ERASE_SECTOR, address, ERASE_SECTOR_MS, says);
  }

  async eraseBlock(address: number): Promise<void> {
    await this.#erase(ERASE_BLOCK, address, ERASE_BLOCK_MS, 'block');
  }

  /** Into an erased sector. One that may have been written in part is erased before it is tried again. */
  async writeSector(address: number, data: Uint8Array): Promise<void> {
    const padded = new Uint8Array(SECTOR_BYTES).fill(0xff);
    padded.set(data);
    await this.link.request('WRITE_SECTOR', Buffer.concat([u32(address), padded]), {
      timeoutMs: WRITE_MS,
      tries: 3,
      says: `${hex(address)} ${data.length} bytes`,
      isIt: (answer) => readU32(answer.data, 0) === address,
      onRepeat: async (reason) => {
        this.#run.note('block-repeated', { offset: address, reason });
        await this.eraseSector(address);
      },
    });
  }

  /** Whether the flash holds these bytes there, by its own CRC. Also what it said, for the error. */
  async compare(address: number, data: Uint8Array): Promise<{ isSame: boolean; expected: string; actual: string }> {
    const end = address + data.length - (this.#dialect.crcEnd === 'inclusive' ? 1 : 0);
    const answer = await this.link.request('CRC', u32(address, end), { timeoutMs: CRC_MS, isIt: (given) => given.data.length >= 4 });
    const actual = readU32(answer, 0) ?? 0;
    const zlib = crc32(data);
    // Beken leaves out the last inversion.
    const expected = ~zlib >>> 0;
    return { isSame: actual === expected || actual === zlib, expected: hex(expected), actual: hex(actual) };
  }

  /**
   * Into its application. False: it still answers as a bootloader. Whoever says something unasked is an application; asked it is only
   * where nothing was said, because the head of a boot log is kept for the monitor as long as nothing is written. A board that was
   * reset speaks at its own rate, one that was not answers at the job's.
   */
  async restart(): Promise<boolean> {
    const { port } = this.#run;
    const ways = this.#dialect.restart === 'lines' ? (['lines', 'command'] as const) : (['command', 'lines'] as const);
    for (const way of ways) {
      if (way === 'command') {
        await this.link.tell('REBOOT', Uint8Array.from([REBOOT_KEY]));
        await this.link.sleep(SENT_MS);
      }
      await port.setBaudRate(START_RATE);
      const isReset = way === 'command' || (await pulseReset(this.#run, this.#options.before, this.#signal));
      const isThere = isReset && (await this.link.hears(SPEAKS_BYTES, BOOT_MS));
      if (!isThere) await port.setBaudRate(this.#rate);
      if (isThere || (isReset && !(await this.link.linkCheck(3, 10)))) {
        this.#isLinked = false;
        return true;
      }
    }
    return false;
  }

  /** One that is known, else any. Null: nothing that can be one. */
  async #chipRegister(): Promise<number | null> {
    let unknown: number | null = null;
    for (const register of chipRegisters) {
      // Some boot ROMs answer with the address plus one (tyutool).
      const isIt = ({ data }: Answer) => [register, register + 1].includes(readU32(data, 0) ?? 0) && data.length >= 8;
      try {
        const answer = await this.link.requestAgreed('READ_REGISTER', u32(register), { timeoutMs: 300, tries: 2, isIt });
        const value = readU32(answer, 4) ?? 0;
        if (chipIn(value) !== null) return value;
        if (value !== 0 && value !== 0xffffffff) unknown ??= value;
      } catch (error) {
        if (!isTalkError(error, 'flash/protocol')) throw error;
      }
    }
    return unknown;
  }

  /** Whether this side has that rate: asked before the board is told, which could not be heard there. */
  async #isCarried(rate: number): Promise<boolean> {
    const { port } = this.#run;
    try {
      await port.setBaudRate(rate);
    } catch (error) {
      if (!isTalkError(error, 'port/unsupported')) throw error;
      return false;
    }
    await port.setBaudRate(this.#rate);
    return true;
  }

  /** The next lower one that this side has. */
  async #lowerRate(): Promise<number | null> {
    for (const rate of rates) if (rate < this.#rate && (await this.#isCarried(rate))) return rate;
    return null;
  }

  /** False: it did not take it; `isLinked` says whether it still answers at its old one. */
  async #setRate(rate: number): Promise<boolean> {
    const { port, trace } = this.#run;
    const { baudDelayMs, settleMs } = this.#dialect;
    const old = this.#rate;
    trace.sent(`SET_BAUD ${rate}`);
    await this.link.send('SET_BAUD', Uint8Array.from([...u32(rate), baudDelayMs]));
    await this.link.sleep(SENT_MS + baudDelayMs / 2);
    await port.setBaudRate(rate);
    const isIt = ({ data }: Answer) => readU32(data, 0) === rate;
    if ((await this.link.answer('SET_BAUD', baudDelayMs + BAUD_ANSWER_MS, isIt)) !== null || (await this.link.linkCheck(10, 10))) {
      trace.received('ok');
      this.#rate = rate;
      await this.link.sleep(settleMs);
      return true;
    }
    trace.received('nothing');
    await port.setBaudRate(old);
    this.#isLinked = await this.link.linkCheck(10, 10);
    if (!this.#isLinked) await this.connect(RECONNECT_PULSES);
    return false;
  }

  async #erase(kind: number, address: number, timeoutMs: number, says: string): Promise<void> {
    await this.link.request('ERASE', Uint8Array.from([kind, ...u32(address)]), {
      timeoutMs,
      tries: 3,
      says: `${hex(address)} ${says}`,
      isIt: ({ data }) => data[0] === kind && readU32(data, 1) === address,
      onRepeat: async (reason) => {
        // Nothing has a checksum: it may have erased what its answer names.
        if (reason === OTHER_ANSWER) this.#run.note('block-repeated', { offset: address, reason });
      },
    });
  }
}

export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
