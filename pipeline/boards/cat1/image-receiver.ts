import type { Frame } from './loader-frames.ts';

/** Why a request is refused. The real numbers are nobody's knowledge. */
export const refusal = { order: 0x01, check: 0x02, length: 0x03, hash: 0x04, range: 0x05 } as const;

export interface Answer {
  state: number;
  data?: Uint8Array;
  /** Once it is out. */
  after?: () => void;
}

export interface ImageReceiverOptions {
  version: string;
  /** The image it waits for now. */
  wantedId(): number;
  /** How much of it may come before the next waking. */
  limitBytes(): number;
  /** How much at a time. */
  blockBytes: number;
  /** Data only after SEL_IMAGE and VERIFY_IMAGE, each time it is woken. */
  wantsInfo: boolean;
  /** All of it is there: 0, or why it is refused. */
  accept(bytes: Uint8Array): Answer;
}

type Stage = 'asleep' | 'awake' | 'selected' | 'ready' | 'receiving';

/** The half of the ROM and of the agentboot that takes images: woken by its word, asleep again after each DONE. */
export class ImageReceiver {
  readonly #options: ImageReceiverOptions;
  #stage: Stage = 'asleep';
  #received = Buffer.alloc(0);
  #totalBytes = 0;
  #askedBytes = 0;
  #nextIndex = 0;
  #lastBlock: { index: number; data: Buffer } | null = null;
  #lastDone: Answer | null = null;

  constructor(options: ImageReceiverOptions) {
    this.#options = options;
  }

  wake(): void {
    this.#stage = 'awake';
    this.#received = Buffer.alloc(0);
    this.#totalBytes = 0;
    this.#nextIndex = 0;
    this.#lastBlock = null;
    this.#lastDone = null;
  }

  /** Null: it does not answer that. */
  take(frame: Frame): Answer | null {
    if (this.#stage === 'asleep') return frame.name === 'DONE' && this.#lastDone !== null ? { state: this.#lastDone.state } : null;
    if (!frame.isSound) return { state: refusal.check };
    switch (frame.name) {
      case 'GET_VERSION':
        return { state: 0, data: Buffer.from(this.#options.version, 'hex') };
      case 'SEL_IMAGE':
        if (this.#stage === 'receiving') return { state: refusal.order };
        this.#stage = 'selected';
        return { state: 0, data: word(this.#options.wantedId()) };
      case 'VERIFY_IMAGE':
        if (this.#stage !== 'selected' && this.#stage !== 'ready') return { state: refusal.order };
        this.#stage = 'ready';
        return { state: 0 };
      case 'DATA_HEAD':
        return this.#head(frame);
      case 'DOWNLOAD_DATA':
        return this.#block(frame);
      case 'DONE':
        return this.#done();
      default:
        return { state: refusal.order };
    }
  }

  #head({ data }: Frame): Answer {
    const isReady = this.#stage === 'ready' || this.#stage === 'receiving' || !this.#options.wantsInfo;
    if (!isReady) return { state: refusal.order };
    if (data.length !== 4) return { state: refusal.length };
    const leftBytes = Buffer.from(data).readUInt32LE();
    if (this.#stage !== 'receiving') {
      if (leftBytes === 0 || leftBytes > this.#options.limitBytes()) return { state: refusal.range };
      this.#totalBytes = leftBytes;
    } else if (leftBytes !== this.#totalBytes - this.#received.length) return { state: refusal.order };
    this.#stage = 'receiving';
    this.#askedBytes = Math.min(leftBytes, this.#options.blockBytes);
    return { state: 0, data: word(this.#askedBytes) };
  }

  /** A block that it has already is acknowledged again: its answer was lost. */
  #block({ index, data }: Frame): Answer {
    if (this.#lastBlock?.index === index && this.#lastBlock.data.equals(data) && this.#askedBytes === 0) return { state: 0 };
    if (this.#askedBytes === 0 || index !== this.#nextIndex) return { state: refusal.order };
    if (data.length !== this.#askedBytes) return { state: refusal.length };
    this.#received = Buffer.concat([this.#received, data]);
    this.#lastBlock = { index, data: Buffer.from(data) };
    this.#nextIndex = (index + 1) & 0xff;
    this.#askedBytes = 0;
    return { state: 0 };
  }

  #done(): Answer {
    if (this.#stage !== 'receiving' || this.#received.length !== this.#totalBytes) return { state: refusal.order };
    const answer = this.#options.accept(Uint8Array.from(this.#received));
    this.#stage = 'asleep';
    this.#lastDone = answer;
    return answer;
  }
}

export function word(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return Uint8Array.from(bytes);
}
