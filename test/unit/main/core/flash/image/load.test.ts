import { mkdir, mkdtemp, realpath, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseFlasherArgs } from '../../../../../../main/core/flash/image/flasher-args.ts';
import { loadFirmware } from '../../../../../../main/core/flash/image/load.ts';
import { buildDemoImages } from '../../../../../../pipeline/boards/esp/demo-images.ts';
import { flashCalls } from '../../../../../../preload/contract/flash.ts';
import { app, bootloader, demoTable, mergedDemo, placesOf, prepare, upload } from './esp-files.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talkbench-load-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(files: Record<string, Uint8Array | string>): Promise<void> {
  for (const [name, data] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), data);
  }
}

const demo = buildDemoImages();
const argsOf = (change: Record<string, unknown> = {}) => JSON.stringify({ ...demo.flasherArgs, ...change });
async function putBuild(change: Record<string, unknown> = {}, at = 'build'): Promise<string> {
  await put(Object.fromEntries(demo.files.map(({ name, data }) => [`${at}/${name}`, data])));
  await put({ [`${at}/flasher_args.json`]: argsOf(change) });
  return join(folder, at);
}

const load = (buildFolder: string, options = {}) => loadFirmware({ files: [], buildFolder, options });
const demoNames = ['bootloader/bootloader.bin', 'partition_table/partition-table.bin', 'talkbench-demo.bin'];

