import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Client } from '../../preload/contract/client.ts';
import { type NvsEntry, nvsEntry } from '../../preload/contract/nvs.ts';
import type { DeviceChoice, Provisioning } from '../../preload/contract/provisioning.ts';
import { TalkError } from '../../preload/contract/talk-error.ts';
import { parseNvsCsv } from '../core/flash/nvs/csv.ts';
import { mergeEntries } from '../core/provisioning/entries.ts';
import { snapshotOf } from './snapshot.ts';

/** What makes a board itself, on the command line. */
export interface ProvisioningOptions {
  nvsCsv?: string;
  nvsPartition?: string;
  template?: string;
  set: NvsEntry[];
  var: Record<string, string>;
  device?: string;
  deviceList?: string;
}

export function withProvisioningOptions(command: Command): Command {
  return command
    .option('--nvs-csv <file>', 'values for the board’s NVS, as ESP-IDF’s generator reads them')
    .option('--template <name>', 'a well-known set of values (see `talkbench nvs templates`)')
    .option('--set <entry>', 'a value: namespace:key:type=value; may hold variables in ${…}', collectEntry, [])
    .option('--var <name=value>', 'a variable, e.g. wifi_password; a secret is better given as TALKBENCH_VAR_<NAME>', collectVariable, {})
    .option('--device <product/name>', 'a device the lab knows, or product/name/secret')
    .option('--device-list <name>', 'the next unused device of an imported list')
    .option('--nvs-partition <name>', 'the partition they go into (nvs)');
}

/** Null when none of the options was given. Fails with `not-found` for a template or list that is not there. */
export async function provisioningOf(client: Client, options: ProvisioningOptions): Promise<Provisioning | null> {
  const { nvsCsv, nvsPartition, template, device, deviceList } = options;
  const isAsked = [nvsCsv, template, device, deviceList].some((each) => each !== undefined) || options.set.length > 0;
  if (!isAsked) return null;
  const chosen = await deviceOf(client, device, deviceList);
  return {
    partition: nvsPartition ?? 'nvs',
    entries: await entriesGiven(template === undefined ? [] : await templateOf(client, template), nvsCsv, options.set),
    variables: { ...variablesOfEnvironment(), ...options.var },
    ...(chosen === null ? {} : { device: chosen }),
  };
}

/** A template, with the values of a CSV in place of those of the same name, and then those of the command line. What a CSV names as files lies beside it. */
export async function entriesGiven(template: readonly NvsEntry[], csv: string | undefined, set: readonly NvsEntry[]): Promise<NvsEntry[]> {
  return mergeEntries(mergeEntries(template, csv === undefined ? [] : await entriesOfCsv(csv)), set);
}

async function entriesOfCsv(path: string): Promise<NvsEntry[]> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new TalkError('not-found', { what: 'file', id: path });
  });
  return parseNvsCsv(text, (name) => {
    try {
      return readFileSync(resolve(dirname(path), name));
    } catch {
      return null;
    }
  });
}

export async function templateOf(client: Client, wanted: string): Promise<NvsEntry[]> {
  const { templates } = await client.call('provisioning.templates', {});
  const found = templates.find(({ id, name }) => id === wanted || name === wanted);
  if (found === undefined) throw new TalkError('not-found', { what: 'template', id: wanted });
  return found.entries;
}

async function deviceOf(client: Client, device: string | undefined, deviceList: string | undefined): Promise<DeviceChoice | null> {
  if (device !== undefined) {
    const [productId = '', deviceName = '', ...secret] = device.split('/');
    if (secret.length === 0) return { kind: 'known', productId, deviceName };
    return { kind: 'given', productId, deviceName, deviceSecret: secret.join('/') };
  }
  return deviceList === undefined ? null : { kind: 'list', listId: await listIdOf(client, deviceList) };
}

/** By its name or id. Fails with `not-found`. */
export async function listIdOf(client: Client, wanted: string): Promise<string> {
  const found = (await snapshotOf(client, 'provisioning.lists', {})).find(({ listId, name }) => listId === wanted || name === wanted);
  if (found === undefined) throw new TalkError('not-found', { what: 'device list', id: wanted });
  return found.listId;
}

/** `TALKBENCH_VAR_WIFI_PASSWORD` is `wifi_password`: a command line is in the shell's history and in every process list. */
export function variablesOfEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const prefix = 'TALKBENCH_VAR_';
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      name.startsWith(prefix) && value !== undefined ? [[name.slice(prefix.length).toLowerCase(), value]] : [],
    ),
  );
}

export function collectEntry(text: string, entries: NvsEntry[]): NvsEntry[] {
  const match = /^([^:]+):([^:]+):([^=:]+)=(.*)$/s.exec(text);
  const parsed = nvsEntry.safeParse({ namespace: match?.[1], key: match?.[2], type: match?.[3], value: match?.[4] });
  if (!parsed.success)
    throw new InvalidArgumentError(`want namespace:key:type=value, type one of ${nvsEntry.shape.type.options.join(', ')}`);
  return [...entries, parsed.data];
}

export function collectVariable(text: string, variables: Record<string, string>): Record<string, string> {
  const split = text.indexOf('=');
  if (split < 1) throw new InvalidArgumentError('want name=value');
  return { ...variables, [text.slice(0, split)]: text.slice(split + 1) };
}
