import { TalkError } from '../../../../preload/contract/errors.ts';
import type { Partition } from '../../../../preload/contract/flash.ts';
import type { Region } from './region.ts';
import { SECTOR_BYTES } from './sector.ts';

/** ESP-IDF opens no other as NVS; one of a kind of somebody's own may be anything. */
function isForValues({ type, subtype }: Partition): boolean {
  return type === 'data' && (subtype === 'nvs' || subtype.startsWith('0x'));
}

/** Of a table, what the values of a board can go into: an NVS image in its application, or its OTA choice, would be the end of those. */
export function partitionsForValues(table: readonly Partition[]): Partition[] {
  return table.filter(isForValues);
}

/** Where a board's own values go. Fails with `flash/no-partition` {partition}, and with `flash/bad-offset` where erasing it would take its neighbours' bytes. */
export function findProvisioned(table: readonly Partition[], name: string): Partition {
  const partition = partitionsForValues(table).find((one) => one.name === name);
  if (partition === undefined) throw new TalkError('flash/no-partition', { partition: name });
  const { offset, sizeBytes } = partition;
  if (offset % SECTOR_BYTES !== 0 || sizeBytes % SECTOR_BYTES !== 0)
    throw new TalkError('flash/bad-offset', { offset, reason: 'partition-off-sectors', partition: name });
  return partition;
}

/**
 * `regions` without the NVS that is made for each board. A merged image is written around it, as long as nothing stands in it
 * there; any other file in that place fails with `flash/overlap` {first, second}.
 */
export function carveOut(regions: readonly Region[], nvs: Partition): Region[] {
  const end = nvs.offset + nvs.sizeBytes;
  return regions.flatMap((region) => {
    const regionEnd = region.offset + region.sizeBytes;
    if (region.offset >= end || regionEnd <= nvs.offset) return [region];
    const inside = region.data.subarray(Math.max(0, nvs.offset - region.offset), end - region.offset);
    if (region.kind !== 'merged' || inside.some((byte) => byte !== 0xff))
      throw new TalkError('flash/overlap', { first: region.name, second: `provisioning (${nvs.name})` });
    return [cut(region, region.offset, nvs.offset), cut(region, end, regionEnd)].filter(({ sizeBytes }) => sizeBytes > 0);
  });
}

function cut(region: Region, from: number, to: number): Region {
  const [start, end] = [from - region.offset, to - region.offset];
  const isWhole = start <= 0 && end >= region.sizeBytes;
  return {
    ...region,
    name: isWhole ? region.name : `${region.name} (0x${from.toString(16)})`,
    offset: from,
    sizeBytes: Math.max(0, end - start),
    data: region.data.subarray(start, Math.max(start, Math.ceil(end / 4) * 4)),
  };
}
