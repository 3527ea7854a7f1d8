import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BadElf } from '../../../../../../main/core/logs/symbols/byte-reader.ts';
import { appDescription, Firmware } from '../../../../../../main/core/logs/symbols/firmware.ts';
import { elfBytes, elfFolder, firmwareOf } from './fixtures.ts';
import { codeSection, madeElf, madeUnits } from './made-elf.ts';

/** GNU addr2line's answers: an address, then a function and a place for each frame, innermost first. */
function goldenOf(name: string): { address: number; frames: [name: string, place: string][] }[] {
  const golden: { address: number; frames: [string, string][] }[] = [];
  const lines = readFileSync(resolve(elfFolder, `${name}.elf.addr2line.txt`), 'utf8')
    .trimEnd()
    .split('\n');
  for (let index = 0; index < lines.length; ) {
    const line = lines[index] ?? '';
    if (/^0x[0-9a-f]{8}$/.test(line)) {
      golden.push({ address: Number(line), frames: [] });
      index++;
    } else {
      golden.at(-1)?.frames.push([line, lines[index + 1] ?? '']);
      index += 2;
    }
  }
  return golden;
}

function answer(firmware: Firmware, address: number): [string, string][] {
  return firmware.frames(address).map(({ function: name, file, line }) => [name, `${file ?? '??'}:${line ?? '?'}`]);
}

const goldenNames = readdirSync(elfFolder)
  .filter((name) => name.endsWith('.addr2line.txt'))
  .map((name) => name.replace('.elf.addr2line.txt', ''));

describe('every address of the line tables, against GNU addr2line -fiC', () => {
  test('the fixtures are there', () => expect(goldenNames.length).toBeGreaterThanOrEqual(9));

  test.each(goldenNames.filter((name) => name !== 'riscv-lto'))('%s', (name) => {
    const firmware = firmwareOf(name);
    const golden = goldenOf(name);
    expect(firmware.damage).toBeNull();
    expect(firmware.lineAddresses()).toEqual(golden.map(({ address }) => address));
    expect(golden.map(({ address }) => ({ address, frames: answer(firmware, address) }))).toEqual(golden);
  });

  test('riscv-lto: all but what GNU 2.40 gets wrong', () => {
    const firmware = firmwareOf('riscv-lto');
    const differing = goldenOf('riscv-lto').filter(
      ({ address, frames }) => JSON.stringify(answer(firmware, address)) !== JSON.stringify(frames),
    );
    for (const { address, frames } of differing) {
      const ours = answer(firmware, address);
      const [innermost] = frames;
      if (innermost?.[1].includes('<artificial>')) {
        // It takes file 0 of a version 5 table where the program says nothing; the register's first value is 1.
        expect(ours[0]?.[1]).toBe(innermost[1].replace('<artificial>', 'source/main.c'));
      } else {
        // It names an inlined function after the symbol around it; the place in the same answer is in announce().
        expect([innermost?.[0], ours[0]?.[0]]).toEqual(['_start', 'announce']);
        expect(ours[0]?.[1]).toBe(innermost?.[1]);
      }
    }
    expect(differing).toHaveLength(5);
  });
});

describe('what else a file tells', () => {
  test('without debug information there are still functions, with the distance from their start', () => {
    const firmware = firmwareOf('riscv-plain');
    expect(firmware.hasLines).toBe(false);
    const main = firmware.symbol('app_main');
    expect(main).not.toBeNull();
    expect(firmware.frames((main?.address ?? 0) + 4)).toEqual([{ function: 'app_main', offset: 4, isInlined: false }]);
    expect(firmware.frames(0x1000)).toEqual([]);
  });

  test('the application describes itself', () => {
    expect(appDescription(firmwareOf('riscv-dwarf5'))).toEqual({ project: 'bench-demo', version: '1.2.3', idfVersion: 'v5.4' });
    expect(appDescription(firmwareOf('xtensa-dwarf4'))).toEqual({ project: 'bench-demo', version: '1.2.3', idfVersion: 'v5.4' });
  });

  test('strings that a binary log sends pointers to', () => {
    const firmware = firmwareOf('riscv-dwarf5');
    expect(firmware.stringAt(0)).toBe('stored %d of %d samples');
    const description = firmware.symbol('esp_app_desc')?.address ?? 0;
    expect(firmware.stringAt(description + 48)).toBe('bench-demo');
    expect(firmware.stringAt(0x12345678)).toBeNull();
  });

  test('a return address is told from a number by the call before it', () => {
    const riscv = firmwareOf('riscv-dwarf5');
    const xtensa = firmwareOf('xtensa-dwarf5');
    // recurse() calls crash(): c.jal, two bytes · call0, three bytes.
    expect(riscv.isReturnAddress(0x42000042)).toBe(true);
    expect(riscv.isReturnAddress(0x42000044)).toBe(false);
    expect(xtensa.isReturnAddress(0x42000058)).toBe(true);
    expect(xtensa.isReturnAddress(0x42000055)).toBe(false);
    // callx0
    expect(xtensa.isReturnAddress(0x420000fe)).toBe(true);
    expect(riscv.isReturnAddress(0x3fc80000)).toBe(false);
  });

  test('windowed Xtensa return addresses lose the size of the window, and printed ones are not moved twice', () => {
    const firmware = firmwareOf('xtensa-dwarf5');
    expect(firmware.instruction(0x82000058, 'return')).toBe(0x42000055);
    expect(firmware.instruction(0x42000058, 'backtrace')).toBe(0x42000055);
    expect(firmware.instruction(0x42000055, 'backtrace')).toBe(0x42000055);
    expect(firmware.instruction(0x42000055, 'exact')).toBe(0x42000055);
  });
});

