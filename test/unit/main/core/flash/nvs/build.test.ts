import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildNvs } from '../../../../../../main/core/flash/nvs/build.ts';
import { parseNvsCsv } from '../../../../../../main/core/flash/nvs/csv.ts';
import { readNvs } from '../../../../../../main/core/flash/nvs/read.ts';
import type { NvsEntry } from '../../../../../../preload/contract/nvs.ts';
import { TalkError } from '../../../../../../preload/contract/talk-error.ts';

const fixtures = join(import.meta.dirname, '../../../../../fixtures/nvs');
const golden = (name: string) => new Uint8Array(readFileSync(join(fixtures, `${name}.bin`)));
const csv = (name: string) => readFileSync(join(fixtures, `${name}.csv`), 'utf8');

const string = (value: string, key = 'text'): NvsEntry => ({ namespace: 'ns', key, type: 'string', value });
const hex = (value: string, key = 'blob'): NvsEntry => ({ namespace: 'ns', key, type: 'hex', value });

function failure(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    if (error instanceof TalkError) return { code: error.code, ...error.value.data };
    throw error;
  }
  return null;
}

describe('an NVS partition equals byte for byte what Espressif’s generator makes of', () => {
  const pairs: [string, string][] = [
    ['creds', 'nvs'],
    ...['page-crossing', 'blobs', 'blob-at-page-end', 'namespaces', 'limits', 'full'].map((name): [string, string] => [name, name]),
  ];
  test.each(pairs)('%s.csv', (source, image) => {
    const expected = golden(image);
    const { data } = buildNvs(parseNvsCsv(csv(source)), expected.length);
    expect(Buffer.compare(data, expected)).toBe(0);
  });

  test('and reads back as what went in', () => {
    const entries = parseNvsCsv(csv('limits'));
    const { values, damaged } = readNvs(golden('limits'), { withSecrets: true });
    expect(damaged).toEqual([]);
    expect(values.map(({ namespace, key, type, value }) => ({ namespace, key, type, value }))).toEqual(entries);
  });
});

