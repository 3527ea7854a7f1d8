import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HandKeys } from '../../../../../renderer/features/flash/typed-by-hand.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Types keys one after the other, each of them a shortcut; those that did something. */
function typed(keys: readonly string[], gapMs: number): string[] {
  const hand = new HandKeys();
  const done: string[] = [];
  keys.forEach((key, index) => {
    hand.saw(key, 1000 + index * gapMs);
    if (key.length === 1) hand.run(() => done.push(key));
    vi.advanceTimersByTime(gapMs);
  });
  vi.runAllTimers();
  return done;
}

test('a scanned MAC that holds shortcuts starts nothing, its first key neither', () => {
  expect(typed(['f', '4', '1', '2', 'f', 'a', 'Enter'], 8)).toEqual([]);
});

test('keys of a hand do what they are for', () => {
  expect(typed(['f'], 8)).toEqual(['f']);
  expect(typed(['o', 'c', 'x'], 150)).toEqual(['o', 'c', 'x']);
});

test('a modifier just before its key is no other key', () => {
  expect(typed(['Shift', '?'], 10)).toEqual(['?']);
});
