/** So much may be encoded and not handed over yet when more is ordered: what an encoder may be late by. */
const AHEAD_US = 240_000;
/** Ordered at once: an order costs as much as encoding a frame. */
const ORDER_US = 240_000;

/** Encodes the frames of one stream, in order. */
export interface StreamEncoder {
  /** Frames that follow one another, each to its packet. Rejects with TalkError. */
  encode(frames: readonly Int16Array[]): Promise<readonly Uint8Array[]>;
  /** The packets made last are not sent: the next frame is encoded as a stream's first. */
  restart(): void;
  /** Frames under way are rejected. */
  close(): void;
}

/** A frame that is to be handed over. */
export interface WaitingFrame {
  readonly frame: Int16Array;
  /** Given to the encoder, with others. */
  order?: object;
  /** Null when it could not be encoded. */
  packet?: Uint8Array | null;
}

export interface EncodeAheadOptions {
  frameUs: number;
  encoder: StreamEncoder;
  onUnencodable(error: unknown): void;
  /** Some frames have their packets. Never called from within `order`. */
  onEncoded(): void;
}

/**
 * Has the frames at the head of a queue encoded before they are due. Only those: what waits longer may be thrown away by an interruption.
 * An encoder builds each packet on the one before. When packets it has made will never be sent it starts afresh, or the far end plays the
 * first one after them as a crack (measured: up to nine times the peak; after a fresh start 1.05 times, and no lasting difference).
 */
export class EncodeAhead {
  readonly #options: EncodeAheadOptions;
  readonly #aheadFrames: number;
  readonly #orderFrames: number;

  constructor(options: EncodeAheadOptions) {
    this.#options = options;
    this.#aheadFrames = Math.ceil(AHEAD_US / options.frameUs);
    this.#orderFrames = Math.ceil(ORDER_US / options.frameUs);
  }

  /** Orders what of the queue is due to be encoded. With nothing before it a frame is waited for, and goes alone. */
  order(queue: Iterable<WaitingFrame>): void {
    let ahead = 0;
    const next: WaitingFrame[] = [];
    for (const frame of queue) {
      if (frame.order === undefined) next.push(frame);
      else if (++ahead > this.#aheadFrames) return;
      if (next.length > this.#orderFrames) break;
    }
    if (ahead === 0) this.#encode(next.splice(0, 1));
    this.#encode(next.slice(0, this.#orderFrames));
  }

  /** The queue is given up, or something comes before it. */
  drop(queue: Iterable<WaitingFrame>): void {
    let isAnyOrdered = false;
    for (const frame of queue) {
      if (frame.order === undefined) break;
      isAnyOrdered = true;
      delete frame.order;
      delete frame.packet;
    }
    if (isAnyOrdered) this.#options.encoder.restart();
  }

  #encode(frames: readonly WaitingFrame[]): void {
    if (frames.length === 0) return;
    const order = {};
    for (const frame of frames) frame.order = order;
    this.#options.encoder.encode(frames.map(({ frame }) => frame)).then(
      (packets) => this.#settle(frames, order, packets),
      (error: unknown) => {
        // Dropped meanwhile: nobody waits for it.
        if (frames.some((frame) => frame.order === order)) this.#options.onUnencodable(error);
        this.#settle(frames, order, []);
      },
    );
  }

  #settle(frames: readonly WaitingFrame[], order: object, packets: readonly Uint8Array[]): void {
    for (const [index, frame] of frames.entries()) if (frame.order === order) frame.packet = packets[index] ?? null;
    this.#options.onEncoded();
  }
}
