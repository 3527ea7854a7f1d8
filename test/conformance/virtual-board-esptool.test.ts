import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVirtualBoard, type VirtualBoard, type VirtualBoardOptions } from '../../pipeline/boards/esp/board.ts';
import { chipFacts, type EspKind, espKinds, p4OfRevision } from '../../pipeline/boards/esp/chips.ts';
import { buildDemoImages } from '../../pipeline/boards/esp/demo-images.ts';
import { systemClock } from '../../pipeline/clock.ts';
import { callEsptool, ESPTOOL_TIMEOUT_MS, esptoolMajor, hasEsptool } from '../fakes/esptool.ts';

const APP_OFFSET = 0x10000;
/** A stub runs on the revisions of an ESP32-P4 that it was made for: before esptool 5 those before v3.0. */
const p4Revisions = hasEsptool && (await esptoolMajor()) >= 5 ? [100, 300, 301, 302] : [100];
const boards: { kind: EspKind; revision?: number }[] = [
  ...espKinds.filter((kind) => kind !== 'esp32p4').map((kind) => ({ kind })),
  ...p4Revisions.map((revision) => ({ kind: 'esp32p4' as const, revision })),
];

let folder: string;
let board: VirtualBoard;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talkbench-board-'));
});
afterEach(async () => {
  await board.close();
  await rm(folder, { recursive: true });
});

async function start(options: Partial<VirtualBoardOptions>): Promise<string> {
  board = await createVirtualBoard({ name: 'bench', clock: systemClock, ...options });
  return board.ptyPath ?? '';
}

/** The demo images as files: what esptool is told to write. */
async function imageArguments(kind: (typeof espKinds)[number]): Promise<string[]> {
  const parts: string[] = [];
  for (const { offset, data } of buildDemoImages({ kind }).files) {
    const path = join(folder, `${offset}.bin`);
    await writeFile(path, data);
    parts.push(`0x${offset.toString(16)}`, path);
  }
  return parts;
}

describe.skipIf(!hasEsptool)('Espressif’s esptool takes for real', { timeout: 2 * ESPTOOL_TIMEOUT_MS }, () => {
  it.each(boards)('a virtual $kind $revision: flashes it, verifies, reads back and erases', async ({ kind, ...options }) => {
    const port = await start({ kind, ...options });
    const images = await imageArguments(kind);
    const { name, revision } = options.revision === undefined ? chipFacts[kind] : p4OfRevision(options.revision);
    const said = await callEsptool(port, '--baud', '921600', 'write_flash', ...images);
    expect(said).toContain(`${name}`);
    expect(said).toContain(`(revision ${revision})`);
    expect(said.toLowerCase()).toContain(board.chip.mac);
    for (const { offset, data } of buildDemoImages({ kind }).files)
      expect(Buffer.from(board.chip.flash.read(offset, data.length)).equals(data)).toBe(true);
    await callEsptool(port, 'verify_flash', ...images);

    const path = join(folder, 'back.bin');
    await callEsptool(port, '--baud', '921600', 'read_flash', '0x8000', '0x10000', path);
    expect(Buffer.from(board.chip.flash.read(0x8000, 0x10000)).equals(await readFile(path))).toBe(true);

    await callEsptool(port, 'erase_region', `0x${APP_OFFSET.toString(16)}`, '0x1000');
    expect(board.chip.flash.read(APP_OFFSET - 1, 2)[1]).toBe(0xff);
    expect(board.chip.flash.read(APP_OFFSET + 0x1000, 64).some((byte) => byte !== 0xff)).toBe(true);
    await callEsptool(port, 'erase_flash');
    expect(board.chip.flash.read(0x8000, 0x20000).every((byte) => byte === 0xff)).toBe(true);
  });

  it.each(['esp32', 'esp32s2', 'esp32c3', 'esp32p4'] as const)('the ROM of a virtual %s, without a stub', async (kind) => {
    const port = await start({ kind });
    const images = await imageArguments(kind);
    await callEsptool(port, '--no-stub', '--baud', '921600', 'write_flash', ...images);
    for (const { offset, data } of buildDemoImages({ kind }).files)
      expect(Buffer.from(board.chip.flash.read(offset, data.length)).equals(data)).toBe(true);
  });

  it.each(espKinds.filter((kind) => kind !== 'esp32'))('how a virtual %s is locked', async (kind) => {
    const port = await start({ kind, security: { secureBoot: true, flashEncryption: true } });
    const said = await callEsptool(port, '--no-stub', 'get_security_info');
    expect(said).toMatch(/Secure Boot: *Enabled/);
    expect(said).toMatch(/Flash Encryption: *Enabled/);
  });

  it.each(['esp32s3', 'esp32c6'] as const)('a virtual %s in secure download mode', async (kind) => {
    const port = await start({ kind, security: { secureDownload: true } });
    const said = await callEsptool(
      port,
      '--chip',
      kind,
      '--no-stub',
      'write_flash',
      '--flash_size',
      '4MB',
      ...(await imageArguments(kind)),
    );
    expect(said).toContain('Secure Download Mode');
    expect(board.chip.flash.read(0x8000, 2)).toEqual(Uint8Array.of(0xaa, 0x50));
  });

  it('a flash that does not take what is written: its digest differs', async () => {
    const port = await start({ faults: { wornFlash: { offset: 0x14000, sizeBytes: 16 } } });
    await expect(callEsptool(port, 'write_flash', ...(await imageArguments('esp32s3')))).rejects.toThrow(/MD5|does not match/i);
  });
});
