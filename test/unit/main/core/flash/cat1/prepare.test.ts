import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { prepareCat1 } from '../../../../../../main/core/flash/cat1/prepare.ts';
import type { LoadedFile } from '../../../../../../main/core/flash/tool.ts';
import { madeUpAgentboot } from '../../../../../../pipeline/boards/cat1/made-up-agentboot.ts';
import { isTalkError } from '../../../../../../preload/contract/errors.ts';
import { type FlashPlan, flashOptions, flashPlan, type RequestedFlashOptions } from '../../../../../../preload/contract/flash.ts';
import {
  type MadeEntry,
  madeArchive,
  madeBinpkg,
  madeEc718,
  madeEc718Binpkg,
  madeEc718Soc,
  madeImage,
} from '../../../../../fakes/module-package.ts';

let soc: Uint8Array;

beforeAll(async () => {
  soc = await madeEc718Soc();
});

const file = (name: string, data: Uint8Array, path: string | null = null): LoadedFile => ({ offset: undefined, name, data, path });

async function planOf(files: LoadedFile[], options: RequestedFlashOptions = {}): Promise<FlashPlan> {
  const prepared = await prepareCat1(files, flashOptions.parse(options));
  if (prepared === null) throw new Error('no package');
  return flashPlan.parse(prepared.plan);
}

async function failure(files: LoadedFile[], options: RequestedFlashOptions = {}): Promise<unknown> {
  const error = await planOf(files, options).then(
    () => null,
    (reason: unknown) => reason,
  );
  return isTalkError(error) ? error.value : error;
}

