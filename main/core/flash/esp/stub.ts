import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { z } from 'zod';
import { TalkError } from '../../../../preload/contract/errors.ts';
import { installedStubPath } from './installed-stub.ts';

const stubFile = z.object({
  entry: z.number().int(),
  text: z.base64(),
  text_start: z.number().int(),
  data: z.base64().optional(),
  data_start: z.number().int().optional(),
});

/** Espressif's flasher stub: a program for the chip's RAM that writes faster than its ROM. */
export interface Stub {
  entry: number;
  segments: { address: number; data: Uint8Array }[];
}

const resolver = createRequire(import.meta.url);

/**
 * From a newer esptool of this machine, else from the esptool-js package: both carry Espressif's esp-flasher-stub. Fails with
 * `flash/no-stub`. `revision`: 100 × major + minor; null where it is not known, as for the newest.
 */
export async function loadStub(chip: string, revision: number | null): Promise<Stub> {
  // The first ESP32-C2 is too different to have one.
  if (chip === 'esp32c2' && revision === 0) throw new TalkError('flash/no-stub', { chip });
  // The ESP32-P4 before its revision 3 is laid out differently.
  const name = chip === 'esp32p4' && revision !== null && revision < 300 ? 'esp32p4-rev1' : chip;
  const installed = await installedStubPath(name);
  const stub = installed === null ? null : await readStub(installed).catch(() => null);
  if (stub !== null) return stub;
  try {
    return await readStub(resolver.resolve(`esptool-js/lib/targets/stub_flasher/${name}.json`));
  } catch (cause) {
    throw new TalkError('flash/no-stub', { chip }, { cause });
  }
}

async function readStub(path: string): Promise<Stub> {
  const parsed = stubFile.parse(JSON.parse(await readFile(path, 'utf8')));
  const segments = [{ address: parsed.text_start, data: Uint8Array.from(Buffer.from(parsed.text, 'base64')) }];
  if (parsed.data !== undefined && parsed.data_start !== undefined)
    segments.push({ address: parsed.data_start, data: Uint8Array.from(Buffer.from(parsed.data, 'base64')) });
  return { entry: parsed.entry, segments };
}
