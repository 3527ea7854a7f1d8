import { createHash } from 'node:crypto';
import type { ChipFacts } from './chips.ts';
import { type Flash, SECTOR_BYTES } from './flash-memory.ts';
import { FlashReader } from './flash-reader.ts';
import { FlashWriter } from './flash-writer.ts';
import { command, type Failure, failure, type Outcome, SYNC_REPLIES, syncPayload, wordsOf } from './protocol.ts';
import type { LoaderPort, Registers, Security } from './registers.ts';
import { encodeSlip, SlipReceiver } from './slip.ts';

const NOTHING = new Uint8Array();
const SYNC_VALUE = 0x20120707;
const SLOW_READ_BYTES = 64;
const MAX_FRAME_BYTES = 0x4000 + 64;
/** What the loader takes the flash for until SPI_SET_PARAMS says otherwise. */
const ASSUMED_FLASH_BYTES = 4 * 1024 * 1024;
/** GET_SECURITY_INFO's flags. */
const SECURE_BOOT = 1 << 0;
const SECURE_DOWNLOAD = 1 << 2;

/** What a ROM in secure download mode still does: nothing that reads, and nothing that runs a program. */
const allowedInSecureDownload: readonly number[] = [
  command.sync,
  command.securityInfo,
  command.spiAttach,
  command.spiSetParameters,
  command.changeBaud,
  command.flashBegin,
  command.flashData,
  command.flashEnd,
  command.deflateBegin,
  command.deflateData,
  command.deflateEnd,
];

export interface LoaderHooks {
  transmit(bytes: Uint8Array): void;
  changeBaud(baudRate: number): void;
  /** The loader resets the chip: after FLASH_END or RUN_USER_CODE, or because it jumped into nothing. */
  reboot(): void;
  /** One more command was taken. */
  onCommand?(): void;
}

export interface LoaderParts {
  chip: ChipFacts;
  flash: Flash;
  /** The flash has power. One that is attached without it is not found later either. */
  isFlashOn: () => boolean;
  registers: (isFlashAttached: () => boolean) => Registers;
  security: Security;
  port: LoaderPort;
  /** False: a program put into RAM is received, started, and never heard of again. */
  stubStarts: boolean;
  hooks: LoaderHooks;
}

/**
 * The chip's end of Espressif's serial loader protocol: the ROM, and, once a program has been put into RAM and started, what
 * Espressif's flasher stub would answer. (The stub's own machine code is received, checked and not run.)
 *
 * As strict as silicon: sequence numbers, checksums and lengths are checked, the ROM wants SPI_ATTACH before it touches the
 * flash and blocks of 1 KiB, both refuse what lies beyond the size they were told, unknown commands are answered 8 times.
 */
export class SerialLoader {
  readonly #parts: LoaderParts;
  readonly #flash: Flash;
  readonly #registers: Registers;
  readonly #hooks: LoaderHooks;
  readonly #receiver = new SlipReceiver(MAX_FRAME_BYTES);
  readonly #writer: FlashWriter;
  #reader: FlashReader | null = null;
  #isStub = false;
  #isDead = false;
  #isFlashAttached = false;
  #flashLimitBytes: number;
  #baudRate = 115200;
  /** The ROM's answer buffer: what READ_REG or SYNC left there goes out with every answer after it. */
  #lastValue = 0;
  #lastCode: number = command.sync;

