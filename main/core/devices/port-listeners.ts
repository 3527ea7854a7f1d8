import type { MonoUs } from '../../../preload/contract/time.ts';

type DataListener = (data: Uint8Array, atUs: MonoUs) => void;
type CloseListener = (error: Error | null) => void;

/**
 * The listening half every BytePort shares: the latest data listener hears, and the close is told exactly once, also to one
 * who asks after it happened. Bytes that arrive before anyone listens wait here, so a port should start reading only when
 * `onFirstListener` says so: the wait is then in the driver or the peer, which bound it.
 */
export class PortListeners {
  #data: DataListener | null = null;
  #close: CloseListener | null = null;
  #early: { data: Uint8Array; atUs: MonoUs }[] = [];
  #closed: { error: Error | null } | null = null;
  #isCloseTold = false;
  readonly #onFirstListener: () => void;

  constructor(onFirstListener: () => void = () => {}) {
    this.#onFirstListener = onFirstListener;
  }

  get isClosed(): boolean {
    return this.#closed !== null;
  }

  /** Someone listens for data. */
  get isHeard(): boolean {
    return this.#data !== null;
  }

  onData(listener: DataListener): void {
    const isFirst = this.#data === null;
    this.#data = listener;
    const early = this.#early;
    this.#early = [];
    for (const chunk of early) listener(chunk.data, chunk.atUs);
    if (isFirst && !this.isClosed) this.#onFirstListener();
  }

  onClose(listener: CloseListener): void {
    this.#close = listener;
    this.#tellClose();
  }

  deliver(data: Uint8Array, atUs: MonoUs): void {
    if (this.#closed !== null || data.length === 0) return;
    if (this.#data === null) this.#early.push({ data, atUs });
    else this.#data(data, atUs);
  }

  /** The first call counts. */
  close(error: Error | null): void {
    if (this.#closed !== null) return;
    this.#closed = { error };
    this.#tellClose();
  }

  #tellClose(): void {
    if (this.#closed === null || this.#close === null || this.#isCloseTold) return;
    this.#isCloseTold = true;
    this.#close(this.#closed.error);
  }
}
