import { z } from 'zod';
import type { LogRow } from '../../../../../preload/contract/logs.ts';
import { otherFamily } from '../../bench/family.ts';
import { check } from '../../check.ts';
import { bootsOf, isApplication, sinceLastBoot } from '../power/boots.ts';

/** The vendor's estimate of the SDK's share of an image (seed 000 §4). */
const SDK_FLASH_BYTES = 200 * 1024;

/** ESP-IDF's bootloader: ` 1 factory          factory app      00 00 00010000 00300000`. */
const tableLine = /^\s*\d+ (\S+)\s+(.+?)\s+([0-9a-f]{2}) ([0-9a-f]{2}) ([0-9a-f]{8}) ([0-9a-f]{8})$/i;
/** `segment 0: paddr=00010020 vaddr=3c0d0020 size=36a54h (223828) map` */
const segmentLine = /^segment \d+: paddr=(?:0x)?([0-9a-f]+) vaddr=(?:0x)?[0-9a-f]+ size=(?:0x)?([0-9a-f]+)h?/i;
const loadedLine = /Loaded app from partition at offset 0x([0-9a-f]+)/i;
/** Padding, checksum and SHA-256 behind the last segment. */
const TAIL_BYTES = 48;

interface AppPartition {
  name: string;
  offset: number;
  sizeBytes: number;
}

/** Room in the partition that the application runs from, by the partition table and the segments that the bootloader lists. */
export const flash = check({
  name: 'memory.flash',
  group: 'memory',
  needs: ['port', 'esp'],
  parameters: z.strictObject({
    /** For a start that is under way to be told to its end. */
    waitS: z.number().min(0).max(300).default(5),
  }),
  values: [
    { name: 'roomForSdkBytes', unit: 'bytes', limit: { min: SDK_FLASH_BYTES }, next: 'bigger-partition' },
    { name: 'freeBytes', unit: 'bytes', next: 'bigger-partition' },
    { name: 'imageBytes', unit: 'bytes' },
    { name: 'partitionBytes', unit: 'bytes', next: 'bigger-partition' },
    { name: 'partition' },
    { name: 'hasSdk' },
  ],
  nexts: ['bigger-partition'],
  async measure(bench, { waitS }) {
    const { port } = bench;
    if (port === null) return { skipped: 'no-port' };
    const other = otherFamily(port, 'esp');
    if (other !== null) return { skipped: other };
    for (let waited = 0; waited < waitS && !sinceLastBoot(port).some(isApplication); waited++) await bench.sleep(1000);
    const rows = toldWhole(port.rows(0));
    const loaded = rows.find(({ message }) => loadedLine.test(message));
    const segments = rows.filter(({ message }) => segmentLine.test(message));
    const offset = Number.parseInt(loadedLine.exec(loaded?.message ?? '')?.[1] ?? '', 16);
    const ends = segments.map(endOf).filter((end) => end > offset);
    if (loaded === undefined || ends.length === 0) return { skipped: 'not-in-log' };
    const table = rows.filter(({ message }) => tableLine.test(message));
    const partition = partitionsOf(table).find((one) => one.offset === offset) ?? (await fromBoard());
    if (partition === null || partition === undefined) return { skipped: 'not-in-log' };
    const imageBytes = Math.max(...ends.filter((end) => end <= offset + partition.sizeBytes)) - offset + TAIL_BYTES;
    const freeBytes = partition.sizeBytes - imageBytes;
    const hasSdk = rows.some(({ event }) => event?.startsWith('twetalk.') === true) || bench.facts.has('sdkVersion');
    return {
      values: {
        // An image with the SDK in it has its share already.
        roomForSdkBytes: freeBytes + (hasSdk ? SDK_FLASH_BYTES : 0),
        freeBytes,
        imageBytes,
        partitionBytes: partition.sizeBytes,
        partition: partition.name,
        hasSdk,
      },
      evidence: [...(table.length > 0 ? [port.evidence(table)] : []), port.evidence(segments)],
    };

    /** A log without the table: asked of the flash, as identity.chip does. */
    async function fromBoard(): Promise<AppPartition | null> {
      const job = await port?.info();
      return job?.partitions?.find((one) => one.type === 'app' && one.offset === offset) ?? null;
    }
  },
});

/** The newest start that was told as far as its application: one that is cut off says nothing of the image. */
function toldWhole(rows: readonly LogRow[]): readonly LogRow[] {
  const end = rows.findLastIndex(({ message }) => loadedLine.test(message));
  const start = bootsOf(rows.slice(0, end + 1)).at(-1)?.row;
  return start === undefined ? rows : rows.slice(rows.indexOf(start));
}

function partitionsOf(rows: readonly LogRow[]): AppPartition[] {
  return rows.flatMap(({ message }) => {
    const [, name = '', , type, , offset = '', size = ''] = tableLine.exec(message) ?? [];
    return type === '00' ? [{ name, offset: Number.parseInt(offset, 16), sizeBytes: Number.parseInt(size, 16) }] : [];
  });
}

function endOf({ message }: LogRow): number {
  const [, address = '', size = ''] = segmentLine.exec(message) ?? [];
  return Number.parseInt(address, 16) + Number.parseInt(size, 16);
}
