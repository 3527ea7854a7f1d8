import { afterEach, describe, expect, test } from 'vitest';
import { archiveKind, unpackArchive } from '../../../../../../../main/core/flash/cat1/package/archive.ts';
import { readInfo } from '../../../../../../../main/core/flash/cat1/package/info.ts';
import { listScript } from '../../../../../../../main/core/flash/cat1/package/script.ts';
import { isSoc, openSoc } from '../../../../../../../main/core/flash/cat1/package/soc.ts';
import { TalkError } from '../../../../../../../preload/contract/errors.ts';
import { madeArchive, madeEc718, madeEc718Binpkg, madeEc718Soc, madeScript } from '../../../../../../fakes/module-package.ts';

async function failure(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TalkError)) throw error ?? new Error('it did not fail');
  return error.value;
}

const bad = (reason: string) => ({ code: 'flash/bad-file', data: { path: 'a.soc', reason }, retryable: false });

describe('a .soc is opened', () => {
  test.each(['7z', 'zip'] as const)('as a %s archive', async (kind) => {
    const bytes = await madeEc718Soc(kind);
    expect(archiveKind(bytes)).toBe(kind);
    expect(isSoc(bytes, 'luatos.soc')).toBe(true);
    const soc = await openSoc(bytes, 'a.soc');
    expect(soc.info).toMatchObject({ chip: { type: 'ec7xx' }, rom: { 'version-bsp': 'V2045' }, download: { script_addr: 0x2e0000 } });
    expect(soc.binpkg.entries.map(({ type }) => type)).toEqual(['BL', 'CP', 'AP', 'CFG', 'CFG']);
    expect(soc.script).toEqual(madeEc718.script);
  });

  test('from folders within it: only the last part of a path counts', async () => {
    const bytes = await madeArchive('zip', {
      'pack/info.json': madeEc718.info,
      'pack/luatos.binpkg': madeEc718Binpkg(),
      'pack/script.bin': madeEc718.script,
    });
    expect((await openSoc(bytes, 'a.soc')).script).toEqual(madeEc718.script);
  });

  test('a ZIP that is not called so is none of ours', async () => {
    const bytes = await madeArchive('zip', { 'info.json': '{}' });
    expect(isSoc(bytes, 'build.zip')).toBe(false);
    expect(isSoc(bytes, 'build.SOC')).toBe(true);
  });
});

describe('what is no package of ours is refused', () => {
  test('not an archive', async () => {
    expect(await failure(openSoc(Buffer.from('hello'), 'a.soc'))).toEqual(bad('neither a 7z nor a ZIP archive'));
  });

  test.each(['7z', 'zip'] as const)('a %s that was cut, or spoilt', async (kind) => {
    const bytes = await madeEc718Soc(kind);
    expect(await failure(openSoc(bytes.subarray(0, bytes.length / 2), 'a.soc'))).toEqual(bad('damaged'));
    const spoilt = Uint8Array.from(bytes);
    for (let at = 3000; at < 3050; at++) spoilt[at] = 0x55;
    expect(await failure(openSoc(spoilt, 'a.soc'))).toEqual(bad('damaged'));
  });

  test('without info.json, without a chip, without a .binpkg', async () => {
    expect(await failure(openSoc(await madeArchive('7z', { 'luatos.binpkg': madeEc718Binpkg() }), 'a.soc'))).toEqual(
      bad('no info.json in it'),
    );
    expect(await failure(openSoc(await madeArchive('7z', { 'info.json': '{"chip":{}}' }), 'a.soc'))).toEqual(
      bad('info.json names no chip'),
    );
    expect(await failure(openSoc(await madeArchive('7z', { 'info.json': '{"chip"' }), 'a.soc'))).toEqual(bad('info.json is no JSON'));
    expect(await failure(openSoc(await madeArchive('7z', { 'info.json': '{"chip":{"type":"ec618"}}' }), 'a.soc'))).toEqual(
      bad('no .binpkg in it'),
    );
  });

  test('a package for another maker’s chip: its vendor’s tool is named', async () => {
    const bytes = await madeArchive('zip', { 'info.json': '{"chip":{"type":"air6208"}}', 'luatos.bin': 'x' });
    expect(await failure(openSoc(bytes, 'a.soc'))).toMatchObject({
      code: 'flash/vendor-tool',
      data: { chip: 'air6208', tool: 'Luatools' },
    });
  });
});

