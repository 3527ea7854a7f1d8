import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { FlashMemory, SECTOR_BYTES } from './flash-memory.ts';
import { Registers } from './registers.ts';
import { encodeSlip, SlipReader } from './slip.ts';

const command = {
  flashBegin: 0x02,
  flashData: 0x03,
  flashEnd: 0x04,
  memoryBegin: 0x05,
  memoryEnd: 0x06,
  memoryData: 0x07,
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

/** Status bytes of a refused command: [1, code] from the ROM, the code alone, high byte first, from the stub. */
const romError = { unsupported: 0x05, failed: 0x06, checksum: 0x07, deflate: 0x0b } as const;
const stubError = { length: 0xc0, checksum: 0xc1, blockSize: 0xc2, command: 0xc3, notInFlashMode: 0xc6, inflate: 0xc7 } as const;

const CHIP_ID_ESP32S3 = 9;
const ROM_BLOCK_BYTES = 0x400;
const STUB_BLOCK_BYTES = 0x4000;
const MEMORY_BLOCK_BYTES = 0x1800;
const SYNC_ANSWERS = 8;
const CHECKSUM_SEED = 0xef;

/** The data of a SYNC: what a loader is recognised by. */
export const syncData = Uint8Array.from([0x07, 0x07, 0x12, 0x20, ...Array<number>(32).fill(0x55)]);

interface Download {
  offset: number;
  blockBytes: number;
  blockCount: number;
  nextBlock: number;
  /** Bytes the image has once inflated; null for one sent as it is. */
  inflatedBytes: number | null;
  received: Uint8Array[];
}

interface FlashReading {
  offset: number;
  length: number;
  blockBytes: number;
  inFlight: number;
  sent: number;
  acknowledged: number;
}

export interface SerialLoaderOptions {
  flash: FlashMemory;
  mac: Uint8Array;
  transmit(data: Uint8Array): void;
  setBaudRate(baudRate: number): void;
  /** The loader was told to start the application. */
  reboot(): void;
}

/** What a handler answers with; nothing means "done, no data". */
interface Answer {
  value?: number;
  data?: Uint8Array;
  /** Runs after the answer is out. */
  then?: () => void;
  times?: number;
}

class Refusal extends Error {
  readonly rom: number;
  readonly stub: number;
  constructor(rom: number, stub: number) {
    super('refused');
    this.rom = rom;
    this.stub = stub;
  }
}

function refuse(rom: keyof typeof romError, stub: keyof typeof stubError): never {
  throw new Refusal(romError[rom], stubError[stub]);
}

/**
 * The serial loader of an ESP32-S3: the ROM's, and after a program was loaded to RAM and started, the stub's (reference/esp.md
 * §3). As strict as the real one: flash must be attached before it is written through the ROM, blocks have a largest size, a
 * sequence, a checksum.
 */
export class SerialLoader {
  readonly #options: SerialLoaderOptions;
  readonly #registers: Registers;
  readonly #slip = new SlipReader();
  #isStub = false;
  #isFlashAttached = false;
  #download: Download | null = null;
  #memory: { blockBytes: number; nextBlock: number } | null = null;
  #reading: FlashReading | null = null;
  /** Something was written since the loader started: whoever closes the line now expects a reboot. */
  hasWritten = false;

  constructor(options: SerialLoaderOptions) {
    this.#options = options;
    this.#registers = new Registers(options.mac);
  }

  receive(data: Uint8Array): void {
    for (const packet of this.#slip.push(data)) {
      if (this.#reading !== null) this.#acknowledgeReading(packet);
      else this.#execute(packet);
    }
  }

  #execute(packet: Uint8Array): void {
    if (packet.length < 8 || packet[0] !== 0x00) return;
    const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
    const [opcode, length, checksum] = [view.getUint8(1), view.getUint16(2, true), view.getUint32(4, true)];
    const body = packet.subarray(8);
    try {
      if (body.length !== length) refuse('unsupported', 'length');
      const answer = this.#perform(opcode, new DataView(body.buffer, body.byteOffset, body.byteLength), body, checksum);
      for (let times = answer.times ?? 1; times > 0; times--) this.#respond(opcode, answer.value ?? 0, answer.data, null);
      answer.then?.();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // The ROM repeats itself for a command it does not have; reference/esp.md §3.
      const times = !this.#isStub && error.rom === romError.unsupported ? SYNC_ANSWERS : 1;
      for (let index = 0; index < times; index++) this.#respond(opcode, 0, undefined, error);
    }
  }

  #perform(opcode: number, view: DataView, body: Uint8Array, checksum: number): Answer {
    const word = (index: number): number => {
      if (body.length < (index + 1) * 4) refuse('unsupported', 'length');
      return view.getUint32(index * 4, true);
    };
    switch (opcode) {
      case command.sync:
        // The ROM answers eight times with a value; the stub once more each with zero.
        return { times: SYNC_ANSWERS, value: this.#isStub ? 0 : 0x20120707 };
      case command.readRegister:
        return { value: this.#registers.read(word(0)) };
      case command.writeRegister:
        this.#registers.write(word(0), word(1), word(2));
        return {};
      case command.securityInfo:
        return { data: securityInfo() };
      case command.spiAttach:
        this.#isFlashAttached = true;
        return {};
      case command.spiSetParameters:
        return {};
      case command.changeBaud:
        return { then: () => this.#options.setBaudRate(word(0)) };
      case command.memoryBegin:
        if (word(2) > MEMORY_BLOCK_BYTES) refuse('unsupported', 'blockSize');
        this.#memory = { blockBytes: word(2), nextBlock: 0 };
        return {};
      case command.memoryData:
        return this.#memoryData(word(0), word(1), body.subarray(16), checksum);
      case command.memoryEnd:
        return word(0) === 0 && this.#memory !== null && !this.#isStub ? { then: () => this.#startStub() } : {};
      case command.flashBegin:
        return this.#begin(word(0), word(1), word(2), word(3), null);
      case command.deflateBegin:
        return this.#begin(word(0), word(1), word(2), word(3), word(0));
      case command.flashData:
      case command.deflateData:
        return this.#data(word(0), word(1), body.subarray(16), checksum);
      case command.flashEnd:
      case command.deflateEnd:
        this.#download = null;
        return word(0) === 0 ? { then: () => this.#options.reboot() } : {};
      case command.flashMd5:
        return this.#md5(word(0), word(1));
      case command.readFlashSlow:
        return { data: this.#options.flash.read(this.#within(word(0), word(1)), Math.min(word(1), 64)) };
      default:
        return this.#isStub ? this.#performStub(opcode, word) : refuse('unsupported', 'command');
    }
  }

  #performStub(opcode: number, word: (index: number) => number): Answer {
    const { flash } = this.#options;
    switch (opcode) {
      case command.eraseFlash:
        flash.erase(0, flash.sizeBytes);
        this.hasWritten = true;
        return {};
      case command.eraseRegion:
        if (word(0) % SECTOR_BYTES !== 0 || word(1) % SECTOR_BYTES !== 0) refuse('failed', 'length');
        flash.erase(this.#within(word(0), word(1)), word(1));
        this.hasWritten = true;
        return {};
      case command.readFlash: {
        const reading = { offset: this.#within(word(0), word(1)), length: word(1), blockBytes: word(2), inFlight: word(3), sent: 0, acknowledged: 0 };
        return { then: () => this.#startReading(reading) };
      }
      case command.runUserCode:
        return { times: 0, then: () => this.#options.reboot() };
      default:
        return refuse('unsupported', 'command');
    }
  }

  #begin(sizeBytes: number, blockCount: number, blockBytes: number, offset: number, inflatedBytes: number | null): Answer {
    if (!this.#isStub && !this.#isFlashAttached) refuse('failed', 'notInFlashMode');
    if (blockBytes > (this.#isStub ? STUB_BLOCK_BYTES : ROM_BLOCK_BYTES)) refuse('unsupported', 'blockSize');
    // A begin of nothing is how a loader announces that it is about to leave.
    if (sizeBytes > 0) {
      this.#options.flash.erase(this.#within(offset, sizeBytes), sizeBytes);
      this.hasWritten = true;
    }
    this.#download = { offset, blockBytes, blockCount, nextBlock: 0, inflatedBytes, received: [] };
    return {};
  }

  #data(length: number, sequence: number, payload: Uint8Array, checksum: number): Answer {
    const download = this.#download ?? refuse('failed', 'notInFlashMode');
    if (payload.length !== length || length > download.blockBytes) refuse('unsupported', 'length');
    if (xorChecksum(payload) !== checksum) refuse('checksum', 'checksum');
    if (sequence !== download.nextBlock || sequence >= download.blockCount) refuse('failed', 'notInFlashMode');
    download.nextBlock++;
    if (download.inflatedBytes === null) {
      const at = download.offset + sequence * download.blockBytes;
      this.#options.flash.program(this.#within(at, payload.length), payload);
    } else {
      download.received.push(Uint8Array.from(payload));
      if (download.nextBlock === download.blockCount) this.#inflate(download, download.inflatedBytes);
    }
    return {};
  }

  #inflate(download: Download, inflatedBytes: number): void {
    let image: Uint8Array;
    try {
      image = inflateSync(Buffer.concat(download.received));
    } catch {
      return refuse('deflate', 'inflate');
    }
    // The ROM was told a size rounded up to whole blocks, the stub the exact one.
    if (this.#isStub ? image.length !== inflatedBytes : image.length > inflatedBytes) refuse('deflate', 'inflate');
    this.#options.flash.program(this.#within(download.offset, image.length), image);
  }

  #memoryData(length: number, sequence: number, payload: Uint8Array, checksum: number): Answer {
    const memory = this.#memory ?? refuse('failed', 'command');
    if (payload.length !== length || length > memory.blockBytes) refuse('unsupported', 'length');
    if (xorChecksum(payload) !== checksum) refuse('checksum', 'checksum');
    if (sequence !== memory.nextBlock) refuse('failed', 'command');
    memory.nextBlock++;
    return {};
  }

  /** What was loaded to RAM is taken to be a stub and played by this class: it says hello and speaks the stub's dialect. */
  #startStub(): void {
    this.#isStub = true;
    this.#isFlashAttached = true;
    this.#options.transmit(encodeSlip(Buffer.from('OHAI')));
  }

  #md5(offset: number, length: number): Answer {
    if (!this.#isStub && !this.#isFlashAttached) refuse('failed', 'notInFlashMode');
    const digest = createHash('md5').update(this.#options.flash.read(this.#within(offset, length), length)).digest();
    return { data: this.#isStub ? digest : Buffer.from(digest.toString('hex')) };
  }

  #startReading(reading: FlashReading): void {
    this.#reading = reading;
    this.#sendReading();
  }

  #sendReading(): void {
    const reading = this.#reading;
    if (reading === null) return;
    const { flash, transmit } = this.#options;
    while (reading.sent < reading.length && reading.sent - reading.acknowledged < reading.inFlight * reading.blockBytes) {
      const size = Math.min(reading.blockBytes, reading.length - reading.sent);
      transmit(encodeSlip(flash.read(reading.offset + reading.sent, size)));
      reading.sent += size;
    }
  }

  /** The host acknowledges with the number of bytes it has so far; the last packet is the MD5 of them all. */
  #acknowledgeReading(packet: Uint8Array): void {
    const reading = this.#reading;
    if (reading === null || packet.length !== 4) return;
    reading.acknowledged = new DataView(packet.buffer, packet.byteOffset, 4).getUint32(0, true);
    if (reading.acknowledged >= reading.length) {
      this.#reading = null;
      const digest = createHash('md5').update(this.#options.flash.read(reading.offset, reading.length)).digest();
      this.#options.transmit(encodeSlip(digest));
    } else this.#sendReading();
  }

  /** `offset`, when the range lies within the flash. */
  #within(offset: number, length: number): number {
    if (!this.#options.flash.holds(offset, length)) refuse('failed', 'length');
    return offset;
  }

  #respond(opcode: number, value: number, data: Uint8Array | undefined, refusal: Refusal | null): void {
    const status = this.#isStub
      ? [refusal === null ? 0 : refusal.stub, 0]
      : [refusal === null ? 0 : 1, refusal === null ? 0 : refusal.rom, 0, 0];
    const body = Buffer.concat([data ?? Buffer.alloc(0), Buffer.from(status)]);
    const head = Buffer.alloc(8);
    head.writeUInt8(0x01, 0);
    head.writeUInt8(opcode, 1);
    head.writeUInt16LE(body.length, 2);
    head.writeUInt32LE(value >>> 0, 4);
    this.#options.transmit(encodeSlip(Buffer.concat([head, body])));
  }
}

function xorChecksum(data: Uint8Array): number {
  let checksum = CHECKSUM_SEED;
  for (const byte of data) checksum ^= byte;
  return checksum;
}

/** flags, crypt count, key purposes, chip id, api version: nothing secured. */
function securityInfo(): Uint8Array {
  const info = Buffer.alloc(20);
  info.writeUInt32LE(CHIP_ID_ESP32S3, 12);
  return info;
}
