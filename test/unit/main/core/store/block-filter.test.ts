import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBlock } from '../../../../../main/core/logs/block.ts';
import { rowMatcher } from '../../../../../main/core/logs/filter.ts';
import type { BookRow } from '../../../../../main/core/logs/row.ts';
import { createBlockFilter } from '../../../../../main/core/store/block-filter.ts';
import { toBlockRow } from '../../../../../main/core/store/block-row.ts';
import type { LogFilter } from '../../../../../preload/contract/logs.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { logRow } from '../../../../fakes/store.ts';

const level = fc.constantFrom('error' as const, 'warn' as const, 'info' as const, 'debug' as const, 'verbose' as const);
const direction = fc.constantFrom('received' as const, 'sent' as const, 'notice' as const);
const port = fc.constantFrom('COM7', 'COM8', 'COM9');
const label = fc.constantFrom('wifi', 'mqtt', 'main.c', '__proto__', '');
const event = fc.constantFrom('mqtt.publish', 'mqtt.connect', 'panic', 'wifi');
const time = fc.nat(30).map((us) => us as MonoUs);
const text = fc.constantFrom('wifi up', 'wifi lost', 'Guru Meditation', '', '唤醒', 'mqtt publish');

const rows = fc
  .array(
    fc.record(
      { level, direction, tag: label, file: label, event, text, port, atUs: time },
      { requiredKeys: ['direction', 'text', 'port', 'atUs'], noNullPrototype: true },
    ),
    { minLength: 1, maxLength: 20 },
  )
  .map((list) => list.map(({ text: said, port: from, ...more }, index): BookRow => logRow(from, 100 + index, said, more)));

const pattern = fc.record({
  text: fc.constantFrom('', 'wifi', 'WIFI', 'm.', '^$', '唤'),
  isRegexp: fc.boolean(),
  isCaseSensitive: fc.boolean(),
});
const filter: fc.Arbitrary<LogFilter> = fc.record(
  {
    ports: fc.uniqueArray(port, { maxLength: 2 }),
    directions: fc.uniqueArray(direction, { maxLength: 2 }),
    minimumLevel: level,
    keepPlain: fc.boolean(),
    tagLevels: fc.dictionary(label, fc.oneof(level, fc.constant('off' as const)), { maxKeys: 3, noNullPrototype: true }),
    tags: fc.uniqueArray(label, { maxLength: 2 }),
    events: fc.uniqueArray(fc.constantFrom('mqtt.', 'panic', 'w'), { maxLength: 2 }),
    pattern,
    exclude: fc.array(pattern, { maxLength: 2 }),
    fromUs: time,
    toUs: time,
  },
  { requiredKeys: [] },
);

describe('a filter over a block', () => {
  test('wants the rows that the filter wants one by one, of any part of it', () => {
    fc.assert(
      fc.property(rows, filter, fc.nat(20), fc.nat(20), (list, wanted, a, b) => {
        const [from, to] = [Math.min(a, b, list.length), Math.min(Math.max(a, b), list.length)];
        const block = toBlockRow(encodeBlock(list));
        const matches = rowMatcher(wanted);
        const expected = list.map((row, index) => (index >= from && index < to && matches(row) ? 1 : 0));
        const { judge, mayHold } = createBlockFilter(wanted);
        expect([...judge(block, block, from, to)]).toEqual(expected);
        if (expected.includes(1)) expect(mayHold(block)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test('passes over a block that cannot hold what is wanted, unread', () => {
    const block = toBlockRow(
      encodeBlock([
        logRow('COM7', 0, 'x', { tag: 'wifi', level: 'warn', atUs: 40 as MonoUs }),
        logRow('COM7', 1, 'y', { atUs: 50 as MonoUs }),
      ]),
    );
    const mayHold = (wanted: LogFilter) => createBlockFilter(wanted).mayHold(block);
    const unable: LogFilter[] = [
      { ports: ['COM8'] },
      { tags: ['mqtt'] },
      { tags: ['plain'] },
      { minimumLevel: 'error' },
      { fromUs: 51 },
      { toUs: 39 },
    ];
    expect(unable.map(mayHold)).toEqual([false, false, false, false, false, false]);
    const able: LogFilter[] = [
      { ports: ['COM7'] },
      { tags: ['wifi'] },
      { minimumLevel: 'info' },
      { minimumLevel: 'error', keepPlain: true },
      { fromUs: 50 },
      { toUs: 40 },
    ];
    expect(able.map(mayHold)).toEqual([true, true, true, true, true, true]);
  });
});
