import { type Command, Option } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import { type FlashFamily, type FlashJob, type FlashTask, flashFamily } from '../../../preload/contract/flash.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { runWithCore, withCommonOptions } from '../command.ts';
import { type LoaderOptions, loaderOptionsOf, parseSize, withLoaderOptions } from '../flash-options.ts';
import { runJob } from '../follow-job.ts';
import { requireWritable, writeOutputFile, writeStandardOutput } from '../output-file.ts';

const PIECE_BYTES = 1024 * 1024;
/** A file's name that means standard output. */
const STANDARD_OUTPUT = '-';
/** A board's flash holds its secrets. */
const OWNER_ONLY = 0o600;
const hex = (offset: number) => `0x${offset.toString(16)}`;

interface RangeOptions extends LoaderOptions {
  all?: boolean;
  partition?: string;
  offset?: number;
  size?: number;
}

type Range = Extract<FlashTask, { kind: 'read' }>['what'];

function withRangeOptions(command: Command): Command {
  return command
    .option('--all', 'the whole flash')
    .option('--partition <name>', 'a partition of the board’s table')
    .option('--offset <address>', 'with --size: a range', parseSize)
    .option('--size <bytes>', '0x1000, 64K, 1M', parseSize);
}

function rangeOf({ all, partition, offset, size }: RangeOptions): Range {
  if (all === true) return 'all';
  if (partition !== undefined) return { partition };
  if (offset !== undefined && size !== undefined) return { offset, sizeBytes: size };
  throw new TalkError('bad-request', { issues: [{ path: 'what', message: 'want --all, --partition NAME, or --offset and --size' }] });
}

function infoText({ chip, partitions, apps, notes }: FlashJob): string {
  if (chip === null) return '';
  const { security } = chip;
  return [
    `${chip.description}  ${chip.mac ?? ''}`,
    `flash ${chip.flashBytes === null ? 'unknown' : `${chip.flashBytes / 1024 / 1024} MB`}  id ${chip.flashId ?? '—'}`,
    ...(security === null
      ? []
      : [
          `secure boot ${onOff(security.secureBoot)}  flash encryption ${onOff(security.flashEncryption)}  secure download ${onOff(security.secureDownload)}`,
        ]),
    ...(partitions ?? []).map(({ name, type, subtype, offset, sizeBytes }) => {
      const app = apps.find(({ partition }) => partition === name)?.app;
      return `${hex(offset)}\t${hex(sizeBytes)}\t${type}/${subtype}\t${name}${app === undefined ? '' : `\t${app.project} ${app.version} (IDF ${app.idfVersion})`}`;
    }),
    ...notes.map(({ code }) => `note ${code}`),
  ].join('\n');
}

const onOff = (is: boolean) => (is ? 'on' : 'off');

/** What a read brought, piece by piece and in order. */
async function eachPiece(client: Client, { jobId, result }: FlashJob, take: (piece: Uint8Array) => Promise<void>): Promise<void> {
  for (let offset = 0; offset < (result?.sizeBytes ?? 0); offset += PIECE_BYTES)
    await take((await client.call('flash.result', { jobId, offset, sizeBytes: PIECE_BYTES })).data);
}

async function saveResult(client: Client, job: FlashJob, path: string): Promise<void> {
  await writeOutputFile(path, (file) => eachPiece(client, job, (piece) => file.appendFile(piece)), OWNER_ONLY);
}

/** Said before the minutes that a read takes. */
async function requirePlace(path: string, isJson: boolean): Promise<void> {
  if (path !== STANDARD_OUTPUT) return requireWritable(path);
  const problem = isJson
    ? 'with --json, standard output is for JSON: name a file'
    : process.stdout.isTTY
      ? 'a flash’s bytes are nothing for a terminal: name a file, or send them on (> FILE, | PROGRAM)'
      : null;
  if (problem !== null) throw new TalkError('bad-request', { issues: [{ path: 'file', message: problem }] });
}

export function addFlashToolCommands(program: Command): void {
  withLoaderOptions(
    withCommonOptions(
      program.command('flash-info').description('what a board is: chip, MAC, flash, security, partitions, applications; writes nothing'),
    ),
  )
    .addOption(new Option('--family <family>', 'whose loader to speak to').choices(flashFamily.options).default('esp'))
    .action((options: LoaderOptions & { family: FlashFamily }) =>
      runWithCore(options, 'offline', async (client, output) => {
        const task = { kind: 'info', family: options.family, options: loaderOptionsOf(options) } as const;
        output.result(await runJob(client, output, options.port, task), infoText);
      }),
    );

  withRangeOptions(
    withLoaderOptions(
      withCommonOptions(
        program
          .command('read-flash')
          .argument('<file>', 'where the bytes go; “-” is standard output, and all that is said goes to standard error')
          .description('back up a board’s flash, or a part of it, to a file'),
      ),
    ),
  ).action((path: string, options: RangeOptions) =>
    runWithCore(options, 'offline', async (client, output) => {
      const task = { kind: 'read', what: rangeOf(options), options: loaderOptionsOf(options) } as const;
      await requirePlace(path, output.isJson);
      const job = await runJob(client, output, options.port, task);
      const { sizeBytes = 0, sha256 = null } = job.result ?? {};
      if (path === STANDARD_OUTPUT) {
        await eachPiece(client, job, writeStandardOutput);
        output.say(`${sizeBytes} bytes\nsha256 ${sha256}`);
        return;
      }
      await saveResult(client, job, path);
      output.result(
        { file: path, sizeBytes, sha256, chip: job.chip },
        (saved) => `${saved.sizeBytes} bytes to ${saved.file}\nsha256 ${saved.sha256}`,
      );
    }),
  );

  withRangeOptions(
    withLoaderOptions(withCommonOptions(program.command('erase').description('erase a board’s flash, or a part of it'))).option(
      '--yes',
      'I mean it',
    ),
  ).action((options: RangeOptions & { yes?: boolean }) =>
    runWithCore(options, 'offline', async (client, output) => {
      const what = rangeOf(options);
      if (options.yes !== true)
        throw new TalkError('bad-request', {
          issues: [{ path: 'yes', message: 'erasing cannot be undone: say --yes (read-flash keeps a copy)' }],
        });
      const task = { kind: 'erase', what, confirm: 'erase', options: loaderOptionsOf(options) } as const;
      output.result(
        await runJob(client, output, options.port, task),
        ({ chip, boardState }) => `${chip?.description ?? 'board'} ${chip?.mac ?? ''}: ${boardState}`,
      );
    }),
  );
}
