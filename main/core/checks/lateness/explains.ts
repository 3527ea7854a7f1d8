import type { CheckValue } from '../../../../preload/contract/checks.ts';
import type { ValueSpec } from '../check.ts';
import { GRAVE_MS, GRAVE_PERCENT, type Lateness } from './lateness.ts';

/** The least that network.throughput tells a rate of. */
const RATE_STRETCH_MS = 3000;

/**
 * Whether so much lateness may have made so much of a difference: what a board did worse than that is its own. What could not be measured at
 * all is not for lateness to explain.
 */
export function explains(
  lateness: Lateness,
  { value, limit, unit }: Pick<CheckValue, 'value' | 'limit' | 'unit'>,
  isTimed: ValueSpec['isTimed'],
): boolean {
  if (isTimed === undefined || value === null || limit === null) return false;
  const { longestMs, sumMs, percent, wholeMs } = lateness;
  const isOften = percent >= GRAVE_PERCENT;
  const fromMs = typeof isTimed === 'object' ? isTimed.fromMs : GRAVE_MS;
  const isOnce = typeof isTimed === 'object' && longestMs >= fromMs;
  if (typeof value !== 'number') return isOften || isOnce;
  const excess = Math.max(value - (limit.max ?? value), (limit.min ?? value) - value);
  if (isTimed === 'sum') return excess <= sumMs;
  if (isTimed === 'edges') return (excess / 100) * wholeMs <= longestMs;
  switch (unit) {
    // Each was one moment, which one standstill may have spoilt.
    case 'count':
      return excess <= lateness.spans.filter(({ fromUs, toUs }) => toUs - fromUs >= fromMs * 1000).length;
    // Of a stretch of time the bench was late for a share; or it was within one of the few times when it stood still for long.
    case 'ms':
      return excess <= Math.max(2 * longestMs, (value * percent) / 100);
    case '%':
      return excess <= percent;
    case 'kbit/s':
      return excess <= (limit.min ?? 0) * Math.max(percent / 100, longestMs / RATE_STRETCH_MS);
    // Levels, clocks and likenesses are of the whole sound: a moment is nothing to them.
    default:
      return isOften;
  }
}
