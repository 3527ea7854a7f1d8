import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Arrivals } from './arrival.ts';
import type { Inbox } from './inbox.ts';
import type { RunProgress } from './progress.ts';
import type { SoftApMessage } from './softap-messages.ts';

/** What the board is to learn. */
export interface Credentials {
  ssid: string;
  password: string;
  token: string;
}

/** Everything that happens to a run, from wherever. */
export type SetupEvent =
  | { kind: 'message'; message: SoftApMessage; text: string }
  | { kind: 'notified'; data: Uint8Array }
  | { kind: 'radio-lost' }
  /** The network said no: 'ECONNREFUSED'. */
  | { kind: 'socket-error'; reason: string }
  | { kind: 'user-joined' }
  /** Somebody came to this bench, or showed it the run's own token: `arrivals` has who. */
  | { kind: 'arrival' };

/** What both methods work with. */
export interface Setup {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly progress: RunProgress;
  readonly inbox: Inbox<SetupEvent>;
  /** Who came to this bench, kept: a board may come while its answer to something else is waited for. */
  readonly arrivals: Arrivals;
  readonly credentials: Credentials;
  /** False: the board's cloud is not this bench, or the bench does not listen. */
  readonly waitForBoard: boolean;
}

export const secondsFrom = (clock: Clock, seconds: number): MonoUs => (clock.nowUs() + seconds * 1_000_000) as MonoUs;
