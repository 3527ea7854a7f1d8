import { constants, inflateSync } from 'node:zlib';
import type { Flash } from './flash-memory.ts';
import {
  checksumOf,
  type Failure,
  type Outcome,
  RAM_BLOCK_BYTES,
  ROM_BLOCK_BYTES,
  STUB_BLOCK_BYTES,
  USB_OTG_BLOCK_BYTES,
  wordsOf,
} from './protocol.ts';

export interface WriteRequest {
  kind: 'memory' | 'flash' | 'deflate';
  offset: number;
  sizeBytes: number;
  blocks: number;
  blockBytes: number;
}

interface Write extends WriteRequest {
  nextBlock: number;
  compressed: Uint8Array[];
}

/** What the writer has to know of the loader around it, at the moment. */
export interface WriterState {
  isStub: boolean;
  isFlashAttached: boolean;
  isUsbOtg: boolean;
  /** The range lies within the flash, and within the size the host set. */
  isInFlash(offset: number, lengthBytes: number): boolean;
}

/** Begin, blocks in order, end: into RAM, into flash, into flash through inflate. */
export class FlashWriter {
  #write: Write | null = null;
  #ramRanges: { start: number; end: number }[] = [];
  /** The stub acknowledges a block before it writes it, so a failure is told by the next command. */
  #lateFailure: Failure | null = null;
  readonly #flash: Flash;
  readonly #state: () => WriterState;

  constructor(flash: Flash, state: () => WriterState) {
    this.#flash = flash;
    this.#state = state;
  }

  begin(request: WriteRequest): Outcome {
    const { isStub, isFlashAttached, isUsbOtg, isInFlash } = this.#state();
    this.settle();
    const { kind, offset, sizeBytes, blockBytes } = request;
    if (kind === 'memory') {
      if (blockBytes > (isUsbOtg ? USB_OTG_BLOCK_BYTES : RAM_BLOCK_BYTES)) return 'blockSize';
    } else {
      if (!isFlashAttached) return 'failed';
      const stubBytes = isUsbOtg ? USB_OTG_BLOCK_BYTES : STUB_BLOCK_BYTES;
      if (blockBytes > (isStub ? stubBytes : ROM_BLOCK_BYTES)) return 'blockSize';
      if (!isInFlash(offset, sizeBytes)) return 'failed';
      this.#flash.erase(offset, sizeBytes);
    }
    this.#write = { ...request, nextBlock: 0, compressed: [] };
    return {};
  }

  block(kind: Write['kind'], data: Uint8Array, checksum: number): Outcome {
    const { isStub, isInFlash } = this.#state();
    if (data.length < 16) return 'invalid';
    const [length = 0, sequence = 0] = wordsOf(data.subarray(0, 8));
    const payload = data.subarray(16);
    const write = this.#write;
    if (write === null || write.kind !== kind) return 'notInFlashMode';
    if (payload.length !== length) return 'invalid';
    if (length > write.blockBytes) return 'blockSize';
    // The ROM writes whole blocks: the host pads the last one.
    if (kind === 'flash' && !isStub && length !== write.blockBytes) return 'invalid';
    if (checksumOf(payload) !== checksum) return 'checksum';
    if (sequence >= write.blocks) return 'tooMuch';
    // A block the host repeats because it missed our answer is taken again; one out of order is not.
    const isRepeated = sequence === write.nextBlock - 1;
    if (sequence !== write.nextBlock && !isRepeated) return 'failed';

    if (kind === 'memory') this.#ramRanges.push({ start: write.offset, end: write.offset + write.sizeBytes });
    if (kind === 'flash') {
      const at = write.offset + sequence * write.blockBytes;
      // The stub leaves the padding of the last block out; the ROM erased for whole blocks and writes it.
      const room = isStub ? Math.max(0, write.sizeBytes - sequence * write.blockBytes) : length;
      if (!isInFlash(at, Math.min(room, length))) return 'failed';
      this.#flash.program(at, payload.subarray(0, room));
    }
    write.nextBlock = sequence + 1;
    if (kind !== 'deflate' || isRepeated) return {};
    write.compressed.push(payload.slice());
    if (write.nextBlock < write.blocks) return {};
    const problem = this.#inflateAll(write, isStub);
    if (isStub) this.#lateFailure = problem;
    return !isStub && problem !== null ? problem : {};
  }

  end(): Failure | null {
    const write = this.#write;
    // The ROM does not mind an end without a beginning; the stub does.
    if (write === null && this.#state().isStub) return 'notInFlashMode';
    if (write !== null && write.kind !== 'memory' && write.nextBlock < write.blocks) return 'notEnough';
    this.#write = null;
    return null;
  }

  /** MEM_END: whether a program lies where it is to be started. */
  holdsProgram(entry: number): boolean {
    this.#write = null;
    return this.#ramRanges.some(({ start, end }) => entry >= start && entry < end);
  }

  /** What the last block came to, once. */
  takeLateFailure(): Failure | null {
    const late = this.#lateFailure;
    this.#lateFailure = null;
    return late;
  }

  /** As much as an unfinished stream holds is in the flash, as the chip's inflater writes what it has. Before a reset, or a look. */
  settle(): void {
    const write = this.#write;
    if (write === null || write.kind !== 'deflate' || write.compressed.length === 0 || write.nextBlock === write.blocks) return;
    try {
      const plain = inflateSync(Buffer.concat(write.compressed), { finishFlush: constants.Z_SYNC_FLUSH });
      this.#flash.program(write.offset, plain.subarray(0, write.sizeBytes));
    } catch {
      // A stream that cannot be inflated is told of at its end.
    }
  }

  /** At the last block: the stream is one zlib stream across blocks. */
  #inflateAll(write: Write, isStub: boolean): Failure | null {
    let plain: Uint8Array;
    try {
      plain = inflateSync(Buffer.concat(write.compressed));
    } catch {
      return 'inflate';
    }
    if (plain.length > write.sizeBytes) return 'tooMuch';
    if (plain.length < write.sizeBytes && isStub) return 'notEnough';
    this.#flash.program(write.offset, plain);
    return null;
  }
}
