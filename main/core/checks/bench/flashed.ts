import type { FlashJob } from '../../../../preload/contract/flash.ts';
import { readAppDescriptor } from '../../flash/image/esp-image.ts';
import type { FirmwareShelf } from '../../recipes/firmware-shelf.ts';

/** The application that was written last through a port, where its bytes are in the library: what the board runs, to be updated with. */
export async function lastFlashed(
  address: string,
  { jobs, shelf }: { jobs: readonly FlashJob[]; shelf: Pick<FirmwareShelf, 'has' | 'read'> },
): Promise<{ name: string; version: string; data: Uint8Array } | null> {
  const written = jobs.findLast((job) => job.address === address && job.kind === 'write' && job.state === 'done');
  for (const { name, sha256 } of written?.files ?? []) {
    if (sha256 === '' || !(await shelf.has(sha256))) continue;
    const data = await shelf.read(sha256, name);
    const app = readAppDescriptor(data);
    if (app !== null) return { name, version: app.version, data };
  }
  return null;
}
