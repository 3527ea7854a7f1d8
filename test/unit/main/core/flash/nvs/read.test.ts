import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildNvs } from '../../../../../../main/core/flash/nvs/build.ts';
import {
  BITMAP_OFFSET,
  checksum,
  ENTRY_BYTES,
  entryChecksum,
  FIRST_ENTRY_OFFSET,
  headerChecksum,
  PAGE_BYTES,
  pageStates,
  typeCodes,
} from '../../../../../../main/core/flash/nvs/format.ts';
import { readNvs } from '../../../../../../main/core/flash/nvs/read.ts';
import { type NvsContents, type NvsEntry, nvsContents } from '../../../../../../preload/contract/nvs.ts';

const fixture = (name: string) => new Uint8Array(readFileSync(join(import.meta.dirname, '../../../../../fixtures/nvs', name)));
const entry = (key: string, type: NvsEntry['type'], value: string): NvsEntry => ({ namespace: 'ns', key, type, value });
const build = (...entries: NvsEntry[]) => buildNvs(entries, 0x3000).data;
const shown = ({ values }: NvsContents) => values.map(({ key, type, value }) => [key, type, value]);
const entryAt = (image: Uint8Array, index: number, page = 0) => {
  const start = page * PAGE_BYTES + FIRST_ENTRY_OFFSET + index * ENTRY_BYTES;
  return image.subarray(start, start + ENTRY_BYTES);
};

function poke(bytes: Uint8Array, at: number, byte: number): void {
  bytes[at] = byte;
}

/** Changes an entry as a firmware would write it: with the checksum that belongs to it. */
function rewrite(image: Uint8Array, index: number, change: (entry: Uint8Array) => void, page = 0): void {
  const bytes = entryAt(image, index, page);
  change(bytes);
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(4, entryChecksum(bytes), true);
}

function setPage(image: Uint8Array, page: number, state: number, sequence: number): void {
  const bytes = image.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(0, state, true);
  view.setUint32(4, sequence, true);
  view.setUint32(28, headerChecksum(bytes), true);
}

function erase(image: Uint8Array, index: number): void {
  const at = BITMAP_OFFSET + (index >> 2);
  image[at] = (image[at] ?? 0) & ~(0b11 << (2 * (index & 3)));
}