describe('a small file that unfolds to gigabytes', () => {
  const longName = Buffer.concat([Buffer.alloc(16_000, 'a'), Buffer.alloc(1)]);
  const unfolds = /unfolds/;

  test('symbols that share one long name: refused', () => {
    const count = 20_000;
    const table = Buffer.alloc(16 * count);
    for (let at = 0; at < table.length; at += 16) {
      table.writeUInt32LE(1, at);
      table[at + 12] = 2;
      table.writeUInt16LE(1, at + 14);
    }
    const symbols = { name: '.symtab', content: table, type: 2, link: 3 };
    const names = { name: '.strtab', content: Buffer.concat([Buffer.alloc(1), longName]), type: 3 };
    expect(() => new Firmware(madeElf([codeSection, symbols, names]))).toThrow(unfolds);
  });

  test('units that share one long name', () => {
    const units = madeUnits(10_000, [
      [0x03, 0x0e, 0],
      [0x1b, 0x0e, 0],
    ]);
    const { damage } = new Firmware(madeElf([codeSection, ...units, { name: '.debug_str', content: longName }]));
    expect(damage).toMatch(unfolds);
  });

  test('units that share one list of ranges', () => {
    const list = Buffer.alloc(8 * 10_001);
    for (let entry = 0; entry < 10_000; entry++) {
      list.writeUInt32LE(entry + 1, entry * 8);
      list.writeUInt32LE(entry + 2, entry * 8 + 4);
    }
    const units = madeUnits(300, [
      [0x11, 0x01, 0x42000000],
      [0x55, 0x17, 0],
    ]);
    const { damage } = new Firmware(madeElf([codeSection, ...units, { name: '.debug_ranges', content: list }]));
    expect(damage).toMatch(unfolds);
  });

  test('units that share one line table', () => {
    const table = Buffer.alloc(1024 * 1024, 7); // basic_block, which takes nothing
    table.writeUInt32LE(table.length - 4, 0);
    table.writeUInt16LE(2, 4);
    table.writeUInt32LE(16, 6);
    table.set([1, 1, 0xff, 1, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0], 10);
    const units = madeUnits(200, [[0x10, 0x17, 0]]);
    const { damage } = new Firmware(madeElf([codeSection, ...units, { name: '.debug_line', content: table }]));
    expect(damage).toMatch(unfolds);
  });

  test('sections packed a thousand times over', () => {
    const plain = Buffer.alloc(40 * 1024 * 1024);
    const head = Buffer.alloc(12);
    head.writeUInt32LE(1, 0);
    head.writeUInt32LE(plain.length, 4);
    const packed = { content: Buffer.concat([head, deflateSync(plain)]), flags: 0x800 };
    const { damage } = new Firmware(madeElf([codeSection, { name: '.debug_str', ...packed }, { name: '.debug_line_str', ...packed }]));
    expect(damage).toMatch(unfolds);
  });
});

describe('hostile files', () => {
  test.each([
    ['nothing', new Uint8Array(0), 'not an ELF file'],
    ['text', Buffer.from('\x7fELF but not really, only a text that is long enough to be one'), 'not a 32-bit ELF file'],
    ['an image', Uint8Array.from({ length: 4096 }, () => 0xe9), 'not an ELF file'],
  ])('%s is refused with the reason', (_name, bytes, reason) => {
    expect(() => new Firmware(new Uint8Array(bytes))).toThrow(new BadElf(reason));
  });

  test('a file that was cut short is refused or gives less, never throws anything else', () => {
    const whole = elfBytes('riscv-dwarf5');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length }), (length) => {
        survives(whole.slice(0, length));
      }),
      { numRuns: 200 },
    );
  });

  test.each(['riscv-dwarf2', 'riscv-dwarf5', 'riscv-compressed', 'xtensa-dwarf4'])('any damage to %s costs its part only', (name) => {
    const whole = elfBytes(name);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 16, max: whole.length - 1 }), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 40,
        }),
        (changes) => {
          const bytes = whole.slice();
          for (const [at, value] of changes) bytes[at] = value;
          survives(bytes);
        },
      ),
      { numRuns: 300 },
    );
  });

  function survives(bytes: Uint8Array): void {
    let firmware: Firmware;
    try {
      firmware = new Firmware(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(BadElf);
      return;
    }
    for (let address = 0x42000000; address < 0x42000290; address += 6) {
      firmware.frames(address);
      firmware.frameRules(address);
      firmware.instruction(address, 'return');
    }
    appDescription(firmware);
  }
});
