import { nearestRank } from '../../../analysis/percentiles.ts';

/** Nearest rank, as everywhere on this bench: a value that was measured. Undefined of nothing. */
export function medianOf(values: readonly number[]): number | undefined {
  return (
    nearestRank(
      values.toSorted((one, other) => one - other),
      50,
    ) ?? undefined
  );
}

export function greatestOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((greatest, value) => Math.max(greatest, value));
}

export function milliseconds(us: number): number {
  return Math.round(us / 100) / 10;
}

/** Without what could not be measured: a value that is left out is none, not 0. */
export function known<Value>(values: Readonly<Record<string, Value | null | undefined>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null)) as Record<string, Value>;
}
