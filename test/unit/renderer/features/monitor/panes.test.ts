import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogFilter } from '../../../../../preload/contract/logs.ts';
import {
  type Pane,
  patternFromText,
  patternToText,
  plainPane,
  readLayout,
  writeLayout,
} from '../../../../../renderer/features/monitor/panes.ts';
import { ofLog } from '../../../../../renderer/features/monitor/time-of-log.ts';

const pattern = fc.record({ text: fc.string({ minLength: 1 }), isRegexp: fc.boolean(), isCaseSensitive: fc.boolean() });
const level = fc.constantFrom('error' as const, 'warn' as const, 'info' as const, 'debug' as const, 'verbose' as const);
const filter: fc.Arbitrary<LogFilter> = fc.record(
  {
    minimumLevel: level,
    keepPlain: fc.constant(true),
    tagLevels: fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(level, fc.constant('off' as const)), {
      minKeys: 1,
      maxKeys: 4,
      noNullPrototype: true,
    }),
    tags: fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }),
    events: fc.array(fc.constantFrom('mqtt.', 'panic', 'boot.rom'), { maxLength: 3 }),
    pattern,
    exclude: fc.array(pattern, { minLength: 1, maxLength: 4 }),
    collapseRepeats: fc.constant(true),
    directions: fc.constant(['received' as const, 'notice' as const]),
    fromUs: fc.nat(),
    toUs: fc.nat(),
  },
  { requiredKeys: [] },
);
const pane: fc.Arbitrary<Pane> = fc.record({
  source: fc.option(fc.constantFrom('*', 'virtual://bench', 'COM7', 'socket://[::1]:5555')),
  filter,
  mode: fc.constantFrom('hide' as const, 'dim' as const),
  isBeside: fc.boolean(),
  find: fc.option(pattern),
  timeOf: fc.constant(null),
});

describe('a stretch of time', () => {
  const timed: Pane = { ...plainPane, filter: { minimumLevel: 'warn', fromUs: 5, toUs: 9 } };

  it('is of the log in which it was first shown, also in a link', () => {
    const shown = ofLog(timed, 1000);
    expect(shown).toEqual({ ...timed, timeOf: 1000 });
    const link = writeLayout(new URLSearchParams(), { panes: [shown ?? timed], active: 0 });
    expect(readLayout(new URLSearchParams(link.toString())).panes).toEqual([shown]);
    expect(ofLog(shown ?? timed, 1000)).toBeNull();
  });

  it('goes when another log begins, and leaves the rest of the filter', () => {
    const next = ofLog({ ...timed, timeOf: 1000 }, 2000);
    expect(next).toEqual({ ...plainPane, filter: { minimumLevel: 'warn' } });
    expect(ofLog(next ?? timed, 2000)).toBeNull();
  });

  it('says nothing of a log when it is taken away', () => {
    expect(writeLayout(new URLSearchParams(), { panes: [{ ...plainPane, timeOf: 1000 }], active: 0 }).toString()).toBe('');
    expect(readLayout(new URLSearchParams('began=1000')).panes).toEqual([plainPane]);
  });
});

describe('the layout in a link', () => {
  it('comes back as it was, whatever words and tags are in it', () => {
    fc.assert(
      fc.property(fc.array(pane, { minLength: 1, maxLength: 4 }), fc.nat(3), (panes, wanted) => {
        const layout = { panes, active: Math.min(wanted, panes.length - 1) };
        const link = writeLayout(new URLSearchParams('panel=board'), layout).toString();
        const read = new URLSearchParams(link);
        expect(read.get('panel')).toBe('board');
        expect(readLayout(read)).toEqual(layout);
      }),
    );
  });

  it('is one plain pane when nothing is said, and a port alone is a whole link', () => {
    expect(readLayout(new URLSearchParams())).toEqual({ panes: [plainPane], active: 0 });
    expect(readLayout(new URLSearchParams('port=COM7')).panes).toEqual([{ ...plainPane, source: 'COM7' }]);
    expect(writeLayout(new URLSearchParams(), { panes: [{ ...plainPane, source: 'COM7' }], active: 0 }).toString()).toBe('port=COM7');
  });

  it('survives nonsense', () => {
    expect(readLayout(new URLSearchParams('panes=99&pane=77&level=loud&tags=x&from=noon&to='))).toEqual({
      panes: [plainPane, plainPane, plainPane, plainPane],
      active: 3,
    });
  });

  it('keeps words that look like flags', () => {
    const words = { text: 'r/a', isRegexp: false, isCaseSensitive: false };
    expect(patternFromText(patternToText(words))).toEqual(words);
  });
});