describe('a build folder', () => {
  it('of ESP-IDF is taken at its word', async () => {
    const { files, options } = await load(await putBuild(), { baudRate: 921600 });
    expect(files.map(({ offset, name }) => [offset, name])).toEqual([
      [0x0, demoNames[0]],
      [0x8000, demoNames[1]],
      [0x10000, demoNames[2]],
    ]);
    expect(options).toMatchObject({
      baudRate: 921600,
      before: 'default-reset',
      after: 'hard-reset',
      useStub: true,
      flashMode: 'dio',
      expectChip: 'esp32s3',
    });
  });

  it('may be the project around it, or its flasher_args.json, also among the files', async () => {
    const build = await putBuild();
    for (const path of [folder, join(build, 'flasher_args.json')])
      expect((await load(path)).files.map(({ name }) => name)).toEqual(demoNames);
    for (const path of [build, join(build, 'flasher_args.json')]) {
      const { files, buildFolder } = await loadFirmware({
        files: [{ name: 'dropped', source: { path } }, upload('extra.bin', app, 0x200000)],
        options: {},
      });
      expect(files.map(({ name }) => name)).toEqual([...demoNames, 'extra.bin']);
      expect(buildFolder).toBe(build);
    }
  });

  it('is asked less than the person: what a request says counts, what it leaves out the folder says', async () => {
    const build = await putBuild({
      extra_esptool_args: { chip: 'esp32s3', stub: false, before: 'no_reset', after: 'no_reset' },
      flash_settings: { flash_mode: 'dout', flash_size: '4MB', flash_freq: '40m' },
    });
    expect((await load(build)).options).toMatchObject({
      useStub: false,
      before: 'no-reset',
      after: 'stay',
      flashMode: 'dout',
      flashSize: '4MB',
    });
    expect((await load(build, { useStub: true, flashSize: 'keep' })).options).toMatchObject({
      useStub: true,
      flashSize: 'keep',
      flashMode: 'dout',
    });
    const request = flashCalls['flash.plan'].request.parse({ buildFolder: build, options: { compress: false } });
    expect((await loadFirmware(request)).options).toMatchObject({ useStub: false, compress: false });
  });

  it('says which of its parts a chip has to encrypt', async () => {
    const build = await putBuild({
      app: { offset: '0x10000', file: 'talkbench-demo.bin', encrypted: 'true' },
      bootloader: { offset: '0x0', file: 'bootloader/bootloader.bin', encrypted: 'false' },
    });
    expect((await load(build)).files.map(({ isEncrypted }) => isEncrypted)).toEqual([false, false, true]);
    expect((await prepare([{ name: 'b', source: { path: build } }])).regions.map(({ isEncrypted }) => isEncrypted)).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('says that a build with flash encryption turns that on, for good', async () => {
    const build = await putBuild({ bootloader: { offset: '0x0', file: 'bootloader/bootloader.bin', encrypted: 'true' } });
    const { plan } = await prepare([{ name: 'b', source: { path: build } }]);
    expect(plan.warnings.map(({ code }) => code)).toContain('turns-encryption-on');
  });

  it('never makes us read outside of it, neither by a path nor through a link', async () => {
    await put({ secret: 'x' });
    for (const name of ['../secret', join(folder, 'secret')])
      await expect(load(await putBuild({ flash_files: { '0x0': name } }))).rejects.toMatchObject({
        value: { data: { reason: 'outside the build folder' } },
      });
    const build = await putBuild({ flash_files: { '0x0': 'link' } });
    await symlink(join(folder, 'secret'), join(build, 'link'));
    await expect(load(build)).rejects.toMatchObject({ value: { data: { reason: 'outside the build folder' } } });
    await put({ 'pio/partitions.bin': demoTable });
    await symlink(join(folder, 'secret'), join(folder, 'pio/firmware.bin'));
    await expect(load(join(folder, 'pio'))).rejects.toMatchObject({ value: { data: { reason: 'outside the build folder' } } });
  });

  it('is one word of the equivalent command, behind a link too, with what lies beside it under a like name', async () => {
    const build = await putBuild({});
    await symlink(build, join(folder, 'link'));
    await put({ 'build-2/extra.bin': app });
    const files = [
      { name: 'dropped', source: { path: join(folder, 'link') } },
      { name: 'extra.bin', offset: 0x200000, source: { path: join(await realpath(folder), 'build-2/extra.bin') } },
    ];
    const [ours] = (await prepare(files)).plan.commands;
    expect(ours?.line.split(' ').slice(-2)).toEqual([
      await realpath(build),
      `0x200000=${join(await realpath(folder), 'build-2/extra.bin')}`,
    ]);
  });

  it('with nothing to flash in it says so', async () => {
    await put({ 'notes.txt': 'x' });
    await expect(load(folder)).rejects.toMatchObject({
      value: { code: 'flash/bad-file', data: { reason: expect.stringContaining('no build in it') } },
    });
    await expect(load(join(folder, 'notes.txt'))).rejects.toMatchObject({
      value: { data: { reason: 'neither a folder nor a flasher_args.json' } },
    });
    await expect(load(join(folder, 'gone'))).rejects.toMatchObject({ value: { data: { reason: 'ENOENT' } } });
    await expect(loadFirmware({ files: [], options: {} })).rejects.toMatchObject({ value: { data: { reason: 'nothing to write' } } });
  });

  it.each([
    ['not JSON', '{'],
    ['not a flasher_args.json', '{}'],
    ['not a flasher_args.json', '[]'],
    ['more than 256 files', argsOf({ flash_files: Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`${at * 4096}`, 'x'])) })],
    ['too long for a flasher_args.json', ' '.repeat(1_000_001)],
    ['not-a-number', argsOf({ flash_files: { bootloader: 'x' } })],
    ['not-a-number', argsOf({ flash_files: { '0x1ffffffff': 'x' } })],
  ])('with a broken flasher_args.json is refused: %s', async (reason, text) => {
    await put({ 'build/flasher_args.json': text });
    await expect(load(folder)).rejects.toMatchObject({ value: { data: { reason } } });
  });

  it('of PlatformIO is known by its names, in its project too; several environments are told', async () => {
    const parts = { 'bootloader.bin': bootloader, 'partitions.bin': demoTable, 'firmware.bin': app, 'firmware.elf': 'x' };
    await put(Object.fromEntries(Object.entries(parts).map(([name, data]) => [`.pio/build/esp32s3/${name}`, data])));
    for (const path of [folder, join(folder, '.pio/build'), join(folder, '.pio/build/esp32s3')])
      expect(await placesOf([{ name: 'dropped', source: { path } }])).toEqual([
        [0, 'bootloader.bin'],
        [0x8000, 'partitions.bin'],
        [0x10000, 'firmware.bin'],
      ]);
    await put({ '.pio/build/debug/firmware.bin': app, '.pio/build/debug/partitions.bin': demoTable });
    await expect(load(folder)).rejects.toMatchObject({
      value: { data: { reason: expect.stringMatching(/several builds in it \((debug, esp32s3|esp32s3, debug)\)/) } },
    });
  });

  it('of an Arduino export has its parts, or the merged image alone', async () => {
    await put({
      'build/esp32.esp32.esp32s3/Blink.ino.bootloader.bin': bootloader,
      'build/esp32.esp32.esp32s3/Blink.ino.partitions.bin': demoTable,
      'build/esp32.esp32.esp32s3/Blink.ino.bin': app,
      'build/esp32.esp32.esp32s3/Blink.ino.merged.bin': mergedDemo,
      'merged/Blink.ino.bin': app,
      'merged/Blink.ino.merged.bin': mergedDemo,
    });
    expect(await placesOf([{ name: 'sketch', source: { path: folder } }])).toEqual([
      [0, 'Blink.ino.bootloader.bin'],
      [0x8000, 'Blink.ino.partitions.bin'],
      [0x10000, 'Blink.ino.bin'],
    ]);
    expect(await placesOf([{ name: 'merged', source: { path: join(folder, 'merged') } }])).toEqual([[0, 'Blink.ino.merged.bin']]);
  });
});

