import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUf2, readUf2 } from '../../../../../../main/core/flash/image/uf2.ts';
import { app, bootloader, demoTable, placesOf, prepare, upload } from './esp-files.ts';

const ESP32S3 = 0xc47e5767;

function uf2(pieces: readonly { address: number; data: Uint8Array }[], { family = ESP32S3, flags = 0x2000 } = {}): Buffer {
  const payloads = pieces.flatMap(({ address, data }) =>
    Array.from({ length: Math.ceil(data.length / 256) }, (_, index) => ({
      address: address + index * 256,
      data: data.subarray(index * 256, index * 256 + 256),
    })),
  );
  const blocks = payloads.map(({ address, data }, index) => {
    const block = Buffer.alloc(512);
    [0x0a324655, 0x9e5d5157, flags, address, data.length, index, payloads.length, family].forEach(
      (word, at) => void block.writeUInt32LE(word, 4 * at),
    );
    block.set(data, 32);
    block.writeUInt32LE(0x0ab16f30, 508);
    return block;
  });
  return Buffer.concat(blocks);
}

const reasonOf = (data: Uint8Array) => {
  try {
    readUf2(data, 'it');
  } catch (error) {
    return (error as { value: { data: { reason: string } } }).value.data.reason;
  }
  return 'taken';
};

/** A digest of other bytes than the block's. */
function withMd5(block: Uint8Array): Buffer {
  const out = Buffer.from(block);
  out.writeUInt32LE(0x2000 | 0x4000, 8);
  out.writeUInt32LE(out.readUInt32LE(12), 484);
  out.writeUInt32LE(out.readUInt32LE(16), 488);
  out.writeUInt32LE(1, 24);
  return out;
}

describe('a UF2 file', () => {
  it('of a whole firmware is taken apart by its addresses', async () => {
    const files = [
      { address: 0, data: bootloader },
      { address: 0x8000, data: demoTable },
      { address: 0x10000, data: app },
    ];
    const { plan, regions } = await prepare([upload('all.uf2', uf2(files))]);
    expect(plan.files.map(({ offset, kind, name }) => [offset, kind, name])).toEqual([
      [0, 'bootloader', 'all.uf2 (0x0)'],
      [0x8000, 'partition-table', 'all.uf2 (0x8000)'],
      [0x10000, 'app', 'all.uf2 (0x10000)'],
    ]);
    expect(Buffer.from(regions[2]?.data ?? []).equals(app)).toBe(true);
    expect(plan.expectChip).toBe('esp32s3');
  });

  it('that esptool joined of several images counts their blocks each on its own', async () => {
    const joined = Buffer.concat([uf2([{ address: 0, data: bootloader }]), uf2([{ address: 0x8000, data: demoTable }])]);
    expect(await placesOf([upload('all.uf2', joined)])).toEqual([
      [0, 'all.uf2 (0x0)'],
      [0x8000, 'all.uf2 (0x8000)'],
    ]);
  });

  it('that TinyUF2 would take, counted from its partition, goes to an application’s partition', async () => {
    expect(await placesOf([upload('t.bin', demoTable), upload('app.uf2', uf2([{ address: 0, data: app }]))])).toContainEqual([
      0x10000,
      'app.uf2',
    ]);
  });

  it('binds the chip of its family, whatever it holds', async () => {
    const file = upload('x.uf2', uf2([{ address: 0x9000, data: Uint8Array.of(1) }]));
    await expect(prepare([file], { expectChip: 'esp32' })).rejects.toMatchObject({ code: 'flash/wrong-chip' });
  });

  const sound = uf2([{ address: 0, data: new Uint8Array(600) }]);
  it.each([
    ['truncated', sound.subarray(0, -1)],
    ['block 1 is none', Buffer.from(sound).fill(0, 512, 516)],
    ['block 0 is longer than a block', Buffer.from(sound).fill(0xff, 16, 20)],
    ['truncated', sound.subarray(0, 1024)],
    ['blocks are missing', Buffer.concat([sound.subarray(0, 512), sound.subarray(1024)])],
    ['block 0: MD5 does not match', withMd5(sound.subarray(0, 512))],
    ['USB drive', uf2([{ address: 0, data: new Uint8Array(4) }], { family: 0xe48bff56 })],
    ['USB drive', uf2([{ address: 0, data: new Uint8Array(4) }], { flags: 0 })],
    ['for several chips', Buffer.concat([Buffer.from(sound.subarray(0, 512)), Buffer.from(sound.subarray(512)).fill(1, 28, 32)])],
  ])('is refused when it is not whole, or not for flash: %s', (reason, data) => {
    expect(reasonOf(data)).toContain(reason);
  });

  it('of arbitrary bytes crashes nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 512, maxLength: 512 }), (block) => {
        const data = Buffer.from(block);
        data.set(sound.subarray(0, 8));
        data.set(sound.subarray(508, 512), 508);
        expect(isUf2(data)).toBe(true);
        expect(typeof reasonOf(data)).toBe('string');
      }),
    );
  });
});
