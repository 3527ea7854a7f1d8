import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../../preload/contract/client.ts';
import type { Firmware, FlashFile } from '../../preload/contract/flash.ts';
import { TalkError } from '../../preload/contract/talk-error.ts';
import { isBekenChip } from '../core/flash/bk7258/package.ts';
import { families, familyIn } from '../core/flash/cat1/families.ts';
import { chips } from '../core/flash/esp/chips.ts';
import { type LoaderOptions, loaderOptionsOf, withTransferOptions } from './flash-options.ts';
import { type ProvisioningOptions, provisioningOf, withProvisioningOptions } from './provisioning-options.ts';

/** What to write and how, on the command line: of a flash, and of a recipe. */
export interface FlashCommandOptions extends Omit<LoaderOptions, 'port'>, ProvisioningOptions {
  chip?: string;
  compress: boolean;
  skipUnchanged: boolean;
  verify: boolean;
  eraseAll?: boolean;
  force?: boolean;
  flashMode?: Firmware['options']['flashMode'];
  flashFreq?: string;
  flashSize?: string;
  agentboot?: string;
  transport?: 'usb' | 'uart';
  part?: string[];
}

/** `0x10000=app.bin`, a file that knows its place, or one ESP-IDF build folder. */
async function readTargets(targets: readonly string[]): Promise<Pick<Firmware, 'files' | 'buildFolder'>> {
  const [only] = targets;
  if (targets.length === 1 && only !== undefined && (await stat(only).catch(() => null))?.isDirectory() === true)
    return { files: [], buildFolder: resolve(only) };
  return { files: targets.map(fileOf) };
}

export function fileOf(target: string): FlashFile {
  const [, address, path] = /^([^=/\\]*)=(.+)$/s.exec(target) ?? [];
  if (address === undefined || path === undefined) return { name: basename(target), source: { path: resolve(target) } };
  const offset = Number(address);
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(address) || offset > 0xffffffff)
    throw new TalkError('flash/bad-offset', { offset: address, reason: 'not-address-and-file' });
  return { offset, name: basename(path), source: { path: resolve(path) } };
}

export async function firmwareOf(client: Client, targets: readonly string[], options: FlashCommandOptions): Promise<Firmware> {
  const provisioning = await provisioningOf(client, options);
  if (targets.length === 0 && provisioning === null)
    throw new TalkError('bad-request', {
      issues: [
        { path: 'what', message: 'want a build folder, ADDR=FILE or files that know their place; or values alone (--template, --set)' },
      ],
    });
  return {
    ...(await readTargets(targets)),
    ...(provisioning === null ? {} : { provisioning }),
    options: {
      ...loaderOptionsOf(options),
      ...(options.compress ? {} : { compress: false }),
      ...(options.skipUnchanged ? {} : { skipUnchanged: false }),
      ...(options.verify ? {} : { verify: false }),
      ...(options.eraseAll === true ? { eraseAll: true } : {}),
      ...(options.force === true ? { force: true } : {}),
      ...(options.chip === undefined ? {} : { expectChip: options.chip }),
      ...(options.flashMode === undefined ? {} : { flashMode: options.flashMode }),
      ...(options.flashFreq === undefined ? {} : { flashFrequency: options.flashFreq }),
      ...(options.flashSize === undefined ? {} : { flashSize: options.flashSize }),
      ...(options.agentboot === undefined ? {} : { agentboot: { path: resolve(options.agentboot) } }),
      ...(options.transport === undefined ? {} : { transport: options.transport }),
      ...(options.part === undefined ? {} : { parts: options.part }),
    },
  };
}

function parseChip(text: string): string {
  const names = chips.map(({ name }) => name);
  if (names.includes(text) || familyIn(text) !== null || isBekenChip(text)) return text;
  throw new InvalidArgumentError(`want one of ${[...names, ...families, 'bk7258'].join(', ')}`);
}

export function withFirmwareOptions(command: Command): Command {
  return withProvisioningOptions(
    withTransferOptions(command)
      .option('--chip <name>', 'refuse unless the board is this chip', parseChip)
      .option('--no-compress', 'send the images as they are')
      .option('--no-skip-unchanged', 'write also what the board already holds')
      .option('--no-verify', 'do not compare MD5 after writing')
      .option('--erase-all', 'erase the whole flash first')
      .option(
        '--force',
        'write in spite of secure boot, flash encryption, a partition that is too small, or no image where the chip starts from',
      )
      .addOption(new Option('--flash-mode <mode>', 'into the bootloader’s header').choices(['keep', 'qio', 'qout', 'dio', 'dout']))
      .option('--flash-freq <frequency>', 'keep, 80m, 40m, …')
      .option('--flash-size <size>', 'keep, detect, 4MB, …')
      .option('--agentboot <file>', 'LTE modules: the vendor’s second-stage loader, or the folder of its tool')
      .option('--transport <how>', 'LTE modules: usb or uart')
      .option('--part <name...>', 'LTE modules: only these parts of the package'),
  );
}
