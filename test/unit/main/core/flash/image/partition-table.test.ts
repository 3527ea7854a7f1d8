import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPartitionCsv, parsePartitionCsv } from '../../../../../../main/core/flash/image/partition-csv.ts';
import { readPartitionTable, writePartitionTable } from '../../../../../../main/core/flash/image/partition-table.ts';
import type { Partition } from '../../../../../../preload/contract/flash.ts';

const fixture = (name: string) => readFileSync(new URL(`../../../../../fixtures/flash/${name}`, import.meta.url));
const csv = (...lines: string[]) => parsePartitionCsv(lines.join('\n'), 'partitions.csv');
const reasonOf = (...lines: string[]) => {
  try {
    csv(...lines);
  } catch (error) {
    return (error as { value: { data: { reason: string } } }).value.data.reason;
  }
  return 'taken';
};

describe('a partition table', () => {
  it('made of a CSV is what ESP-IDF’s generator makes of it, byte for byte', () => {
    const table = parsePartitionCsv(fixture('parts.csv').toString(), 'parts.csv');
    expect(Buffer.from(writePartitionTable(table)).equals(fixture('parts.bin'))).toBe(true);
  });

  it('is read with names, types, subtypes, places and flags', () => {
    expect(readPartitionTable(fixture('parts.bin'))).toEqual([
      { name: 'nvs', type: 'data', subtype: 'nvs', offset: 0x9000, sizeBytes: 0x6000, isEncrypted: false, isReadOnly: false },
      { name: 'phy_init', type: 'data', subtype: 'phy', offset: 0xf000, sizeBytes: 0x1000, isEncrypted: false, isReadOnly: false },
      { name: 'factory', type: 'app', subtype: 'factory', offset: 0x10000, sizeBytes: 0x100000, isEncrypted: false, isReadOnly: false },
      { name: 'coredump', type: 'data', subtype: 'coredump', offset: 0x110000, sizeBytes: 0x10000, isEncrypted: false, isReadOnly: false },
    ]);
  });

  it.each([
    ['MD5 does not match', (data: Buffer) => data.fill(0x42, 0x10, 0x11)],
    ['damaged at 0x20', (data: Buffer) => data.fill(0x42, 0x20, 0x21)],
    ['truncated', (data: Buffer) => data.subarray(0, 0x40)],
    ['no partition table', () => Buffer.alloc(0xc00, 0xff)],
  ])('that is none, or damaged, says so: %s', (reason, damage) => {
    const data = damage(Buffer.from(fixture('parts.bin')));
    expect(() => readPartitionTable(data, 'it')).toThrow(
      expect.objectContaining({ value: expect.objectContaining({ data: { path: 'it', reason: expect.stringContaining(reason) } }) }),
    );
  });

  it('of an older ESP-IDF has no MD5', () => {
    const data = Buffer.from(fixture('parts.bin')).fill(0xff, 0x80, 0xa0);
    expect(readPartitionTable(data)).toHaveLength(4);
  });

  it('is not believed in its names: control characters move no cursor', () => {
    const data = Buffer.from(fixture('parts.bin'));
    data.write('\x1b[2J\n<b>', 0x0c, 'latin1');
    expect(readPartitionTable(data.fill(0xff, 0x80, 0xa0))[0]?.name).toBe('�[2J�<b>');
  });

  it('never takes more than its place, whatever follows', () => {
    const crowd = Buffer.concat(Array.from({ length: 4096 }, () => fixture('parts.bin').subarray(0, 32)));
    expect(readPartitionTable(crowd)).toHaveLength(96);
  });

  it('reads arbitrary bytes without crashing', () => {
    const entry = fc.uint8Array({ minLength: 30, maxLength: 30 }).map((tail) => Uint8Array.of(0xaa, 0x50, ...tail));
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 100 }), fc.uint8Array({ maxLength: 64 }), (entries, tail) => {
        try {
          readPartitionTable(Buffer.concat([...entries, tail]));
        } catch (error) {
          expect(error).toMatchObject({ code: 'flash/bad-file' });
        }
      }),
    );
  });
});

const anyTable = fc
  .uniqueArray(
    fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9_]{0,15}$/),
      kind: fc.constantFrom<[string, string]>(
        ['app', 'factory'],
        ['app', 'ota_15'],
        ['data', 'nvs'],
        ['data', 'spiffs'],
        ['data', '0x99'],
        ['0x40', '0x07'],
      ),
      gap: fc.integer({ min: 0, max: 3 }),
      sectors: fc.integer({ min: 1, max: 5000 }),
      isEncrypted: fc.boolean(),
      isReadOnly: fc.boolean(),
    }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 20 },
  )
  .map((drawn) => {
    let end = 0x9000;
    return drawn.map(({ name, kind: [type, subtype], gap, sectors, isEncrypted, isReadOnly }): Partition => {
      const offset = Math.ceil(end / 0x10000 + gap) * 0x10000;
      end = offset + sectors * 0x1000;
      return { name, type, subtype, offset, sizeBytes: sectors * 0x1000, isEncrypted, isReadOnly };
    });
  });

