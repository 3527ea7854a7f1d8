import type { FlashNote, FlashPlan } from '../../../preload/contract/flash.ts';
import type { PortInfo } from '../../../preload/contract/ports.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { BytePort } from '../devices/port.ts';
import type { JobProgress } from './progress.ts';
import type { Trace } from './trace.ts';

/** What one job of any family has to work with. However it ends, `progress` names what the board was left doing. */
export interface FlashRun {
  port: BytePort;
  clock: Clock;
  signal: AbortSignal;
  progress: JobProgress;
  /** The protocol as a person reads it. */
  trace: Trace;
  /** What went otherwise than asked: for the job, and a line of the log. */
  note(code: FlashNote['code'], data?: FlashNote['data']): void;
  /** While on, bytes of the port are counted and not recorded: a device's secrets go over it. */
  keepPrivate(isPrivate: boolean): void;
  /**
   * Another port than `port`, for boards that come back as another USB device; lent like it and given back with it. Fails with
   * `timeout` when none appears that `isIt`, which is asked of each port, and sees all that there are at that moment.
   */
  awaitPort(isIt: (port: PortInfo, all: readonly PortInfo[]) => boolean, timeoutMs: number): Promise<BytePort>;
  /**
   * For a board that goes away and comes back as something that nothing but the moment tells from another job's: one job at a time does
   * that. Says that it waits (note `waits-its-turn`). Fails with `timeout`, and what `work` fails with.
   */
  oneAtATime<T>(work: () => Promise<T>): Promise<T>;
  /** What the system says of `port`; null when it is not in its list. Asking takes a moment. */
  portInfo(): Promise<PortInfo | null>;
  /** What makes this board itself; null when it is flashed as it is. */
  provisioner: Provisioner | null;
}

/** A flash that was read and checked, for one family of chips. */
export interface PreparedFlash {
  plan: FlashPlan;
  /** Writes it all. Fails with `flash/…`, `port/…` and the signal's reason. */
  write(run: FlashRun): Promise<void>;
}

/** Values for one board, and their image. One to a job. */
export interface Provisioner {
  /** Of the NVS. */
  readonly partition: string;
  /**
   * Once the board is known: chooses its device (of a list, the one that this MAC had before, else the next free one) and keeps
   * it for this job, durably. `image` is an NVS partition of that size; fails with `nvs/…`.
   */
  forBoard(mac: string | null): Promise<{
    device: { productId: string; deviceName: string } | null;
    image(sizeBytes: number): Uint8Array;
  }>;
  /** After the job. burned: the device is used · untouched: no byte of it was written, it is free again · doubtful: used, by this board only. */
  settle(outcome: 'burned' | 'untouched' | 'doubtful'): Promise<void>;
}

/** A file with its content, as a family's planner gets it. */
export interface LoadedFile {
  /** Undefined: where it belongs. */
  offset: number | undefined;
  name: string;
  data: Uint8Array;
  /** Of the core's host; null for what was uploaded. For commands that a person can repeat. */
  path: string | null;
}
