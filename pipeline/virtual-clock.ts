import { setImmediate as nextMacrotask } from 'node:timers/promises';
import type { Clock, MonoUs } from '../preload/contract/time.ts';

/** Where wall time begins unless told otherwise: 2026-01-01T00:00:00Z. */
const WALL_ORIGIN_MS = Date.UTC(2026, 0, 1);

interface Timer {
  readonly atUs: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * A clock that only moves when it is told to. Timers fire in order of instant, then of registration, and after each one
 * every promise and async iterator is let run until nothing more can happen without time passing, so a chain of awaits
 * takes no virtual time and its steps are stamped at the instant that caused them.
 */
export class VirtualClock implements Clock {
  #nowUs: number;
  #order = 0;
  readonly #originUs: number;
  readonly #wallOriginMs: number;
  readonly #timers = new Set<Timer>();
  readonly #work = new Set<Promise<unknown>>();

  constructor(startUs = 0, wallOriginMs = WALL_ORIGIN_MS) {
    this.#nowUs = startUs;
    this.#originUs = startUs;
    this.#wallOriginMs = wallOriginMs;
  }

  nowUs(): MonoUs {
    return this.#nowUs as MonoUs;
  }

  wallMs(): number {
    return this.#wallOriginMs + Math.floor((this.#nowUs - this.#originUs) / 1000);
  }

  at(atUs: MonoUs, callback: () => void): () => void {
    const timer = { atUs: Math.max(atUs, this.#nowUs), order: this.#order++, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Timers that have not fired yet: zero after a clean shutdown. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Something that takes real time and no virtual time, a model on another thread: the clock stands until it is done. */
  during<Value>(work: Promise<Value>): Promise<Value> {
    const end = (): void => void this.#work.delete(ended);
    const ended: Promise<void> = work.then(end, end);
    this.#work.add(ended);
    return work;
  }

  /** Lets everything run that needs no time to pass. */
  async settle(): Promise<void> {
    do {
      await Promise.all(this.#work);
      // The microtask queue is empty when a macrotask starts; the second one lets through I/O callbacks such as a stream's.
      await nextMacrotask();
      await nextMacrotask();
    } while (this.#work.size > 0);
  }

  /** Moves time forward by `us`, firing every timer on the way at its own instant. */
  async advance(us: number): Promise<void> {
    await this.advanceTo(this.#nowUs + us);
  }

  /** Moves time forward to the absolute instant `atUs`. */
  async advanceTo(atUs: number): Promise<void> {
    if (atUs < this.#nowUs) throw new Error(`time cannot go back from ${this.#nowUs} to ${atUs}`);
    await this.settle();
    for (let timer = this.#next(); timer !== undefined && timer.atUs <= atUs; timer = this.#next()) {
      await this.#fire(timer);
    }
    this.#nowUs = atUs;
  }

  /**
   * Fires timers until none is left. Throws when that takes more than `limitUs` of virtual time, which means something
   * re-arms itself for ever.
   */
  async runUntilIdle(limitUs = 600_000_000): Promise<void> {
    const deadlineUs = this.#nowUs + limitUs;
    await this.settle();
    for (let timer = this.#next(); timer !== undefined; timer = this.#next()) {
      if (timer.atUs > deadlineUs) throw new Error(`still busy after ${limitUs} µs of virtual time`);
      await this.#fire(timer);
    }
  }

  async #fire(timer: Timer): Promise<void> {
    this.#timers.delete(timer);
    this.#nowUs = timer.atUs;
    timer.callback();
    await this.settle();
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (first === undefined || timer.atUs < first.atUs || (timer.atUs === first.atUs && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  }
}
