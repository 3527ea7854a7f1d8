import { TalkError } from '../../../../preload/contract/errors.ts';
import type { ChipIdentity, FlashTask } from '../../../../preload/contract/flash.ts';
import type { FlashRun } from '../tool.ts';
import { openImage } from './burn.ts';
import { dialectFor } from './dialect.ts';
import { familyIn, familyOfRom, romVersionText } from './families.ts';
import { imageIds } from './header.ts';
import { ModuleLink } from './link.ts';
import { isDownloadPort } from './ports.ts';

const ANSWER_MS = 1000;

/**
 * What can be told of a module without disturbing it: a running one is asked by AT, one in download mode by its ROM's version.
 * Everything else would need an agentboot in it, and fails with 'unsupported' {feature, why}.
 */
export async function runCat1Task(task: Exclude<FlashTask, { kind: 'write' }>, run: FlashRun): Promise<{ data?: Uint8Array }> {
  if (task.kind !== 'info')
    throw new TalkError('unsupported', { feature: task.kind, why: 'of LTE modules only writing whole packages is known to be safe' });
  const { port, progress, clock, signal, trace } = run;
  const transport = task.options.transport ?? 'usb';
  const link = new ModuleLink({
    port,
    clock,
    signal,
    trace,
    dialect: dialectFor({ dialect: task.options.dialect, transport }, port.address),
  });
  if (transport === 'usb') await port.setSignals({ dtr: true, rts: true });
  const info = await run.portInfo();
  if (info !== null && isDownloadPort(info)) {
    const outcome = await link.sync('DL');
    if (outcome === 'silent')
      throw new TalkError(
        'flash/sync-timeout',
        { address: port.address, attempts: 50, seen: 'nothing', family: 'cat1' },
        { retryable: true },
      );
    progress.stage('identify');
    progress.update({
      boardState: 'download-mode',
      chip: outcome === 'ready' ? identityOfRom(await openImage(link, 'DL', imageIds.head)) : identityOfRom(null),
    });
    return {};
  }
  progress.stage('identify');
  const told = await askByAt(link);
  if (told.length === 0)
    throw new TalkError('flash/sync-timeout', { address: port.address, attempts: 2, seen: 'nothing', family: 'cat1' }, { retryable: true });
  progress.update({ boardState: 'running', chip: chipIdentity(familyIn(told.join(' ')) ?? 'cat1', told.join(', ')) });
  return {};
}

export function identityOfRom(version: Uint8Array | null): ChipIdentity {
  const chip = version === null ? null : familyOfRom(version);
  const name = chip === null ? 'LTE module' : chip.toUpperCase();
  return chipIdentity(chip ?? 'cat1', version === null ? `${name} (its agentboot still runs)` : `${name} (ROM ${romVersionText(version)})`);
}

function chipIdentity(chip: string, description: string): ChipIdentity {
  return { chip, description, revision: null, mac: null, flashBytes: null, flashId: null, security: null };
}

/** What it calls itself: the lines of its answers that are neither an echo nor the end. Nothing that names a subscriber is asked. */
async function askByAt(link: ModuleLink): Promise<string[]> {
  const told: string[] = [];
  for (const command of ['ATI', 'AT+CGMR']) {
    link.forget();
    await link.send(Buffer.from(`${command}\r`, 'latin1'));
    const heard = await link.listen(ANSWER_MS, (so) => /\r\n(?:OK|ERROR|\+CME ERROR: [^\r\n]+)\r\n$/.test(so.toString('latin1')));
    const lines = heard.toString('utf8').split(/[\r\n]+/);
    if (!lines.includes('OK')) continue;
    const facts = lines.filter((line) => line !== '' && line !== 'OK' && line !== command && !/^[+^*](?!CGMR)/.test(line));
    for (const line of facts) told.push(line.replace(/^\+CGMR:\s*/, '').replaceAll(/^"|"$|^-- | --$/g, ''));
    // Right after an end some firmware loses what comes.
    await link.sleep(20);
  }
  return [...new Set(told.filter(Boolean))];
}
