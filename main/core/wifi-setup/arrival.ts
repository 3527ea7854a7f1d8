import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';
import { type Setup, type SetupEvent, secondsFrom } from './setup.ts';

/** Of the board: it leaves its own network (3 s), joins the other, asks for an address, connects to the broker. */
const ONLINE_SECONDS = 90;
/** The SDK publishes the token right after it subscribed. */
const BOUND_SECONDS = 20;

export type SeenBy = Extract<SetupEvent, { kind: 'online' | 'bound' }>;

/**
 * Waits until the board has come to this bench, and until it has shown its token. `onEvent` hears the rest, and may throw what the
 * board reports; `poll` is asked every second. Fails with 'wifi/not-seen'.
 */
export async function awaitArrival(
  setup: Setup,
  options: { early?: SeenBy | undefined; onEvent: (event: SetupEvent) => void; poll?: () => void },
): Promise<void> {
  const { clock, progress, inbox, waitForBoard } = setup;
  if (!waitForBoard) {
    progress.unseen('online');
    progress.unseen('bound');
    return;
  }
  progress.begin('online');
  const startedUs = clock.nowUs();
  const seen = options.early ?? (await untilSeen(secondsFrom(clock, ONLINE_SECONDS)));
  if (seen === null) {
    const device = progress.run.device;
    const waitedMs = (clock.nowUs() - startedUs) / 1000;
    throw new TalkError(
      'wifi/not-seen',
      { method: progress.run.method, deviceName: device?.deviceName ?? null, waitedMs },
      { retryable: true },
    );
  }
  progress.device({ productId: seen.productId, deviceName: seen.deviceName });
  progress.done('online');
  progress.reach('online');
  progress.begin('bound');
  const bound = seen.kind === 'bound' ? seen : await untilSeen(secondsFrom(clock, BOUND_SECONDS), true);
  // Not every firmware shows a token, and the board is here.
  if (bound === null) {
    progress.unseen('bound');
    return;
  }
  progress.done('bound');
  progress.reach('bound');

  async function untilSeen(untilUs: MonoUs, isBoundWanted = false): Promise<SeenBy | null> {
    for (;;) {
      const tickUs = Math.min(untilUs, secondsFrom(clock, 1)) as MonoUs;
      const event = await inbox.next(tickUs);
      if (event === null) {
        options.poll?.();
        if (clock.nowUs() >= untilUs) return null;
      } else if (event.kind === 'bound' || (event.kind === 'online' && !isBoundWanted && isOurs(event))) return event;
      else options.onEvent(event);
    }
  }

  /** The one that answered; a board that gave no name is known by its token only. */
  function isOurs({ productId, deviceName }: { productId: string; deviceName: string }): boolean {
    const device = progress.run.device;
    return device?.deviceName === deviceName && (device.productId === null || device.productId === productId);
  }
}
