import { execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SymbolFiles } from '../../../../../../main/core/logs/symbols/symbol-files.ts';
import { createSymbols, type Symbols } from '../../../../../../main/core/logs/symbols/symbols.ts';
import type { CallName, CallReply, CallRequest } from '../../../../../../preload/contract/index.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';
import { elfBytes, elfFolder, logRows, shaOfElf } from './fixtures.ts';

const context = { signal: new AbortController().signal, role: 'operator' } as const;

let folder: string;
let clock: VirtualClock;
let symbols: Symbols;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talkbench-symbols-'));
  clock = new VirtualClock();
  symbols = start();
});

afterEach(async () => {
  await symbols.close();
  await rm(folder, { recursive: true });
});

function start(): Symbols {
  return createSymbols({ dataDirectory: folder, clock, log: pino({ enabled: false }) });
}

function call<Name extends CallName & keyof Symbols['calls']>(name: Name, body: CallRequest<Name>): Promise<CallReply<Name>> {
  return (symbols.calls[name] as (body: unknown, context: unknown) => Promise<CallReply<Name>>)(body, context);
}

/** A build's output, old enough not to be taken for half written. */
async function build(elf: string, atMs = 0): Promise<string> {
  const path = join(folder, 'app.elf');
  await copyFile(resolve(elfFolder, `${elf}.elf`), path);
  const at = new Date(clock.wallMs() - 60_000 + atMs);
  await utimes(path, at, at);
  return path;
}

