import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { requireFits } from '../../../../../../main/core/flash/image/checks.ts';
import { readPartitionTable } from '../../../../../../main/core/flash/image/partition-table.ts';
import { buildNvs } from '../../../../../../main/core/flash/nvs/build.ts';
import { chipIdentity, flashPlan } from '../../../../../../preload/contract/flash.ts';
import {
  app,
  bootloader,
  demoTable,
  merge,
  mergedDemo,
  nvsImage,
  otaData,
  otaTable,
  placesOf,
  prepare,
  tableOf,
  upload,
} from './esp-files.ts';

const MEGABYTE = 1024 * 1024;
const nvs = { partition: 'nvs' };
const whole = [upload('bootloader.bin', bootloader), upload('table.bin', demoTable), upload('app.bin', app)];
const blob = (name: string, offset: number, size: number) => upload(name, new Uint8Array(size), offset);
const identity = (change: object = {}) =>
  chipIdentity.parse({
    chip: 'esp32s3',
    description: 'ESP32-S3 (revision v0.2)',
    revision: 2,
    mac: null,
    flashBytes: 8 * MEGABYTE,
    flashId: null,
    ...change,
  });
const codesOf = (warnings: readonly { code: string }[]) => warnings.map(({ code }) => code);

/** A sound image with other bytes in its header. */
function withHeader(image: Uint8Array, change: (header: Buffer) => void): Uint8Array {
  const out = Buffer.from(image);
  change(out);
  out.set(createHash('sha256').update(out.subarray(0, -32)).digest(), out.length - 32);
  return out;
}

