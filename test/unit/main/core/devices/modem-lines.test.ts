import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { describe, expect, test } from 'vitest';
import { type LineDriver, type Lines, moveLines, setTerminalLines } from '../../../../../main/core/devices/modem-lines.ts';

describe('control lines', () => {
  test('of a device without "break", which the driver stumbles over, are moved all the same', async () => {
    const moved: unknown[] = [];
    const driver: LineDriver = { fd: 7, set: () => Promise.reject(new Error('Error: Operation not supported, cannot set')) };
    const byTerminal = async (fd: number, lines: Lines) => moved.push([fd, lines]) > 0;
    expect(await moveLines(driver, { dtr: true, rts: false }, byTerminal)).toBe(true);
    expect(moved).toEqual([[7, { dtr: true, rts: false }]]);
  });

  test('are the driver’s where it can, with every flag named', async () => {
    const flags: unknown[] = [];
    const driver: LineDriver = { fd: 7, set: async (asked) => void flags.push(asked) };
    expect(await moveLines(driver, { dtr: false, rts: true }, () => Promise.reject(new Error('not asked')))).toBe(true);
    expect(flags).toEqual([{ brk: false, cts: false, dsr: false, dtr: false, rts: true }]);
  });

  test('are not there where neither way finds any: another system’s driver, a closed port, a file that is no terminal', async () => {
    const set = () => Promise.reject(new Error('no'));
    expect(await moveLines({ set }, { dtr: true, rts: true })).toBe(false);
    expect(await moveLines({ set, fd: null }, { dtr: true, rts: true })).toBe(false);
    const fd = openSync(devNull, 'r');
    expect(await setTerminalLines(fd, { dtr: true, rts: true })).toBe(false);
    closeSync(fd);
  });
});
