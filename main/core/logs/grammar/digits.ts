const ZERO = 0x30;
/** A number of so many digits is exact. */
const MAX_DIGITS = 15;

/** The number that stands from `from` to before `to`, as Number would read it, in a tenth of the time where it is plain digits. */
export function numberAt(text: string, from: number, to: number): number {
  if (from >= to || to - from > MAX_DIGITS) return Number(text.slice(from, to));
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number(text.slice(from, to));
    value = value * 10 + digit;
  }
  return value;
}

/** Ticks since boot are below this; the Unix epoch in milliseconds is above (from 2001 on). */
export const EPOCH_MS = 1_000_000_000_000;
