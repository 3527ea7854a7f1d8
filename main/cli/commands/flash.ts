import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { FlashFile, FlashJob } from '../../../preload/contract/flash.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, interruptSignal, runWithCore, withCommonOptions } from '../command.ts';
import type { Output } from '../output.ts';

interface FlashCommandOptions extends CommonOptions {
  port: string;
  /** What is left out is for the build folder, or the core's own default, to say. */
  baud?: number;
  before?: 'default-reset' | 'usb-reset' | 'no-reset';
  after?: 'hard-reset' | 'stay';
  chip?: string;
  stub: boolean;
  compress: boolean;
  verify: boolean;
  dryRun?: boolean;
}

function parseBaud(text: string): number {
  const baud = Number(text);
  if (!Number.isInteger(baud) || baud < 300) throw new InvalidArgumentError('not a baud rate');
  return baud;
}

/** `0x10000=app.bin` pairs, or one ESP-IDF build folder. */
async function readTargets(targets: readonly string[]): Promise<{ files: FlashFile[]; buildFolder?: string }> {
  const only = targets.length === 1 ? targets[0] : undefined;
  if (only !== undefined && !only.includes('=')) {
    const found = await stat(only).catch(() => null);
    if (found?.isDirectory() !== true)
      throw new TalkError('flash/bad-file', { path: only, reason: 'not a build folder, and not ADDR=FILE' });
    return { files: [], buildFolder: resolve(only) };
  }
  const files = targets.map((target): FlashFile => {
    const split = target.indexOf('=');
    const [address, path] = [target.slice(0, split), target.slice(split + 1)];
    const offset = Number(address);
    if (split < 1 || !Number.isInteger(offset) || offset < 0)
      throw new TalkError('flash/bad-offset', { offset: address, reason: 'want ADDR=FILE, ADDR like 0x10000' });
    return { offset, name: basename(path), source: { path: resolve(path) } };
  });
  return { files };
}

/** Follows one job to its end, printing progress for a person. */
function followJob(client: Client, jobId: string, output: Output, signal: AbortSignal): Promise<FlashJob> {
  return new Promise((done, fail) => {
    let lastStage = '';
    const hear = (job: FlashJob) => {
      if (job.jobId !== jobId) return;
      if (job.stage !== lastStage) output.say(`${job.stage}${job.chip === null ? '' : ` (${job.chip.description})`}`);
      lastStage = job.stage;
      if (!output.isJson && process.stderr.isTTY && job.totalBytes > 0)
        process.stderr.write(`\r${((100 * job.writtenBytes) / job.totalBytes).toFixed(0)} % `);
      if (job.state !== 'running') {
        unsubscribe();
        done(job);
      }
    };
    const unsubscribe = client.subscribe(
      'flash.jobs',
      {},
      {
        onSnapshot: (jobs) => jobs.forEach(hear),
        onDelta: (jobs) => jobs.forEach(hear),
        onEnd: (error) => error !== null && fail(error),
      },
    );
    signal.addEventListener('abort', () => void client.call('flash.cancel', { jobId }).catch(fail), { once: true });
  });
}

export function addFlashCommand(program: Command): void {
  withCommonOptions(
    program
      .command('flash')
      .argument('<what...>', 'ADDR=FILE pairs, or one ESP-IDF build folder')
      .description('write firmware to an ESP32-family board over its serial port'),
  )
    .requiredOption('--port <address>', '/dev/ttyUSB0, COM7, socket://host:port, rfc2217://host:port')
    .option('--baud <rate>', 'baud rate of the transfer (460800)', parseBaud)
    .addOption(new Option('--before <how>', 'how the board enters its loader').choices(['default-reset', 'usb-reset', 'no-reset']))
    .addOption(new Option('--after <how>', 'what the board does afterwards').choices(['hard-reset', 'stay']))
    .option('--chip <name>', 'refuse unless the board is this chip')
    .option('--no-stub', 'use the ROM loader only')
    .option('--no-compress', 'send the images as they are')
    .option('--no-verify', 'do not compare MD5 after writing')
    .option('--dry-run', 'say what would be written and touch no board')
    .addHelpText(
      'after',
      '\nJSON: {"state":"done","chip":{"chip","mac",…},"files":[{"offset","name","sizeBytes","md5","verified"}],"stages":[{"stage","elapsedMs"}],"writtenBytes"}',
    )
    .action((targets: string[], options: FlashCommandOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        const request = {
          ...(await readTargets(targets)),
          options: {
            ...(options.baud === undefined ? {} : { baudRate: options.baud }),
            ...(options.before === undefined ? {} : { before: options.before }),
            ...(options.after === undefined ? {} : { after: options.after }),
            ...(options.stub ? {} : { useStub: false }),
            ...(options.compress ? {} : { compress: false }),
            ...(options.verify ? {} : { verify: false }),
            ...(options.chip === undefined ? {} : { expectChip: options.chip }),
          },
        };
        if (options.dryRun === true) {
          output.result(await client.call('flash.plan', request), (plan) =>
            plan.files.map((file) => `0x${file.offset.toString(16)}\t${file.sizeBytes} bytes\t${file.name}`).join('\n'),
          );
          return;
        }
        const { jobId } = await client.call('flash.start', { address: options.port, ...request });
        const job = await followJob(client, jobId, output, interruptSignal());
        if (job.error !== null)
          throw new TalkError(job.error.code, { ...job.error.data, boardState: job.boardState }, { retryable: job.error.retryable });
        output.result(job, (finished) =>
          [
            `${finished.chip?.description ?? 'board'} ${finished.chip?.mac ?? ''}`,
            ...finished.files.map(
              (file) =>
                `0x${file.offset.toString(16)}\t${file.sizeBytes} bytes\t${file.name}\tmd5 ${file.md5 ?? '—'}${file.verified === true ? ' verified' : ''}`,
            ),
          ].join('\n'),
        );
      }),
    );
}
