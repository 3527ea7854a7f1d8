import { expect, test } from 'vitest';
import { explains } from '../../../../../../main/core/checks/lateness/explains.ts';
import { latenessIn } from '../../../../../../main/core/checks/lateness/lateness.ts';

/** So many standstills of that length in that time, evenly. */
const late = (count: number, ms: number, ofS: number) =>
  latenessIn(
    Array.from({ length: count }, (_, i) => ({ fromUs: (i * ofS * 1e6) / count, toUs: (i * ofS * 1e6) / count + ms * 1000 })),
    0,
    ofS * 1e6,
  );

test.each([
  ['one turn of ten by one standstill', late(1, 400, 300), 1, { max: 0 }, 'count', true, true],
  ['ten turns by no single standstill', late(1, 400, 300), 10, { max: 0 }, 'count', true, false],
  ['no turn by many short ones', late(100, 390, 300), 1, { max: 0 }, 'count', true, false],
  ['three underruns by three', late(3, 160, 22), 3, { max: 0 }, 'count', { fromMs: 150 }, true],
  ['300 underruns by no single one', late(1, 160, 22), 300, { max: 0 }, 'count', { fromMs: 150 }, false],
  ['no underrun by what the lead is enough for', late(1, 140, 22), 1, { max: 0 }, 'count', { fromMs: 150 }, false],
  ['no silence by a moment', late(1, 900, 10), false, { equals: true }, undefined, true, false],
  ['a silence by a fifth of the time', late(10, 200, 10), false, { equals: true }, undefined, true, true],
  ['a single event by a moment that is long enough', late(1, 400, 10), true, { equals: false }, undefined, { fromMs: 400 }, true],
  ['no level by a moment', late(1, 900, 10), 12, { min: 30 }, 'dB', true, false],
  ['a level by a fifth of the time', late(10, 200, 10), 12, { min: 30 }, 'dB', true, true],
  ['no clock by a moment', late(1, 1000, 60), 400, { max: 100 }, 'ppm', true, false],
  ['no likeness by a moment', late(1, 500, 8), 0.1, { min: 0.55 }, undefined, { fromMs: 100 }, false],
  ['frames at the edges, as long as the longest', late(1, 500, 20), 2.9, { max: 0.5 }, '%', 'edges', true],
  ['no frames that are lost all the time', late(100, 80, 20), 30, { max: 0.5 }, '%', 'edges', false],
  ['words by as much of the time', late(10, 100, 10), 29, { max: 20 }, '%', true, true],
  ['not half of the words by a tenth of the time', late(10, 100, 10), 50, { max: 20 }, '%', true, false],
  ['a rate by what is missing of a stretch', late(1, 600, 10), 85, { min: 100 }, 'kbit/s', true, true],
  ['no rate of a twentieth by that', late(1, 600, 10), 5, { min: 100 }, 'kbit/s', true, false],
  ['many gaps by all of them', late(9, 100, 10), 900, { max: 60 }, 'ms', 'sum', true],
  ['no more gaps than that', late(9, 100, 10), 1000, { max: 60 }, 'ms', 'sum', false],
  ['no middle of many times by one standstill', late(1, 200, 20), 700, { max: 300 }, 'ms', 'share', false],
  ['a middle by as much of all of the time', late(40, 200, 20), 500, { max: 300 }, 'ms', 'share', true],
  ['no ping that is waited for for seconds by short ones', late(20, 40, 20), 6, { max: 2 }, '%', { fromMs: 1000 }, false],
  ['pings by as long a standstill', late(1, 1500, 20), 6, { max: 2 }, '%', { fromMs: 1000 }, true],
  ['pings by a fifth of the time', late(20, 200, 20), 20, { max: 2 }, '%', { fromMs: 1000 }, true],
  ['no silence in what a sound card had ahead', late(20, 40, 20), 860, { max: 60 }, 'ms', 'spoken', false],
  ['a silence by what it had not', late(1, 400, 20), 250, { max: 60 }, 'ms', 'spoken', true],
  ['nothing that is not of time', late(9, 900, 10), 12, { min: 30 }, 'dB', undefined, false],
] as const)('lateness explains %s', (_, lateness, value, limit, unit, isTimed, is) => {
  expect(explains(lateness, { value, limit, ...(unit !== undefined && { unit }) }, isTimed, { speaker: 'host' })).toBe(is);
});

test.each([
  ['board', true],
  ['person', false],
] as const)('short standstills explain a silence in what the %s said: %s', (speaker, is) => {
  expect(explains(late(20, 40, 20), { value: 860, limit: { max: 60 }, unit: 'ms' }, 'spoken', { speaker })).toBe(is);
});

test('of a count whose moments are known lateness explains those at which it was', () => {
  const one = (fromUs: number, toUs: number) => ({ fromUs, toUs });
  const counted = (moments: readonly ReturnType<typeof one>[]) =>
    explains(late(1, 420, 20), { value: moments.length, limit: { max: 0 }, unit: 'count' }, true, { speaker: 'board', moments });
  expect(counted([one(300_000, 4_000_000)])).toBe(true);
  expect(counted([one(2_000_000, 6_000_000)])).toBe(false);
  expect(counted([one(300_000, 4_000_000), one(6_000_000, 9_000_000)])).toBe(false);
});