describe('the plan of an ESP flash', () => {
  it('tells of each file what it is and where it goes', async () => {
    const { plan } = await prepare(whole);
    expect(flashPlan.parse(plan)).toMatchObject({
      family: 'esp',
      title: 'talkbench-demo 1.2.3',
      expectChip: 'esp32s3',
      totalBytes: bootloader.length + demoTable.length + app.length,
      flashBytes: 8 * MEGABYTE,
      warnings: [],
      files: [
        { offset: 0, kind: 'bootloader', chip: 'esp32s3', app: null, partition: null },
        { offset: 0x8000, kind: 'partition-table', chip: null, partition: null },
        { offset: 0x10000, kind: 'app', chip: 'esp32s3', app: { project: 'talkbench-demo', version: '1.2.3' }, partition: 'factory' },
      ],
    });
    expect(plan.files[2]?.sha256).toBe(createHash('sha256').update(app).digest('hex'));
    expect(plan.partitions).toEqual(readPartitionTable(demoTable));
  });

  it('has the NVS of the board’s own values among its files, where a table says its place', async () => {
    const { plan, regions } = await prepare(whole, {}, nvs);
    expect(plan.files.at(-1)).toMatchObject({ offset: 0x9000, name: 'nvs', kind: 'nvs', sizeBytes: 0x6000, partition: 'nvs' });
    expect(plan.totalBytes).toBe(bootloader.length + demoTable.length + app.length + 0x6000);
    expect(regions).toHaveLength(3);
    expect(codesOf(plan.warnings)).toEqual(['nvs-replaced']);
    expect((await prepare([upload('app.bin', app)], {}, nvs)).plan.files).toHaveLength(1);
  });

  it('refuses a partition for the values that the table has not, and another file in that place', async () => {
    await expect(prepare(whole, {}, { partition: 'certs' })).rejects.toMatchObject({
      value: { code: 'flash/no-partition', data: { partition: 'certs' } },
    });
    await expect(prepare([...whole, upload('nvs.bin', nvsImage())], {}, nvs)).rejects.toMatchObject({
      value: { code: 'flash/overlap', data: { first: 'nvs.bin', second: 'provisioning (nvs)' } },
    });
  });

  it('takes values nowhere but into an NVS: not into an application, nor what chooses one', async () => {
    const table = tableOf('otadata,data,ota,0x9000,0x2000', 'own,data,0x41,,0x3000', 'app0,app,ota_0,0x10000,1M');
    for (const partition of ['otadata', 'app0'])
      await expect(prepare([upload('t.bin', table)], {}, { partition })).rejects.toMatchObject({ code: 'flash/no-partition' });
    expect((await prepare([upload('t.bin', table)], {}, { partition: 'own' })).plan.files.at(-1)).toMatchObject({ name: 'own' });
  });

  it('refuses a partition table in one of its own partitions: it would be looked for elsewhere', async () => {
    const misplaced = upload('table.bin', demoTable, 0x9000);
    await expect(prepare([misplaced])).rejects.toMatchObject({
      value: { code: 'flash/overlap', data: { first: 'table.bin', second: 'nvs' } },
    });
    expect((await prepare([misplaced], { force: true })).regions).toMatchObject([{ offset: 0x9000 }]);
    const moved = tableOf('primary,partition_table,primary,0xa000,0x1000', 'nvs,data,nvs,0xb000,0x3000', 'app0,app,ota_0,0x10000,1M');
    expect((await prepare([upload('t.bin', moved, 0xa000)])).regions).toMatchObject([{ offset: 0xa000 }]);
  });

  it('writes a merged image around the values, as long as it has none of its own', async () => {
    const { regions } = await prepare([upload('merged.bin', mergedDemo)], {}, nvs);
    expect(regions.map(({ offset, sizeBytes }) => [offset, sizeBytes])).toEqual([
      [0, 0x9000],
      [0xf000, mergedDemo.length - 0xf000],
    ]);
    expect(Buffer.from(regions[1]?.data ?? []).equals(mergedDemo.subarray(0xf000))).toBe(true);
    const taken = merge([
      { offset: 0, data: mergedDemo },
      { offset: 0x9000, data: nvsImage() },
    ]);
    await expect(prepare([upload('merged.bin', taken)], {}, nvs)).rejects.toMatchObject({ code: 'flash/overlap' });
  });

  it('of a firmware that may encrypt its NVS come with a warning: they are plain text', async () => {
    const keys = tableOf('nvs,data,nvs,0x9000,0x6000', 'keys,data,nvs_keys,,0x1000', 'app0,app,ota_0,0x20000,1M');
    expect(codesOf((await prepare([upload('t.bin', keys)], {}, nvs)).plan.warnings)).toContain('nvs-encrypted');
    const flagged = tableOf('nvs,data,nvs,0x9000,0x6000,encrypted', 'app0,app,ota_0,0x20000,1M');
    expect(codesOf((await prepare([upload('t.bin', flagged)], {}, nvs)).plan.warnings)).toContain('nvs-encrypted');
    expect(codesOf((await prepare([upload('t.bin', keys)])).plan.warnings)).not.toContain('nvs-encrypted');
  });

  it('makes a dropped partitions.csv binary, and takes the same table twice for once', async () => {
    const csv =
      'nvs,data,nvs,0x9000,0x6000\nphy_init,data,phy,0xf000,0x1000\nfactory,app,factory,0x10000,3M\ncoredump,data,coredump,,64K\n';
    const { regions, table } = await prepare([
      upload('partitions.csv', new TextEncoder().encode(csv)),
      ...whole.filter(({ name }) => name !== 'table.bin'),
    ]);
    expect(Buffer.from(regions[1]?.data ?? []).equals(demoTable)).toBe(true);
    expect(table).toEqual(readPartitionTable(demoTable));
    expect(await placesOf([...whole, upload('copy.bin', app)])).toHaveLength(3);
  });

  it('pads to four bytes with what erased flash reads as', async () => {
    const { regions } = await prepare([blob('x', 0x9000, 5)]);
    expect([...(regions[0]?.data ?? [])]).toEqual([0, 0, 0, 0, 0, 0xff, 0xff, 0xff]);
    expect(regions[0]?.sizeBytes).toBe(5);
  });
});

