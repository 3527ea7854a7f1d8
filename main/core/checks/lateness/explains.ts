import type { CheckValue } from '../../../../preload/contract/checks.ts';
import { AHEAD_US } from '../bench/host-sound.ts';
import type { BoardVoice } from '../bench.ts';
import type { ValueSpec } from '../check.ts';
import { GRAVE_MS, GRAVE_PERCENT, type Lateness, type Span } from './lateness.ts';

/** The least that network.throughput tells a rate of. */
const RATE_STRETCH_MS = 3000;

export interface Circumstances {
  /** When each of what a count counts was decided, where the check tells. */
  moments?: readonly Span[] | undefined;
  speaker: BoardVoice['speaker'];
}

/**
 * Whether so much lateness may have made so much of a difference: what a board did worse than that is its own. What could not be measured at
 * all is not for lateness to explain.
 */
export function explains(
  lateness: Lateness,
  { value, limit, unit }: Pick<CheckValue, 'value' | 'limit' | 'unit'>,
  isTimed: ValueSpec['isTimed'],
  { moments, speaker }: Circumstances,
): boolean {
  if (isTimed === undefined || value === null || limit === null) return false;
  const { spans, longestMs, sumMs, percent, wholeMs } = lateness;
  const isOften = percent >= GRAVE_PERCENT;
  const fromMs = typeof isTimed === 'object' ? isTimed.fromMs : GRAVE_MS;
  const isOnce = typeof isTimed === 'object' && longestMs >= fromMs;
  if (typeof value !== 'number') return isOften || isOnce;
  const excess = Math.max(value - (limit.max ?? value), (limit.min ?? value) - value);
  const long = spans.filter(({ fromUs, toUs }) => toUs - fromUs >= fromMs * 1000);
  if (isTimed === 'sum') return excess <= sumMs;
  if (isTimed === 'share') return excess <= (value * percent) / 100;
  if (isTimed === 'spoken') return excess <= unspokenMs(spans, speaker);
  if (isTimed === 'edges') return (excess / 100) * wholeMs <= longestMs;
  switch (unit) {
    // Each was one moment, which one standstill may have spoilt: one at that moment, where it is known.
    case 'count':
      return excess <= (moments?.filter((moment) => long.some((span) => isOverlapping(span, moment))).length ?? long.length);
    // Of a stretch of time the bench was late for a share; or it was within one of the few times when it stood still for long.
    case 'ms':
      return excess <= Math.max(2 * longestMs, (value * percent) / 100);
    // What waits for long before it is lost is lost by no short standstill.
    case '%':
      return excess <= (typeof isTimed === 'object' && !isOften ? (lengthMs(long) / wholeMs) * 100 : percent);
    case 'kbit/s':
      return excess <= (limit.min ?? 0) * Math.max(percent / 100, longestMs / RATE_STRETCH_MS);
    // Levels, clocks and likenesses are of the whole sound: a moment is nothing to them.
    default:
      return isOften;
  }
}

/** Of what the bench said, so much went missing: a board in software hears as the bench runs, a sound card has some of it ahead, a person has nothing to do with it. */
function unspokenMs(spans: readonly Span[], speaker: BoardVoice['speaker']): number {
  if (speaker === 'board') return lengthMs(spans);
  return speaker === 'host' ? spans.reduce((sum, { fromUs, toUs }) => sum + Math.max(0, toUs - fromUs - AHEAD_US) / 1000, 0) : 0;
}

function lengthMs(spans: readonly Span[]): number {
  return spans.reduce((sum, { fromUs, toUs }) => sum + (toUs - fromUs) / 1000, 0);
}

function isOverlapping(one: Span, other: Span): boolean {
  return one.fromUs <= other.toUs && other.fromUs <= one.toUs;
}
