import type { DeviceName } from '../../../../pipeline/gateways/devices.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import type { Bench } from '../bench.ts';

/** What the runner asks of whoever runs it. */
export interface RunnerPorts {
  clock: Clock;
  /** The session's beginning on the clock; null while nothing is recorded. */
  session(): { id: string; startedUs: number } | null;
  /** Blacks secrets out of what is kept. */
  redact(): Promise<(text: string) => string>;
  keepSound(soundId: string, wav: Uint8Array): void;
  /** Of a check that is done again, or of an attempt that does not count. */
  dropSound(soundId: string): void;
  baselines: Bench['baselines'];
  namesakes: Bench['namesakes'];
  /** Another run that was begun before this one and is on that device: its id. */
  checkedElsewhere(device: DeviceName): string | null;
  /** Somebody makes its network worse on purpose. */
  isImpaired(device: DeviceName): boolean;
  /** Hears each change, at most ten a second. */
  onChange(): void;
  /** Hears that a check has ended: time to keep what there is. */
  onResult(): void;
  /** A bug: logged, told by the id it gives. */
  onBug(error: unknown): string;
}

export interface RunOptions {
  /** As an operator told it; '' when nobody did. */
  serialNumber: string;
  language: Bench['language'];
  isUnattended: boolean;
  only: readonly string[] | null;
}
