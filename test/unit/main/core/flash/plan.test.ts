import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareFlash } from '../../../../../main/core/flash/plan.ts';
import { buildDemoImages } from '../../../../../pipeline/boards/esp/demo-images.ts';
import { flashCalls } from '../../../../../preload/contract/flash.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talkbench-plan-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function writeBuild(args: Record<string, unknown> = {}): Promise<string> {
  const build = join(folder, 'build');
  const demo = buildDemoImages();
  for (const { name, data } of demo.files) {
    await mkdir(dirname(join(build, name)), { recursive: true });
    await writeFile(join(build, name), data);
  }
  await writeFile(join(build, 'flasher_args.json'), JSON.stringify({ ...demo.flasherArgs, ...args }));
  return build;
}

const data = (offset: number, size: number, name = `at ${offset}`) => ({ offset, name, source: { data: new Uint8Array(size) } });
const prepare = (files: ReturnType<typeof data>[], options = {}) => prepareFlash({ files, options });

describe('a flash plan', () => {
  it('takes an ESP-IDF build folder at its word', async () => {
    const { plan } = await prepareFlash({ files: [], buildFolder: await writeBuild(), options: { baudRate: 921600 } });
    expect(plan.files.map(({ offset, name }) => [offset, name])).toEqual([
      [0x0, 'bootloader/bootloader.bin'],
      [0x8000, 'partition_table/partition-table.bin'],
      [0x10000, 'talkbench-demo.bin'],
    ]);
    expect(plan).toMatchObject({
      expectChip: 'esp32s3',
      options: { baudRate: 921600, before: 'default-reset', after: 'hard-reset', useStub: true },
    });
  });

  it('prefers what was asked for to what the folder says', async () => {
    const buildFolder = await writeBuild({ extra_esptool_args: { chip: 'esp32s3', stub: false, before: 'no_reset', after: 'no_reset' } });
    expect((await prepareFlash({ files: [], buildFolder, options: {} })).plan.options).toMatchObject({
      useStub: false,
      before: 'no-reset',
      after: 'stay',
    });
    expect((await prepareFlash({ files: [], buildFolder, options: { useStub: true } })).plan.options.useStub).toBe(true);
  });

  it('puts the build’s own mode, size and frequency into the header, unless told otherwise', async () => {
    const buildFolder = await writeBuild({ flash_settings: { flash_mode: 'dout', flash_size: '4MB', flash_freq: '40m' } });
    const asBuilt = await prepareFlash({ files: [], buildFolder, options: {} });
    expect(asBuilt.plan.options).toMatchObject({ flashMode: 'dout', flashSize: '4MB', flashFrequency: '40m' });
    const asAsked = await prepareFlash({ files: [], buildFolder, options: { flashSize: 'keep' } });
    expect(asAsked.plan.options).toMatchObject({ flashMode: 'dout', flashSize: 'keep' });
  });

  it('leaves to the folder what a request does not say', async () => {
    const buildFolder = await writeBuild({ extra_esptool_args: { stub: false, before: 'no_reset' } });
    const request = flashCalls['flash.plan'].request.parse({ buildFolder, options: { compress: false } });
    expect((await prepareFlash(request)).plan.options).toMatchObject({ useStub: false, before: 'no-reset', compress: false });
  });

  it('never reads outside the folder, neither by a path nor through a link', async () => {
    await writeFile(join(folder, 'secret'), 'x');
    for (const name of ['../secret', join(folder, 'secret')]) {
      const buildFolder = await writeBuild({ flash_files: { '0x0': name } });
      await expect(prepareFlash({ files: [], buildFolder, options: {} })).rejects.toMatchObject({ code: 'flash/bad-file' });
    }
    const buildFolder = await writeBuild({ flash_files: { '0x0': 'link' } });
    await symlink(join(folder, 'secret'), join(buildFolder, 'link'));
    await expect(prepareFlash({ files: [], buildFolder, options: {} })).rejects.toMatchObject({
      value: { data: { reason: 'outside the build folder' } },
    });
  });

  it('refuses a folder without flasher_args.json, one that is not JSON, and an address that is no number', async () => {
    await expect(prepareFlash({ files: [], buildFolder: folder, options: {} })).rejects.toMatchObject({
      value: { code: 'flash/bad-file', data: { reason: 'ENOENT' } },
    });
    await writeFile(join(folder, 'flasher_args.json'), '{');
    await expect(prepareFlash({ files: [], buildFolder: folder, options: {} })).rejects.toMatchObject({
      value: { data: { reason: 'not JSON' } },
    });
    const buildFolder = await writeBuild({ flash_files: { bootloader: 'bootloader/bootloader.bin' } });
    await expect(prepareFlash({ files: [], buildFolder, options: {} })).rejects.toMatchObject({ code: 'flash/bad-offset' });
  });

  it('refuses regions that share a sector, in whatever order they are given', async () => {
    const clash = prepare([data(0x11000, 4, 'second'), data(0x10000, 0x1001, 'first')]);
    await expect(clash).rejects.toMatchObject({ value: { code: 'flash/overlap', data: { first: 'first', second: 'second' } } });
    await expect(prepare([data(0x11000, 4), data(0x10000, 0x1000)])).resolves.toBeDefined();
  });

  it('refuses an offset inside a sector, an empty file, and nothing at all', async () => {
    await expect(prepare([data(0x10010, 4)])).rejects.toMatchObject({ code: 'flash/bad-offset' });
    await expect(prepare([data(0, 0)])).rejects.toMatchObject({ value: { data: { reason: 'empty' } } });
    await expect(prepare([])).rejects.toMatchObject({ code: 'flash/bad-file' });
    await expect(
      prepareFlash({ files: [{ offset: 0, name: 'gone', source: { path: join(folder, 'gone') } }], options: {} }),
    ).rejects.toMatchObject({
      value: { code: 'flash/bad-file', data: { reason: 'ENOENT' } },
    });
  });

  it('refuses an image for another chip than expected, whatever the spelling', async () => {
    const [bootloader] = buildDemoImages().files;
    const files = [{ offset: 0, name: 'bootloader.bin', source: { data: bootloader?.data ?? new Uint8Array() } }];
    await expect(prepareFlash({ files, options: { expectChip: 'ESP32-C3' } })).rejects.toMatchObject({
      value: { code: 'flash/wrong-chip', data: { expected: 'esp32c3', actual: 'esp32s3' } },
    });
    await expect(prepareFlash({ files, options: { expectChip: 'ESP32-S3' } })).resolves.toMatchObject({ plan: { expectChip: 'esp32s3' } });
  });

  it.each([
    ['truncated', (image: Uint8Array) => image.subarray(0, 1000)],
    ['bad checksum', (image: Uint8Array) => image.with(100, (image[100] ?? 0) ^ 0xff)],
    ['bad digest', (image: Uint8Array) => image.with(-1, (image.at(-1) ?? 0) ^ 0xff)],
  ])('refuses an image the chip would not boot: %s', async (problem, damage) => {
    const image = damage(buildDemoImages().files[0]?.data ?? new Uint8Array());
    const work = prepareFlash({ files: [{ offset: 0, name: 'bootloader.bin', source: { data: image } }], options: {} });
    await expect(work).rejects.toMatchObject({ value: { code: 'flash/bad-file', data: { reason: `image: ${problem}` } } });
  });

  it('refuses what does not fit the size given, and options no such chip has', async () => {
    await expect(prepare([data(0xff000, 0x1001)], { flashSize: '1MB' })).rejects.toMatchObject({ code: 'flash/too-big' });
    await expect(prepare([data(0, 4)], { flashFrequency: '60m', expectChip: 'esp32s3' })).rejects.toMatchObject({ code: 'bad-request' });
    await expect(prepare([data(0, 4)], { flashFrequency: '60m' })).resolves.toBeDefined();
    await expect(prepare([data(0, 4)], { flashSize: '3MB' })).rejects.toMatchObject({ code: 'bad-request' });
    await expect(prepare([data(0, 4)], { expectChip: 'esp99' })).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('pads to four bytes with what erased flash reads as', async () => {
    const { regions } = await prepare([data(0, 5)]);
    expect([...(regions[0]?.data ?? [])]).toEqual([0, 0, 0, 0, 0, 0xff, 0xff, 0xff]);
    expect(regions[0]?.sizeBytes).toBe(5);
  });
});
