import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';
import type { WifiSetupRun } from '../../../preload/contract/wifi-setup.ts';
import { type Setup, type SetupEvent, secondsFrom } from './setup.ts';

/** Of the board: it leaves its own network (3 s), joins the other, asks for an address, connects to the broker. */
const ONLINE_SECONDS = 90;
/** The SDK publishes the token right after it subscribed. */
const BOUND_SECONDS = 20;

export interface Device {
  productId: string;
  deviceName: string;
}

/** Who came to this bench during a run, whatever the run was doing at that moment. */
export class Arrivals {
  /** By product and name: a device that comes again and again is one. */
  readonly #online = new Map<string, Device>();
  #bound: Device | null = null;

  online(device: Device): void {
    this.#online.set(`${device.productId}/${device.deviceName}`, device);
  }

  /** It showed the token that only this run's board was given. */
  bound(device: Device): void {
    this.#bound = device;
  }

  /** The run's board, if it has come. One that gave no name is known by its token only. */
  of(board: WifiSetupRun['device']): { device: Device; isBound: boolean } | null {
    if (this.#bound !== null) return { device: this.#bound, isBound: true };
    for (const device of this.#online.values()) {
      const isSameProduct = board?.productId === null || board?.productId === device.productId;
      if (isSameProduct && board?.deviceName === device.deviceName) return { device, isBound: false };
    }
    return null;
  }
}

/**
 * Waits until the board has come to this bench, and until it has shown its token. `onEvent` hears the rest, and may throw what the
 * board reports; `poll` is asked every second. Fails with 'wifi/not-seen'.
 */
export async function awaitArrival(setup: Setup, options: { onEvent: (event: SetupEvent) => void; poll?: () => void }): Promise<void> {
  const { clock, progress, inbox, arrivals, waitForBoard } = setup;
  if (!waitForBoard) {
    progress.unseen('online');
    progress.unseen('bound');
    return;
  }
  const isHere = (): boolean => arrivals.of(progress.run.device) !== null;
  const isBound = (): boolean => arrivals.of(progress.run.device)?.isBound === true;
  progress.begin('online');
  const startedUs = clock.nowUs();
  await untilIt(isHere, secondsFrom(clock, ONLINE_SECONDS));
  const seen = arrivals.of(progress.run.device);
  if (seen === null) {
    throw new TalkError(
      'wifi/not-seen',
      {
        method: progress.run.method,
        deviceName: progress.run.device?.deviceName ?? null,
        waitedMs: (clock.nowUs() - startedUs) / 1000,
      },
      { retryable: true },
    );
  }
  progress.device(seen.device);
  progress.done('online');
  progress.reach('online');
  progress.begin('bound');
  await untilIt(isBound, secondsFrom(clock, BOUND_SECONDS));
  const bound = arrivals.of(progress.run.device);
  // Not every firmware shows a token, and the board is here.
  if (bound?.isBound !== true) {
    progress.unseen('bound');
    return;
  }
  // What came before may have been another product's device of the same name: Bluetooth tells the name alone.
  progress.device(bound.device);
  progress.done('bound');
  progress.reach('bound');

  async function untilIt(isSo: () => boolean, untilUs: MonoUs): Promise<void> {
    while (!isSo()) {
      const event = await inbox.next(Math.min(untilUs, secondsFrom(clock, 1)) as MonoUs);
      if (event !== null) options.onEvent(event);
      else if (clock.nowUs() >= untilUs) return;
      else options.poll?.();
    }
  }
}