describe('a file by its path', () => {
  it('is an ordinary one: a folder, a device and nothing are told', async () => {
    const one = (path: string) => loadFirmware({ files: [{ offset: 0, name: 'x', source: { path } }], options: {} });
    await expect(one(folder)).rejects.toMatchObject({ value: { data: { reason: 'a folder' } } });
    await expect(one('/dev/zero')).rejects.toMatchObject({ value: { data: { reason: 'not a file' } } });
    await expect(one(join(folder, 'gone'))).rejects.toMatchObject({ value: { data: { reason: 'ENOENT' } } });
  });

  it('larger than any flash is not read', async () => {
    const path = join(folder, 'huge.bin');
    await writeFile(path, '');
    await truncate(path, 128 * 1024 * 1024 + 1);
    await expect(loadFirmware({ files: [{ name: 'huge.bin', source: { path } }], options: {} })).rejects.toMatchObject({
      code: 'too-large',
    });
  });

  it('keeps its name, without what would move a terminal’s cursor', async () => {
    const { files } = await loadFirmware({ files: [upload('a\nb\x1b[2J<b>.bin', app)], options: {} });
    expect(files[0]?.name).toBe('a�b�[2J<b>.bin');
  });
});

describe('a dropped set', () => {
  const set = (prefix: string, args = argsOf()) => [
    ...demo.files.map(({ name, data }) => upload(`${prefix}${name}`, data)),
    upload(`${prefix}flasher_args.json`, new TextEncoder().encode(args)),
  ];
  const places = [
    [0, demoNames[0]],
    [0x8000, demoNames[1]],
    [0x10000, demoNames[2]],
  ];

  it.each([
    ['with its folder', set('project/build/')],
    ['without', set('')],
    ['from Windows', set('build/').map((file) => ({ ...file, name: file.name.replaceAll('/', '\\') }))],
    ['picked from several folders', set('').map((file) => ({ ...file, name: file.name.replace(/^.*\//, '') }))],
    [
      'with the bootloader’s own build in it',
      [upload('build/bootloader/flasher_args.json', new TextEncoder().encode('{')), ...set('build/')],
    ],
  ])('goes where its flasher_args.json says: %s', async (_, files) => {
    expect(await placesOf(files)).toEqual(places);
  });

  it('leaves out what the build does not name, and says so; what has an offset is meant', async () => {
    const files = [
      ...set('build/'),
      upload('build/other.bin', app),
      upload('build/x.elf', app),
      upload('mine.bin', Uint8Array.of(1), 0x9000),
    ];
    const { plan } = await prepare(files);
    expect(plan.files.map(({ name }) => name)).toEqual([demoNames[0], demoNames[1], 'mine.bin', demoNames[2]]);
    expect(plan.warnings).toContainEqual({ code: 'not-written', data: { names: 'build/other.bin' } });
    expect(plan.options).toMatchObject({ expectChip: 'esp32s3', flashMode: 'dio' });
  });

  it.each([
    ['outside the build folder', set('build/', argsOf({ flash_files: { '0x0': '../../secret' } }))],
    ['outside the build folder', set('build/', argsOf({ flash_files: { '0x0': '/etc/passwd' } }))],
    ['outside the build folder', set('build/', argsOf({ flash_files: { '0x0': 'C:\\secret' } }))],
    ['named by flasher_args.json and not among the files', set('build/').slice(1)],
    ['a second flasher_args.json: choose one build', [...set('one/'), ...set('two/')]],
  ])('is refused: %s', async (reason, files) => {
    await expect(prepare(files)).rejects.toMatchObject({ value: { code: 'flash/bad-file', data: { reason } } });
  });

  it('of PlatformIO’s folder, or of Arduino’s files, is known by its names', async () => {
    const pio = [
      upload('env/bootloader.bin', bootloader),
      upload('env/partitions.bin', demoTable),
      upload('env/firmware.bin', app),
      upload('env/firmware.elf', app),
    ];
    expect(await placesOf([...pio, upload('env/src/blob.bin', app)])).toHaveLength(3);
    const arduino = [
      upload('B.ino.bin', app),
      upload('B.ino.partitions.bin', demoTable),
      upload('B.ino.merged.bin', mergedDemo),
      upload('B.ino.bootloader.bin', bootloader),
    ];
    const { plan } = await prepare([...arduino, upload('phy_init.bin', Uint8Array.of(1))]);
    expect(plan.files.map(({ offset }) => offset)).toEqual([0, 0x8000, 0xf000, 0x10000]);
    expect(plan.warnings).toEqual([{ code: 'not-written', data: { names: 'B.ino.merged.bin' } }]);
  });
});

describe('flasher_args.json', () => {
  it('of arbitrary values is taken or refused, nothing else', () => {
    const anything = fc.record(
      { flash_files: fc.dictionary(fc.string(), fc.jsonValue()), flash_settings: fc.jsonValue(), x: fc.jsonValue() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(anything, fc.jsonValue()), (value) => {
        try {
          parseFlasherArgs(JSON.stringify(value), 'it');
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^flash\/bad-(file|offset)$/) });
        }
      }),
    );
  });
});
