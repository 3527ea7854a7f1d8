import { crc32 } from 'node:zlib';
import { prepareEsp } from '../../../../../../main/core/flash/image/esp-flash.ts';
import { loadFirmware } from '../../../../../../main/core/flash/image/load.ts';
import { parsePartitionCsv } from '../../../../../../main/core/flash/image/partition-csv.ts';
import { writePartitionTable } from '../../../../../../main/core/flash/image/partition-table.ts';
import type { EspFlash } from '../../../../../../main/core/flash/image/region.ts';
import { buildDemoImages } from '../../../../../../pipeline/boards/esp/demo-images.ts';
import type { FlashFile, RequestedFlashOptions } from '../../../../../../preload/contract/flash.ts';
import type { Provisioning } from '../../../../../../preload/contract/provisioning.ts';

/** Files of the virtual ESP32-S3: for tests of what is made of them. */
const demo = buildDemoImages({ version: '1.2.3' });
const [first, second, third] = demo.files.map(({ data }) => data);
if (first === undefined || second === undefined || third === undefined) throw new Error('no demo images');
export const bootloader: Uint8Array = first;
export const demoTable: Uint8Array = second;
export const app: Uint8Array = third;

/** An upload; without an offset it goes where it belongs. */
export function upload(name: string, data: Uint8Array, offset?: number): FlashFile {
  return { name, source: { data }, ...(offset === undefined ? {} : { offset }) };
}

export function tableOf(...lines: string[]): Uint8Array {
  return writePartitionTable(parsePartitionCsv(lines.join('\n'), 'partitions.csv'));
}

export const otaTable = tableOf(
  'nvs,data,nvs,,0x5000',
  'otadata,data,ota,,0x2000',
  'app0,app,ota_0,0x10000,1M',
  'app1,app,ota_1,,1M',
  'model,data,spiffs,,64K',
  'assets,data,0x99,,64K',
  'storage,data,littlefs,,64K',
  'ffat,data,fat,,64K',
);

/** One file from 0x0 on, gaps filled with what erased flash reads as. */
export function merge(files: readonly { offset: number; data: Uint8Array }[]): Uint8Array {
  const out = new Uint8Array(Math.max(...files.map(({ offset, data }) => offset + data.length))).fill(0xff);
  for (const { offset, data } of files) out.set(data, offset);
  return out;
}

export const mergedDemo = merge([
  { offset: 0, data: bootloader },
  { offset: 0x8000, data: demoTable },
  { offset: 0x10000, data: app },
]);

/** A page with a sound header and nothing in it. */
export function nvsImage(sizeBytes = 0x3000): Uint8Array {
  const image = Buffer.alloc(sizeBytes, 0xff);
  image.writeUInt32LE(0xfffffffe, 0);
  image.writeUInt32LE(0, 4);
  image[8] = 0xfe;
  image.writeUInt32LE(crc32(image.subarray(4, 28), 0xffffffff), 28);
  return image;
}

/** What boot_app0.bin of Arduino's is: the first slot. */
export function otaData(sequence = 1): Uint8Array {
  const image = Buffer.alloc(0x2000, 0xff);
  image.writeUInt32LE(sequence, 0);
  image.writeUInt32LE(crc32(image.subarray(0, 4), 0xffffffff), 28);
  return image;
}

export async function prepare(
  files: FlashFile[],
  options: RequestedFlashOptions = {},
  provisioning: Pick<Provisioning, 'partition'> | null = null,
): Promise<EspFlash> {
  return prepareEsp(await loadFirmware({ files, options }), provisioning);
}

/** [offset, name] of what would be written. */
export async function placesOf(files: FlashFile[], options: RequestedFlashOptions = {}): Promise<[number, string][]> {
  return (await prepare(files, options)).plan.files.map(({ offset, name }) => [offset, name]);
}