describe('before a byte is written', () => {
  it('regions that share a sector are refused, in whatever order they are given', async () => {
    const clash = prepare([blob('second', 0x11000, 4), blob('first', 0x10000, 0x1001)]);
    await expect(clash).rejects.toMatchObject({ value: { code: 'flash/overlap', data: { first: 'first', second: 'second' } } });
    await expect(prepare([blob('second', 0x11000, 4), blob('first', 0x10000, 0x1000)])).resolves.toBeDefined();
  });

  it('a file larger than its partition is refused, unless forced', async () => {
    const files = [upload('t.bin', otaTable), blob('model.bin', 0x210000, 0x10001)];
    await expect(prepare(files)).rejects.toMatchObject({
      value: { code: 'flash/does-not-fit', data: { name: 'model.bin', sizeBytes: 0x10001, partition: 'model', partitionBytes: 0x10000 } },
    });
    await expect(prepare(files, { force: true })).resolves.toBeDefined();
  });

  it('a file that begins before a partition and runs into it is refused', async () => {
    const gap = tableOf('nvs,data,nvs,0x9000,0x5000', 'app0,app,ota_0,0x20000,1M');
    await expect(prepare([upload('t.bin', gap), blob('x', 0x1f000, 0x2000)])).rejects.toMatchObject({
      value: { code: 'flash/overlap', data: { first: 'x', second: 'app0' } },
    });
  });

  it('images for different chips, and for another than expected, are refused: the data say the image’s and the board’s', async () => {
    const c3 = withHeader(app, (header) => header.writeUInt16LE(5, 12));
    await expect(prepare([upload('b.bin', bootloader), upload('c3.bin', c3)])).rejects.toMatchObject({
      value: { code: 'flash/wrong-chip', data: { expected: 'esp32c3', actual: 'esp32s3', file: 'c3.bin' } },
    });
    await expect(prepare([upload('c3.bin', c3)], { expectChip: 'ESP32-S3' })).rejects.toMatchObject({ code: 'flash/wrong-chip' });
    expect((await prepare([upload('c3.bin', c3)], { expectChip: 'ESP32-C3' })).plan.expectChip).toBe('esp32c3');
  });

  it.each([
    ['image: truncated', app.subarray(0, 1000)],
    ['image: bad checksum', app.with(100, (app[100] ?? 0) ^ 0xff)],
    ['image: bad digest', app.with(-1, (app.at(-1) ?? 0) ^ 0xff)],
    ['application in factory: truncated', mergedDemo.subarray(0, -100)],
    ['bootloader: bad checksum', mergedDemo.with(100, (mergedDemo[100] ?? 0) ^ 0xff)],
    ['partition table: MD5 does not match', Uint8Array.from(demoTable).with(4, 1)],
    ['partition table: a and b overlap', overlapping()],
    ['an ELF: it is for decoding; give the .bin that the build makes of it', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1)],
    ['packed with gzip: unpack it first', Uint8Array.of(0x1f, 0x8b, 8, 0)],
    ['a ZIP archive: unpack it first', Uint8Array.of(0x50, 0x4b, 3, 4)],
    ['empty', new Uint8Array()],
  ])('a file the chip would not boot is refused: %s', async (reason, data) => {
    await expect(prepare([upload('it.bin', data)])).rejects.toMatchObject({
      value: { code: 'flash/bad-file', data: { path: 'it.bin', reason } },
    });
  });

  it('a packed file at an offset of its own is written when that is insisted on', async () => {
    const file = upload('web.gz', Uint8Array.of(0x1f, 0x8b, 8, 0), 0x200000);
    await expect(prepare([file])).rejects.toMatchObject({ code: 'flash/bad-file' });
    await expect(prepare([file], { force: true })).resolves.toBeDefined();
  });

  it('what does not fit the size given, an offset inside a sector, and options no such chip has are refused', async () => {
    await expect(prepare([blob('x', 0xff000, 0x1001)], { flashSize: '1MB' })).rejects.toMatchObject({ code: 'flash/too-big' });
    await expect(prepare([blob('x', 0x10010, 4)])).rejects.toMatchObject({
      value: { code: 'flash/bad-offset', data: { offset: 0x10010, reason: 'off-sector', name: 'x' } },
    });
    for (const options of [
      { flashFrequency: '60m', expectChip: 'esp32s3' },
      { flashSize: '3MB' },
      { expectChip: 'esp99' },
      { flashFrequency: 'constructor' },
    ])
      await expect(prepare([blob('x', 0, 4)], options)).rejects.toMatchObject({ code: 'bad-request' });
    await expect(prepare([blob('x', 0, 4)], { flashFrequency: '60m' })).resolves.toBeDefined();
  });

  it('files that no flash could hold are refused while they are read', async () => {
    const half = new Uint8Array(70 * MEGABYTE);
    await expect(prepare([upload('a', half, 0), upload('b', half, 0x6000000)])).rejects.toMatchObject({ code: 'too-large' });
  });
});