  constructor(parts: LoaderParts) {
    this.#parts = parts;
    this.#flash = parts.flash;
    this.#hooks = parts.hooks;
    this.#flashLimitBytes = Math.min(ASSUMED_FLASH_BYTES, parts.flash.sizeBytes);
    this.#registers = parts.registers(() => this.#isFlashAttached);
    this.#writer = new FlashWriter(parts.flash, () => ({
      isStub: this.#isStub,
      isFlashAttached: this.#isFlashAttached,
      isUsbOtg: parts.port === 'usb-otg',
      isInFlash: (offset, lengthBytes) => this.#isInFlash(offset, lengthBytes),
    }));
  }

  receive(data: Uint8Array): void {
    for (const frame of this.#receiver.receive(data)) {
      if (this.#isDead) return;
      if (this.#reader !== null) {
        this.#reader.acknowledge(frame);
        if (this.#reader.isOver) this.#reader = null;
      } else this.#handle(frame);
    }
  }

  /** Reset or power-off: what the inflater had written stays written. */
  stop(): void {
    this.#isDead = true;
    this.#writer.settle();
  }

  #handle(frame: Uint8Array): void {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    // Anything that is not a request of the length it claims is noise to the ROM.
    if (frame.length < 8 || frame[0] !== 0x00 || view.getUint16(2, true) !== frame.length - 8) return;
    const code = frame[1] ?? 0;
    const late = code === command.sync ? null : this.#writer.takeLateFailure();
    this.#answer(code, late ?? this.#dispatch(code, frame.subarray(8), view.getUint32(4, true)));
    this.#hooks.onCommand?.();
  }

  #dispatch(code: number, data: Uint8Array, checksum: number): Outcome {
    const { security, chip } = this.#parts;
    if (security.secureDownload && !allowedInSecureDownload.includes(code)) return 'unsupported';
    const words = wordsOf(data);
    const [first = 0, second = 0, third = 0, fourth = 0] = words;
    switch (code) {
      case command.sync:
        if (!Buffer.from(data).equals(syncPayload)) return 'invalid';
        return { value: this.#isStub ? 0 : SYNC_VALUE, times: SYNC_REPLIES };
      case command.readRegister:
        return data.length === 4 ? { value: this.#registers.read(first) } : 'invalid';
      case command.writeRegister:
        if (data.length === 0 || data.length % 16 !== 0) return 'invalid';
        for (let at = 0; at < words.length; at += 4) this.#registers.write(words[at] ?? 0, words[at + 1] ?? 0, words[at + 2]);
        return {};
      case command.securityInfo:
        return chip.securityInfoBytes === 0 ? 'unsupported' : { data: this.#securityInfo() };
      case command.spiAttach:
        if (data.length < (this.#isStub ? 4 : 8)) return 'invalid';
        this.#isFlashAttached = this.#parts.isFlashOn();
        return {};
      case command.spiSetParameters:
        if (data.length !== 24) return 'invalid';
        this.#flashLimitBytes = Math.min(second, this.#flash.sizeBytes);
        return {};
      case command.changeBaud:
        return this.#changeBaud(data.length, first, second);
      case command.memBegin:
        if (data.length !== 16) return 'invalid';
        return this.#writer.begin({ kind: 'memory', sizeBytes: first, blocks: second, blockBytes: third, offset: fourth });
      case command.flashBegin:
      case command.deflateBegin: {
        const isTaken = this.#isStub ? words.length === 4 || words.length === 5 : words.length === chip.beginWords;
        if (!isTaken || data.length % 4 !== 0) return 'invalid';
        const kind = code === command.flashBegin ? 'flash' : 'deflate';
        return this.#writer.begin({ kind, sizeBytes: first, blocks: second, blockBytes: third, offset: fourth });
      }
      case command.memData:
        return this.#writer.block('memory', data, checksum);
      case command.flashData:
        return this.#writer.block('flash', data, checksum);
      case command.deflateData:
        return this.#writer.block('deflate', data, checksum);
      case command.memEnd:
        return data.length === 8 ? this.#endMemory(first !== 0, second) : 'invalid';
      case command.flashEnd:
      case command.deflateEnd:
        if (data.length !== 4) return 'invalid';
        return this.#writer.end() ?? (first === 0 ? { after: () => this.#hooks.reboot() } : {});
      case command.flashMd5:
        return data.length === 16 ? this.#digest(first, second) : 'invalid';
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
      case command.readFlash: {
        if (!this.#isInFlash(first, second) || third === 0 || fourth === 0) return 'failed';
        this.#writer.settle();
        const range = { offset: first, sizeBytes: second, blockBytes: third, inFlight: fourth };
        const reader = new FlashReader(this.#flash, range, (bytes) => this.#hooks.transmit(bytes));
        this.#reader = reader;
        return { after: () => reader.send() };
      }
      case command.runUserCode:
        return { times: 0, after: () => this.#hooks.reboot() };
      default:
        return 'unsupported';
    }
  }

  /** The stub reckons its divider from what the host says the rate was: a wrong old rate gives a wrong new one. */
  #changeBaud(lengthBytes: number, baudRate: number, before: number): Outcome {
    if (lengthBytes !== 8 || baudRate === 0 || (this.#isStub && before === 0)) return 'invalid';
    const becomes = this.#isStub ? Math.round((baudRate * this.#baudRate) / before) : baudRate;
    return {
      after: () => {
        this.#baudRate = becomes;
        this.#hooks.changeBaud(becomes);
      },
    };
  }

  #endMemory(isStaying: boolean, entry: number): Outcome {
    const isProgram = this.#writer.holdsProgram(entry);
    if (isStaying || entry === 0) return {};
    if (!isProgram) return { after: () => this.#hooks.reboot() };
    return {
      after: () => {
        const [from, to] = this.#parts.chip.stubEntry ?? [0, Infinity];
        if (!this.#parts.stubStarts || entry < from || entry >= to) {
          this.#isDead = true;
          return;
        }
        this.#isStub = true;
        this.#isFlashAttached = this.#parts.isFlashOn();
        this.#hooks.transmit(encodeSlip(Buffer.from('OHAI')));
      },
    };
  }

  #digest(offset: number, lengthBytes: number): Outcome {
    if (!this.#isFlashAttached || !this.#isInFlash(offset, lengthBytes)) return 'failed';
    this.#writer.settle();
    const digest = createHash('md5').update(this.#flash.read(offset, lengthBytes)).digest();
    return { data: this.#isStub ? digest : Buffer.from(digest.toString('hex')) };
  }

  #readSlow(offset: number, lengthBytes: number): Outcome {
    if (lengthBytes > SLOW_READ_BYTES) return 'readLength';
    if (!this.#isFlashAttached || !this.#isInFlash(offset, lengthBytes)) return 'failed';
    // The ROM sends its whole buffer, however little of it was read.
    const data = Buffer.alloc(SLOW_READ_BYTES, 0xa5);
    data.set(this.#flash.read(offset, lengthBytes));
    return { data };
  }

  /** Flags u32, SPI_BOOT_CRYPT_CNT u8, key purposes 7 bytes, and of newer ROMs the chip id u32 and an interface version u32. */
  #securityInfo(): Uint8Array {
    const { chip, security } = this.#parts;
    const info = new Uint8Array(20);
    const view = new DataView(info.buffer);
    view.setUint32(0, (security.secureBoot ? SECURE_BOOT : 0) | (security.secureDownload ? SECURE_DOWNLOAD : 0), true);
    view.setUint8(4, security.flashEncryption ? 1 : 0);
    view.setUint32(12, chip.chipId, true);
    return info.subarray(0, chip.securityInfoBytes);
  }

  #isInFlash(offset: number, lengthBytes: number): boolean {
    return this.#flash.contains(offset, lengthBytes) && offset + lengthBytes <= this.#flashLimitBytes;
  }

  #answer(code: number, outcome: Outcome): void {
    if (typeof outcome === 'string') this.#refuse(code, outcome);
    else {
      this.#lastCode = code;
      if (outcome.value !== undefined) this.#lastValue = outcome.value;
      const value = this.#isStub ? (outcome.value ?? 0) : this.#lastValue;
      for (let count = outcome.times ?? 1; count > 0; count--) this.#reply(code, value, outcome.data ?? NOTHING, [0, 0]);
      outcome.after?.();
    }
  }

  #refuse(code: number, why: Failure): void {
    const [romStatus, stubStatus] = failure[why];
    if (this.#isStub) {
      this.#reply(code, 0, NOTHING, [stubStatus, 0]);
      return;
    }
    const isUnknown = why === 'unsupported';
    // A command that the ROM does not know never gets into the answer buffer: the no comes under the name of the last one it knew.
    const under = isUnknown ? this.#lastCode : code;
    for (let count = isUnknown ? SYNC_REPLIES : 1; count > 0; count--) this.#reply(under, this.#lastValue, NOTHING, [1, romStatus]);
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
