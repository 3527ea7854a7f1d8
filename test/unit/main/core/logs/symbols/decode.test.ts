import { describe, expect, test } from 'vitest';
import { crashesOf } from '../../../../../../main/core/logs/symbols/crashes.ts';
import { Decoder, decodeRows, shaOf } from '../../../../../../main/core/logs/symbols/decode.ts';
import { addressesOf } from '../../../../../../main/core/logs/symbols/row-addresses.ts';
import type { DecodedAddress } from '../../../../../../preload/contract/symbols.ts';
import { buildOf, logRows, shaOfElf } from './fixtures.ts';

function textOf({ frames, label, isMaybe }: DecodedAddress): string {
  return `${label}${isMaybe ? '?' : ''} ${frames.map(({ function: name, file, line }) => `${name} ${file?.split('/').at(-1)}:${line}`).join(' < ')}`;
}

describe('a RISC-V panic', () => {
  const rows = logRows('riscv-panic', 'riscv-dwarf5');
  const [crash] = [...crashesOf(rows)];
  const decoded = decodeRows(crash?.rows ?? [], [buildOf('riscv-dwarf5')], crash?.elfSha256 ?? null);

  test('is one crash, of the file whose hash the log named', () => {
    expect(crash?.title).toBe("Guru Meditation Error: Core  0 panic'ed (Store access fault). Exception was unhandled.");
    expect(decoded).toMatchObject({ match: 'sha', elfSha256: shaOfElf('riscv-dwarf5').slice(0, 9) });
  });

  test('whose dump is longer than one question may be is one crash still', () => {
    const long = rows.flatMap((row) => (row.event === 'stack-memory' ? Array.from({ length: 400 }, () => row) : [row]));
    expect(long.filter(({ event }) => event === 'stack-memory').length).toBeGreaterThan(500);
    expect([...crashesOf(long)].map((each) => [each.title, each.rows.length])).toEqual([[crash?.title, 500]]);
  });

  test('registers: where it stopped, and who called', () => {
    const registers = decoded.rows.find(({ addresses }) => addresses[0]?.label === 'MEPC');
    expect(registers?.addresses.map(textOf)).toEqual(['MEPC crash main.c:29', 'RA check main.c:36 < recurse main.c:41']);
  });

  test('is unwound through the dumped stack as a debugger would', () => {
    expect(decoded.unwound.map(textOf)).toEqual([
      'frame crash main.c:29',
      'frame check main.c:36 < recurse main.c:41',
      'frame app_main main.c:58',
      'frame _start main.c:64',
    ]);
  });

  test('words of the stack that calls return to may be calls; others are none', () => {
    const stack = decoded.rows.flatMap(({ addresses }) => addresses.filter(({ label }) => label === 'stack'));
    // 0x420000dc is left over from an earlier call; 0x42000100 is code, but no call returns there.
    expect(stack.map(({ address }) => address)).toEqual([0x420000e2, 0x420000f8, 0x420000dc]);
    expect(stack.every(({ isMaybe, match }) => isMaybe && match === 'sha')).toBe(true);
  });
});

describe('an Xtensa panic', () => {
  const rows = logRows('xtensa-panic', 'xtensa-dwarf5');
  const [crash] = [...crashesOf(rows)];

  test('the backtrace, its first entry mended by the program counter of the registers', () => {
    const decoded = decodeRows(crash?.rows ?? [], [buildOf('xtensa-dwarf5')], null);
    const backtrace = decoded.rows.find(({ addresses }) => addresses.length === 4)?.addresses ?? [];
    expect(backtrace.map(({ instruction }) => instruction)).toEqual([0x4200002b, 0x42000055, 0x420000f1, 0x42000115]);
    expect(backtrace.map(textOf)).toEqual([
      'frame crash main.c:29',
      'frame check main.c:36 < recurse main.c:41',
      'frame app_main main.c:58',
      'frame _start main.c:64',
    ]);
    expect(decoded.match).toBe('sha');
  });

  test('a0 is where it returns to, once the bits of the window are taken off', () => {
    const decoded = decodeRows(crash?.rows ?? [], [buildOf('xtensa-dwarf5')], null);
    expect(decoded.rows.flatMap(({ addresses }) => addresses).find(({ label }) => label === 'A0')).toMatchObject({
      instruction: 0x42000055,
    });
  });

  test('another build of the same program is a guess, and says so', () => {
    const decoded = decodeRows(crash?.rows ?? [], [buildOf('xtensa-dwarf4')], null);
    expect(decoded.match).toBe('none');
    expect(decoded.rows.flatMap(({ addresses }) => addresses).every(({ match }) => match === 'none')).toBe(true);
  });

  test('of several builds the named one is asked, whatever their order', () => {
    const decoded = decodeRows(crash?.rows ?? [], [buildOf('xtensa-dwarf4'), buildOf('riscv-dwarf5'), buildOf('xtensa-dwarf5')], null);
    expect(new Set(decoded.rows.flatMap(({ addresses }) => addresses.map(({ symbolId }) => symbolId)))).toEqual(new Set(['xtensa-dwarf5']));
  });
});

describe('addresses by themselves', () => {
  test('what no file knows comes back without frames', () => {
    const decoder = new Decoder([buildOf('riscv-dwarf5')], null);
    expect(addressesOf([0x40000000], 'address').map((each) => decoder.decode(each))).toEqual([
      { address: 0x40000000, label: 'text', instruction: 0x40000000, frames: [], symbolId: null, match: 'none', isMaybe: false },
    ]);
  });

  test('a number in any line is an address when it is one of code', () => {
    const row = { seq: 7, text: 'LR 0x42000042, buffer 0x3fc80000, mask 0xffffffff' };
    const { rows } = decodeRows([row], [buildOf('riscv-dwarf5')], null);
    expect(rows[0]?.addresses.map(({ address, isMaybe }) => [address, isMaybe])).toEqual([[0x42000042, true]]);
  });

  test('pairs are a backtrace in any line, printed without a blank between or not', () => {
    const row = { seq: 7, text: 'Backtrace:0x42000016:0x3fc9b1600x42000042:0x3fc9b170' };
    const { rows } = decodeRows([row], [buildOf('riscv-dwarf5')], null);
    expect(rows[0]?.addresses.map(textOf)).toEqual(['frame crash main.c:29', 'frame check main.c:36 < recurse main.c:41']);
  });

  test.each([
    ['1b43c5e74...', '1b43c5e74'],
    ['99b1a8b37363f49b', '99b1a8b37363f49b'],
    ['0000000000000000', null],
    ['1b4', null],
    [undefined, null],
  ])('the hash in %s', (printed, sha) => expect(shaOf(printed)).toBe(sha));
});