describe('partition tables as bytes and as text', () => {
  it('survive being written and read', () => {
    fc.assert(
      fc.property(anyTable, (table) => {
        expect(readPartitionTable(writePartitionTable(table))).toEqual(table);
        expect(parsePartitionCsv(formatPartitionCsv(table), 'it')).toEqual(table);
      }),
    );
  });

  it('refuse what the format has no room for', () => {
    const one = { name: 'x', type: 'data', subtype: 'nvs', offset: 0x9000, sizeBytes: 0x1000, isEncrypted: false, isReadOnly: false };
    const write =
      (...tables: Partition[]) =>
      () =>
        writePartitionTable(tables);
    expect(write({ ...one, name: 'a name of seventeen' })).toThrow(expect.objectContaining({ code: 'bad-request' }));
    expect(write({ ...one, subtype: 'unheard-of' })).toThrow(expect.objectContaining({ code: 'bad-request' }));
    expect(write(...Array.from({ length: 96 }, () => one))).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });
});

describe('a partitions.csv', () => {
  it('leaves offsets out: applications begin on 64 KiB, data on a sector, the first behind the table', () => {
    expect(
      csv(
        '# Name, Type, SubType, Offset, Size, Flags',
        '',
        'nvs, data, nvs, , 0x6000',
        'app, app, factory, , 1M,',
        'log, 0x40, 0x7, , 64K, encrypted:readonly',
      ).map(({ offset, sizeBytes }) => [offset, sizeBytes]),
    ).toEqual([
      [0x9000, 0x6000],
      [0x10000, 0x100000],
      [0x110000, 0x10000],
    ]);
  });

  it('knows types by number, data without a subtype, flags, and a size that ends at an address', () => {
    expect(csv('a,1,,0x9000,0x1000', 'b,0x00,0x10,0x10000,-4M,encrypted')).toEqual([
      { name: 'a', type: 'data', subtype: 'undefined', offset: 0x9000, sizeBytes: 0x1000, isEncrypted: false, isReadOnly: false },
      { name: 'b', type: 'app', subtype: 'ota_0', offset: 0x10000, sizeBytes: 0x3f0000, isEncrypted: true, isReadOnly: false },
    ]);
  });

  it('may name the bootloader and the table themselves', () => {
    expect(
      csv('boot,bootloader,primary,0x0,', 'table,partition_table,primary,,', 'nvs,data,nvs,,0x6000').map(({ offset, sizeBytes }) => [
        offset,
        sizeBytes,
      ]),
    ).toEqual([
      [0, 0x8000],
      [0x8000, 0x1000],
      [0x9000, 0x6000],
    ]);
    expect(reasonOf('boot,bootloader,primary,,')).toBe('line 1: no offset: it is another one on each chip');
  });

  it.each([
    ['line 2: begins at 0x9000, the one before ends at 0xa000', ['a,data,nvs,0x9000,0x1000', 'b,data,phy,0x9000,0x1000']],
    ['line 1: begins at 0x8000, the one before ends at 0x9000', ['a,data,nvs,0x8000,0x1000']],
    ['line 2: a second a', ['a,data,nvs,,0x1000', 'a,data,nvs,,0x1000']],
    ['line 1: 0x11000 is no multiple of 0x10000', ['a,app,factory,0x11000,1M']],
    ['line 1: no partition type application', ['a,application,factory,,1M']],
    ['line 1: no app subtype (empty)', ['a,app,,,1M']],
    ['line 1: no data subtype factory', ['a,data,factory,,1M']],
    ['line 1: no size', ['a,data,nvs']],
    ['line 1: no size: lots', ['a,data,nvs,,lots']],
    ['line 1: ends before it begins', ['a,data,nvs,0x9000,-0x9000']],
    ['line 1: OTA data take exactly 0x2000', ['a,data,ota,,0x1000']],
    ['line 1: no flag hidden', ['a,data,nvs,,0x1000,hidden']],
    ['line 1: more than six fields', ['a,data,nvs,,0x1000,,x']],
    ['line 1: this is a name too long: a name has at most 16 bytes', ['this is a name too long,data,nvs,,0x1000']],
    ['no partition in it', ['# nothing']],
    ['line 1: ends beyond 4 GiB', ['a,data,nvs,0xffff0000,1M']],
  ])('is refused with its line: %s', (reason, lines) => {
    expect(reasonOf(...lines)).toBe(reason);
  });

  it('of arbitrary text is taken or refused, nothing else', () => {
    const line = fc.array(fc.oneof(fc.string(), fc.constantFrom('data', 'app', 'nvs', '0x9000', '1M', '')), { maxLength: 7 });
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        expect(typeof reasonOf(...lines.map((fields) => fields.join(',')))).toBe('string');
      }),
    );
  });
});
