import type { CheckLimit, CheckValue } from '../../../preload/contract/checks.ts';

/** A measured value on a line: all are fractions of its length. */
export interface ValueBar {
  at: number;
  allowedFrom: number;
  allowedTo: number;
}

/** Null where a line says nothing: texts, values without a bound, and a single allowed one. */
export function barOf(value: CheckValue['value'], limit: CheckLimit | null): ValueBar | null {
  if (typeof value !== 'number' || !Number.isFinite(value) || limit === null) return null;
  const { min, max } = limit;
  if ((min === undefined && max === undefined) || min === max || (max === 0 && value === 0)) return null;
  const marks = [value, ...(min === undefined ? [] : [min]), ...(max === undefined ? [] : [max])];
  // Counts and lengths begin at nothing; levels in decibels have no such place.
  const isSigned = marks.some((mark) => mark < 0);
  const least = Math.min(...marks, ...(isSigned ? [] : [0]));
  const greatest = Math.max(...marks);
  const room = greatest === least ? 1 : (greatest - least) * 0.15;
  const from = isSigned ? least - room : least;
  const to = greatest + room;
  const place = (each: number): number => (each - from) / (to - from);
  return { at: place(value), allowedFrom: min === undefined ? 0 : place(min), allowedTo: max === undefined ? 1 : place(max) };
}

/** Of the values of a check the one that says most in a row: the first that is not met, else the first that something is asked of, a number before others. */
export function tellingValue(values: readonly CheckValue[]): CheckValue | undefined {
  const asked = values.filter(({ limit, value }) => limit !== null && value !== null);
  return (
    values.find(({ isMet }) => isMet === false) ??
    asked.find(({ value, limit }) => barOf(value, limit) !== null) ??
    asked.find(({ value }) => typeof value !== 'boolean') ??
    asked[0] ??
    values[0]
  );
}
