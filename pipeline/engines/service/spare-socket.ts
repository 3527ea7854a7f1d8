import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { ServiceSocket } from './socket.ts';

/** From a user's first word to the first sentence of the answer, mostly. */
const KEPT_US = 20_000_000;

/** A connection that was opened before anybody had something to say on it, and what it was opened with. */
export interface Spare<Terms> {
  terms: Terms;
  opening: Promise<ServiceSocket>;
  leave: AbortController;
}

/** One spare connection of a service whose connections serve one request each; thrown away when it is not wanted in time. */
export class SpareSocket<Terms> {
  readonly #clock: Clock;
  readonly #open: (terms: Terms, signal: AbortSignal) => Promise<ServiceSocket>;
  #spare: (Spare<Terms> & { key: string; socket: ServiceSocket | null }) | null = null;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, open: (terms: Terms, signal: AbortSignal) => Promise<ServiceSocket>) {
    this.#clock = clock;
    this.#open = open;
  }

  /** Opens one, unless there is one for the same `key`. A failure is told by the request that then opens its own. */
  prepare(key: string, terms: () => Terms): void {
    if (this.#spare?.key !== key || this.#spare.socket?.closed) {
      this.close();
      const leave = new AbortController();
      const given = terms();
      const spare = { key, terms: given, opening: this.#open(given, leave.signal), leave, socket: null as ServiceSocket | null };
      this.#spare = spare;
      spare.opening.then(
        (socket) => {
          spare.socket = socket;
        },
        () => {
          if (this.#spare === spare) this.close();
        },
      );
    }
    this.#cancel();
    this.#cancel = this.#clock.at((this.#clock.nowUs() + KEPT_US) as MonoUs, () => this.close());
  }

  /** The spare connection, which is the caller's from now on, where it was opened for that. */
  take(key: string): Spare<Terms> | null {
    const spare = this.#spare;
    if (spare?.key !== key || spare.socket?.closed) return null;
    this.#cancel();
    this.#spare = null;
    return spare;
  }

  close(): void {
    this.#cancel();
    this.#spare?.leave.abort();
    this.#spare = null;
  }
}
