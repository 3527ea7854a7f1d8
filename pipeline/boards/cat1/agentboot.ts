import type { ModuleChip } from './chips.ts';
import { HEADER_BYTES, ids, isImageOf, type ReadHeader, readHeader } from './image-header.ts';
import { type Answer, ImageReceiver, refusal, word } from './image-receiver.ts';
import type { Frame } from './loader-frames.ts';
import type { ModuleFlash, Store } from './module-flash.ts';

const BLOCK_BYTES = 0x4000;
const PIECE_BYTES = 0x10000;
const MAPPED_AT = 0x800000;
const MAX_READ_BYTES = 240;
const CP_MARK = '01e1';
/** An image that was begun and is not whole. */
const UNFINISHED = 1;

export interface AgentbootHooks {
  /** Bytes on their way into flash: where a watchdog would end it. */
  wrote(sizeBytes: number): void;
  /** An image was begun: what ran before does no more. */
  began(id: number): void;
  /** It is in flash, and what its header said. */
  finished(image: { id: number; store: Store; offset: number; sizeBytes: number }): void;
  reset(): void;
}

interface Burning {
  id: number;
  store: Store;
  header: ReadHeader | null;
  image: Uint8Array;
  status: number;
}

/** The loader in RAM: takes orders, and while an image is to be burned, that image. */
export class RunningAgentboot {
  readonly #chip: ModuleChip;
  readonly #flash: ModuleFlash;
  readonly #hooks: AgentbootHooks;
  readonly #receiver: ImageReceiver;
  #takesOrders = false;
  #burning: Burning | null = null;

  constructor(options: { chip: ModuleChip; flash: ModuleFlash; wantsInfo: boolean; hooks: AgentbootHooks }) {
    this.#chip = options.chip;
    this.#flash = options.flash;
    this.#hooks = options.hooks;
    this.#receiver = new ImageReceiver({
      version: '000000020100000002262120',
      wantedId: () => (this.#burning?.header === null ? ids.head : (this.#burning?.id ?? 0)),
      limitBytes: () => {
        const header = this.#burning?.header ?? null;
        return header === null ? HEADER_BYTES : Math.min(PIECE_BYTES, header.sizeBytes - (this.#burning?.image.length ?? 0));
      },
      blockBytes: BLOCK_BYTES,
      wantsInfo: options.wantsInfo,
      accept: (bytes) => this.#accept(bytes),
    });
  }

  /** An image is to be burned, and not all of it is there. */
  get isBurning(): boolean {
    return this.#burning !== null && this.#burning.status !== 0;
  }

  wakeForOrders(): void {
    this.#takesOrders = true;
  }

  /** False: nobody ordered an image. */
  wakeForImage(): boolean {
    if (this.#burning === null) return false;
    this.#takesOrders = false;
    this.#receiver.wake();
    return true;
  }

  take(frame: Frame): Answer | null {
    if (!frame.isOrder) return this.#burning === null ? null : this.#receiver.take(frame);
    // The one order that is taken in between: how it went.
    if (!this.#takesOrders && frame.name !== 'GET_BURN_STATUS') return null;
    if (!frame.isSound) return { state: refusal.check };
    const data = Buffer.from(frame.data);
    switch (frame.name) {
      case 'BURN_ONE':
        return this.#begin(data);
      case 'GET_BURN_STATUS':
        return this.#burning === null ? { state: refusal.order } : { state: 0, data: word(this.#burning.status) };
      case 'FLASH_ERASE':
        return data.length === 8 ? this.#erase(data.readUInt32LE(4), data.readUInt32LE(0)) : { state: refusal.length };
      case 'READ_MEM':
        return data.length === 8 ? this.#read(data.readUInt32LE(4), data.readUInt32LE(0)) : { state: refusal.length };
      case 'SYS_RST':
        return { state: 0, data: Buffer.from('ZzZzZzZz'), after: () => this.#hooks.reset() };
      default:
        return { state: refusal.order };
    }
  }

  #begin(data: Buffer): Answer {
    const id = data.length >= 4 ? data.readUInt32LE(0) : 0;
    const isForCp = data.length === 6 && data.subarray(4).toString('hex') === CP_MARK;
    if (data.length !== 4 && !isForCp) return { state: refusal.length };
    const known: readonly number[] = [ids.boot, ids.ap, ids.cp, ids.flex];
    // The EC618's modem has its own flash, the others' has none: which one is meant has to be right.
    const needsMark = id === ids.cp && this.#chip === 'ec618';
    if (!known.includes(id) || isForCp !== needsMark) return { state: refusal.range };
    this.#burning = { id, store: isForCp ? 'cp' : 'common', header: null, image: new Uint8Array(), status: UNFINISHED };
    return { state: 0 };
  }

  #accept(bytes: Uint8Array): Answer {
    const burning = this.#burning;
    if (burning === null) return { state: refusal.order };
    if (burning.header === null) return this.#acceptHeader(burning, bytes);
    const { header } = burning;
    const offset = offsetOf(header.address);
    this.#hooks.wrote(bytes.length);
    this.#flash.write(burning.store, offset + burning.image.length, bytes);
    burning.image = Buffer.concat([burning.image, bytes]);
    if (burning.image.length < header.sizeBytes) return { state: 0 };
    burning.status = isImageOf(header, burning.image) ? 0 : refusal.hash;
    if (burning.status === 0) this.#hooks.finished({ id: burning.id, store: burning.store, offset, sizeBytes: header.sizeBytes });
    return { state: 0 };
  }

  #acceptHeader(burning: Burning, bytes: Uint8Array): Answer {
    const header = readHeader(bytes);
    if (header === null || header.id !== burning.id || header.sizeBytes === 0) return { state: refusal.hash };
    if (!this.#flash.has(burning.store, offsetOf(header.address), header.sizeBytes)) return { state: refusal.range };
    burning.header = header;
    this.#hooks.began(burning.id);
    return { state: 0 };
  }

  #erase(address: number, sizeBytes: number): Answer {
    const offset = address - MAPPED_AT;
    if (sizeBytes === 0 || !this.#flash.has('common', offset, sizeBytes)) return { state: refusal.range };
    this.#flash.erase('common', offset, sizeBytes);
    return { state: 0 };
  }

  #read(address: number, sizeBytes: number): Answer {
    const offset = address - MAPPED_AT;
    if (sizeBytes === 0 || sizeBytes > MAX_READ_BYTES || !this.#flash.has('common', offset, sizeBytes)) return { state: refusal.range };
    return { state: 0, data: this.#flash.read('common', offset, sizeBytes) };
  }
}

/** Files are named by where the chip sees them, the rest by where they lie. */
function offsetOf(address: number): number {
  return address >= MAPPED_AT ? address - MAPPED_AT : address;
}
