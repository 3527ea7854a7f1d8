import { chips, type ModuleChip } from './chips.ts';
import { HEADER_BYTES, ids, isImageOf, type ReadHeader, readHeader } from './image-header.ts';
import { type Answer, ImageReceiver, refusal } from './image-receiver.ts';
import type { Frame } from './loader-frames.ts';

const BLOCK_BYTES = 0x400;

/** What answers when nothing else can: takes one header and one agentboot into RAM, and starts it. */
export class MaskRom {
  readonly #receiver: ImageReceiver;
  #header: ReadHeader | null = null;

  constructor(chip: ModuleChip, start: (agentboot: Uint8Array, baudRate: number) => void) {
    this.#receiver = new ImageReceiver({
      version: chips[chip].romVersion,
      wantedId: () => (this.#header === null ? ids.head : ids.boot),
      limitBytes: () => this.#header?.sizeBytes ?? HEADER_BYTES,
      blockBytes: BLOCK_BYTES,
      wantsInfo: true,
      accept: (bytes) => (this.#header === null ? this.#acceptHeader(bytes) : this.#acceptImage(this.#header, bytes, start)),
    });
  }

  wake(): void {
    this.#receiver.wake();
  }

  take(frame: Frame): Answer | null {
    return frame.isOrder ? null : this.#receiver.take(frame);
  }

  #acceptHeader(bytes: Uint8Array): Answer {
    const header = readHeader(bytes);
    if (header === null || header.id !== ids.boot) return { state: refusal.hash };
    this.#header = header;
    return { state: 0 };
  }

  /** Any chip's agentboot is as good to it as its own. */
  #acceptImage(header: ReadHeader, bytes: Uint8Array, start: (agentboot: Uint8Array, baudRate: number) => void): Answer {
    if (!isImageOf(header, bytes)) return { state: refusal.hash };
    return { state: 0, after: () => start(bytes, header.baudRate) };
  }
}
