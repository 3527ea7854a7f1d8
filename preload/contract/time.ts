import { z } from 'zod';

/**
 * Integer microseconds on the core's one monotonic clock. Inside a stored session they count from the
 * session's start; on live streams they count from the core's start and the session names its own offset.
 * Never a wall time, never compared with a device's clock.
 */
export type MonoUs = number & { readonly __unit: 'MonoUs' };

export const monoUs = z
  .number()
  .int()
  .transform((value) => value as MonoUs);

export interface Clock {
  /** Monotonic now. */
  nowUs(): MonoUs;
  /** Wall time, for anchors and labels only. */
  wallMs(): number;
  /** Runs `callback` once at the absolute instant `atUs` (at once if that is past). Returns its cancel. */
  at(atUs: MonoUs, callback: () => void): () => void;
}
