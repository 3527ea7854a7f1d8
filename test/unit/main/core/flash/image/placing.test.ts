import { describe, expect, it } from 'vitest';
import { app, bootloader, demoTable, mergedDemo, nvsImage, otaData, otaTable, placesOf, prepare, tableOf, upload } from './esp-files.ts';

const table = upload('partitions.bin', otaTable);
const text = (words: string) => new TextEncoder().encode(words);

describe('a file without an offset', () => {
  it('goes where its content says: bootloader, table, application', async () => {
    expect(await placesOf([upload('c.bin', app), upload('a.bin', bootloader), upload('b.bin', demoTable)])).toEqual([
      [0, 'a.bin'],
      [0x8000, 'b.bin'],
      [0x10000, 'c.bin'],
    ]);
  });

  it('that is an application goes to the factory partition, else to the first slot, else to the slot of its name', async () => {
    const factory = tableOf('ota,app,ota_0,0x20000,1M', 'factory,app,factory,,1M');
    expect(await placesOf([upload('t.bin', factory), upload('x.bin', app)])).toContainEqual([0x120000, 'x.bin']);
    expect(await placesOf([table, upload('x.bin', app)])).toContainEqual([0x10000, 'x.bin']);
    expect(await placesOf([table, upload('build/App1.bin', app)])).toContainEqual([0x110000, 'build/App1.bin']);
  });

  it('that is an application, with no table, goes to the usual place, for the board’s table to agree', async () => {
    const { regions } = await prepare([upload('x.bin', app)]);
    expect(regions).toMatchObject([{ offset: 0x10000, isGuessed: true }]);
    expect((await prepare([upload('x.bin', app, 0x10000)])).regions).toMatchObject([{ isGuessed: false }]);
  });

  it('that is a merged image goes to the start of the flash, and its table counts', async () => {
    const { plan, table: found } = await prepare([upload('merged.bin', mergedDemo)]);
    expect(plan).toMatchObject({ title: 'talkbench-demo 1.2.3', expectChip: 'esp32s3', files: [{ offset: 0, kind: 'merged' }] });
    expect(found?.map(({ name }) => name)).toEqual(['nvs', 'phy_init', 'factory', 'coredump']);
  });

  it.each([
    ['NVS values', upload('values.bin', nvsImage()), 0x9000],
    ['an OTA choice', upload('boot_app0.bin', otaData()), 0xe000],
    ['a blank OTA choice, by its name', upload('ota_data_initial.bin', new Uint8Array(0x2000).fill(0xff)), 0xe000],
    ['speech models, by the name esp-sr gives them', upload('srmodels/srmodels.bin', text('models')), 0x210000],
    ['what is named like a partition', upload('assets.bin', text('anything')), 0x220000],
    ['LittleFS', upload('files.bin', text('12345678littlefs and more')), 0x230000],
    ['FAT', upload('fs.img', fat()), 0x240000],
    ['FAT behind a wear levelling sector', upload('fs.img', Buffer.concat([Buffer.alloc(0x1000, 0xff), fat()])), 0x240000],
  ])('finds its partition: %s', async (_, file, offset) => {
    expect(await placesOf([table, file])).toContainEqual([offset, file.name]);
  });

  it('that is LittleFS goes to Arduino’s partition that says spiffs', async () => {
    const arduino = upload('t.bin', tableOf('app0,app,ota_0,0x10000,1M', 'spiffs,data,spiffs,,64K'));
    expect(await placesOf([arduino, upload('fs.bin', text('12345678littlefs'))])).toContainEqual([0x110000, 'fs.bin']);
  });

  it.each([
    ['no-partition-of-name', {}, [table, upload('toString.bin', text('x'))], 'toString.bin'],
    ['no-table', {}, [upload('assets.bin', text('x'))], 'assets.bin'],
    [
      'several-partitions',
      { partitions: 'kept, more' },
      [upload('t.bin', tableOf('kept,data,nvs,,0x3000', 'more,data,nvs,,0x3000')), upload('v.bin', nvsImage())],
      'v.bin',
    ],
    ['no-application-partition', {}, [upload('t.bin', tableOf('kept,data,nvs,,0x3000')), upload('x.bin', app)], 'x.bin'],
    ['no-partition-of-kind', { kinds: 'fat' }, [upload('t.bin', demoTable), upload('fatfs.bin', text('x'))], 'fatfs.bin'],
    ['values', {}, [upload('v.csv', text('key,type,encoding,value\n'))], 'v.csv'],
  ])('that has no place says why: %s', async (reason, facts, files, name) => {
    await expect(prepare(files)).rejects.toMatchObject({ value: { code: 'flash/no-offset', data: { name, reason, ...facts } } });
  });

  it('that is a CSV is made a table at another offset too, and never written as text for NVS', async () => {
    const csv = upload('partitions.csv', text('nvs,data,nvs,,0x6000\napp0,app,ota_0,,1M\n'), 0x10000);
    const { plan } = await prepare([csv]);
    expect(plan.files).toMatchObject([{ kind: 'partition-table', offset: 0x10000, sizeBytes: 0xc00 }]);
    expect(plan.partitions?.map(({ name, offset }) => [name, offset])).toEqual([
      ['nvs', 0x11000],
      ['app0', 0x20000],
    ]);
    const values = upload('nvs.csv', text('key,type,encoding,value\n'), 0x9000);
    await expect(prepare([values])).rejects.toMatchObject({ code: 'flash/no-offset' });
    expect((await prepare([upload('words.csv', text('one,two\n'), 0x20000)])).plan.files).toMatchObject([{ kind: 'data', sizeBytes: 8 }]);
  });

  it('of a chip nobody knows is not guessed at', async () => {
    const alien = Uint8Array.from(bootloader);
    alien[12] = 99;
    alien[23] = 0;
    await expect(prepare([upload('b.bin', alien)])).rejects.toMatchObject({ code: 'flash/no-offset' });
  });
});

describe('a file at the wrong place', () => {
  it('is refused where its chip looks for it elsewhere, unless forced', async () => {
    await expect(prepare([upload('b.bin', bootloader, 0x1000)])).rejects.toMatchObject({
      value: { code: 'flash/bad-offset', data: { offset: 0x1000, reason: 'has-its-place', name: 'b.bin', place: '0x0' } },
    });
    await expect(prepare([upload('m.bin', mergedDemo, 0x10000)])).rejects.toMatchObject({ code: 'flash/bad-offset' });
    await expect(prepare([upload('b.bin', bootloader, 0x1000)], { force: true })).resolves.toBeDefined();
  });
});

function fat(): Uint8Array {
  const sector = Buffer.alloc(0x1000);
  sector.write('FAT16', 54, 'latin1');
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}
