import { describe, expect, it } from 'vitest';
import type { LogFilter } from '../../../../../preload/contract/logs.ts';
import { partsOf, withExcluded, withOnlyTag, withoutPart, withTagLevel } from '../../../../../renderer/features/monitor/filter-parts.ts';

const pattern = (text: string) => ({ text, isRegexp: false, isCaseSensitive: true });
const full: LogFilter = {
  minimumLevel: 'warn',
  keepPlain: true,
  tagLevels: { wifi: 'error', mqtt: 'off' },
  tags: ['a', 'b'],
  events: ['panic', 'boot.'],
  pattern: pattern('x'),
  exclude: [pattern('y'), pattern('z')],
  collapseRepeats: true,
  directions: ['received', 'notice'],
};

describe('the conditions of a filter', () => {
  it('are taken away one by one until nothing is left', () => {
    let filter = full;
    for (let left = partsOf(full).length; left > 0; left--) {
      const [first] = partsOf(filter);
      if (first === undefined) throw new Error('too few parts');
      filter = withoutPart(filter, first);
      expect(partsOf(filter)).toHaveLength(left - 1);
    }
    expect(filter).toEqual({});
  });

  it('say "any event" by an empty list, which is a condition of its own', () => {
    expect(partsOf({ events: [] })).toEqual([{ kind: 'anyEvent' }]);
    expect(withoutPart({ events: [] }, { kind: 'anyEvent' })).toEqual({});
  });

  it('leave no empty lists behind', () => {
    expect(withOnlyTag(withOnlyTag({}, 'a', true), 'a', false)).toEqual({});
    expect(withTagLevel(withTagLevel({}, 'a', 'off'), 'a', null)).toEqual({});
  });

  it('exclude the same words once', () => {
    expect(withExcluded(withExcluded({}, 'noise'), 'noise').exclude).toHaveLength(1);
    expect(withExcluded({}, '')).toEqual({});
  });
});
