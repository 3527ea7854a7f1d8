import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Client } from '../../preload/contract/client.ts';
import { defaultDataDirectory } from '../core/data-directory.ts';
import { type CoreMode, connectToCore } from './connect.ts';
import { createOutput, exitCodes, type Output, reportFailure } from './output.ts';

export interface CommonOptions {
  json?: boolean;
  data: string;
}

export function withCommonOptions(command: Command): Command {
  return command
    .option('--json', 'print JSON and nothing else on standard output')
    .option('--data <dir>', 'the library’s folder', defaultDataDirectory());
}

/** Runs a command's body, turning its failure into the documented output and exit code. */
export async function runCommand(options: CommonOptions, body: (output: Output) => Promise<void>): Promise<void> {
  const output = createOutput(options.json === true);
  try {
    await body(output);
    process.exitCode ??= exitCodes.ok;
  } catch (error) {
    process.exitCode = reportFailure(error, output.isJson);
  }
}

/** The same with a client of the core: the running one's, or one of our own for as long as `body` runs. */
export function runWithCore(
  options: CommonOptions,
  mode: CoreMode,
  body: (client: Client, output: Output) => Promise<void>,
): Promise<void> {
  return runCommand(options, async (output) => {
    await using connection = await connectToCore(resolve(options.data), mode);
    await body(connection.client, output);
  });
}

/** Aborts on the first Ctrl-C or SIGTERM; a second one kills as usual. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  return controller.signal;
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}