describe('a hostile archive costs no more than its thread', () => {
  const wanted = [/^bomb\.bin$/];

  test.each(['7z', 'zip'] as const)('a %s bomb is known by what it says of its size', async (kind) => {
    const bytes = await madeArchive(kind, { 'bomb.bin': new Uint8Array(8_000_000) });
    expect(bytes.length).toBeLessThan(20_000);
    expect(await failure(unpackArchive(bytes, wanted, 'a.soc', { limitBytes: 1_000_000 }))).toEqual({
      code: 'too-large',
      data: { path: 'a.soc', limitBytes: 1_000_000, sizeBytes: 8_000_000 },
      retryable: false,
    });
  });

  test('one that lies of its size is stopped when it has grown beyond the limit', async () => {
    const bytes = Buffer.from(await madeArchive('zip', { 'bomb.bin': new Uint8Array(8_000_000) }));
    // The uncompressed size, in the local header and in the directory.
    for (const [mark, at] of [
      ['504b0304', 22],
      ['504b0102', 24],
    ] as const) {
      const header = bytes.indexOf(Buffer.from(mark, 'hex'));
      expect(bytes.readUInt32LE(header + at)).toBe(8_000_000);
      bytes.writeUInt32LE(1000, header + at);
    }
    expect(await failure(unpackArchive(bytes, wanted, 'a.soc', { limitBytes: 1_000_000 }))).toMatchObject({
      code: expect.stringMatching(/^(?:too-large|flash\/bad-file)$/),
    });
  });

  test('one that takes too long is ended', async () => {
    const bytes = await madeEc718Soc();
    expect(await failure(unpackArchive(bytes, [/./], 'a.soc', { timeoutMs: 0 }))).toEqual(bad('it takes too long to unpack'));
  });

  test('files that nobody wants are not unpacked, however large', async () => {
    const bytes = await madeArchive('zip', { 'bomb.bin': new Uint8Array(8_000_000), 'info.json': '{}' });
    const files = await unpackArchive(bytes, [/^info\.json$/], 'a.soc', { limitBytes: 1000 });
    expect(files.map(({ name, data }) => [name, Buffer.from(data).toString()])).toEqual([['info.json', '{}']]);
  });
});

describe('info.json', () => {
  const read = (value: unknown) => readInfo(Buffer.from(JSON.stringify(value)), 'a.soc');

  test('odd values are left out, and nothing else', () => {
    const info = read({
      chip: { type: 'ec718' },
      rom: 7,
      download: { script_addr: 'nowhere', force_br: '1500000', bl_addr: 3 },
      user: { version: 2 },
    });
    expect(info).toEqual({
      chip: { type: 'ec718' },
      rom: undefined,
      download: { script_addr: undefined, force_br: 1_500_000, bl_addr: 3 },
      user: { version: '2' },
    });
  });

  test('with a byte order mark', () => {
    expect(readInfo(Buffer.from('\uFEFF{"chip":{"type":"ec618"}}'), 'a').chip.type).toBe('ec618');
  });
});

describe('the files of a LuatOS script', () => {
  test('are told', () => {
    expect(listScript(madeEc718.script)).toEqual([
      { name: 'main.lua', sizeBytes: 26 },
      { name: 'net.lua', sizeBytes: 10 },
    ]);
    expect(listScript(madeScript({}))).toEqual([]);
  });

  test('of what is none, or is cut, are not', () => {
    expect(listScript(Buffer.from('hello'))).toBeNull();
    for (let length = 0; length < madeEc718.script.length; length++) expect(listScript(madeEc718.script.subarray(0, length))).toBeNull();
  });
});

afterEach(() => {
  // The unpacker's exit codes are its thread's own.
  expect(process.exitCode ?? 0).toBe(0);
});
