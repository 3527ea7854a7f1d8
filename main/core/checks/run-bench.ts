import type { DeviceName } from '../../../pipeline/gateways/devices.ts';
import type { CheckVoice } from '../../../preload/contract/checks.ts';
import type { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Bench } from './bench.ts';

export interface BoardIdentity {
  port: string | null;
  device: DeviceName | null;
}

/** Of a board as somebody named it: its port the same however that was written, its device also where only the log or the board itself tells. */
export type Identify = (named: BoardIdentity) => Promise<BoardIdentity>;

/** The board that a run is about, and how it is to be done. */
export interface BenchSubject {
  runId: string;
  port: string | null;
  device: DeviceName | null;
  /** The operator said that it is this device: one that names itself otherwise is another, whatever its chip says. */
  isClaimed: boolean;
  /** As the operator said; '' when nobody did. */
  boardKind: string;
  /** Those that the list is for; none: any. */
  listKinds: readonly string[];
  language: Bench['language'];
  voice: CheckVoice;
  isUnattended: boolean;
  /** Of the run, as far as checks have come to an end: each has its own until then. */
  facts: ReadonlyMap<string, string | number | boolean>;
  /**
   * Hears that another board than the run's is on the port, and since when (µs of the clock) that may have been so; `isDoubt`: that it may have been
   * one, which is gone now and has not told who it was.
   */
  onStranger(error: TalkError, sinceUs: number, isDoubt?: boolean): void;
}

/** What of a bench is the runner's, anew for each check. `ask` is the runner's too where nobody is there. */
export type CheckHooks = Pick<Bench, 'signal' | 'facts' | 'ask' | 'keepSound' | 'progress' | 'measured' | 'baselines' | 'namesakes'>;

/** One board on the bench, for as long as a run lasts. */
export interface RunBench {
  /** The bench for one check. When it has ended, what the check configured, impaired or played is taken back; never rejects. */
  begin(hooks: CheckHooks): { bench: Bench; end(): Promise<void> };
  /**
   * Aborted with the port's error once the port has been away for longer than a restart takes, and with 'check/other-board' where its log names
   * another board than the run's; another one as soon as that is over.
   */
  readonly gone: AbortSignal;
  /**
   * Resolves when the board is on its port, at once where there is none to be on; rejects as `gone` and `signal` say. One that the run knows by its
   * MAC or IMEI is asked for that first: on another day, where its port has parted or its log names another. Unless the operator named it, the
   * same hardware goes by its new name from then on. That may take two resets, and a minute at most; then it rejects with 'timeout'.
   */
  there(signal: AbortSignal): Promise<void>;
  /** The same at the end of a check, asking nobody. */
  still(signal: AbortSignal): Promise<void>;
  /** As `there`, before what was found counts: a name that its log told after a start is not enough where its hardware can tell. */
  settled(signal: AbortSignal): Promise<void>;
  /** Since when (µs of the clock) another one may have taken its place unheard, which `settled` finds out. Null: it has not. */
  readonly doubtedSinceUs: number | null;
  /** Gives back what it opened: ports that were closed before are closed again. Never rejects. */
  close(): Promise<void>;
}

/**
 * Opens the port (as the monitor does: one that is open already stays somebody's) and begins to listen to the device. A session is being
 * recorded. Rejects with the port's errors.
 */
export type OpenBench = (subject: BenchSubject) => Promise<RunBench>;