describe('what deserves a look', () => {
  it('is said: nothing to start with, an OTA choice that stays, NVS that goes, files outside their partitions', async () => {
    const warn = async (...files: Parameters<typeof prepare>[0]) => codesOf((await prepare(files)).plan.warnings);
    const table = upload('t.bin', otaTable);
    expect(await warn(upload('app.bin', app))).toEqual(['no-bootloader', 'no-partition-table']);
    expect(await warn(upload('b.bin', bootloader), table, upload('app.bin', app))).toEqual(['ota-stays']);
    expect(await warn(upload('b.bin', bootloader), table, upload('app.bin', app), upload('boot_app0.bin', otaData()))).toEqual([]);
    expect(await warn(upload('b.bin', bootloader), table, upload('v.bin', nvsImage()))).toEqual(['nvs-replaced']);
    expect(await warn(upload('b.bin', bootloader), table, blob('x', 0x211000, 4))).toEqual(['not-at-partition']);
    const roomy = upload('t.bin', tableOf('app0,app,ota_0,0x10000,1M', 'kept,data,spiffs,,1M'));
    expect(await warn(upload('b.bin', bootloader), roomy, upload('app.bin', app, 0x110000))).toEqual(['app-not-bootable']);
  });

  it('is a table that ends beyond the flash in the bootloader’s header', async () => {
    const large = upload('t.bin', tableOf('app0,app,ota_0,0x10000,9M'));
    expect((await prepare([upload('b.bin', bootloader), large])).plan.warnings).toEqual([
      { code: 'beyond-table', data: { flashBytes: 8 * MEGABYTE, endBytes: 0x10000 + 9 * MEGABYTE } },
    ]);
  });

  it('is an NVS image with secrets in the clear', async () => {
    const entry = { namespace: 'wifi', key: 'password', type: 'string' as const, value: 'correct horse' };
    const { data } = buildNvs([entry], 0x3000);
    expect(
      codesOf((await prepare([upload('b.bin', bootloader), upload('t.bin', demoTable), upload('nvs.bin', data)])).plan.warnings),
    ).toEqual(['secret-in-file', 'nvs-replaced']);
  });

  it('is a bootloader signed for secure boot, whose header stays as built', async () => {
    const image = Buffer.alloc(Math.ceil(bootloader.length / 0x1000) * 0x1000, 0xff);
    image.set(bootloader);
    const signature = Buffer.alloc(0x1000, 0xff);
    signature.set([0xe7, 0x02, 0, 0, ...createHash('sha256').update(image).digest()]);
    expect(codesOf((await prepare([upload('b.bin', Buffer.concat([image, signature]))])).plan.warnings)).toContain('signed');
  });
});

