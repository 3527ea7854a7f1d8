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

const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C arrives several times: a terminal signals the whole group, and `npm` and our own starters pass it on. */
const ONE_INTERRUPT_MS = 1000;
const readerLeft = new AbortController();
let isInterruptible = false;

/** Aborts on Ctrl-C, SIGTERM, a closed terminal, and when nobody reads our output any more. A second signal kills as usual. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let firstMs: number | null = null;
  const hear = (name: NodeJS.Signals) => {
    firstMs ??= performance.now();
    controller.abort();
    if (performance.now() - firstMs < ONE_INTERRUPT_MS) return;
    for (const each of interrupts) process.off(each, hear);
    process.kill(process.pid, name);
  };
  for (const name of interrupts) process.on(name, hear);
  isInterruptible = true;
  return AbortSignal.any([controller.signal, readerLeft.signal]);
}

/** A reader that went away (`| head`) ends us quietly; it is not a failure of the command. What records is closed first. */
export function endWithoutReader(): void {
  if (isInterruptible) readerLeft.abort();
  else process.exit(exitCodes.ok);
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}
