import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { z } from 'zod';
import { TalkError } from '../../../../preload/contract/errors.ts';

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

/** From the esptool-js package, which carries Espressif's esp-flasher-stub. Fails with `flash/no-stub`. */
export async function loadStub(chip: string, revision: { major: number }): Promise<Stub> {
  // The ESP32-P4 before its revision 3 is laid out differently.
  const name = chip === 'esp32p4' && revision.major < 3 ? 'esp32p4-rev1' : chip;
  let parsed: z.infer<typeof stubFile>;
  try {
    const path = resolver.resolve(`esptool-js/lib/targets/stub_flasher/${name}.json`);
    parsed = stubFile.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new TalkError('flash/no-stub', { chip }, { cause });
  }
  const segments = [{ address: parsed.text_start, data: Uint8Array.from(Buffer.from(parsed.text, 'base64')) }];
  if (parsed.data !== undefined && parsed.data_start !== undefined)
    segments.push({ address: parsed.data_start, data: Uint8Array.from(Buffer.from(parsed.data, 'base64')) });
  return { entry: parsed.entry, segments };
}
