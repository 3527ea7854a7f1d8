import { isTalkError } from '../../../../preload/contract/errors.ts';
import type { EspBoard } from './board.ts';
import { type CommandName, dataBlock, words } from './commands.ts';
import { type Payload, plainPayload, smallerPayload } from './deflated.ts';
import { type Frame, frameOf } from './link.ts';
import { USB_OTG_BLOCK_BYTES } from './loader.ts';
import { wireMs } from './rates.ts';

const STUB_BLOCK_BYTES = 0x4000;
const ROM_BLOCK_BYTES = 0x400;
/** On a line that keeps failing: so many bytes in between two that are certainly there. */
const CAREFUL_BLOCK_BYTES = 0x1000;
/** The stub writes what it inflates in pieces of its window. */
const INFLATE_WINDOW_BYTES = 0x8000;
const SECTOR_BYTES = 0x1000;
const TRIES_PER_BLOCK = 3;
/** Erasing and writing at a slow flash's worst. */
const WRITE_MS_PER_MEGABYTE = 40_000;
const SHORTEST_TIMEOUT_MS = 3000;
const LONGEST_TIMEOUT_MS = 240_000;
/** Refusals of a block that was not taken, so that it may be sent again: its checksum or its length was wrong. */
const notTaken: readonly unknown[] = ['0x0107', '0xc100', '0xc000'];

/** A stretch of flash to erase and write. */
export interface WriteRun {
  /** On a sector. */
  offset: number;
  /** Padded to a multiple of 4. */
  data: Uint8Array;
  /** Made beforehand, for a board with a stub. */
  payload?: Promise<Payload> | undefined;
  isCompressed: boolean;
  isEncrypted: boolean;
  /** Bytes of `data` (not of the wire) that the chip has taken. Goes back when some have to be sent again. */
  onProgress(doneBytes: number): void;
}

/** Of images that are held anyway: a batch deflates each once, and holds it once, however many boards it is for. */
const made = new WeakMap<Uint8Array, Promise<Payload>>();

/** For a board with its stub. Incompressible data goes as it is. */
export function stubPayload(data: Uint8Array, isCompressed: boolean): Promise<Payload> {
  if (!isCompressed) return Promise.resolve(plainPayload(data, STUB_BLOCK_BYTES));
  const payload = made.get(data) ?? smallerPayload(data, STUB_BLOCK_BYTES);
  made.set(data, payload);
  return payload;
}

/** For a loader on USB-OTG. */
function smallPayload(data: Uint8Array, isCompressed: boolean): Promise<Payload> {
  return isCompressed ? smallerPayload(data, USB_OTG_BLOCK_BYTES) : Promise.resolve(plainPayload(data, USB_OTG_BLOCK_BYTES));
}

/**
 * Erases and writes one stretch. A line that fails is mended and the write resumed from where it is known to be good: a loader
 * gives no way to ask whether a block whose answer was lost was taken, and one that is taken twice spoils what follows.
 */
export async function writeRun(board: EspBoard, run: WriteRun): Promise<void> {
  for (let from = 0; ; ) {
    const sending = new Sending(board, run, from);
    try {
      return await sending.send();
    } catch (error) {
      const to = sending.goodBytes;
      if (isTalkError(error, 'flash/protocol')) board.repeating(run.offset + to, error);
      if (to > from) board.worked();
      await board.recover(error);
      from = to;
      run.onProgress(from);
    }
  }
}

/** One BEGIN … END, from `from` bytes into the run. */
class Sending {
  readonly #board: EspBoard;
  readonly #run: WriteRun;
  readonly #from: number;
  #payload: Payload | null = null;
  /** Blocks that were answered. */
  #answered = 0;

  constructor(board: EspBoard, run: WriteRun, from: number) {
    this.#board = board;
    this.#run = run;
    this.#from = from;
  }

