import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Partition, PlannedFile } from '../../../../../preload/contract/flash.ts';
import { flashMap, isOverfull, widthsOf } from '../../../../../renderer/features/flash/flash-map.ts';

const KB = 1024;

function partition(name: string, offset: number, sizeBytes: number, type = 'data'): Partition {
  return { name, type, subtype: 'x', offset, sizeBytes, isEncrypted: false, isReadOnly: false };
}

function file(name: string, offset: number, sizeBytes: number): PlannedFile {
  return { name, offset, sizeBytes, sha256: '', kind: 'data', chip: null, app: null, partition: null };
}

describe('the flash map', () => {
  const partitions = [partition('factory', 0x10000, 64 * KB, 'app'), partition('nvs', 0x9000, 16 * KB)];

  test('goes from the beginning of the flash to its end, holes included', () => {
    const parts = flashMap({ files: [], partitions, flashBytes: 256 * KB });
    expect(parts.map(({ name, offset, sizeBytes }) => [name, offset, sizeBytes])).toEqual([
      [null, 0, 0x9000],
      ['nvs', 0x9000, 16 * KB],
      [null, 0xd000, 0x3000],
      ['factory', 0x10000, 64 * KB],
      [null, 0x20000, 128 * KB],
    ]);
  });

  test('a file that runs out of its partition is too big for it and reaches into the next', () => {
    const tight = [partition('a', 0, 8 * KB), partition('b', 8 * KB, 8 * KB)];
    const [a, b] = flashMap({ files: [file('big.bin', 0, 12 * KB)], partitions: tight, flashBytes: null });
    expect(a?.fillings[0]).toMatchObject({ usedBytes: 8 * KB, overBytes: 4 * KB, isFromBefore: false });
    expect(b?.fillings[0]).toMatchObject({ fromBytes: 0, usedBytes: 4 * KB, overBytes: 0, isFromBefore: true });
    expect([a, b].map((part) => part !== undefined && isOverfull(part))).toEqual([true, true]);
  });

  test('files before the first partition are in the boot area, which is never overfull', () => {
    const [boot] = flashMap({
      files: [file('bootloader.bin', 0, 20 * KB), file('table.bin', 0x8000, 3 * KB)],
      partitions,
      flashBytes: null,
    });
    expect(boot?.fillings.map((filling) => [filling.file.name, filling.fromBytes])).toEqual([
      ['bootloader.bin', 0],
      ['table.bin', 0x8000],
    ]);
    expect(boot !== undefined && isOverfull(boot)).toBe(false);
  });

  test('without a table the files are the stretches; with nothing there is none', () => {
    const parts = flashMap({ files: [file('app.bin', 0x10000, 4 * KB)], partitions: null, flashBytes: null });
    expect(parts.map(({ name }) => name)).toEqual([null, 'app.bin']);
    expect(flashMap({ files: [], partitions: null, flashBytes: 1024 })).toEqual([]);
  });
});

describe('widths in the bar', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 16 * KB * KB }), { minLength: 1, maxLength: 60 });

  test('fill it exactly, and none is narrower than a hand can point at', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 100, max: 2000 }), (given, totalPx) => {
        const widths = widthsOf(given, totalPx, 9);
        expect(widths.reduce((sum, width) => sum + width, 0)).toBeCloseTo(totalPx, 3);
        const least = Math.min(9, totalPx / given.length);
        expect(Math.min(...widths)).toBeGreaterThanOrEqual(least - 1e-6);
      }),
    );
  });

  test('a larger stretch is never drawn narrower than a smaller one', () => {
    fc.assert(
      fc.property(sizes, (given) => {
        const widths = widthsOf(given, 600, 9);
        const order = given.map((size, index) => ({ size, width: widths[index] ?? 0 })).sort((a, b) => a.size - b.size);
        order.reduce((before, each) => {
          expect(each.width).toBeGreaterThanOrEqual(before - 1e-6);
          return each.width;
        }, 0);
      }),
    );
  });
});
