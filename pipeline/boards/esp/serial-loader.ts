import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { type FlashMemory, SECTOR_BYTES } from './flash-memory.ts';
import type { Registers } from './registers.ts';
import { encodeSlip, SlipReceiver } from './slip.ts';

/** Espressif's numbers (reference/esp.md §3). */
const command = {
  flashBegin: 0x02,
  flashData: 0x03,
  flashEnd: 0x04,
  memBegin: 0x05,
  memEnd: 0x06,
  memData: 0x07,
  sync: 0x08,
  writeRegister: 0x09,
  readRegister: 0x0a,
  spiSetParameters: 0x0b,
  spiAttach: 0x0d,
  readFlashSlow: 0x0e,
  changeBaud: 0x0f,
  deflateBegin: 0x10,
  deflateData: 0x11,
  deflateEnd: 0x12,
  flashMd5: 0x13,
  securityInfo: 0x14,
  eraseFlash: 0xd0,
  eraseRegion: 0xd1,
  readFlash: 0xd2,
  runUserCode: 0xd3,
} as const;

/** [what the ROM says, what the stub says]. */
const failure = {
  unsupported: [0x05, 0xff],
  failed: [0x06, 0xc4],
  checksum: [0x07, 0xc1],
  flashWrite: [0x08, 0xc4],
  length: [0x0a, 0xc0],
  inflate: [0x0b, 0xc7],
  notInFlashMode: [0x06, 0xc6],
  blockSize: [0x0a, 0xc2],
  notEnough: [0x06, 0xc8],
  tooMuch: [0x06, 0xc9],
} as const;
type Failure = keyof typeof failure;

/** What a command comes to: why it failed, or what is answered (`times` over), and what happens once it was. */
type Outcome = Failure | { value?: number; data?: Uint8Array; times?: number; after?: () => void };

const NOTHING = new Uint8Array();

const CHIP_ID = 9;
const SYNC_REPLIES = 8;
const ROM_BLOCK_BYTES = 0x400;
const MAX_FRAME_BYTES = 0x4000 + 64;

export interface LoaderHooks {
  transmit(bytes: Uint8Array): void;
  changeBaud(baudRate: number): void;
  /** The loader resets the chip: after FLASH_END or RUN_USER_CODE, or because it jumped into nothing. */
  reboot(): void;
}

interface Write {
  kind: 'memory' | 'flash' | 'deflate';
  offset: number;
  sizeBytes: number;
  blocks: number;
  blockBytes: number;
  nextBlock: number;
  compressed: Uint8Array[];
}

/**
 * The chip's end of Espressif's serial loader protocol: the ESP32-S3's ROM, and, once a program has been put into RAM and
 * started, what Espressif's flasher stub would answer. (The stub's own machine code is received, checked and not run.)
 *
 * As strict as silicon: sequence numbers, checksums and lengths are checked, the ROM wants SPI_ATTACH before it touches the
 * flash and blocks of 1 KiB, unknown commands are answered 8 times.
 */
export class SerialLoader {
  #isStub = false;
  #isFlashAttached = false;
  #write: Write | null = null;
  #ramRanges: { start: number; end: number }[] = [];
  #read: { offset: number; end: number; sent: number; acknowledged: number; blockBytes: number; inFlight: number } | null = null;
  /** The stub acknowledges a block before it writes it, so a failure is told by the next command. */
  #lateFailure: Failure | null = null;
  #flashLimitBytes: number;
  readonly #receiver = new SlipReceiver(MAX_FRAME_BYTES);
  readonly #flash: FlashMemory;
  readonly #registers: Registers;
  readonly #hooks: LoaderHooks;

  constructor(parts: { flash: FlashMemory; registers: (isFlashAttached: () => boolean) => Registers; hooks: LoaderHooks }) {
    this.#flash = parts.flash;
    this.#hooks = parts.hooks;
    this.#flashLimitBytes = parts.flash.sizeBytes;
    this.#registers = parts.registers(() => this.#isFlashAttached || this.#isStub);
  }

  receive(data: Uint8Array): void {
    for (const frame of this.#receiver.receive(data)) {
      if (this.#read !== null) this.#acknowledge(frame);
      else this.#handle(frame);
    }
  }

  #handle(frame: Uint8Array): void {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    // Anything that is not a request of the length it claims is noise to the ROM.
    if (frame.length < 8 || frame[0] !== 0x00 || view.getUint16(2, true) !== frame.length - 8) return;
    const code = frame[1] ?? 0;
    const late = this.#lateFailure;
    if (late !== null && code !== command.sync) {
      this.#lateFailure = null;
      this.#answer(code, late);
    } else this.#answer(code, this.#dispatch(code, frame.subarray(8), view.getUint32(4, true)));
  }

