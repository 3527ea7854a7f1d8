import type { Loop, StretchState } from './stretch.ts';

/** The context's rate is that of the recording: the browser resamples for the speaker. */
export const SAMPLE_RATE = 16_000;

/** To the audio thread. Places are samples from the session's start. */
export type PlayerCommand =
  | { kind: 'piece'; at: number; samples: Int16Array<ArrayBuffer> }
  | { kind: 'drop'; at: number }
  | { kind: 'clear' }
  | { kind: 'play' }
  | { kind: 'pause' }
  | { kind: 'seek'; at: number }
  | { kind: 'rate'; rate: number }
  | { kind: 'loop'; loop: Loop | null }
  | { kind: 'end'; at: number };

/** From the audio thread: at the context's time `atS` the sample `position` is given to the speaker. */
export interface PlayerReport {
  atS: number;
  position: number;
  state: StretchState;
  /** How many seeks it has heard of: a report from before the last one says nothing. */
  seeks: number;
}
