import { describe, expect, test } from 'vitest';
import { prepareBk7258 } from '../../../../../../main/core/flash/bk7258/prepare.ts';
import { withBlockCrcs } from '../../../../../../main/core/flash/bk7258/script-crc.ts';
import { prepareFlash } from '../../../../../../main/core/flash/plan.ts';
import { buildDemoImages } from '../../../../../../pipeline/boards/esp/demo-images.ts';
import { flashOptions, type RequestedFlashOptions } from '../../../../../../preload/contract/flash.ts';
import { createBk7258Bench, madeAir8101, madeAir8101Soc } from '../../../../../fakes/bk7258-bench.ts';
import { madeEc718Binpkg, madeEc718Soc, madeImage } from '../../../../../fakes/module-package.ts';

const espApp = buildDemoImages({ version: '1.2.3' }).files.at(-1)?.data ?? new Uint8Array();

interface Given {
  name: string;
  data: Uint8Array;
  offset?: number;
  path?: string;
}

function prepare(files: Given[], options: RequestedFlashOptions = {}) {
  const loaded = files.map(({ name, data, offset, path = null }) => ({ name, data, offset, path }));
  return prepareBk7258(loaded, flashOptions.parse(options));
}

async function planOf(files: Given[], options: RequestedFlashOptions = {}) {
  return (await prepare(files, options))?.plan;
}