describe('what a board’s NVS holds', () => {
  test('is shown with its types and sizes, secrets kept back', () => {
    const { values, pages, damaged, isEncrypted } = readNvs(fixture('nvs.bin'));
    expect(values).toEqual([
      { namespace: 'dev', key: 'product_key', type: 'string', value: 'a1B2c3D4e5F', sizeBytes: 12 },
      { namespace: 'dev', key: 'device_name', type: 'string', value: 'bench-0007', sizeBytes: 11 },
      { namespace: 'dev', key: 'device_secret', type: 'string', value: null, sizeBytes: 33 },
      { namespace: 'dev', key: 'port', type: 'u16', value: '8883', sizeBytes: 2 },
      { namespace: 'dev', key: 'serial', type: 'u32', value: '305419896', sizeBytes: 4 },
      { namespace: 'dev', key: 'neg', type: 'i32', value: '-42', sizeBytes: 4 },
      { namespace: 'dev', key: 'big', type: 'u64', value: '1234567890123456789', sizeBytes: 8 },
      { namespace: 'wifi', key: 'ssid', type: 'string', value: 'Bench Wi-Fi 测试', sizeBytes: 19 },
      { namespace: 'wifi', key: 'psk', type: 'string', value: null, sizeBytes: 10 },
      {
        namespace: 'wifi',
        key: 'blob',
        type: 'blob',
        value: '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff01',
        sizeBytes: 33,
      },
      { namespace: 'wifi', key: 'b64', type: 'blob', value: '48656c6c6f2c204e565321', sizeBytes: 11 },
    ]);
    expect([pages[0], pages[5], pages.length, damaged, isEncrypted]).toEqual([
      { state: 'active', usedEntries: 24 },
      { state: 'empty', usedEntries: 0 },
      6,
      [],
      false,
    ]);
  });

  test.each([
    ['blobs.bin', 'large', 9001],
    ['blob-at-page-end.bin', 'headonly', 40],
    ['blob-at-page-end.bin', 'fills', 3872],
  ])('joins the pieces of a blob: %s %s', (name, key, sizeBytes) => {
    const { values, damaged } = readNvs(fixture(name));
    const expected = Buffer.from(Array.from({ length: sizeBytes }, (_, index) => (index * 7 + 3) & 255)).toString('hex');
    expect(values.find((value) => value.key === key)).toMatchObject({ value: expected, sizeBytes });
    expect(damaged).toEqual([]);
  });

  test('is the newest of what stands there twice, by the age of its page', () => {
    const image = new Uint8Array(0x3000).fill(0xff);
    image.set(build(entry('a', 'u8', '2'), entry('b', 'string', 'new')).subarray(0, PAGE_BYTES), 0);
    image.set(build(entry('a', 'u8', '1'), entry('c', 'u8', '3'), entry('b', 'string', 'old')).subarray(0, PAGE_BYTES), PAGE_BYTES);
    setPage(image, 0, pageStates.active, 8);
    setPage(image, 1, pageStates.freeing, 7);
    const contents = readNvs(image);
    expect(shown(contents)).toEqual([
      ['a', 'u8', '2'],
      ['c', 'u8', '3'],
      ['b', 'string', 'new'],
    ]);
    expect(contents.pages.map(({ state }) => state)).toEqual(['active', 'freeing', 'empty']);
    // An older firmware keeps a key once for each type.
    const both = build(entry('a', 'u8', '1'), entry('b', 'u16', '2'));
    rewrite(both, 2, (bytes) => bytes.set(Buffer.from('a'), 8));
    expect(shown(readNvs(both))).toEqual([
      ['a', 'u8', '1'],
      ['a', 'u16', '2'],
    ]);
  });

  test('has no erased entries', () => {
    const image = build(entry('a', 'u8', '1'), entry('b', 'u8', '2'));
    erase(image, 1);
    expect(shown(readNvs(image))).toEqual([['b', 'u8', '2']]);
  });

  test('may have blobs of version 1, and the other half of the piece numbers', () => {
    const image = build(entry('a', 'string', 'old blob'), entry('b', 'hex', '0102'));
    rewrite(image, 1, (bytes) => bytes.set([typeCodes.blob], 1));
    rewrite(image, 3, (bytes) => bytes.set([0x80], 3));
    rewrite(image, 5, (bytes) => bytes.set([0x80], 29));
    expect(readNvs(image)).toMatchObject({
      values: [
        { key: 'a', type: 'blob', value: Buffer.from('old blob\0').toString('hex'), sizeBytes: 9 },
        { key: 'b', type: 'blob', value: '0102' },
      ],
      damaged: [],
    });
  });

  const secrets: [string, NvsEntry['type'], string, boolean][] = [
    ['password', 'string', 'hunter2', true],
    ['wifi_passwd', 'string', 'hunter2', true],
    ['psk', 'string', '', true],
    ['auth_token', 'string', 'abc', true],
    ['dev_secret', 'hex', '00', true],
    ['sta.pswd', 'hex', '6162', true],
    ['ca_cert', 'string', 'MIIB', true],
    ['tls', 'string', '-----BEGIN EC PRIVATE KEY-----\n', true],
    ['api_key', 'string', 'sk0123456789abcdef', true],
    ['key', 'hex', '00112233', true],
    ['volume_key', 'string', 'GPIO 5', false],
    ['keyword', 'string', 'hello', false],
    ['product_key', 'string', 'a1B2c3D4e5Fa1B2c3D4e5F', false],
    ['public_key', 'hex', '0011', false],
    ['key_count', 'u8', '3', false],
    ['device_name', 'string', 'bench-0007', false],
  ];
  test.each(secrets)('%s (%s) is or is not kept back', (key, type, value, isSecret) => {
    const image = build(entry(key, type, value));
    expect(readNvs(image).values.map((each) => each.value === null)).toEqual([isSecret]);
    expect(readNvs(image, { withSecrets: true }).values.map((each) => each.value === null)).toEqual([false]);
  });
});

