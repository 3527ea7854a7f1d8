import type { AppDescriptor, FlashJob } from '../../../../preload/contract/flash.ts';
import { readAppDescriptor } from '../../flash/image/esp-image.ts';
import type { FirmwareShelf } from '../../recipes/firmware-shelf.ts';

/** What is known of a board and of what it runs; left out: not known. */
export interface FlashedBoard {
  mac?: string;
  appName?: string;
  appVersion?: string;
  firmwareSha256?: string;
}

/**
 * The application that was written last through a port, where its bytes are in the library: what the board runs, to be updated with. Null unless
 * it went onto this very chip or is what the board runs: another board may have been on the port then.
 */
export async function lastFlashed(
  address: string,
  board: FlashedBoard,
  { jobs, shelf }: { jobs: readonly FlashJob[]; shelf: Pick<FirmwareShelf, 'has' | 'read'> },
): Promise<{ name: string; version: string; data: Uint8Array } | null> {
  const written = jobs.findLast((job) => job.address === address && job.kind === 'write' && job.state === 'done');
  for (const { name, sha256 } of written?.files ?? []) {
    if (sha256 === '' || !(await shelf.has(sha256))) continue;
    const data = await shelf.read(sha256, name);
    const app = readAppDescriptor(data);
    if (app !== null) return isChip(board, written) || isRunning(board, app) ? { name, version: app.version, data } : null;
  }
  return null;
}

function isChip({ mac }: FlashedBoard, written: FlashJob | undefined): boolean {
  return mac !== undefined && written?.chip?.mac?.toLowerCase() === mac.toLowerCase();
}

function isRunning({ appName, appVersion, firmwareSha256 = '' }: FlashedBoard, app: AppDescriptor): boolean {
  // A log has the first digits only.
  return app.project === appName && app.version === appVersion && app.elfSha256.startsWith(firmwareSha256.replace(/\.+$/, ''));
}