describe('a .soc', () => {
  test.each(['zip', '7z'] as const)('as %s: what is written where, from its info.json', async (kind) => {
    const data = await madeAir8101Soc({ kind });
    expect(await planOf([{ name: 'air8101.soc', data, path: '/a b/air8101.soc' }])).toMatchObject({
      family: 'bk7258',
      title: 'bk72xx · LuatOS V2013 · demo 1.0.0',
      expectChip: 'bk7258',
      totalBytes: madeAir8101.rom.length + withBlockCrcs(madeAir8101.script).length,
      files: [
        { name: 'luatos.bin', offset: 0, partition: 'ROM', kind: 'module-image', sizeBytes: madeAir8101.rom.length },
        { name: 'script.bin', offset: 0x200000, partition: 'SCRIPT', contents: [{ name: 'main.lua' }] },
      ],
      commands: [{ tool: 'talkbench', line: "talkbench flash --port PORT '/a b/air8101.soc'" }],
      warnings: [],
    });
  });

  test('of another chip is not for this family', async () => {
    expect(await prepare([{ name: 'luatos.soc', data: await madeEc718Soc() }])).toBeNull();
    expect(await prepare([{ name: 'other.soc', data: await madeAir8101Soc({ chip: 'air6208' }) }])).toBeNull();
  });

  test.each([
    ['the package says so', true, 'auto', true],
    ['the package does not', false, 'auto', false],
    ['a person says always', false, 'always', true],
    ['a person says never', true, 'never', false],
  ] as const)('its script gets CRCs when %s', async (_, bkcrc, scriptCrc, isWrapped) => {
    const data = await madeAir8101Soc({ bkcrc });
    const plan = await planOf([{ name: 'x.soc', data }], { dialect: { scriptCrc } });
    const { script } = madeAir8101;
    expect(plan?.files[1]?.sizeBytes).toBe(isWrapped ? withBlockCrcs(script).length : script.length);
  });

  test('a script that has them gets no second ones', async () => {
    const script = withBlockCrcs(madeAir8101.script);
    const plan = await planOf([{ name: 'x.soc', data: await madeAir8101Soc({ script }) }]);
    expect(plan?.files[1]?.sizeBytes).toBe(script.length);
  });

  test.each(['zzz', '-4096', null])('whose ROM begins at %j is refused: it would go where nobody meant it', async (bl_addr) => {
    const data = await madeAir8101Soc({ download: { bl_addr } });
    await expect(prepare([{ name: 'x.soc', data }])).rejects.toMatchObject({ value: { code: 'flash/bad-file', data: { path: 'x.soc' } } });
  });

  test('without a script; or only the script, by either name', async () => {
    expect((await planOf([{ name: 'x.soc', data: await madeAir8101Soc({ script: null }) }]))?.files.map(({ name }) => name)).toEqual([
      'luatos.bin',
    ]);
    const data = await madeAir8101Soc();
    for (const part of ['script', 'Script.bin'])
      expect((await planOf([{ name: 'x.soc', data }], { parts: [part] }))?.files.map(({ name }) => name)).toEqual(['script.bin']);
    await expect(prepare([{ name: 'x.soc', data }], { parts: ['AP'] })).rejects.toMatchObject({ value: { code: 'bad-request' } });
  });

  test.each([
    ['a script larger than its room', { sizeKb: 1, script: madeImage(2000, 3) }, 'flash/does-not-fit'],
    ['a script without an address', { download: { script_addr: '' } }, 'flash/bad-file'],
    ['an address that is no sector’s', { download: { bl_addr: '0x100' } }, 'flash/bad-offset'],
  ] as const)('%s is refused', async (_, change, code) => {
    const data = await madeAir8101Soc(change);
    await expect(prepare([{ name: 'x.soc', data }])).rejects.toMatchObject({ value: { code } });
  });

  test('a ROM image that goes on over the script’s place is written with the script in it', async () => {
    const data = await madeAir8101Soc({ download: { script_addr: '0x20000' } });
    const bench = await createBk7258Bench();
    try {
      const flash = await prepare([{ name: 'x.soc', data }]);
      if (flash === null) throw new Error('not for this chip');
      expect(flash.plan.files).toMatchObject([{ name: 'luatos.bin + script.bin', offset: 0, contents: [{ name: 'main.lua' }] }]);
      expect(await bench.flash(flash)).toBeNull();
      const script = withBlockCrcs(madeAir8101.script);
      expect(bench.holds(0, madeAir8101.rom.subarray(0, 0x20000))).toBe(true);
      expect(bench.holds(0x20000, script)).toBe(true);
      expect(bench.holds(0x20000 + script.length, madeAir8101.rom.subarray(0x20000 + script.length))).toBe(true);
      expect(bench.board.complaints).toEqual([]);
    } finally {
      await bench.close();
    }
  });

  test('goes alone, is for its chip only, and never with “erase all”', async () => {
    const soc = { name: 'x.soc', data: await madeAir8101Soc() };
    await expect(prepare([soc, { name: 'y.bin', data: madeImage(10, 1), offset: 0 }])).rejects.toMatchObject({
      value: { code: 'flash/bad-file', data: { path: 'y.bin' } },
    });
    await expect(prepare([soc], { expectChip: 'esp32s3' })).rejects.toMatchObject({ value: { code: 'flash/wrong-chip' } });
    await expect(prepare([soc], { eraseAll: true })).rejects.toMatchObject({ value: { code: 'flash/protected' } });
  });
});

