import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { requireNvs } from '../../../../../../main/core/flash/nvs/likely.ts';

const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`../../../../../fixtures/nvs/${name}`, import.meta.url)));
const text = (sizeBytes: number) => new Uint8Array(Buffer.alloc(sizeBytes, 'I (22543) TWETALK: vad start\r\n'));
const blank = (sizeBytes: number) => new Uint8Array(sizeBytes).fill(0xff);
const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

describe('an NVS partition', () => {
  const spoiled = fixture('nvs.bin');
  spoiled[28] = (spoiled[28] ?? 0) ^ 1; // of the checksum of its first page
  const cutShort = fixture('nvs.bin').subarray(0, 5000);
  const halfWritten = joined(new Uint8Array(randomBytes(1024)), blank(3072), blank(8192));
  test.each([
    ['written', fixture('nvs.bin')],
    ['encrypted by NVS', fixture('encrypted.bin')],
    ['encrypted by the flash, or noise', new Uint8Array(randomBytes(0x3000))],
    ['encrypted by the flash, and mostly blank', halfWritten],
    ['erased', blank(0x3000)],
    ['with a spoiled header', spoiled],
    ['cut short', cutShort],
  ])('%s is taken for one', (_, bytes) => expect(() => requireNvs(bytes)).not.toThrow());

  test.each([
    ['nothing', new Uint8Array()],
    ['text', text(700)],
    ['text of whole pages', text(0x2000)],
    ['text before blank pages', joined(text(4096), blank(8192))],
    ['zeroes', new Uint8Array(0x3000)],
    ['noise of no whole pages', new Uint8Array(randomBytes(10_000))],
    ['a few blank bytes', blank(100)],
  ])('is not %s', (_, bytes) => {
    expect(() => requireNvs(bytes)).toThrow(
      expect.objectContaining({ code: 'nvs/not-an-image', value: expect.objectContaining({ data: { sizeBytes: bytes.length } }) }),
    );
  });
});
