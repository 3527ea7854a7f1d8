import type { Clock, MonoUs } from '../../preload/contract/time.ts';

/** Start bit, eight bits, stop bit. */
const BITS_PER_BYTE = 10;
/** What a USB bridge holds back before it sends: nothing arrives in finer grains. */
const GRAIN_US = 1000;
/** A sender is asked to wait above this: what Linux' drivers of USB bridges hold for a port. So it does wait, as with a real board. */
const HIGH_WATER_BYTES = 4096;
/** Beyond this a sender that does not wait loses what it sends. */
const MAX_QUEUED_BYTES = 1024 * 1024;

interface Sending {
  data: Uint8Array;
  /** When its first bit goes out, and how long one byte takes. */
  startUs: number;
  byteUs: number;
  deliveredBytes: number;
}

/**
 * One direction of a serial line: bytes arrive no sooner than a UART at that baud rate could have carried them. Every byte has
 * its absolute instant, so a timer that fires late makes a larger grain and no slower line.
 */
export class PacedLine {
  readonly #clock: Clock;
  readonly #deliver: (data: Uint8Array) => void;
  readonly #queue: Sending[] = [];
  readonly #waiting: (() => void)[] = [];
  #queuedBytes = 0;
  #droppedBytes = 0;
  #freeUs = 0;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, deliver: (data: Uint8Array) => void) {
    this.#clock = clock;
    this.#deliver = deliver;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  send(data: Uint8Array, baudRate: number): void {
    if (data.length === 0) return;
    if (this.#queuedBytes + data.length > MAX_QUEUED_BYTES) {
      this.#droppedBytes += data.length;
      return;
    }
    const startUs = Math.max(this.#clock.nowUs(), this.#freeUs);
    const byteUs = (BITS_PER_BYTE * 1e6) / baudRate;
    this.#freeUs = startUs + data.length * byteUs;
    this.#queue.push({ data, startUs, byteUs, deliveredBytes: 0 });
    this.#queuedBytes += data.length;
    this.#arm();
  }

  /** Resolves when the queue is short again; null when it is. */
  room(): Promise<void> | null {
    if (this.#queuedBytes <= HIGH_WATER_BYTES) return null;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Loses what is on the way. */
  clear(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#freeUs = 0;
    this.#wake();
  }

  #arm(): void {
    if (this.#cancel !== null || this.#queue.length === 0) return;
    const dueUs = Math.min(Math.ceil(this.#freeUs), this.#clock.nowUs() + GRAIN_US);
    this.#cancel = this.#clock.at(dueUs as MonoUs, () => {
      this.#cancel = null;
      this.#deliverArrived();
      this.#arm();
    });
  }

  #deliverArrived(): void {
    const nowUs = this.#clock.nowUs();
    for (let sending = this.#queue[0]; sending !== undefined; sending = this.#queue[0]) {
      // A hundredth of a microsecond forgives the sums of the fractions.
      const arrived = Math.min(sending.data.length, Math.floor((nowUs - sending.startUs) / sending.byteUs + 0.01));
      if (arrived <= sending.deliveredBytes) break;
      const part = sending.data.subarray(sending.deliveredBytes, arrived);
      sending.deliveredBytes = arrived;
      this.#queuedBytes -= part.length;
      if (arrived === sending.data.length) this.#queue.shift();
      this.#deliver(part);
      if (arrived < sending.data.length) break;
    }
    if (this.#queuedBytes <= HIGH_WATER_BYTES) this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
