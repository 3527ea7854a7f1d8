import { describe, expect, it } from 'vitest';
import type { LogFilter } from '../../../../../preload/contract/logs.ts';
import {
  partsOf,
  withExcluded,
  withOnlyTag,
  withoutPart,
  withTagLevel,
  withTime,
} from '../../../../../renderer/features/monitor/filter-parts.ts';

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
  fromUs: 1_000,
  toUs: 2_000,
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

  it('have a stretch of time that takes in all that was drawn, and is taken away whole', () => {
    const drawn = withTime({ tags: ['a'] }, { fromUs: 10.9, toUs: 20.1 });
    expect(drawn).toEqual({ tags: ['a'], fromUs: 10, toUs: 21 });
    expect(withTime(drawn, { toUs: 5 })).toEqual({ tags: ['a'], toUs: 5 });
    expect(withTime(drawn, null)).toEqual({ tags: ['a'] });
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
