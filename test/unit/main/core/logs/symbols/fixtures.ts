import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseFile } from '../../../../../../main/core/logs/parser.ts';
import type { Build } from '../../../../../../main/core/logs/symbols/decode.ts';
import { Firmware } from '../../../../../../main/core/logs/symbols/firmware.ts';
import type { LogRow } from '../../../../../../preload/contract/logs.ts';

export const elfFolder = resolve(import.meta.dirname, '../../../../../fixtures/elf');

export function elfBytes(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(resolve(elfFolder, `${name}.elf`)));
}

export function firmwareOf(name: string): Firmware {
  return new Firmware(elfBytes(name));
}

export function shaOfElf(name: string): string {
  return createHash('sha256').update(elfBytes(name)).digest('hex');
}

export function buildOf(name: string): Build {
  return { id: name, sha256: shaOfElf(name), firmware: firmwareOf(name) };
}

/** A log of the folder, as the firmware of that ELF file would have printed it. */
export function logRows(log: string, elf: string): LogRow[] {
  const text = readFileSync(resolve(elfFolder, 'logs', `${log}.txt`), 'utf8').replaceAll('@SHA9@', shaOfElf(elf).slice(0, 9));
  return [...parseFile(Buffer.from(text))];
}
