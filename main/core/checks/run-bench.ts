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
  /** Of the run: checks add to it, and it is shown with it. */
  facts: Bench['facts'];
  /** Hears that another board than the run's is on the port, and since when (µs of the clock) that may have been so. */
  onStranger(error: TalkError, sinceUs: number): void;
}

/** What of a bench is the runner's, anew for each check. `ask` is the runner's too where nobody is there. */
export type CheckHooks = Pick<Bench, 'signal' | 'ask' | 'keepSound' | 'progress' | 'measured' | 'baselines' | 'namesakes'>;

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
   * Resolves when the board is on its port, at once where there is none to be on; rejects as `gone` and `signal` say. One that the run knows by
   * its MAC is asked for that first on another day, and where its log names another: unless the operator named it, the same chip goes by its new
   * name from then on. That takes two resets, and a minute at most; then it rejects with 'timeout'.
   */
  there(signal: AbortSignal): Promise<void>;
  /** Gives back what it opened: ports that were closed before are closed again. Never rejects. */
  close(): Promise<void>;
}

/**
 * Opens the port (as the monitor does: one that is open already stays somebody's) and begins to listen to the device. A session is being
 * recorded. Rejects with the port's errors.
 */
export type OpenBench = (subject: BenchSubject) => Promise<RunBench>;
