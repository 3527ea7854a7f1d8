import { createHash } from 'node:crypto';
import { isTalkError } from '../../../preload/contract/errors.ts';
import type { ChipIdentity } from '../../../preload/contract/flash.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { BytePort } from '../devices/port.ts';
import { flashSizeCodes } from './esp/chips.ts';
import { LoaderLink } from './esp/link.ts';
import { EspLoader } from './esp/loader.ts';
import { verifyRegion, writeRegion } from './esp/write.ts';
import { patchHeader } from './image.ts';
import { type PreparedFlash, type Region, requireFits } from './plan.ts';
import type { JobProgress } from './progress.ts';

export interface FlashRun {
  port: BytePort;
  clock: Clock;
  signal: AbortSignal;
  prepared: PreparedFlash;
  progress: JobProgress;
  /** Things worth a line in the log that are no failure. */
  note(message: string): void;
}

/** One flashing from the first reset to the last, stage by stage. `progress` names what the board was left doing at any time. */
export async function flashBoard({ port, clock, signal, prepared, progress, note }: FlashRun): Promise<void> {
  const { options } = prepared.plan;
  const loader = new EspLoader(new LoaderLink({ port, clock, signal }));
  await loader.connect(options.before);
  progress.update({ boardState: 'download-mode' });

  progress.stage('identify');
  const identity = await loader.identify();
  progress.update({ chip: identity });
  requireFits(prepared, identity);
  const regions = prepared.regions.map((region) => forChip(region, loader, prepared, identity));

  if (options.useStub) {
    progress.stage('stub');
    await loader.runStub().catch((error: unknown) => {
      if (!isTalkError(error, 'flash/no-stub')) throw error;
      note(`no stub for ${identity.chip}: the ROM loader writes, slowly`);
    });
  }
  progress.stage('baud');
  await loader.changeBaudRate(options.baudRate);

  progress.stage('write');
  progress.update({ boardState: 'partially-written' });
  for (const [index, region] of regions.entries()) {
    await writeRegion(loader, region.offset, region.data, {
      compress: options.compress,
      onProgress: (bytes) => progress.file(index, { writtenBytes: Math.min(bytes, region.sizeBytes) }),
    });
    progress.file(index, { writtenBytes: region.sizeBytes, md5: createHash('md5').update(region.data).digest('hex') });
  }
  if (options.verify) {
    progress.stage('verify');
    for (const [index, region] of regions.entries()) {
      try {
        await verifyRegion(loader, region.offset, region.data);
      } catch (error) {
        if (isTalkError(error, 'flash/verify-mismatch')) progress.file(index, { verified: false });
        throw error;
      }
      progress.file(index, { verified: true });
    }
  }
  progress.update({ boardState: 'download-mode' });

  progress.stage('reset');
  if (options.after === 'stay') return loader.stay();
  if (!(await loader.hardReset(options.before === 'usb-reset'))) note('no control lines on this port: rebooted by the loader');
  progress.update({ boardState: 'running' });
}

/** The bootloader carries the flash's mode, frequency and size; only there does the header count. */
function forChip(region: Region, loader: EspLoader, prepared: PreparedFlash, identity: ChipIdentity): Region {
  const { flashMode, flashFrequency, flashSize } = prepared.plan.options;
  if (region.offset !== loader.chip.bootloaderOffset) return region;
  const size = flashSize === 'detect' ? sizeName(identity.flashBytes) : flashSize;
  return { ...region, data: patchHeader(region.data, { mode: flashMode, frequency: flashFrequency, size }, loader.chip) };
}

function sizeName(flashBytes: number | null): string {
  const name = `${(flashBytes ?? 0) / (1024 * 1024)}MB`;
  return name in flashSizeCodes ? name : 'keep';
}