describe('loading', () => {
  test('a file by its path, with what it says of itself', async () => {
    const path = await build('riscv-dwarf5');
    const file = await call('symbols.load', { path });
    expect(file).toMatchObject({
      name: 'app.elf',
      path,
      state: 'ready',
      machine: 'riscv',
      sha256: shaOfElf('riscv-dwarf5'),
      project: 'bench-demo',
      appVersion: '1.2.3',
      hasLines: true,
      reloads: 0,
    });
    expect((await call('symbols.list', {})).files).toEqual([file]);
  });

  test('a folder stands for the newest ELF file in it', async () => {
    await build('riscv-dwarf5');
    expect(await call('symbols.load', { path: folder })).toMatchObject({ name: 'app.elf', state: 'ready' });
  });

  test.each([
    ['what is not there', 'gone.elf', 'not-found'],
    ['what is no ELF file', 'image.bin', 'symbols/bad-elf'],
    ['a folder without one', '.', 'symbols/bad-elf'],
  ])('refuses %s', async (_what, name, code) => {
    if (name === 'image.bin') await writeFile(join(folder, name), 'not an ELF file');
    await expect(call('symbols.load', { path: join(folder, name) })).rejects.toMatchObject({ code });
    expect((await call('symbols.list', {})).files).toEqual([]);
  });

  test('is remembered over restarts, by path or with the bytes that were sent', async () => {
    const path = await build('riscv-dwarf5');
    await call('symbols.load', { path });
    await call('symbols.load', { name: 'sent.elf', data: elfBytes('xtensa-dwarf4') });
    await symbols.close();
    symbols = start();
    const { files } = await call('symbols.list', {});
    expect(files.map(({ name, state, machine }) => [name, state, machine])).toEqual([
      ['app.elf', 'ready', 'riscv'],
      ['sent.elf', 'ready', 'xtensa'],
    ]);
  });

  test('what is removed is forgotten, and a copy of ours deleted; the file of the user stays', async () => {
    const { id: own } = await call('symbols.load', { path: await build('riscv-dwarf5') });
    const { id: sent } = await call('symbols.load', { name: 'sent.elf', data: elfBytes('xtensa-dwarf4') });
    await call('symbols.remove', { id: own });
    await call('symbols.remove', { id: sent });
    expect((await call('symbols.list', {})).files).toEqual([]);
    expect(await readdir(join(folder, 'symbols'))).toEqual([]);
    expect(await readdir(folder)).toContain('app.elf');
    await expect(call('symbols.remove', { id: own })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a path that is no file', () => {
  test('is not opened: a pipe would hold us up for ever, a device without end fill the memory', async () => {
    const pipe = join(folder, 'pipe.elf');
    execFileSync('mkfifo', [pipe]);
    for (const path of [pipe, '/dev/zero'])
      await expect(call('symbols.load', { path })).rejects.toMatchObject({
        code: 'symbols/bad-elf',
        value: { data: { reason: 'not a file' } },
      });
  });

  test('a link to a build that is gone does not hide the others of its folder', async () => {
    const path = await build('riscv-dwarf4');
    await symlink(join(folder, 'gone'), join(folder, 'latest.elf'));
    expect(await call('symbols.load', { path: folder })).toMatchObject({ path, state: 'ready' });
  });
});

describe('a file that the build changes', () => {
  async function untilState(isWanted: (file: CallReply<'symbols.load'>) => boolean): Promise<CallReply<'symbols.load'>> {
    const { topic } = symbols.streams['symbols.state']({});
    return new Promise((done) => {
      const look = () => {
        const file = topic.snapshot().files[0];
        if (file === undefined || !isWanted(file)) return;
        stop();
        done(file);
      };
      const stop = topic.listen(look);
      look();
    });
  }

  test('is read again, and the build before it still answers for boards that run it', async () => {
    const path = await build('riscv-dwarf4');
    await call('symbols.load', { path });
    await build('riscv-dwarf5', 1000);
    await clock.advance(2_100_000);
    expect(await untilState(({ reloads }) => reloads === 1)).toMatchObject({ sha256: shaOfElf('riscv-dwarf5') });
    for (const elf of ['riscv-dwarf4', 'riscv-dwarf5']) {
      const { addresses } = await call('symbols.decode', { addresses: [0x42000016], elfSha256: shaOfElf(elf).slice(0, 9) });
      expect(addresses).toMatchObject([{ match: 'sha', frames: [{ function: 'crash', line: 29 }] }]);
    }
  });

  test('that is half written or gone says so, and what was read before stays in use', async () => {
    const path = await build('riscv-dwarf5');
    await call('symbols.load', { path });
    await writeFile(path, elfBytes('riscv-dwarf5').slice(0, 3000));
    const half = new Date(clock.wallMs() - 30_000);
    await utimes(path, half, half);
    await clock.advance(2_100_000);
    expect(await untilState(({ state }) => state === 'bad')).toMatchObject({ problem: { code: 'symbols/bad-elf', data: { path } } });
    await rm(path);
    await clock.advance(2_100_000);
    expect(await untilState(({ state }) => state === 'missing')).toMatchObject({ problem: { code: 'not-found' } });
    const { addresses } = await call('symbols.decode', { addresses: [0x42000016] });
    expect(addresses).toMatchObject([{ match: 'only', frames: [{ function: 'crash' }] }]);
  });
});

test('a bad file is not read again until it changes', async () => {
  let told = 0;
  const files = new SymbolFiles({ dataDirectory: folder, clock, log: pino({ enabled: false }), onChange: () => told++ });
  const path = await build('riscv-dwarf5');
  await files.loadPath(path);
  await writeFile(path, elfBytes('riscv-dwarf5').slice(0, 3000));
  const half = new Date(clock.wallMs() - 30_000);
  await utimes(path, half, half);
  await files.refresh();
  expect(files.files[0]?.state).toBe('bad');
  const toldBefore = told;
  await files.refresh();
  expect(told).toBe(toldBefore);
  await build('riscv-dwarf5', 20_000);
  await files.refresh();
  expect(files.files[0]?.state).toBe('ready');
  await files.close();
});

describe('what the log tells of the firmware', () => {
  test('finds the file of each port, and decodes by it without being told', async () => {
    const port = '/dev/ttyUSB0';
    symbols.heard(logRows('riscv-panic', 'riscv-dwarf5').map((row) => ({ ...row, port })));
    expect((await call('symbols.list', {})).ports).toEqual([
      { port, elfSha256: shaOfElf('riscv-dwarf5').slice(0, 9), project: 'bench-demo', appVersion: '1.2.3', symbolId: null },
    ]);
    const { id } = await call('symbols.load', { name: 'a.elf', data: elfBytes('riscv-dwarf5') });
    await call('symbols.load', { name: 'b.elf', data: elfBytes('riscv-dwarf2') });
    expect((await call('symbols.list', {})).ports[0]?.symbolId).toBe(id);
    const { addresses } = await call('symbols.decode', { addresses: [0x42000016], port });
    expect(addresses).toMatchObject([{ match: 'sha', symbolId: id }]);
    expect(symbols.stringAt(port, 0)).toBe('stored %d of %d samples');
  });
});
