import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { FlashJob } from '../../../preload/contract/flash.ts';
import type { NvsContents, NvsEntry } from '../../../preload/contract/nvs.ts';
import type { Provisioning, ProvisioningTemplate } from '../../../preload/contract/provisioning.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { requireNvs } from '../../core/flash/nvs/likely.ts';
import { readNvs } from '../../core/flash/nvs/read.ts';
import { findBenchHost } from '../../core/provisioning/bench-host.ts';
import { provisioningImage } from '../../core/provisioning/image.ts';
import { type CommonOptions, runCommand, runWithCore, withCommonOptions } from '../command.ts';
import { type LoaderOptions, loaderOptionsOf, parseSize, withTransferOptions } from '../flash-options.ts';
import { runJob } from '../follow-job.ts';
import { exitCodes, type Output } from '../output.ts';
import { writeOutputFile } from '../output-file.ts';
import { collectEntry, collectVariable, entriesGiven, templateOf, variablesOfEnvironment } from '../provisioning-options.ts';
import { addNvsListCommands } from './nvs-lists.ts';

interface BuildOptions extends CommonOptions {
  csv?: string;
  size: number;
  out: string;
  set: NvsEntry[];
  device?: { productId: string; deviceName: string };
  template?: string;
  var: Record<string, string>;
}

interface ReadOptions extends Omit<LoaderOptions, 'port'> {
  port?: string;
  partition: string;
  showSecrets?: boolean;
}

const PIECE_BYTES = 1024 * 1024;

function parseDevice(text: string): { productId: string; deviceName: string } {
  const [, productId, deviceName] = /^([^/]+)\/(.+)$/.exec(text) ?? [];
  if (productId === undefined || deviceName === undefined) throw new InvalidArgumentError('want PRODUCT/DEVICE');
  return { productId, deviceName };
}

async function build(options: BuildOptions): Promise<void> {
  const prepare = async (template: NvsEntry[]): Promise<Provisioning> => ({
    partition: 'nvs',
    entries: await entriesGiven(template, options.csv, options.set),
    variables: { ...variablesOfEnvironment(), ...options.var },
  });
  const save = async (output: Output, { data, ...use }: { data: Uint8Array; usedEntries: number; totalEntries: number }) => {
    await writeOutputFile(options.out, (file) => file.writeFile(data), 0o600); // it may hold a device's secret
    output.result(
      { file: options.out, sizeBytes: data.length, ...use },
      ({ file, sizeBytes, usedEntries, totalEntries }) => `${sizeBytes} bytes to ${file}, ${usedEntries} of ${totalEntries} entries used`,
    );
  };
  const { device, template, size: sizeBytes } = options;
  if (device === undefined && template === undefined) {
    return runCommand(options, async (output) => save(output, provisioningImage(await prepare([]), null, findBenchHost(), sizeBytes)));
  }
  // Only the core knows a device's secret, and the bench's own port.
  return runWithCore(options, 'offline', async (client, output) => {
    const provisioning = {
      ...(await prepare(template === undefined ? [] : await templateOf(client, template))),
      ...(device === undefined ? {} : { device: { kind: 'known', ...device } as const }),
    };
    await save(output, await client.call('provisioning.image', { provisioning, sizeBytes }));
  });
}

function read(file: string | undefined, options: ReadOptions): Promise<void> {
  const { port, partition, showSecrets: withSecrets = false } = options;
  if ((file === undefined) === (port === undefined)) {
    return runCommand(options, async () => {
      throw new TalkError('bad-request', { issues: [{ path: 'file', message: 'want a file, or --port' }] });
    });
  }
  if (file !== undefined) {
    return runCommand(options, async (output) => {
      const bytes = await readFile(file).catch(() => {
        throw new TalkError('not-found', { what: 'file', id: file });
      });
      requireNvs(bytes);
      show(output, readNvs(bytes, { withSecrets }));
    });
  }
  return runWithCore(options, 'offline', async (client, output) => {
    const loader = loaderOptionsOf(options);
    const task = withSecrets
      ? ({ kind: 'read', what: { partition }, options: loader } as const)
      : ({ kind: 'nvs', partition, options: loader } as const);
    const job = await runJob(client, output, port ?? '', task);
    const contents = withSecrets ? readWhole(await resultOf(client, job)) : job.nvs;
    if (contents !== null) show(output, contents);
  });
}