describe('files with addresses', () => {
  const app = { name: 'app.bin', data: madeImage(5000, 2), offset: 0x11000, path: '/fw/app.bin' };

  test('are for this family when the chip is named', async () => {
    expect(await prepare([app])).toBeNull();
    for (const expectChip of ['bk7258', 'BK7236', 'Air8101'])
      expect(await planOf([app], { expectChip })).toMatchObject({
        family: 'bk7258',
        files: [{ offset: 0x11000, kind: 'data', partition: null }],
        commands: [{ line: 'talkbench flash --port PORT --chip bk7258 0x11000=/fw/app.bin' }],
      });
  });

  test.each([
    ['without one', [{ name: 'a.bin', data: madeImage(10, 1) }], 'flash/no-offset'],
    ['off a sector', [{ ...app, offset: 0x11001 }], 'flash/bad-offset'],
    ['in one sector', [app, { name: 'b.bin', data: madeImage(10, 1), offset: 0x12000 }], 'flash/overlap'],
  ] as const)('%s are refused', async (_, files, code) => {
    await expect(prepare([...files], { expectChip: 'bk7258' })).rejects.toMatchObject({ value: { code } });
  });

  test.each([
    ['an image of Espressif’s', { name: 'app.bin', data: espApp }, 'flash/wrong-chip', { expected: 'esp32s3', actual: 'bk7258' }],
    ['a damaged one', { name: 'app.bin', data: espApp.subarray(0, 60) }, 'flash/wrong-chip', { expected: 'esp32s3' }],
    [
      'a merged one',
      { name: 'all.bin', data: Buffer.concat([Buffer.alloc(0x1000, 0xff), espApp]) },
      'flash/wrong-chip',
      { expected: 'esp32s3' },
    ],
    ['a module’s', { name: 'x.bin', data: madeEc718Binpkg() }, 'flash/wrong-chip', { expected: 'LTE module' }],
    ['a vendor’s own', { name: 'x.img', data: Buffer.from('RKFW 12345678') }, 'flash/vendor-tool', {}],
    ['an ELF', { name: 'a.bin', data: Buffer.from('7f454c460102030405060708', 'hex') }, 'flash/bad-file', { path: 'a.bin' }],
    ['HEX text', { name: 'a.bin', data: Buffer.from(':10010000214601360121470136007EFE09D2190140\r\n') }, 'flash/bad-file', {}],
  ] as const)('%s is refused, unless forced', async (_, file, code, data) => {
    const files = [{ ...file, offset: 0 }];
    await expect(prepare(files, { expectChip: 'bk7258' })).rejects.toMatchObject({ value: { code, data } });
    expect(await planOf(files, { expectChip: 'bk7258', force: true })).toMatchObject({ files: [{ offset: 0 }] });
  });

  test('nor is a whole package written as it is', async () => {
    for (const [name, data] of [
      ['ec.soc', await madeEc718Soc()],
      ['air8101.zip', await madeAir8101Soc()],
    ] as const)
      await expect(prepare([{ name, data, offset: 0 }], { expectChip: 'bk7258' })).rejects.toMatchObject({
        value: { code: 'flash/bad-file', data: { path: name } },
      });
  });

  test('and the values of a device have no place in such a chip', async () => {
    const request = { files: [{ name: 'app.bin', offset: 0, source: { data: app.data } }], options: { expectChip: 'bk7258' } };
    expect((await prepareFlash(request)).plan.family).toBe('bk7258');
    const provisioning = { partition: 'nvs', entries: [{ namespace: 'a', key: 'b', type: 'u8' as const, value: '1' }] };
    await expect(prepareFlash({ ...request, provisioning: provisioning as never })).rejects.toMatchObject({
      value: { code: 'unsupported' },
    });
  });
});

describe('a program as its linker left it', () => {
  /** Stack and start of a Cortex-M, then anything. */
  function program(stack: number, start: number): Buffer {
    const data = Buffer.alloc(0x1000, 0x5a);
    data.writeUInt32LE(stack, 0);
    data.writeUInt32LE(start, 4);
    return data;
  }
  const warned = async (data: Uint8Array) =>
    (await planOf([{ name: 'app.bin', data, offset: 0x11000 }], { expectChip: 'bk7258' }))?.warnings;

  test('is warned of: the chip runs nothing that has no CRCs', async () => {
    const expected = [{ code: 'no-block-crc', data: { name: 'app.bin' } }];
    expect(await warned(program(0x28002464, 0x02010131))).toEqual(expected);
    expect(await warned(program(0x3809ffe0, 0x12010401))).toEqual(expected);
  });

  test('one with its CRCs, and data that are no program, are not', async () => {
    expect(await warned(withBlockCrcs(program(0x28002464, 0x02010131)))).toEqual([]);
    expect(await warned(program(0x28002464, 0x02010130))).toEqual([]);
    expect(await warned(program(0x20002464, 0x02010131))).toEqual([]);
    expect(await warned(Buffer.from('short'))).toEqual([]);
  });
});
