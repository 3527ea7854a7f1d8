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
import { headerPatchOf, type PreparedFlash, type Region, requireFits } from './plan.ts';
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

/**
 * One flashing from the first reset to the last, stage by stage. However it ends, `progress` names what the board was left
 * doing: one on which nothing was written is put back into its application, one half written stays in its loader.
 */
export async function flashBoard(run: FlashRun): Promise<void> {
  const { port, clock, signal, progress } = run;
  const loader = new EspLoader(new LoaderLink({ port, clock, signal }), run.prepared.plan.options.before);
  try {
    const regions = await prepareBoard(loader, run);
    progress.update({ boardState: 'partially-written' });
    await writeAll(loader, regions, run);
    progress.update({ boardState: 'download-mode' });
    await leave(loader, run);
  } catch (error) {
    if (progress.job.boardState !== 'partially-written') await putBack(loader, run);
    throw error;
  }
}

/** Up to the first byte of flash. Returns what is to be written on this chip. */
async function prepareBoard(loader: EspLoader, run: FlashRun): Promise<Region[]> {
  const { prepared, progress } = run;
  const { options } = prepared.plan;
  await loader.connect();
  progress.update({ boardState: 'download-mode' });

  progress.stage('identify');
  const identity = await loader.identify();
  progress.update({ chip: identity });
  requireFits(prepared, identity);
  const regions = prepared.regions.map((region) => forChip(region, loader, prepared, identity));

  if (options.useStub) {
    progress.stage('stub');
    await startStub(loader, run);
  }
  progress.stage('baud');
  await speedUp(loader, run);
  progress.stage('write');
  await loader.setFlashBytes(identity.flashBytes ?? roomFor(regions));
  return regions;
}

/** Where there is no stub, or it does not start, the ROM goes on alone. */
async function startStub(loader: EspLoader, { note }: FlashRun): Promise<void> {
  try {
    await loader.runStub();
  } catch (error) {
    if (isTalkError(error, 'flash/no-stub')) note(`no stub for ${loader.chip.name}: the ROM loader writes, slowly`);
    else if (isTalkError(error, 'flash/protocol')) {
      note('the stub did not start: the ROM loader writes, slowly');
      await loader.connect();
      await loader.identify();
    } else throw error;
  }
}

/** A bridge or cable that cannot go so fast costs time, not the job: the loader is started over and stays at the ROM's rate. */
async function speedUp(loader: EspLoader, run: FlashRun): Promise<void> {
  const { baudRate, useStub } = run.prepared.plan.options;
  try {
    await loader.changeBaudRate(baudRate);
  } catch (error) {
    if (!isTalkError(error, 'flash/protocol') && !isTalkError(error, 'port/unsupported')) throw error;
    run.note(`no answer at ${baudRate} baud: going on at the ROM's rate`);
    await loader.connect();
    await loader.identify();
    if (useStub) await startStub(loader, run);
  }
}

async function writeAll(loader: EspLoader, regions: readonly Region[], { prepared, progress }: FlashRun): Promise<void> {
  const { compress, verify } = prepared.plan.options;
  for (const [index, { offset, data, sizeBytes }] of regions.entries()) {
    await writeRegion(loader, offset, data, {
      compress,
      onProgress: (bytes) => progress.file(index, { writtenBytes: Math.min(bytes, sizeBytes) }),
    });
    // Of the file, without what pads it: what md5sum says of it.
    const md5 = createHash('md5').update(data.subarray(0, sizeBytes)).digest('hex');
    progress.file(index, { writtenBytes: sizeBytes, md5 });
  }
  if (!verify) return;
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

async function leave(loader: EspLoader, { prepared, progress, note }: FlashRun): Promise<void> {
  progress.stage('reset');
  if (prepared.plan.options.after === 'stay') return loader.stay();
  if (!(await loader.hardReset())) note('no control lines on this port: rebooted by the loader');
  progress.update({ boardState: 'running' });
}

/** After a failure or a cancel with a sound flash. Best effort: the failure to tell is the one before. */
async function putBack(loader: EspLoader, { prepared, progress, note }: FlashRun): Promise<void> {
  loader.link.ignoreAbort();
  const wasConnected = progress.job.boardState === 'download-mode';
  if (wasConnected && prepared.plan.options.after === 'stay') return;
  try {
    if (wasConnected) await loader.hardReset();
    // Whatever it was that did not answer, it is not left held in its loader.
    else if (prepared.plan.options.before !== 'no-reset') await loader.resetByLines();
    progress.update({ boardState: wasConnected ? 'running' : 'unknown' });
  } catch (error) {
    note('the board was not reset');
    progress.update({ boardState: wasConnected && isTalkError(error, 'flash/protocol') ? 'download-mode' : 'unknown' });
  }
}

/** The bootloader carries the flash's mode, frequency and size; only there does the header count. */
function forChip(region: Region, loader: EspLoader, { plan }: PreparedFlash, identity: ChipIdentity): Region {
  if (region.offset !== loader.chip.bootloaderOffset) return region;
  const patch = headerPatchOf(plan.options);
  const size = patch.size === 'detect' ? sizeName(identity.flashBytes) : patch.size;
  return { ...region, data: patchHeader(region.data, { ...patch, size }, loader.chip) };
}

function sizeName(flashBytes: number | null): string {
  const name = `${(flashBytes ?? 0) / (1024 * 1024)}MB`;
  return name in flashSizeCodes ? name : 'keep';
}

/** The smallest flash that holds it all, for one that does not tell its size. */
function roomFor(regions: readonly Region[]): number {
  const end = Math.max(...regions.map(({ offset, data }) => offset + data.length));
  return 2 ** Math.ceil(Math.log2(Math.max(end, 1024 * 1024)));
}
