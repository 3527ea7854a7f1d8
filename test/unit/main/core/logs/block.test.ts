import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBlock, encodeBlock } from '../../../../../main/core/logs/block.ts';
import { ColumnReader, packColumns } from '../../../../../main/core/logs/packed-columns.ts';
import type { BookRow } from '../../../../../main/core/logs/row.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';

const text = fc
  .oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '😀', 'a\ud83d', '\ude00b', '唤醒词', '\r', '\u2028 x', '\0'))
  .map((it) => it.replaceAll('\n', ''));
const word = fc.constantFrom('wifi', 'mqtt', '唤醒', '');
const number = fc.oneof(
  fc.integer(),
  fc.constantFrom(0, -1, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);
const anyNumber = fc.oneof(
  number,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((it) => it + 0),
);
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });

const row = fc
  .record({
    port: fc.constantFrom('/dev/ttyUSB0', 'COM7', 'socket://h:1'),
    atUs: number.map((it) => it as MonoUs),
    direction: fc.constantFrom('received' as const, 'sent' as const, 'notice' as const),
    text,
    raw: fc.uint8Array({ maxLength: 4 }),
    grammar: fc.constantFrom('plain', 'esp-idf', 'twetalk'),
    level: optional(fc.constantFrom('error' as const, 'warn' as const, 'info' as const, 'debug' as const, 'verbose' as const)),
    deviceMs: optional(anyNumber),
    deviceTime: optional(text),
    tag: optional(word),
    file: optional(word),
    function: optional(word),
    line: optional(number),
    event: optional(word),
    payload: optional(fc.jsonValue({ noUnicodeString: false }).map((value) => JSON.parse(JSON.stringify(value)) as unknown)),
    back: optional(fc.integer({ min: 1, max: 1000 })),
    colours: optional(fc.array(fc.tuple(fc.nat(9), fc.nat(9), fc.nat(107)), { minLength: 1, maxLength: 3 })),
    offset: fc.oneof(fc.constant(-1), fc.nat(), fc.constant(2 ** 40)),
    isRepeat: fc.boolean(),
    messageOf: fc.constantFrom('whole', 'end', 'middle', 'other'),
    isWhole: fc.boolean(),
  })
  .map(({ messageOf, isWhole, ...rest }) => {
    const message = {
      whole: rest.text,
      end: rest.text.slice(2),
      middle: rest.text.slice(1, 3),
      other: `not in it: ${rest.text}`,
    }[messageOf];
    const colours = isWhole && rest.colours !== undefined ? [[0, rest.text.length, 32]] : rest.colours;
    return Object.fromEntries(
      Object.entries({ ...rest, message, colours }).filter(([, value]) => value !== undefined),
    ) as unknown as BookRow;
  });

/** With what it continues so far back. */
function numbered({ back, ...rest }: BookRow & { back?: number }, seq: number): BookRow {
  return { ...rest, seq, ...(back === undefined ? {} : { continues: seq - back }) };
}

const rows = fc
  .tuple(fc.nat(1e9), fc.array(row, { minLength: 1, maxLength: 40 }))
  .map(([firstSeq, list]) => list.map((each, index) => numbered(each, 1000 + firstSeq + index)));

const withoutBytes = (list: readonly BookRow[]) => list.map((each) => ({ ...each, raw: new Uint8Array(0) }));