describe('against the board that answered', () => {
  const boardTable = readPartitionTable(otaTable);

  it('passes what fits, and says what the board’s own table tells', async () => {
    const flash = await prepare([upload('app.bin', app)]);
    expect(codesOf(requireFits(flash, identity(), boardTable))).toEqual(['ota-stays']);
    expect(requireFits(await prepare(whole), identity(), readPartitionTable(demoTable))).toEqual([]);
    expect(requireFits(await prepare(whole), identity(), null)).toEqual([]);
    expect(codesOf(requireFits(await prepare(whole), identity(), boardTable))).toEqual(['table-replaced']);
  });

  it('refuses another chip, a smaller flash, and a partition that is too small', async () => {
    const flash = await prepare([upload('app.bin', app)]);
    expect(() => requireFits(flash, identity({ chip: 'esp32c3' }), null)).toThrow(
      expect.objectContaining({ value: expect.objectContaining({ data: { expected: 'esp32s3', actual: 'esp32c3' } }) }),
    );
    expect(() => requireFits(flash, identity({ flashBytes: 0x20000 }), null)).toThrow(expect.objectContaining({ code: 'flash/too-big' }));
    const small = readPartitionTable(tableOf('app0,app,ota_0,0x10000,64K'));
    expect(() => requireFits(flash, identity(), small)).toThrow(expect.objectContaining({ code: 'flash/does-not-fit' }));
    expect(requireFits(await prepare([upload('app.bin', app)], { force: true }), identity(), small)).toEqual([]);
  });

  it('refuses a place for its own values that the flash does not have, before a device is reserved', async () => {
    const far = tableOf('app0,app,ota_0,0x10000,1M', 'nvs,data,nvs,0x400000,0x6000');
    const flash = await prepare([upload('t.bin', far)], {}, nvs);
    expect(() => requireFits(flash, identity({ flashBytes: 0x400000 }), null)).toThrow(
      expect.objectContaining({
        value: expect.objectContaining({ code: 'flash/too-big', data: expect.objectContaining({ file: 'nvs' }) }),
      }),
    );
    await expect(prepare([upload('t.bin', far)], { flashSize: '4MB' }, nvs)).rejects.toMatchObject({ code: 'flash/too-big' });
    const uneven = Buffer.from(tableOf('nvs,data,nvs,0x9000,0x6000')).fill(0xff, 32);
    uneven.writeUInt32LE(0x9800, 4);
    await expect(prepare([upload('t.bin', uneven)], {}, nvs)).rejects.toMatchObject({ code: 'flash/bad-offset' });
  });

  it('says that it is made for a larger flash than the board has, by its header or by its table', async () => {
    const small = identity({ flashBytes: 4 * MEGABYTE });
    const warned = (neededBytes: number) => [{ code: 'flash-smaller', data: { flashBytes: 4 * MEGABYTE, neededBytes } }];
    expect(requireFits(await prepare(whole), small, null)).toEqual(warned(8 * MEGABYTE));
    const large = upload('t.bin', tableOf('app0,app,ota_0,0x10000,1M', 'kept,data,spiffs,,6M'));
    const detected = { flashSize: 'detect' };
    expect(requireFits(await prepare([upload('b.bin', bootloader), large], detected), small, null)).toEqual(
      warned(0x110000 + 6 * MEGABYTE),
    );
    expect(requireFits(await prepare(whole, detected), small, null)).toEqual([]);
    const far = readPartitionTable(tableOf('factory,app,factory,0x10000,1M', 'kept,data,spiffs,,6M'));
    expect(requireFits(await prepare([upload('app.bin', app)]), small, far)).toEqual(warned(0x110000 + 6 * MEGABYTE));
  });

  it('refuses what runs over the board’s own partition table, unless forced', async () => {
    const over = [blob('long-bootloader.bin', 0, 0x8001)];
    const flash = await prepare(over);
    expect(() => requireFits(flash, identity(), boardTable)).toThrow(
      expect.objectContaining({
        value: expect.objectContaining({ code: 'flash/overlap', data: { first: 'long-bootloader.bin', second: 'partition table' } }),
      }),
    );
    const long = upload(
      'long-bootloader.bin',
      merge([
        { offset: 0, data: bootloader },
        { offset: 0x8000, data: Uint8Array.of(0) },
      ]),
      0,
    );
    const sound = await prepare([long]);
    expect(() => requireFits(sound, identity(), boardTable)).toThrow(
      expect.objectContaining({ value: expect.objectContaining({ code: 'flash/overlap' }) }),
    );
    expect(() => requireFits(sound, identity(), null)).not.toThrow();
    const rest = [
      await prepare(over, { force: true }),
      await prepare([blob('b.bin', 0, 0x8000)], { force: true }),
      await prepare([blob('t.bin', 0x8000, 4)]),
    ];
    for (const passed of rest) expect(codesOf(requireFits(passed, identity(), boardTable))).toEqual(['not-at-partition']);
  });

  it('refuses a guessed place where the board keeps no application, and leaves a chosen one to the person', async () => {
    const elsewhere = readPartitionTable(tableOf('app0,app,ota_0,0x20000,1M'));
    const guessed = await prepare([upload('app.bin', app)]);
    expect(() => requireFits(guessed, identity(), elsewhere)).toThrow(
      expect.objectContaining({
        value: expect.objectContaining({
          code: 'flash/bad-offset',
          data: { offset: 0x10000, reason: 'applications-elsewhere', name: 'app.bin', places: expect.stringContaining('app0 0x20000') },
        }),
      }),
    );
    const chosen = await prepare([upload('app.bin', app, 0x30000)]);
    expect(codesOf(requireFits(chosen, identity(), elsewhere))).toEqual(['not-at-partition']);
  });

  it.each([
    ['older than its oldest', (header: Buffer) => void header.writeUInt16LE(199, header.writeUInt16LE(3, 15)), 2, 'esp32s3 v0.3 to v1.99'],
    ['newer than its newest', (header: Buffer) => void header.writeUInt16LE(199, 17), 200, 'esp32s3 v0.0 to v1.99'],
    [
      'older than the major one of an old header',
      (header: Buffer) => void header.fill(0, 14, 19).fill(1, 14, 15),
      2,
      'esp32s3 v1.0 or newer',
    ],
  ])('refuses a revision that the image does not run on, unless forced: %s', async (_, change, revision, expected) => {
    const files = [upload('app.bin', withHeader(app, change))];
    const flash = await prepare(files);
    expect(() => requireFits(flash, identity({ revision }), null)).toThrow(
      expect.objectContaining({
        value: expect.objectContaining({ code: 'flash/wrong-chip', data: expect.objectContaining({ expected }) }),
      }),
    );
    expect(requireFits(await prepare(files, { force: true }), identity({ revision }), null)).toEqual([]);
    expect(requireFits(flash, identity({ revision: null }), null)).toEqual([]);
  });
});

function overlapping(): Uint8Array {
  const table = Buffer.from(tableOf('a,data,nvs,0x9000,0x3000', 'b,data,phy,,0x1000')).fill(0xff, 0x40);
  table.writeUInt32LE(0xa000, 0x24);
  return table;
}
