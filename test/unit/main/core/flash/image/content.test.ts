import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readContent } from '../../../../../../main/core/flash/image/content.ts';
import { buildImage } from '../../../../../../pipeline/boards/esp/firmware-image.ts';
import { app, bootloader, demoTable, merge, mergedDemo, nvsImage, otaData } from './esp-files.ts';

const kindOf = (data: Uint8Array) => readContent(data, 'it').kind;

/** Of one segment, at an address of that chip. */
function imageOf(chipId: number, address: number): Uint8Array {
  const segments = [{ address, data: new Uint8Array(64) }];
  return buildImage({ chipId, flashMegabytes: 4, frequencyCode: 0, maxRevision: 0xffff, entry: address, segments });
}

describe('what a file is', () => {
  it('is read from its bytes', () => {
    expect([bootloader, app, demoTable, mergedDemo, nvsImage(), otaData(), otaData(7)].map(kindOf)).toEqual([
      'bootloader',
      'app',
      'partition-table',
      'merged',
      'nvs',
      'ota-data',
      'ota-data',
    ]);
  });

  it('is an application where a segment is mapped, by each chip’s own addresses', () => {
    const kinds = [
      [0, 0x3fff0000],
      [0, 0x400d0020],
      [2, 0x4004c000],
      [2, 0x40080020],
      [18, 0x4ff33a70],
      [18, 0x40000020],
      [5, 0x403cc710],
      [5, 0x42000020],
    ].map(([chip = 0, address = 0]) => kindOf(imageOf(chip, address)));
    expect(kinds).toEqual(['bootloader', 'app', 'bootloader', 'app', 'bootloader', 'app', 'bootloader', 'app']);
  });

  it('is a merged image also where the flash, or the file, begins before or at the bootloader', () => {
    const esp32 = imageOf(0, 0x3fff0000);
    const whole = merge([
      { offset: 0x1000, data: esp32 },
      { offset: 0x8000, data: demoTable },
    ]);
    expect(readContent(whole, 'it')).toMatchObject({ kind: 'merged', merged: { offset: 0, chip: { name: 'esp32' } } });
    expect(readContent(whole.subarray(0x1000), 'it')).toMatchObject({ kind: 'merged', merged: { offset: 0x1000 } });
  });

  it('is no merged image when its parts are for different chips', () => {
    const mixed = merge([
      { offset: 0, data: imageOf(5, 0x403cc710) },
      { offset: 0x8000, data: demoTable },
      { offset: 0x10000, data: app },
    ]);
    expect(() => readContent(mixed, 'it')).toThrow(expect.objectContaining({ code: 'flash/bad-file' }));
  });

  it('finds a table that was moved to make room for a larger bootloader', () => {
    const moved = merge([
      { offset: 0, data: bootloader },
      { offset: 0x10000, data: demoTable },
    ]);
    expect(kindOf(moved)).toBe('merged');
  });

  it('is data where nothing else holds: damaged checksums, blank flash', () => {
    expect([nvsImage().with(5, 1), otaData().with(0, 9), new Uint8Array(0x2000).fill(0xff), new Uint8Array(1)].map(kindOf)).toEqual([
      'data',
      'data',
      'data',
      'data',
    ]);
  });

  it('of arbitrary bytes is something, or a damaged image or table', () => {
    const beginnings = [[], [0xe9], [0xaa, 0x50], [0xfe, 0xff, 0xff, 0xff], [0xe9, 1, 2, 0x20, 0, 0, 0, 0, 0xee, 0, 0, 0, 9, 0, 0, 0]];
    fc.assert(
      fc.property(
        fc.constantFrom(...beginnings),
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(0, 0x1000, 0x2000, 0x8000),
        (head, tail, at) => {
          const data = new Uint8Array(at + head.length + tail.length + 0x1000);
          data.set([...head, ...tail], at);
          try {
            expect(typeof kindOf(data)).toBe('string');
          } catch (error) {
            expect(error).toMatchObject({ code: 'flash/bad-file' });
          }
        },
      ),
    );
  });

  it('that says it has sixteen segments of 4 GiB is truncated, at once', () => {
    const liar = Buffer.alloc(0x2000, 0xff);
    liar.set([0xe9, 16, 2, 0x20]);
    liar.writeUInt16LE(9, 12);
    expect(() => readContent(liar, 'it')).toThrow(
      expect.objectContaining({ value: expect.objectContaining({ data: { path: 'it', reason: 'image: truncated' } }) }),
    );
  });
});
