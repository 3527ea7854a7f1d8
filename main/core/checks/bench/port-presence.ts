import { orAborted } from '../../../../pipeline/engines/abort.ts';
import type { PortState } from '../../../../preload/contract/ports.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { Ports } from '../../devices/ports.ts';

/** A board that restarts takes its own USB port with it; an LTE module, all of them, for longer than an ESP. */
const RETURNS_WITHIN_US = 20_000_000;

/** Whether the board is still on its port. Lent to a flasher it is there. */
export class PortPresence {
  readonly #address: string;
  readonly #clock: Clock;
  readonly #stop: () => void;
  #isThere = true;
  #gone = new AbortController();
  #back = Promise.withResolvers<void>();
  #forget = () => {};

  constructor(address: string, { clock, ports }: { clock: Clock; ports: Pick<Ports, 'streams'> }) {
    this.#address = address;
    this.#clock = clock;
    this.#stop = ports.streams['ports.state']({}).topic.listen((port) => {
      if (port.address === address) this.#changed(port);
    });
  }

  /** Aborted with the port's error once it has been away for longer than a restart takes; another one as soon as it is back. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Resolves when it is there, at once where it is; rejects as `gone` and `signal` say. */
  async there(signal: AbortSignal): Promise<void> {
    if (!this.#isThere) await orAborted(this.#back.promise, AbortSignal.any([this.gone, signal]));
  }

  close(): void {
    this.#stop();
    this.#forget();
  }

  #changed({ state, error }: PortState): void {
    const isThere = state === 'open' || state === 'opening' || state === 'yielded';
    if (isThere === this.#isThere) return;
    this.#isThere = isThere;
    this.#forget();
    if (isThere) {
      if (this.gone.aborted) this.#gone = new AbortController();
      this.#back.resolve();
      return;
    }
    this.#back = Promise.withResolvers();
    const address = this.#address;
    const why =
      error === undefined ? new TalkError(state === 'closed' ? 'port/closed' : 'port/not-found', { address }) : TalkError.from(error);
    this.#forget = this.#clock.at((this.#clock.nowUs() + RETURNS_WITHIN_US) as MonoUs, () => this.#gone.abort(why));
  }
}
