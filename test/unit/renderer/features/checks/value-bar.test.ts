import { describe, expect, test } from 'vitest';
import type { CheckValue } from '../../../../../preload/contract/checks.ts';
import { barOf, tellingValue } from '../../../../../renderer/features/checks/value-bar.ts';

describe('where a value lies', () => {
  test('a value within its bounds lies in the band, one outside does not', () => {
    const within = barOf(60, { min: 40, max: 80 });
    expect(within?.at).toBeGreaterThan(within?.allowedFrom ?? 1);
    expect(within?.at).toBeLessThan(within?.allowedTo ?? 0);
    const above = barOf(120, { min: 40, max: 80 });
    expect(above?.at).toBeGreaterThan(above?.allowedTo ?? 1);
    const below = barOf(10, { min: 40 });
    expect(below?.at).toBeLessThan(below?.allowedFrom ?? 0);
  });

  test('everything is on the line, of levels below zero too, and of a limit of nothing', () => {
    for (const bar of [
      barOf(-23, { min: -35, max: -12 }),
      barOf(-60, { min: -35 }),
      barOf(3, { max: 0 }),
      barOf(312, { min: -100, max: 100 }),
    ])
      for (const place of [bar?.at, bar?.allowedFrom, bar?.allowedTo]) {
        expect(place).toBeGreaterThanOrEqual(0);
        expect(place).toBeLessThanOrEqual(1);
      }
  });

  test('texts, what was not measured and what has no bound have no line', () => {
    expect(barOf('ESP32', { equals: 'ESP32' })).toBeNull();
    expect(barOf(null, { min: 1 })).toBeNull();
    expect(barOf(3, null)).toBeNull();
    expect(barOf(3, { min: 1, max: 1 })).toBeNull();
    expect(barOf(0, { max: 0 })).toBeNull();
    expect(barOf(Number.POSITIVE_INFINITY, { max: 1 })).toBeNull();
  });
});

test('a row shows the value that is not met, else the one that something is asked of', () => {
  const value = (name: string, limit: CheckValue['limit'], isMet: boolean | null): CheckValue => ({ name, value: 1, limit, isMet });
  const told = value('told', null, null);
  const met = value('met', { min: 0 }, true);
  expect(tellingValue([told, met, value('unmet', { min: 2 }, false)])?.name).toBe('unmet');
  expect(tellingValue([told, met])?.name).toBe('met');
  expect(tellingValue([told])?.name).toBe('told');
  expect(tellingValue([])).toBeUndefined();
});