  /** How far into the run all is certainly written: a place from where to begin again. */
  get goodBytes(): number {
    if (this.#payload === null) return this.#from;
    const { isDeflated, ends } = this.#payload;
    // The stub answers a block before it writes it, and one answer more says that it did.
    const written = this.#board.loader.isStub ? this.#answered - 1 : this.#answered;
    const bytes = ends[written - 1] ?? 0;
    const step = isDeflated ? INFLATE_WINDOW_BYTES : SECTOR_BYTES;
    return this.#from + Math.floor(bytes / step) * step;
  }

  async send(): Promise<void> {
    const { loader } = this.#board;
    const { offset, isEncrypted, onProgress } = this.#run;
    const payload = await this.#prepare();
    this.#payload = payload;
    const { ends, isDeflated, blockBytes } = payload;
    const sizeBytes = ends.at(-1) ?? 0;
    const begin = { eraseBytes: sizeBytes, blocks: ends.length, blockBytes, offset: offset + this.#from, isEncrypted };
    // The ROM erases all of it here, the stub as it goes.
    await loader.begin(isDeflated ? 'deflateBegin' : 'flashBegin', { ...begin, timeoutMs: this.#timeoutMs(sizeBytes, 0) });
    let answer = this.#sendBlock(blockFrame(payload, 0), payload, 0);
    for (const [sequence, end] of ends.entries()) {
      // Made while the one before is on the wire, which is never left idle: all else waits until it is busy again.
      const next = sequence + 1 < ends.length ? blockFrame(payload, sequence + 1) : null;
      await answer;
      this.#answered = sequence + 1;
      if (next !== null) answer = this.#sendBlock(next, payload, sequence + 1);
      onProgress(this.#from + end);
    }
    // Only its end says that the stub wrote the last blocks, and well. 1: stay in the loader.
    if (!loader.isStub) return;
    const timeoutMs = this.#timeoutMs(sizeBytes - (ends.at(-3) ?? 0), 0);
    await loader.link.command(isDeflated ? 'deflateEnd' : 'flashEnd', words(1), { timeoutMs });
  }

  #prepare(): Promise<Payload> {
    const { data, payload, isCompressed } = this.#run;
    const rest = data.subarray(this.#from);
    // The ROM is trusted with plain blocks only, as esptool does.
    if (!this.#board.loader.isStub) return Promise.resolve(plainPayload(rest, ROM_BLOCK_BYTES));
    if (this.#board.loader.isUsbOtg) return smallPayload(rest, isCompressed);
    if (this.#board.isCareful) return Promise.resolve(plainPayload(rest, CAREFUL_BLOCK_BYTES));
    return this.#from === 0 && payload !== undefined ? payload : stubPayload(rest, isCompressed);
  }

  /** A block that arrived damaged was not taken and goes again; whatever else goes wrong is for who can begin anew. */
  async #sendBlock(frame: Frame, { ends }: Payload, sequence: number): Promise<void> {
    // The stub answers a block before it writes it, so the wait may be for the block before.
    const timeoutMs = this.#timeoutMs((ends[sequence] ?? 0) - (ends[sequence - 2] ?? 0), frame.wire.length);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#board.loader.link.exchange(frame, { timeoutMs });
        return;
      } catch (error) {
        const isDamaged = isTalkError(error, 'flash/protocol') && notTaken.includes(error.value.data.status);
        if (!isDamaged || attempt === TRIES_PER_BLOCK) throw error;
        const at = this.#run.offset + this.#from + (ends[this.#answered - 1] ?? 0);
        this.#board.repeating(at, error);
      }
    }
  }

  #timeoutMs(flashBytes: number, wireBytes: number): number {
    const flashMs = (flashBytes / (1024 * 1024)) * WRITE_MS_PER_MEGABYTE;
    // Some drivers take a block at once and send it later.
    const lineMs = 2 * wireMs(wireBytes, this.#board.loader.baudRate);
    return Math.min(LONGEST_TIMEOUT_MS, SHORTEST_TIMEOUT_MS + flashMs + lineMs);
  }
}

function blockFrame({ bytes, isDeflated, blockBytes }: Payload, sequence: number): Frame {
  const part = bytes.subarray(sequence * blockBytes, (sequence + 1) * blockBytes);
  const name: CommandName = isDeflated ? 'deflateData' : 'flashData';
  const block = dataBlock(isDeflated ? part : padded(part, blockBytes), sequence);
  return frameOf(name, block.data, block.checksum);
}

/** An uncompressed block is always whole; what follows the data is what erased flash reads as. */
function padded(part: Uint8Array, blockBytes: number): Uint8Array {
  if (part.length === blockBytes) return part;
  const out = new Uint8Array(blockBytes).fill(0xff);
  out.set(part);
  return out;
}
