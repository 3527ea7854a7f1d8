import { describe, expect, it } from 'vitest';
import { requirePartition } from '../../../../../../main/core/flash/esp/board-table.ts';
import type { Partition } from '../../../../../../preload/contract/flash.ts';

const nvs: Partition = {
  name: 'nvs',
  type: 'data',
  subtype: 'nvs',
  offset: 0x9000,
  sizeBytes: 0x6000,
  isEncrypted: false,
  isReadOnly: false,
};

describe('a partition of the table on a board', () => {
  it('is found by its name', () => {
    expect(requirePartition([nvs], 'nvs', 0x400000)).toBe(nvs);
    expect(() => requirePartition([nvs], 'otadata', 0x400000)).toThrow(expect.objectContaining({ code: 'flash/no-partition' }));
    expect(() => requirePartition(null, 'nvs', 0x400000)).toThrow(expect.objectContaining({ code: 'flash/no-partition' }));
  });

  it.each([
    ['ends where no flash is', { sizeBytes: 0xffff_0000 }, 0x400000, 'flash/too-big'],
    ['ends where no flash can be, on a chip that does not tell its size', { sizeBytes: 0xffff_0000 }, null, 'flash/too-big'],
    ['begins inside a sector', { offset: 0x9001 }, 0x400000, 'flash/bad-offset'],
    ['ends inside a sector', { sizeBytes: 0x6010 }, 0x400000, 'flash/bad-offset'],
  ])('is none when it %s: a damaged table', (_, change, flashBytes, code) => {
    expect(() => requirePartition([{ ...nvs, ...change }], 'nvs', flashBytes)).toThrow(expect.objectContaining({ code }));
  });
});
