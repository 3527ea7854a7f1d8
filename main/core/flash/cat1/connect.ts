import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { FlashOptions } from '../../../../preload/contract/flash.ts';
import type { PortInfo } from '../../../../preload/contract/ports.ts';
import type { BytePort } from '../../devices/port.ts';
import type { FlashRun } from '../tool.ts';
import { sendEntry } from './boot-entry.ts';
import { type Dialect, dialectFor } from './dialect.ts';
import { ModuleLink, type SyncOptions } from './link.ts';
import { downloadPortOf, isCommandPortOf, isDownloadPort, isFoundByPlace, isRunPort, portsNow } from './ports.ts';

const UART_RATE = 115_200;
/** After each way of asking. */
const RETURN_TIMEOUT_MS = 6000;
/** A person has to find the key. */
const BY_HAND_TIMEOUT_MS = 90_000;
/** On a port of which nothing is known. */
const PROBE = { tries: 3, timeoutMs: 150, mayEcho: true };

/** A module that listens to its loader. */
export interface Reached {
  link: ModuleLink;
  dialect: Dialect;
  /** rom: waits for an agentboot · resident: an earlier job's runs. */
  loader: 'rom' | 'resident';
  /** What the job's port was known as; null: nothing. */
  module: PortInfo | null;
}

type Link = Pick<Reached, 'link' | 'dialect' | 'module'>;

type Options = Pick<FlashOptions, 'dialect' | 'transport' | 'before'> & {
  /** Of an agentboot behind a UART. */
  agentBaudRate: number;
};

/**
 * Takes the module into download mode, wherever it is now: in it already, running behind a USB or serial port, or in need of a
 * person. `requireReady` is asked before a running module is disturbed. Fails with 'flash/no-download-port' {waitedMs, transport},
 * 'flash/sync-timeout' {address, attempts, seen} and what links and ports fail with.
 */
export async function reachLoader(run: FlashRun, options: Options, requireReady: () => void): Promise<Reached> {
  const { port, progress } = run;
  const info = (await run.portInfo()) ?? undefined;
  if (options.transport === 'uart') await port.setBaudRate(UART_RATE);
  else await port.setSignals({ dtr: true, rts: true });
  const here = linkTo(run, port, options, info ?? null);
  if (info === undefined || !isRunPort(info)) {
    const isSure = info !== undefined && isDownloadPort(info);
    const probed = await loaderBehind(here.link, isSure ? {} : PROBE);
    const loader = probed ?? (options.transport === 'uart' && (await isResidentAt(options.agentBaudRate, here.link)) ? 'resident' : null);
    if (loader !== null) {
      progress.update({ boardState: 'download-mode' });
      return { ...here, loader };
    }
    if (isSure)
      throw new TalkError(
        'flash/sync-timeout',
        { address: port.address, attempts: 50, seen: 'nothing', family: 'cat1' },
        { retryable: true },
      );
  }
  requireReady();
  if (info !== undefined && isRunPort(info)) progress.update({ boardState: 'running' });
  const again = () => (options.transport === 'uart' ? resetBehindUart(run, here) : reenumerate(run, here, options));
  const isCertain = options.transport === 'uart' || isFoundByPlace(here.module);
  const { reached, waitedMs } = await (isCertain ? again() : run.oneAtATime(again));
  if (reached === null) throw new TalkError('flash/no-download-port', { waitedMs, transport: options.transport }, { retryable: true });
  progress.update({ boardState: 'download-mode' });
  return reached;
}