describe('buildNvs', () => {
  test('says how much of the partition is used', () => {
    expect(buildNvs(parseNvsCsv(csv('full')), 0x3000)).toMatchObject({ usedEntries: 252, totalEntries: 252 });
  });

  test('refuses what leaves no page free, and says how large the partition must be', () => {
    const one = { ...string('', 'one_more'), type: 'u8', value: '1' } as const;
    expect(failure(() => buildNvs([...parseNvsCsv(csv('full')), one], 0x3000))).toEqual({
      code: 'nvs/too-big',
      sizeBytes: 0x3000,
      neededBytes: 0x4000,
    });
    expect(failure(() => buildNvs([], 0xffff_f000))).toMatchObject({ code: 'too-large', sizeBytes: 0xffff_f000 });
    expect(failure(() => buildNvs([], 0x2000))).toEqual({ code: 'nvs/too-big', sizeBytes: 0x2000, neededBytes: 0x3000 });
    expect(failure(() => buildNvs([], 0x3800))).toMatchObject({ code: 'bad-request' });
  });

  test('puts values of a namespace that comes again into that namespace', () => {
    const entries = ['a', 'b', 'a'].map((namespace, index): NvsEntry => ({ namespace, key: `k${index}`, type: 'u8', value: '1' }));
    const { values } = readNvs(buildNvs(entries, 0x3000).data);
    expect(values.map(({ namespace, key }) => namespace + key)).toEqual(['ak0', 'bk1', 'ak2']);
  });

  test('takes the longest string the firmware takes, which fills a page', () => {
    const { data, usedEntries } = buildNvs([string('x'.repeat(3999))], 0x4000);
    expect(usedEntries).toBe(1 + 126);
    expect(readNvs(data).values).toMatchObject([{ value: 'x'.repeat(3999), sizeBytes: 4000 }]);
  });

  const bad: [string, NvsEntry, string, Record<string, unknown>?][] = [
    ['a string that is too long', string('x'.repeat(4000)), 'string-too-long', { sizeBytes: 4000, mostBytes: 3999 }],
    ['a string of too many bytes', string('测'.repeat(1400)), 'string-too-long', { sizeBytes: 4200, mostBytes: 3999 }],
    ['a NUL within a string', string('a\0b'), 'string-nul'],
    ['half a character', string('a\ud800b'), 'not-unicode'],
    ['a number beyond its type', { ...string('256'), type: 'u8' }, 'out-of-range', { type: 'u8', least: '0', greatest: '255' }],
    ['a number below its type', { ...string('-0x81'), type: 'i8' }, 'out-of-range', { type: 'i8', least: '-128', greatest: '127' }],
    ['no number', { ...string('12 apples'), type: 'u32' }, 'not-a-number', { type: 'u32' }],
    ['an empty number', { ...string(''), type: 'u32' }, 'not-a-number', { type: 'u32' }],
    ['half a byte', hex('abc'), 'odd-hex'],
    ['no hex', hex('abxy'), 'not-hex'],
    ['no base64', { ...string('a*bc'), type: 'base64' }, 'not-base64'],
    ['a name of 16 bytes', string('', `${'测'.repeat(5)}x`), 'key-too-long', { mostBytes: 15 }],
    ['no name', string('', ''), 'key-empty'],
    ['a blob of too many pieces', hex('00'.repeat(508_001)), 'blob-too-long', { mostPieces: 127 }],
  ];
  test.each(bad)('refuses %s', (_what, entry, reason, facts = {}) => {
    expect(failure(() => buildNvs([entry], 0x100000))).toEqual({
      code: 'nvs/bad-value',
      namespace: 'ns',
      key: entry.key,
      reason,
      ...facts,
    });
  });

  test('refuses a key twice, and namespaces beyond 254', () => {
    expect(failure(() => buildNvs([string('a'), string('b')], 0x3000))).toMatchObject({ reason: 'twice' });
    const many = Array.from({ length: 255 }, (_, index): NvsEntry => ({ ...string(''), namespace: `n${index}` }));
    expect(failure(() => buildNvs(many, 0x10000))).toMatchObject({ namespace: 'n254', reason: 'too-many-namespaces', most: 254 });
  });

  test('whatever goes in comes out again', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', 'X', 'Z', '0', '9', '_', '.', '测'), minLength: 1, maxLength: 5 });
    const number = fc.constantFrom('u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u64', 'i64').chain((type) => {
      const bits = BigInt(type.slice(1));
      const [min, max] = type.startsWith('u') ? [0n, (1n << bits) - 1n] : [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
      return fc.bigInt({ min, max }).map((value) => ({ type: type as NvsEntry['type'], value: String(value) }));
    });
    const text = fc.string({ unit: 'grapheme', maxLength: 300 }).filter((value) => !value.includes('\0'));
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.nat({ max: 9000 }).map((length) => new Uint8Array(length).fill(length)),
    );
    const value = fc.oneof(
      number,
      text.map((value) => ({ type: 'string' as const, value })),
      bytes.map((blob) => ({ type: 'hex' as const, value: Buffer.from(blob).toString('hex') })),
    );
    const entry = fc.tuple(name, name, value).map(([namespace, key, each]) => ({ namespace, key, ...each }));
    const entries = fc.uniqueArray(entry, { maxLength: 40, selector: ({ namespace, key }) => `${namespace}\0${key}` });
    fc.assert(
      fc.property(entries, (given) => {
        const { data } = buildNvs(given, 0x80000);
        const read = readNvs(data, { withSecrets: true });
        expect(read.damaged).toEqual([]);
        const back = read.values.map(({ namespace, key, type, value }) => ({
          namespace,
          key,
          type: type === 'blob' ? 'hex' : type,
          value,
        }));
        // The order is that of the first of each kind in the flash, which is the order given.
        expect(back).toEqual(given);
      }),
      { numRuns: 60 },
    );
  });
});
