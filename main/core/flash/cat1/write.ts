import { sleepUntil } from '../../../../pipeline/clock.ts';
import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { FlashOptions } from '../../../../preload/contract/flash.ts';
import type { PortInfo } from '../../../../preload/contract/ports.ts';
import type { MonoUs } from '../../../../preload/contract/time.ts';
import type { FlashRun } from '../tool.ts';
import { type Agentboot, inWords } from './agentboot.ts';
import { burnImage, loadAgentboot, type ModuleImage, openImage, requireSync, resetModule } from './burn.ts';
import { type Reached, reachLoader } from './connect.ts';
import { familyOfRom, isOneOf, type PackageFamily } from './families.ts';
import { imageIds } from './header.ts';
import { requireUnprotected } from './package/images.ts';
import { isDownloadPort, isSamePlace, portsNow } from './ports.ts';
import { identityOfRom } from './tasks.ts';

/** How long a module takes to be a USB device again. */
const RETURN_TIMEOUT_MS = 20_000;
const LOOK_INTERVAL_MS = 500;

/** A package that was read and checked. */
export interface Cat1Flash {
  /** Null: the package does not say. */
  family: PackageFamily | null;
  images: readonly ModuleImage[];
  agentboot: Agentboot | null;
  agentBaudRate: number;
  pullUpQspi: boolean;
  dribble: boolean;
  options: FlashOptions;
}

/**
 * Writes the images, in their order. Leaves the module running, or in a state that the job names: after a failure in the middle
 * it is 'partially-written', keeps its agentboot as long as it has power, and the same job goes on from there.
 */
export async function writeCat1(flash: Cat1Flash, run: FlashRun): Promise<void> {
  const { progress } = run;
  const { options } = flash;
  const reached = await reachLoader(run, { ...options, agentBaudRate: flash.agentBaudRate }, () => requireAgentboot(flash));
  progress.stage('identify');
  if (reached.loader === 'rom') await startAgentboot(flash, reached, run);
  else {
    run.note('stub-resident');
    progress.update({ chip: identityOfRom(null) });
    // Nobody says what chip it is, and the package may be another's.
    keepAnyCalibration(flash);
  }
  await writeImages(flash, reached, run);
  progress.stage('reset');
  if (options.after === 'stay') {
    progress.update({ boardState: 'download-mode' });
    return;
  }
  await restart(reached, run, options);
}

/** The places that are known of any chip are kept. */
function keepAnyCalibration({ images }: Cat1Flash): void {
  for (const image of images) for (const family of ['ec618', 'ec7xx'] as const) requireUnprotected(image, family);
}

function requireAgentboot({ agentboot, family, options }: Cat1Flash): Agentboot {
  if (agentboot === null) throw new TalkError('flash/no-agentboot', { chip: family ?? 'module', transport: options.transport });
  return agentboot;
}

async function startAgentboot(flash: Cat1Flash, { link, dialect }: Reached, run: FlashRun): Promise<void> {
  const { progress } = run;
  const { transport, force } = flash.options;
  const version = await openImage(link, 'DL', imageIds.head);
  const chip = familyOfRom(version);
  progress.update({ chip: identityOfRom(version) });
  if (chip !== null && flash.family !== null && !isOneOf(chip, flash.family) && !force)
    throw new TalkError('flash/wrong-chip', { expected: flash.family, actual: chip });
  // The package may call itself what it likes: what this chip keeps is kept.
  if (chip !== null) for (const image of flash.images) requireUnprotected(image, chip);
  else if (flash.family === null) keepAnyCalibration(flash);
  const agentboot = requireAgentboot(flash);
  if (chip !== null && agentboot.families?.includes(chip) === false)
    throw new TalkError('flash/wrong-agentboot', { expected: chip, actual: inWords(agentboot.families) });
  progress.stage('stub');
  await loadAgentboot(link, agentboot.data, { baudRate: flash.agentBaudRate, pullUpQspi: flash.pullUpQspi });
  if (transport === 'usb') return;
  progress.stage('baud');
  await link.port.setBaudRate(flash.agentBaudRate);
  await link.sleep(dialect.settleMs);
}

async function writeImages(flash: Cat1Flash, { link, dialect }: Reached, run: FlashRun): Promise<void> {
  const { progress } = run;
  progress.stage('write');
  await requireSync(link, 'LPC');
  progress.update({ boardState: 'partially-written' });
  for (const [index, image] of flash.images.entries()) {
    run.trace.note(
      `${image.name}: ${image.data.length} bytes to 0x${image.address.toString(16)}${image.isInCpFlash ? ' of the CP flash' : ''}`,
    );
    await burnImage(link, image, {
      transport: flash.options.transport,
      infoPerPiece: dialect.infoPerPiece,
      dribble: flash.dribble,
      onProgress: (writtenBytes) => progress.file(index, { writtenBytes }),
      onRepeat: (offset, reason) => run.note('block-repeated', { offset, reason }),
    });
    // The module has compared it with the SHA-256 of the header.
    progress.file(index, { writtenBytes: image.data.length, verified: true });
  }
}

async function restart({ link, module }: Reached, run: FlashRun, options: FlashOptions): Promise<void> {
  const { progress } = run;
  progress.update({ boardState: 'download-mode' });
  const isGone = await resetModule(link).catch((error: unknown) => {
    // It may go faster than its answer. Everything is written either way.
    if (!isTalkError(error) || run.signal.aborted) throw error;
    return error.code.startsWith('port/');
  });
  if (!isGone) return run.note('not-reset');
  const isSeen = options.transport === 'usb' && module !== null;
  const isRunning = !isSeen || (await isBack(module, run));
  // Some firmware switches USB off: nobody can say.
  progress.update({ boardState: isRunning ? 'running' : 'unknown' });
  if (!isRunning) run.note('not-reset');
}

/** In its socket, whatever its ids are when it runs. Only a look. */
async function isBack(module: PortInfo, run: FlashRun): Promise<boolean> {
  const isIt = (info: PortInfo) => !isDownloadPort(info) && (isSamePlace(info, module) ?? info.address === module.address);
  const deadlineUs = run.clock.nowUs() + RETURN_TIMEOUT_MS * 1000;
  while (run.clock.nowUs() < deadlineUs) {
    if ((await portsNow(run)).some(isIt)) return true;
    await sleepUntil(run.clock, (run.clock.nowUs() + LOOK_INTERVAL_MS * 1000) as MonoUs, run.signal);
  }
  return false;
}
