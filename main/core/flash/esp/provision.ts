import type { Partition } from '../../../../preload/contract/flash.ts';
import { partitionsForValues } from '../image/provisioned.ts';
import type { FlashRun } from '../tool.ts';
import { requirePartition } from './board-table.ts';

/** The board's own values as one more region. Its bytes are secret. */
export interface ProvisionedRegion {
  /** Of the job's files. */
  index: number;
  name: string;
  offset: number;
  data: Uint8Array;
}

/**
 * Chooses which device this board becomes and makes the image of its NVS partition. Fails with `flash/no-partition` and as the
 * provisioner does.
 */
export async function provision(run: FlashRun, mac: string | null, table: readonly Partition[] | null): Promise<ProvisionedRegion | null> {
  const { provisioner, progress } = run;
  if (provisioner === null) return null;
  const places = partitionsForValues(table ?? []);
  const { name, offset, sizeBytes } = requirePartition(places, provisioner.partition, progress.job.chip?.flashBytes ?? null);
  const values = await provisioner.forBoard(mac);
  const data = values.image(sizeBytes);
  progress.update({ device: values.device });
  return { index: fileIndex(run, { name, offset, sizeBytes }), name, offset, data };
}

/** Planned already where the files told its place. */
function fileIndex({ progress }: FlashRun, { name, offset, sizeBytes }: { name: string; offset: number; sizeBytes: number }): number {
  const planned = progress.job.files.findLastIndex((file) => file.name === name);
  return planned >= 0 ? planned : progress.addFile({ name, offset, sizeBytes, sha256: '' });
}