  #dispatch(code: number, data: Uint8Array, checksum: number): Outcome {
    const words = wordsOf(data);
    const [first = 0, second = 0, third = 0, fourth = 0] = words;
    switch (code) {
      case command.sync:
        return { value: this.#isStub ? 0 : 0x20120707, times: SYNC_REPLIES };
      case command.readRegister:
        return { value: this.#registers.read(first) };
      case command.writeRegister:
        for (let at = 0; at + 3 < words.length; at += 4) this.#registers.write(words[at] ?? 0, words[at + 1] ?? 0, words[at + 2]);
        return {};
      case command.securityInfo:
        return { data: securityInfo() };
      case command.spiAttach:
        if (data.length < (this.#isStub ? 4 : 8)) return 'length';
        this.#isFlashAttached = true;
        return {};
      case command.spiSetParameters:
        if (data.length < 24) return 'length';
        this.#flashLimitBytes = Math.min(second, this.#flash.sizeBytes);
        return {};
      case command.changeBaud:
        return { after: () => this.#hooks.changeBaud(first) };
      case command.memBegin:
        return this.#begin({ kind: 'memory', sizeBytes: first, blocks: second, blockBytes: third, offset: fourth });
      case command.flashBegin:
      case command.deflateBegin: {
        const kind = code === command.flashBegin ? 'flash' : 'deflate';
        // The ROM of every chip after the ESP32 wants a fifth word: encrypt or not.
        if (data.length < (this.#isStub ? 16 : 20)) return 'length';
        return this.#begin({ kind, sizeBytes: first, blocks: second, blockBytes: third, offset: fourth });
      }
      case command.memData:
        return this.#block('memory', data, checksum);
      case command.flashData:
        return this.#block('flash', data, checksum);
      case command.deflateData:
        return this.#block('deflate', data, checksum);
      case command.memEnd:
        return this.#endMemory(first !== 0, second);
      case command.flashEnd:
      case command.deflateEnd:
        return this.#endFlash(first === 0);
      case command.flashMd5:
        return this.#digest(first, second);
      default:
        if (this.#isStub) return this.#dispatchStub(code, first, second, third, fourth);
        return code === command.readFlashSlow ? this.#readSlow(first, second) : 'unsupported';
    }
  }

  #dispatchStub(code: number, first: number, second: number, third: number, fourth: number): Outcome {
    switch (code) {
      case command.eraseFlash:
        this.#flash.eraseAll();
        return {};
      case command.eraseRegion:
        if (first % SECTOR_BYTES !== 0 || second % SECTOR_BYTES !== 0 || !this.#isInFlash(first, second)) return 'failed';
        this.#flash.erase(first, second);
        return {};
      case command.readFlash:
        if (!this.#isInFlash(first, second) || third === 0 || fourth === 0) return 'failed';
        this.#read = { offset: first, end: first + second, sent: 0, acknowledged: 0, blockBytes: third, inFlight: fourth };
        return { after: () => this.#sendMore() };
      case command.runUserCode:
        return { times: 0, after: () => this.#hooks.reboot() };
      default:
        return 'unsupported';
    }
  }

  #begin(write: Omit<Write, 'nextBlock' | 'compressed'>): Outcome {
    if (write.kind !== 'memory') {
      if (!this.#isFlashAttached && !this.#isStub) return 'failed';
      if (write.blockBytes > (this.#isStub ? 0x4000 : ROM_BLOCK_BYTES)) return 'blockSize';
      if (!this.#isInFlash(write.offset, write.sizeBytes)) return 'failed';
      this.#flash.erase(write.offset, write.sizeBytes);
    }
    this.#write = { ...write, nextBlock: 0, compressed: [] };
    return {};
  }

  #block(kind: Write['kind'], data: Uint8Array, checksum: number): Outcome {
    const [length = 0, sequence = 0] = wordsOf(data.subarray(0, 8));
    const payload = data.subarray(16);
    const write = this.#write;
    if (write === null || write.kind !== kind) return 'notInFlashMode';
    if (payload.length !== length) return 'length';
    if (length > write.blockBytes) return 'blockSize';
    if (payload.reduce((sum, byte) => sum ^ byte, 0xef) !== checksum) return 'checksum';
    if (sequence >= write.blocks) return 'tooMuch';
    // A block the host repeats because it missed our answer is taken again; one out of order is not.
    if (sequence !== write.nextBlock && sequence !== write.nextBlock - 1) return 'failed';
    const isRepeated = sequence === write.nextBlock - 1;
    write.nextBlock = sequence + 1;

    if (kind === 'memory') this.#ramRanges.push({ start: write.offset, end: write.offset + write.sizeBytes });
    if (kind === 'flash') this.#flash.program(write.offset + sequence * write.blockBytes, payload.subarray(0, this.#room(write, sequence)));
    if (kind === 'deflate') {
      if (!isRepeated) write.compressed.push(payload.slice());
      if (write.nextBlock === write.blocks && !isRepeated) this.#lateFailure = this.#inflate(write);
      if (!this.#isStub && this.#lateFailure !== null) {
        this.#lateFailure = null;
        return 'inflate';
      }
    }
    return {};
  }

  /** The stub leaves the padding of the last block out; the ROM erased for whole blocks and writes it. */
  #room(write: Write, sequence: number): number {
    return this.#isStub ? Math.max(0, write.sizeBytes - sequence * write.blockBytes) : write.blockBytes;
  }

  /** At the last block: the stream is one zlib stream across blocks. */
  #inflate(write: Write): Failure | null {
    let plain: Uint8Array;
    try {
      plain = inflateSync(Buffer.concat(write.compressed));
    } catch {
      return 'inflate';
    }
    if (plain.length > write.sizeBytes) return 'tooMuch';
    if (plain.length < write.sizeBytes && this.#isStub) return 'notEnough';
    this.#flash.program(write.offset, plain);
    return null;
  }

  #endMemory(isStaying: boolean, entry: number): Outcome {
    this.#write = null;
    if (isStaying || entry === 0) return {};
    if (!this.#ramRanges.some(({ start, end }) => entry >= start && entry < end)) return { after: () => this.#hooks.reboot() };
    return {
      after: () => {
        this.#isStub = true;
        this.#hooks.transmit(encodeSlip(Buffer.from('OHAI')));
      },
    };
  }

  #endFlash(isRebooting: boolean): Outcome {
    const write = this.#write;
    // The ROM does not mind an end without a beginning; the stub does.
    if (write === null && this.#isStub) return 'notInFlashMode';
    if (write !== null && write.nextBlock < write.blocks) return 'notEnough';
    this.#write = null;
    return isRebooting ? { after: () => this.#hooks.reboot() } : {};
  }

  #digest(offset: number, lengthBytes: number): Outcome {
    if ((!this.#isFlashAttached && !this.#isStub) || !this.#isInFlash(offset, lengthBytes)) return 'failed';
    const digest = createHash('md5').update(this.#flash.read(offset, lengthBytes)).digest();
    return { data: this.#isStub ? digest : Buffer.from(digest.toString('hex')) };
  }

  #readSlow(offset: number, lengthBytes: number): Outcome {
    if (!this.#isFlashAttached || lengthBytes > 64 || !this.#isInFlash(offset, lengthBytes)) return 'failed';
    return { data: this.#flash.read(offset, lengthBytes) };
  }

  /** READ_FLASH: the host acknowledges with the count of bytes it has; then comes the MD5 of all of them. */
  #acknowledge(frame: Uint8Array): void {
    const read = this.#read;
    const [count] = wordsOf(frame);
    if (read === null || count === undefined || count > read.sent) return;
    read.acknowledged = count;
    this.#sendMore();
  }

  #sendMore(): void {
    const read = this.#read;
    if (read === null) return;
    const total = read.end - read.offset;
    while (read.sent < total && read.sent - read.acknowledged < read.blockBytes * read.inFlight) {
      const length = Math.min(read.blockBytes, total - read.sent);
      this.#hooks.transmit(encodeSlip(this.#flash.read(read.offset + read.sent, length)));
      read.sent += length;
    }
    if (read.acknowledged < total) return;
    this.#read = null;
    this.#hooks.transmit(encodeSlip(createHash('md5').update(this.#flash.read(read.offset, total)).digest()));
  }

  #isInFlash(offset: number, lengthBytes: number): boolean {
    return this.#flash.contains(offset, lengthBytes) && offset + lengthBytes <= this.#flashLimitBytes;
  }

  #answer(code: number, outcome: Outcome): void {
    if (typeof outcome !== 'string') {
      for (let count = outcome.times ?? 1; count > 0; count--) this.#reply(code, outcome.value ?? 0, outcome.data ?? NOTHING, [0, 0]);
      outcome.after?.();
      return;
    }
    const number = failure[outcome][this.#isStub ? 1 : 0];
    const times = outcome === 'unsupported' && !this.#isStub ? SYNC_REPLIES : 1;
    for (let count = times; count > 0; count--) this.#reply(code, 0, NOTHING, this.#isStub ? [number, 0] : [1, number]);
  }

  /** The status is 2 bytes from the stub and 4 from the ROM, of which 2 matter. */
  #reply(code: number, value: number, data: Uint8Array, status: readonly [number, number]): void {
    const tail = this.#isStub ? [...status] : [...status, 0, 0];
    const frame = new Uint8Array(8 + data.length + tail.length);
    const view = new DataView(frame.buffer);
    frame[0] = 0x01;
    frame[1] = code;
    view.setUint16(2, data.length + tail.length, true);
    view.setUint32(4, value >>> 0, true);
    frame.set(data, 8);
    frame.set(tail, 8 + data.length);
    this.#hooks.transmit(encodeSlip(frame));
  }
}

function wordsOf(data: Uint8Array): number[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: Math.floor(data.length / 4) }, (_, index) => view.getUint32(index * 4, true));
}

/** Flags u32, crypt count u8, key purposes 7 bytes, chip id u32, api version u32. Nothing is locked on this chip. */
function securityInfo(): Uint8Array {
  const info = new Uint8Array(20);
  new DataView(info.buffer).setUint32(12, CHIP_ID, true);
  return info;
}