describe('the plan of a package', () => {
  test('names what is written where, by the package alone', async () => {
    const plan = await planOf([file('luatos.soc', soc, '/firmware/luatos.soc')], { agentboot: { data: madeUpAgentboot('ec718', 'usb') } });
    expect(plan).toMatchObject({ family: 'cat1', title: 'EC718P_PRD · LuatOS V2045 · demo 1.0.0', expectChip: 'ec718', partitions: null });
    expect(plan.files.map(({ name, offset, sizeBytes, kind, partition }) => [name, offset, sizeBytes, kind, partition])).toEqual([
      ['ap_bootloader', 0x3000, madeEc718.bl.length, 'module-image', 'BL'],
      ['cp-demo-flash', 0x1a000, madeEc718.cp.length, 'module-image', 'CP'],
      ['luatos', 0x7e000, madeEc718.ap.length, 'module-image', 'AP'],
      ['script', 0xae0000, madeEc718.script.length, 'module-image', 'FLEX'],
    ]);
    expect(plan.files[3]?.contents).toEqual([
      { name: 'main.lua', sizeBytes: 26 },
      { name: 'net.lua', sizeBytes: 10 },
    ]);
    expect(plan.totalBytes).toBe(plan.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    expect(plan.warnings).toEqual([{ code: 'calibration-kept', data: {} }]);
    expect(plan.commands).toEqual([{ tool: 'talkbench', line: 'talkbench flash --port PORT /firmware/luatos.soc' }]);
    expect(plan.options).not.toHaveProperty('agentboot');
  });

  test('as a command says all that was chosen: another part, another line, another end', async () => {
    const lineOf = async (path: string, options: RequestedFlashOptions) => {
      return (await planOf([file('luatos.soc', soc, path)], options)).commands[0]?.line;
    };
    expect(await lineOf('/firmware/luatos.soc', { parts: ['script', 'AP'] })).toBe(
      'talkbench flash --port PORT /firmware/luatos.soc --part script AP',
    );
    const agentboot = join(await mkdtemp(join(tmpdir(), 'talkbench-agentboot-')), 'ec718_uart.bin');
    await writeFile(agentboot, madeUpAgentboot('ec718', 'uart'));
    const options = { transport: 'uart', expectChip: 'ec718', baudRate: 115200, before: 'no-reset', after: 'stay', force: true } as const;
    expect(await lineOf("/it's/luatos.soc", { ...options, agentboot: { path: agentboot } })).toBe(
      `talkbench flash --port PORT '/it'\\''s/luatos.soc' --agentboot ${agentboot} --transport uart --chip ec718 --baud 115200 --before no-reset --after stay --force`,
    );
    await rm(dirname(agentboot), { recursive: true });
  });

  test('has no rate over a UART that its agentboot cannot be told', async () => {
    const agentboot = { data: madeUpAgentboot('ec718', 'uart') };
    const at = (baudRate: number) => failure([file('luatos.soc', soc)], { transport: 'uart', agentboot, baudRate });
    expect(await at(3_276_700)).toBeNull();
    expect(await at(4_000_000)).toMatchObject({ code: 'bad-request', data: { issues: [{ path: ['baudRate'] }] } });
    expect(await failure([file('luatos.soc', soc)], { baudRate: 4_000_000 })).toBeNull();
  });

  test('is shown without an agentboot too, and says that one is needed', async () => {
    const plan = await planOf([file('luatos.soc', soc)]);
    expect(plan.warnings).toContainEqual({ code: 'agentboot-needed', data: { chip: 'ec718', transport: 'usb' } });
  });

  test('as the sources disagree: the script as a part of the application, the bootloader at zero', async () => {
    const plan = await planOf([file('luatos.soc', soc)], { dialect: { scriptAs: 'ap', bootloaderAt: 'zero' } });
    expect(plan.files.map(({ name, offset }) => [name, offset])).toContainEqual(['script', 0x2e0000]);
    expect(plan.files.map(({ name, offset }) => [name, offset])).toContainEqual(['ap_bootloader', 0]);
  });

  test('of parts only', async () => {
    expect((await planOf([file('luatos.soc', soc)], { parts: ['script', 'AP'] })).files.map(({ name }) => name)).toEqual([
      'luatos',
      'script',
    ]);
    expect(await failure([file('luatos.soc', soc)], { parts: ['nvm'] })).toMatchObject({ code: 'bad-request' });
  });

  test('what is not for writing is named', async () => {
    const data = madeBinpkg(
      [
        { name: 'ap', type: 'AP', address: 0x87e000, data: madeImage(100, 1) },
        { name: 'rfcal', type: 'RFCAL', address: 0xbf2000, data: madeImage(100, 2) },
        { name: 'all', type: 'VIRTUALIMG', address: 0, data: madeImage(10, 3) },
      ],
      { product: 'EC718P_PRD' },
    );
    const plan = await planOf([file('a.binpkg', data)]);
    expect(plan.files.map(({ name }) => name)).toEqual(['ap']);
    expect(plan.warnings).toContainEqual({ code: 'part-skipped', data: { name: 'rfcal', type: 'RFCAL' } });
  });

  test('a chip that the package does not name is taken from what was expected', async () => {
    const info = JSON.stringify({ chip: { type: 'ec7xx' } });
    const binpkg = madeBinpkg([{ name: 'ap', type: 'AP', address: 0x87e000, data: madeImage(100, 1) }]);
    const plan = await planOf([file('a.soc', await madeArchive('zip', { 'info.json': info, 'a.binpkg': binpkg }))]);
    expect(plan).toMatchObject({ expectChip: 'ec7xx', title: 'ec7xx' });
    expect(plan.warnings).toContainEqual({ code: 'unknown-chip', data: { chip: 'ec7xx' } });
    expect((await planOf([file('a.binpkg', binpkg)], { expectChip: 'ec716' })).expectChip).toBe('ec716');
  });
});

describe('refused before a module is touched', () => {
  const ec718 = (...entries: MadeEntry[]) => [file('a.binpkg', madeBinpkg(entries, { product: 'EC718P_PRD' }))];
  const ap = { name: 'ap', type: 'AP', address: 0x87e000 };

  test('not a package: somebody else’s', async () => {
    expect(await prepareCat1([file('app.bin', madeImage(100, 1))], flashOptions.parse({}))).toBeNull();
  });

  test.each([
    ['in it', 0xbf2000, 10],
    ['across its beginning', 0xbf1000, 0x2000],
    ['over all of it', 0xb00000, 0x100000],
    ['by its plain address', 0x3fdfff, 1],
    ['where 4 MB of flash are seen once more', 0xff2000, 1],
  ])('the calibration data: %s', async (_what, address, sizeBytes) => {
    expect(await failure(ec718({ ...ap, address, data: madeImage(sizeBytes, 1) }))).toMatchObject({
      code: 'flash/protected',
      data: { what: 'calibration', sizeBytes },
    });
  });

  test.each([
    ['before it', 0xbf1000, 0x1000],
    ['behind it', 0xbfe000, 0x1000],
  ])('and not what is %s', async (_what, address, sizeBytes) => {
    expect(await failure(ec718({ ...ap, address, data: madeImage(sizeBytes, 1) }))).toBeNull();
  });

  test.each([0xffffffff, 0x1000000, 0x2be2000])('what lies beyond any flash, and would wrap around into it: 0x%x', async (address) => {
    const error = await failure(ec718({ ...ap, address, data: madeImage(0x100, 1) }));
    expect(error).toMatchObject({ code: 'flash/too-big', data: { flashBytes: 0x800000, file: 'ap' } });
  });

  test('the calibration data of an EC618, in the flash of its modem; force or not', async () => {
    const cp = { name: 'cp', type: 'CP', address: 0 };
    const binpkg = (sizeBytes: number) => [file('a.binpkg', madeBinpkg([{ ...cp, data: madeImage(sizeBytes, 1) }]))];
    expect(await failure(binpkg(0xce000))).toBeNull();
    expect(await failure(binpkg(0xce001), { force: true })).toMatchObject({ code: 'flash/protected' });
  });

  test('erasing all of it', async () => {
    expect(await failure([file('luatos.soc', soc)], { eraseAll: true })).toMatchObject({ code: 'flash/protected' });
  });

  test('parts that overlap, or share a page', async () => {
    const files = ec718({ ...ap, data: madeImage(0x1001, 1) }, { name: 'cp', type: 'CP', address: 0x87f800, data: madeImage(10, 2) });
    expect(await failure(files)).toMatchObject({ code: 'flash/overlap', data: { first: 'ap', second: 'cp' } });
  });

  test('but not a script in its place within the application', async () => {
    const data = await madeArchive('7z', {
      'info.json': JSON.stringify({ chip: { type: 'ec718' }, download: { script_addr: '0007F000' } }),
      'a.binpkg': madeBinpkg([{ ...ap, data: madeImage(0x3000, 1) }]),
      'script.bin': madeEc718.script,
    });
    expect((await planOf([file('a.soc', data)])).files.map(({ name }) => name)).toEqual(['ap', 'script']);
  });

  test('an image larger than its room, and an empty one', async () => {
    expect(await failure(ec718({ ...ap, data: madeImage(0x1001, 1), roomBytes: 0x1000 }))).toMatchObject({
      code: 'flash/does-not-fit',
      data: { name: 'ap', partitionBytes: 0x1000 },
    });
    expect(await failure(ec718({ ...ap, data: new Uint8Array() }))).toMatchObject({ code: 'flash/bad-file' });
  });

  test('a package for another chip than the one expected', async () => {
    expect(await failure([file('luatos.soc', soc)], { expectChip: 'ec618' })).toMatchObject({
      code: 'flash/wrong-chip',
      data: { expected: 'ec618', actual: 'ec718' },
    });
    expect(await failure([file('luatos.soc', soc)], { expectChip: 'EC718P' })).toBeNull();
    expect(await failure([file('luatos.soc', soc)], { expectChip: 'esp32s3' })).toMatchObject({ code: 'flash/wrong-chip' });
  });

  test('an agentboot of another chip', async () => {
    expect(await failure([file('luatos.soc', soc)], { agentboot: { data: madeUpAgentboot('ec618', 'usb') } })).toMatchObject({
      code: 'flash/wrong-agentboot',
      data: { expected: 'ec718', actual: 'ec618' },
    });
  });

  test('two packages, or files that belong to none', async () => {
    expect(await failure([file('luatos.soc', soc), file('b.binpkg', madeEc718Binpkg())])).toMatchObject({
      code: 'flash/bad-file',
      data: { path: 'b.binpkg' },
    });
    expect(await failure([file('luatos.soc', soc), file('readme.txt', madeImage(10, 1))])).toMatchObject({
      code: 'flash/bad-file',
      data: { path: 'readme.txt' },
    });
  });

  test('a script without an address', async () => {
    const info = JSON.stringify({ chip: { type: 'ec7xx' } });
    const data = await madeArchive('7z', { 'info.json': info, 'a.binpkg': madeEc718Binpkg(), 'script.bin': madeEc718.script });
    expect(await failure([file('a.soc', data)])).toMatchObject({
      code: 'flash/bad-file',
      data: { reason: 'its info.json has no script_addr' },
    });
  });
});
