import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../../fakes/cli.ts';

const fixtures = resolve(import.meta.dirname, '../../../fixtures/elf');
const elf = join(fixtures, 'riscv-dwarf5.elf');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talkbench-decode-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('talkbench decode', () => {
  test('addresses, with what was inlined', async () => {
    const { code, stdout } = await runCli(['decode', '--elf', elf, '0x42000016', '42000040', '0x10']);
    expect(stdout).toBe(
      [
        '0x42000016: crash at /firmware/source/main.c:29',
        '0x42000040: check at /firmware/source/main.c:36',
        '   inlined by recurse at /firmware/source/main.c:41',
        '0x00000010: ??\n',
      ].join('\n'),
    );
    expect(code).toBe(0);
  });

  test('the pairs of a backtrace: where calls return to becomes the call', async () => {
    const result = await runCli(['decode', '--json', '--elf', elf, '0x42000016:0x3fc9b160', '0x42000042:0x3fc9b170']);
    expect(result.json<{ addresses: { instruction: number }[] }>().addresses.map(({ instruction }) => instruction)).toEqual([
      0x42000016, 0x42000040,
    ]);
  });

  test('every crash of a log', async () => {
    const log = join(folder, 'crash.txt');
    await writeFile(log, (await readFile(join(fixtures, 'logs/riscv-panic.txt'), 'utf8')).replaceAll('@SHA9@', 'b05ad0157'));
    const [crash, ...others] = (await runCli(['decode', '--json', '--elf', elf, '--log', log])).lines<{
      line: number;
      match: string;
      unwound: { frames: { function: string }[] }[];
    }>();
    expect(others).toEqual([]);
    expect(crash).toMatchObject({ line: 5, match: 'sha' });
    expect(crash?.unwound.map(({ frames }) => frames.at(-1)?.function)).toEqual(['crash', 'recurse', 'app_main', '_start']);
  });

  test('says which hash is missing when the log is of another build', async () => {
    const log = join(folder, 'crash.txt');
    await writeFile(log, (await readFile(join(fixtures, 'logs/riscv-panic.txt'), 'utf8')).replaceAll('@SHA9@', 'abcdef012'));
    expect((await runCli(['decode', '--elf', elf, '--log', log])).stdout).toContain('the log is of ELF abcdef012, which is not loaded');
  });

  test.each([
    ['no address and no log', ['--elf', elf], 2],
    ['what is no address', ['--elf', elf, 'main'], 2],
    ['a file that is no ELF file', ['--elf', resolve(fixtures, 'build.sh'), '0x42000016'], 1],
    ['a file that is not there', ['--elf', 'gone.elf', '0x42000016'], 1],
  ])('%s ends with exit code %#', async (_what, args, code) => {
    expect((await runCli(['decode', ...args])).code).toBe(code);
  });
});
