import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chips } from '../../main/core/flash/esp/chips.ts';
import { prepareEsp } from '../../main/core/flash/image/esp-flash.ts';
import { patchHeader } from '../../main/core/flash/image/header.ts';
import { loadFirmware } from '../../main/core/flash/image/load.ts';
import { buildDemoImages } from '../../pipeline/boards/esp/demo-images.ts';

/** Espressif's esptool as a program of its own: TALKBENCH_ESPTOOL is the path of its esptool.py, or of an executable. */
const esptool = process.env.TALKBENCH_ESPTOOL;
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
const TIMEOUT_MS = 60_000;
const run = promisify(execFile);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talkbench-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

const kinds = ['esp32', 'esp32s3', 'esp32c3', 'esp32c6', 'esp32h2', 'esp32p4'] as const;
type Kind = (typeof kinds)[number];

/** What esptool makes of a board's three images in one file. Underscores are what every version understands. */
async function merge(kind: Kind, format: string, ...flags: string[]): Promise<string> {
  const { files } = buildDemoImages({ kind });
  const given: string[] = [];
  for (const [index, { offset, data }] of files.entries()) {
    const path = join(folder, `${index}.bin`);
    await writeFile(path, data);
    given.push(`0x${offset.toString(16)}`, path);
  }
  const out = join(folder, `merged.${format}`);
  const line = ['--chip', kind, 'merge_bin', '--format', format, '-o', out, ...flags, ...given];
  const tool = esptool ?? '';
  await run(tool.endsWith('.py') ? python : tool, tool.endsWith('.py') ? [tool, ...line] : line, { timeout: TIMEOUT_MS });
  return out;
}

describe.skipIf(esptool === undefined)('files that esptool makes', { timeout: TIMEOUT_MS }, () => {
  it.each(kinds)('of Intel HEX and UF2 are taken apart into what it was given: %s', async (kind) => {
    const images = buildDemoImages({ kind }).files;
    for (const format of ['hex', 'uf2']) {
      const path = await merge(kind, format);
      const { regions, plan } = prepareEsp(
        await loadFirmware({ files: [{ name: `merged.${format}`, source: { path } }], options: {} }),
        null,
      );
      expect(plan.expectChip).toBe(kind);
      expect(regions.map(({ offset, kind: what }) => [offset, what])).toEqual([
        [images[0]?.offset, 'bootloader'],
        [images[1]?.offset, 'partition-table'],
        [images[2]?.offset, 'app'],
      ]);
      for (const [index, { data }] of images.entries()) expect(Buffer.from(regions[index]?.data ?? []).equals(data)).toBe(true);
    }
  });

  it.each(kinds)('merged are known, by the chip’s own place for its bootloader: %s', async (kind) => {
    const path = await merge(kind, 'raw');
    const { plan } = prepareEsp(await loadFirmware({ files: [{ name: 'merged.bin', source: { path } }], options: {} }), null);
    expect(plan).toMatchObject({ expectChip: kind, files: [{ offset: 0, kind: 'merged' }] });
  });

  it.each(kinds)('have the header that we make of a bootloader: %s', async (kind) => {
    const chip = chips.find(({ name }) => name === kind);
    const bootloader = buildDemoImages({ kind }).files[0];
    if (chip === undefined || bootloader === undefined) throw new Error(`no ${kind}`);
    for (const frequency of Object.keys(chip.frequencies)) {
      const path = await merge(kind, 'raw', '--flash_mode', 'qio', '--flash_size', '16MB', '--flash_freq', frequency);
      const theirs = (await readFile(path)).subarray(bootloader.offset, bootloader.offset + bootloader.data.length);
      expect(theirs.equals(patchHeader(bootloader.data, { mode: 'qio', size: '16MB', frequency }, chip))).toBe(true);
    }
  });
});