describe('what cannot be read is told, and the rest is', () => {
  const whole = () => build(entry('a', 'u8', '1'), entry('s', 'string', 'text'), entry('b', 'hex', '0102'), entry('z', 'u8', '9'));
  // Entries: 0 namespace, 1 a, 2-3 s, 4-5 piece of b, 6 index of b, 7 z.
  const cases: [string, (image: Uint8Array) => void, string[], NvsContents['damaged']][] = [
    ['an entry’s checksum', (image) => poke(entryAt(image, 1), 24, 7), ['s', 'b', 'z'], [{ page: 0, entry: 1, reason: 'entry-checksum' }]],
    ['a string’s checksum', (image) => poke(entryAt(image, 3), 0, 7), ['a', 'b', 'z'], [{ page: 0, entry: 2, reason: 'data-checksum' }]],
    [
      'an unknown type',
      (image) => rewrite(image, 1, (bytes) => bytes.set([0x33], 1)),
      ['s', 'b', 'z'],
      [{ page: 0, entry: 1, reason: 'unknown-type' }],
    ],
    [
      'an unknown namespace',
      (image) => rewrite(image, 1, (bytes) => bytes.set([9], 0)),
      ['s', 'b', 'z'],
      [{ page: 0, entry: 1, reason: 'unknown-namespace' }],
    ],
    [
      'a span of nothing',
      (image) => rewrite(image, 1, (bytes) => bytes.set([0], 2)),
      ['s', 'b', 'z'],
      [{ page: 0, entry: 1, reason: 'bad-span' }],
    ],
    ['a string without an end', unendedString, ['a', 'b', 'z'], [{ page: 0, entry: 2, reason: 'no-terminator' }]],
    [
      'a blob without its piece',
      (image) => {
        erase(image, 4);
        erase(image, 5);
      },
      ['a', 's', 'z'],
      [{ page: 0, entry: 6, reason: 'missing-chunk' }],
    ],
    ['a piece without its blob', (image) => erase(image, 6), ['a', 's', 'z'], [{ page: 0, entry: 4, reason: 'stray-chunk' }]],
    ['a string cut off by a power cut', (image) => erase(image, 3), ['a', 'b', 'z'], [{ page: 0, entry: 2, reason: 'bad-span' }]],
    ['a page’s checksum', (image) => poke(image, 4, 5), [], [{ page: 0, entry: -1, reason: 'page-checksum' }]],
    [
      'a page that was never begun',
      (image) => poke(image, 2 * PAGE_BYTES + 99, 5),
      ['a', 's', 'b', 'z'],
      [{ page: 2, entry: -1, reason: 'page-not-empty' }],
    ],
  ];

  function unendedString(image: Uint8Array): void {
    entryAt(image, 3).fill(0x41, 0, 5);
    rewrite(image, 2, (bytes) =>
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(28, checksum(entryAt(image, 3).subarray(0, 5)), true),
    );
  }

  test.each(cases)('%s', (_what, damage, keys, damaged) => {
    const image = whole();
    damage(image);
    const contents = readNvs(image);
    expect(contents.values.map(({ key }) => key)).toEqual(keys);
    expect(contents.damaged).toEqual(damaged);
    expect(contents.isEncrypted).toBe(false);
  });

  test('an image that ends within a page, and none at all', () => {
    const image = whole().subarray(0, PAGE_BYTES + 100);
    expect(readNvs(image)).toMatchObject({
      values: { length: 4 },
      pages: { length: 1 },
      damaged: [{ page: 1, entry: -1, reason: 'cut-short' }],
    });
    expect(readNvs(new Uint8Array())).toEqual({ values: [], pages: [], damaged: [], isEncrypted: false });
  });
});

describe('an encrypted partition is recognised', () => {
  const nothing = { values: [], damaged: [], isEncrypted: true };
  test('by NVS encryption, whose pages have plain headers', () => {
    expect(readNvs(fixture('encrypted.bin'))).toMatchObject({ ...nothing, pages: [{ state: 'active', usedEntries: 24 }, {}, {}] });
  });

  test('by flash encryption, which leaves nothing to read', () => {
    expect(readNvs(new Uint8Array(randomBytes(0x3000)))).toMatchObject(nothing);
  });

  test('and text, code or a damaged one is not', () => {
    const text = new Uint8Array(Buffer.from('I (22543) TWETALK: vad start, the quick brown fox\r\n'.repeat(400)));
    expect(readNvs(text)).toMatchObject({ values: [], isEncrypted: false });
    const damaged = build(entry('a', 'u8', '1'), entry('b', 'u8', '2'));
    for (const index of [0, 1, 2]) poke(entryAt(damaged, index), 24, 0x55);
    expect(readNvs(damaged)).toMatchObject({ values: [], damaged: { length: 3 }, isEncrypted: false });
  });
});

describe('whatever bytes a partition holds', () => {
  const readable = (image: Uint8Array): void => {
    expect(nvsContents.safeParse(readNvs(image)).success).toBe(true);
  };

  test('reading never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 10_000 }), readable), { numRuns: 100 });
  });

  test('nor with a few of them changed', () => {
    const image = build(entry('a', 'u8', '1'), entry('s', 'string', 'text'.repeat(20)), entry('b', 'hex', '01'.repeat(100)));
    const change = fc.tuple(fc.nat({ max: FIRST_ENTRY_OFFSET + 16 * ENTRY_BYTES }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const changed = image.slice();
        for (const [at, byte] of changes) poke(changed, at, byte);
        readable(changed);
      }),
      { numRuns: 500 },
    );
  });

  test('nor with entries whose checksums hold and whose fields are anything', () => {
    const fields = fc.array(fc.tuple(fc.constantFrom(0, 1, 2, 3, 24, 25, 26, 27, 28, 29), fc.nat({ max: 255 })), { maxLength: 10 });
    fc.assert(
      fc.property(fc.array(fields, { minLength: 1, maxLength: 8 }), (entries) => {
        const image = build(entry('s', 'string', 'text'.repeat(20)), entry('b', 'hex', '01'.repeat(100)));
        for (const [index, changes] of entries.entries()) {
          rewrite(image, index, (bytes) => {
            for (const [at, byte] of changes) poke(bytes, at, byte);
          });
        }
        readable(image);
      }),
      { numRuns: 500 },
    );
  });
});