function readWhole(bytes: Uint8Array): NvsContents {
  requireNvs(bytes);
  return readNvs(bytes, { withSecrets: true });
}

async function resultOf(client: Client, { jobId, result }: FlashJob): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let offset = 0; offset < (result?.sizeBytes ?? 0); offset += PIECE_BYTES) {
    pieces.push((await client.call('flash.result', { jobId, offset, sizeBytes: PIECE_BYTES })).data);
  }
  return Buffer.concat(pieces);
}

function show(output: Output, contents: NvsContents): void {
  output.result(contents, ({ values }) =>
    values
      .map(
        ({ namespace, key, type, value }) =>
          `${namespace}\t${key}\t${type}\t${value === null ? '(kept back: --show-secrets)' : oneLine(value)}`,
      )
      .join('\n'),
  );
  if (contents.isEncrypted) {
    const isPaged = contents.pages.some(({ state }) => state !== 'empty' && state !== 'invalid');
    output.warn(
      isPaged
        ? 'not read: pages of an NVS whose entries look encrypted; only the board has the key'
        : 'not read: it looks encrypted as a whole, or is no NVS at all; only the board itself could tell',
    );
    process.exitCode = exitCodes.failed;
  }
  for (const { page, entry, reason } of contents.damaged)
    output.warn(`damaged: page ${page}${entry < 0 ? '' : `, entry ${entry}`}: ${reason}`);
}

/** Control characters of a board must not reach the terminal. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

export function addNvsCommand(program: Command): void {
  const nvs = program.command('nvs').description('values of a board’s NVS partition: made into an image, or read back');
  withCommonOptions(nvs.command('build').description('make an NVS partition image, as ESP-IDF’s generator does'))
    .option('--csv <file>', 'values as the generator’s CSV has them (key,type,encoding,value)')
    .option('--template <name>', 'a well-known set of values: see `talkbench nvs templates`')
    .option('--set <ns:key:type=value>', 'one more value, or another for one of the CSV; repeatable', collectEntry, [])
    .option('--device <product/device>', 'a device of the lab, for ${product_id}, ${device_name} and ${device_secret}', parseDevice)
    .option(
      '--var <name=value>',
      'what ${name} stands for; repeatable. ${bench_host} is this machine unless said; a secret is better given as TALKBENCH_VAR_<NAME>',
      collectVariable,
      {},
    )
    .requiredOption('--size <bytes>', 'the partition’s: 0x6000, 24K', parseSize)
    .requiredOption('--out <file>', 'where the image goes; readable by you only, for it may hold secrets')
    .addHelpText('after', '\nJSON: {"file","sizeBytes","usedEntries","totalEntries"}')
    .action(build);
  withTransferOptions(
    withCommonOptions(
      nvs.command('read').argument('[file]', 'an image, else --port').description('decode an NVS partition, of a file or of a board'),
    )
      .option('--port <address>', 'a board: /dev/ttyUSB0, COM7, socket://host:port, rfc2217://host:port')
      .option('--partition <name>', 'which one of the board’s', 'nvs')
      .option('--show-secrets', 'also passwords, keys and certificates'),
  )
    .addHelpText(
      'after',
      '\nJSON: {"values":[{"namespace","key","type","value","sizeBytes"}],"pages":[{"state","usedEntries"}],"damaged":[{"page","entry","reason"}],"isEncrypted"}; blobs in hex, a value that is kept back is null',
    )
    .action(read);
  withCommonOptions(nvs.command('templates').description('well-known sets of values, and the variables they ask for'))
    .addHelpText('after', '\nJSON: [{"id","name","entries":[{"namespace","key","type","value"}],"variables"}]')
    .action((options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        const { templates } = await client.call('provisioning.templates', {});
        output.result(templates, (all) => all.map(templateText).join('\n\n'));
      }),
    );
  addNvsListCommands(nvs);
}

function templateText({ id, name, entries, variables }: ProvisioningTemplate): string {
  const lines = entries.map(({ namespace, key, type, value }) => `  ${namespace}:${key}:${type}=${value}`);
  return [`${id}\t${name}${variables.length === 0 ? '' : `\tasks for ${variables.join(', ')}`}`, ...lines].join('\n');
}