describe('a log block', () => {
  test('gives back every row as it was, whatever its text and numbers, whole or in part', () => {
    fc.assert(
      fc.property(rows, fc.nat(40), fc.nat(40), (list, a, b) => {
        const block = encodeBlock(list);
        expect(decodeBlock(block)).toEqual(withoutBytes(list));
        const [from, to] = [Math.min(a, b, list.length), Math.min(Math.max(a, b), list.length)];
        expect(decodeBlock(block, from, to)).toEqual(withoutBytes(list.slice(from, to)));
      }),
      { numRuns: 300 },
    );
  });

  test('says what is in it', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const block = encodeBlock(list);
        const times = list.map(({ atUs }) => atUs);
        const countOf = (level: string) => list.filter((each) => each.level === level).length;
        expect(block).toMatchObject({
          firstSeq: list[0]?.seq,
          rowCount: list.length,
          firstUs: Math.min(...times),
          lastUs: Math.max(...times),
          errorCount: countOf('error'),
          warnCount: countOf('warn'),
          infoCount: countOf('info'),
        });
        for (const [index, port] of block.ports.entries())
          expect(block.portRows[index]).toBe(list.filter((each) => each.port === port).length);
        for (const [index, label] of block.words.entries())
          expect(block.labelRows[index]).toBe(list.filter((each) => (each.tag ?? each.file) === label).length);
      }),
    );
  });

  test('leaves out numbers that are none, and places before the session', () => {
    const raw = new Uint8Array(3);
    const base = {
      port: 'p',
      atUs: 0 as MonoUs,
      direction: 'received' as const,
      text: 'x',
      raw,
      grammar: 'esp-idf',
      message: 'x',
      isRepeat: false,
    };
    const [row] = decodeBlock(encodeBlock([{ ...base, seq: 5, offset: -7, deviceMs: Number.POSITIVE_INFINITY, line: 1e20, continues: 5 }]));
    expect(row).toEqual({ ...base, raw: new Uint8Array(0), seq: 5, offset: -1 });
  });

  test('takes little beside the text of ordinary rows', () => {
    const list = Array.from({ length: 1000 }, (_, index): BookRow => {
      const line = `I (${index * 3}) twetalk: wake word ${index} detected`;
      const raw = new Uint8Array(Buffer.from(`\x1b[0;32m${line}\x1b[0m\r\n`));
      return {
        ...{ seq: index, port: 'COM7', atUs: (index * 700) as MonoUs, direction: 'received', text: line, raw, grammar: 'esp-idf' },
        ...{ level: 'info', deviceMs: index * 3, tag: 'twetalk', message: line.slice(line.indexOf('wake')) },
        ...{ colours: [[0, line.length, 32]], offset: index * raw.length, isRepeat: false },
      };
    });
    const block = encodeBlock(list);
    expect(block.facts).toBe('');
    expect(block.columns.byteLength).toBeLessThan(list.length * 14);
    expect(block.columns.byteLength).toBe(block.columns.buffer.byteLength);
    expect(decodeBlock(block)).toEqual(withoutBytes(list));
  });

  test('keeps its rows apart although a text holds a line feed, and whole although a payload is no JSON', () => {
    const base = { port: 'p', atUs: 0 as MonoUs, direction: 'notice' as const, raw: new Uint8Array(0), grammar: 'talkbench' };
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const list: BookRow[] = [
      { ...base, seq: 0, text: 'two\nlines', message: 'two\nlines', payload: cyclic, offset: -1, isRepeat: false },
      { ...base, seq: 1, text: 'after', message: 'after', payload: { kept: true }, offset: -1, isRepeat: false },
    ];
    const [first, second] = decodeBlock(encodeBlock(list));
    expect(first).toMatchObject({ text: 'two lines', message: 'two\nlines' });
    expect(second).toMatchObject({ text: 'after', payload: { kept: true } });
  });
});

describe('packed columns', () => {
  const columns = fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 6 })).chain(([length, count]) =>
    fc.array(fc.array(fc.oneof(anyNumber, fc.constant(Number.NaN)), { minLength: length, maxLength: length }), {
      minLength: count,
      maxLength: count,
    }),
  );

  test('hold any numbers and their absence, wherever in memory they come to stand', () => {
    fc.assert(
      fc.property(columns, (lists) => {
        const length = lists[0]?.length ?? 0;
        const packed = packColumns(lists.map((list) => Float64Array.from(list)));
        const moved = new Uint8Array(packed.length + 3);
        moved.set(packed, 3);
        for (const bytes of [packed, moved.subarray(3)]) {
          const reader = new ColumnReader(bytes, lists.length, length);
          for (const [index, list] of lists.entries()) expect([...reader.read(index)]).toEqual(list);
        }
      }),
    );
  });

  test('that are cut off, too long or of an unknown width are refused', () => {
    const packed = packColumns([Float64Array.of(1, 2, 300)]);
    const widthless = packed.slice();
    widthless[8] = 3;
    for (const bad of [packed.slice(0, -1), new Uint8Array([...packed, 0]), packed.slice(0, 4), widthless])
      expect(() => new ColumnReader(bad, 1, 3)).toThrow(RangeError);
    expect(() => new ColumnReader(packed, 1, 2 ** 40)).toThrow(RangeError);
  });
});