/** Asks it, then whoever sits there, and follows it to its new port. */
async function reenumerate(run: FlashRun, here: Link, options: Options): Promise<{ reached: Reached | null; waitedMs: number }> {
  const startedUs = run.clock.nowUs();
  const before = await portsNow(run);
  const command = await commandLink(run, here, before, options);
  let port: BytePort | null = null;
  for (const name of here.dialect.entries) {
    run.trace.sent(`enter download mode: ${name}`);
    await sendEntry(command, name).catch((error: unknown) => {
      run.signal.throwIfAborted();
      if (!isTalkError(error)) throw error;
      // A module that is gone already has heard enough.
      run.trace.note('the port went away');
    });
    port = await downloadPortOf(run, here.module, before, RETURN_TIMEOUT_MS);
    if (port !== null) break;
  }
  if (port === null) {
    run.note('press-boot', { how: 'USB_BOOT → VDD_EXT (1.8 V), PWRKEY 1.5 s / RESET' });
    port = await downloadPortOf(run, here.module, before, BY_HAND_TIMEOUT_MS);
  }
  const waitedMs = Math.round((run.clock.nowUs() - startedUs) / 1000);
  if (port === null) return { reached: null, waitedMs };
  // Its USB ids say so.
  run.progress.update({ boardState: 'download-mode' });
  await port.setSignals({ dtr: true, rts: true });
  const there = linkTo(run, port, options, here.module);
  const loader = await loaderBehind(there.link, {});
  if (loader === null)
    throw new TalkError(
      'flash/sync-timeout',
      { address: port.address, attempts: 50, seen: 'nothing', family: 'cat1' },
      { retryable: true },
    );
  return { reached: { ...there, loader }, waitedMs };
}

/** Of a module with several ports the one that takes commands, whichever of them the job was given. */
async function commandLink(run: FlashRun, here: Link, before: readonly PortInfo[], options: Options): Promise<ModuleLink> {
  const info = here.module;
  if (info === null || !isRunPort(info) || isCommandPortOf(info, info)) return here.link;
  const other = before.find((candidate) => isCommandPortOf(info, candidate));
  if (other === undefined) return here.link;
  const port = await run.awaitPort(({ address }) => address === other.address, 0);
  await port.setSignals({ dtr: true, rts: true });
  return linkTo(run, port, options, info).link;
}

/** AT firmware lets itself be reset; LuatOS does not, and a person has to. The ROM listens only for a moment after a reset. */
async function resetBehindUart(run: FlashRun, here: Link): Promise<{ reached: Reached | null; waitedMs: number }> {
  const startedUs = run.clock.nowUs();
  const waitedMs = () => Math.round((run.clock.nowUs() - startedUs) / 1000);
  for (const name of here.dialect.entries) {
    run.trace.sent(`enter download mode: ${name}`);
    await sendEntry(here.link, name);
    const loader = await loaderBehind(here.link, { tries: 50, timeoutMs: 100, mayEcho: true });
    if (loader !== null) return { reached: { ...here, loader }, waitedMs: waitedMs() };
  }
  run.note('press-boot', { how: 'PWRKEY / RESET' });
  const outcome = await here.link.sync('DL', { tries: BY_HAND_TIMEOUT_MS / 100, timeoutMs: 100, mayEcho: true });
  return { reached: outcome === 'silent' ? null : { ...here, loader: outcome === 'ready' ? 'rom' : 'resident' }, waitedMs: waitedMs() };
}

async function loaderBehind(link: ModuleLink, options: SyncOptions): Promise<Reached['loader'] | null> {
  const outcome = await link.sync('DL', options);
  if (outcome === 'ready') return 'rom';
  // Not every resident agentboot says that it is one.
  if (outcome === 'silent' && (await link.sync('LPC', { ...options, tries: Math.min(options.tries ?? 3, 3) })) !== 'ready') return null;
  return 'resident';
}

/** One that an earlier job left speaks at the rate it was told then. Leaves the port at the rate at which it answered. */
async function isResidentAt(baudRate: number, link: ModuleLink): Promise<boolean> {
  await link.port.setBaudRate(baudRate);
  if ((await link.sync('LPC', PROBE)) === 'ready') return true;
  await link.port.setBaudRate(UART_RATE);
  return false;
}

function linkTo(run: FlashRun, port: BytePort, options: Options, module: PortInfo | null): Link {
  const dialect = dialectFor(options, port.address);
  const { clock, signal, trace } = run;
  return { link: new ModuleLink({ port, clock, signal, trace, dialect }), dialect, module };
}
