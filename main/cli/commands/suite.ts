import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { SessionComparison, SuiteRun } from '../../../preload/contract/quality.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, interruptSignal, runWithCore, withCommonOptions } from '../command.ts';
import type { CoreMode } from '../connect.ts';
import { exitCodes, type Output } from '../output.ts';
import { requireWritable, writeOutputFile } from '../output-file.ts';
import { snapshotOf } from '../snapshot.ts';
import { comparisonText, runText } from '../suite-text.ts';

interface RunOptions extends CommonOptions {
  junit?: string;
  html?: string;
  lang: 'en' | 'zh';
  only: string[];
  jobs: number;
}

/** Exit codes of all of it: 0 all is met, 1 something is not, 2 it could not be understood or run. */
export function addSuiteCommand(program: Command): void {
  const suite = program.command('suite').description('expectations on sessions: run, write and check suites of them, compare sessions');
  const command = (name: string, description: string) => withCommonOptions(suite.command(name).description(description));

  command('run', 'run a suite file, or a suite of the library by its name')
    .argument('<file>', 'YAML, see docs/suites.md')
    .option('--junit <file>', 'write the results as JUnit XML too')
    .option('--html <file>', 'write a report of one HTML file too')
    .addOption(new Option('--lang <language>', 'of the HTML report').choices(['en', 'zh']).default('en'))
    .option('--only <name>', 'only cases with this in their name, repeatable', (name: string, names: string[]) => [...names, name], [])
    .option('--jobs <count>', 'recordings judged at the same time', countJobs, 2)
    .addHelpText(
      'after',
      '\nJSON: the run: {"state","counts":{…},"cases":[{"name","how","state","sessionId","checks":[{"text","line","isMet","found","reason","place"}],…}],"budget":[…]}\nExit code 0 when all is met, 1 when something is not, 2 when it could not be understood or run.',
    )
    .action((file: string, options: RunOptions) =>
      judged(options, 'ephemeral', async (client, output) => {
        for (const path of [options.junit, options.html]) if (path !== undefined) await requireWritable(path);
        const { only, jobs } = options;
        const interrupt = interruptSignal();
        const { id: runId } = await client.call('suites.start', { ...(await suiteOf(client, file)), only, jobs });
        interrupt.addEventListener('abort', () => void client.call('suites.cancel', { runId }).catch(() => {}), { once: true });
        const run = await client.call('suites.wait', { runId });
        if (interrupt.aborted) throw new TalkError('cancelled');
        for (const [format, path] of [['junit', options.junit] as const, ['html', options.html] as const]) {
          if (path === undefined) continue;
          const report = await client.call('suites.report', { runId, format, language: options.lang });
          await writeOutputFile(path, async (handle) => handle.writeFile(report.text));
        }
        output.result(run, runText);
        return exitCodeOf(run);
      }),
    );

  command('check', 'say whether a suite file can be read, and what is wrong with it')
    .argument('<file>', 'YAML')
    .action((file: string, options: CommonOptions) =>
      judged(options, 'offline', async (client, output) => {
        const inspected = await client.call('suites.inspect', { text: await textOf(file) });
        output.result(inspected, ({ problems, outline }) =>
          problems.length > 0
            ? problems.map(({ line, reason }) => `${file}${line === null ? '' : `:${line}`}\t${reason}`).join('\n')
            : `${outline?.name ?? ''}\t${outline?.cases.length ?? 0} cases`,
        );
        return inspected.problems.length === 0 ? exitCodes.ok : exitCodes.usage;
      }),
    );

  command('new', 'write a suite that expects of these sessions what they did')
    .argument('<sessions...>', 'their ids')
    .option('--name <name>', 'of the suite')
    .option('--out <file>', 'where to; standard output without it')
    .action((sessionIds: string[], options: CommonOptions & { name?: string; out?: string }) =>
      judged(options, 'offline', async (client, output) => {
        const { name, out } = options;
        const draft = await client.call('suites.draft', { sessionIds, ...(name !== undefined && { name }) });
        if (out !== undefined) await writeOutputFile(out, async (handle) => handle.writeFile(draft.text));
        output.result(out === undefined ? draft : { file: out, ...draft }, ({ text }) => out ?? text.trimEnd());
        return exitCodes.ok;
      }),
    );

  command('compare', 'a session beside the golden one: turns, words, replies, tools, latency')
    .argument('<golden>', 'the id of the session that is as it should be')
    .argument('<candidate>', 'the other one’s')
    .addHelpText(
      'after',
      '\nJSON: {"golden","candidate","pairs":[{"golden","candidate","differences":[…],"transcript":{"words","characters","mixed"},"replySimilarity","latency"}],"transcript","replySimilarity","differing","latency":[{"metric","statistic","a","b","difference","low","high","verdict"}]}\nExit code 1 when words, turns, tools or outcomes differ.',
    )
    .action((golden: string, candidate: string, options: CommonOptions) =>
      judged(options, 'offline', async (client, output) => {
        const comparison = await client.call('suites.compare', { golden, candidate }, { signal: interruptSignal() });
        output.result(comparison, comparisonText);
        return isSame(comparison) ? exitCodes.ok : exitCodes.failed;
      }),
    );
}

/** A failure is no verdict: it is told apart from expectations that are not met. */
async function judged(options: CommonOptions, mode: CoreMode, body: (client: Client, output: Output) => Promise<number>): Promise<void> {
  let verdict: number | null = null;
  await runWithCore(options, mode, async (client, output) => {
    verdict = await body(client, output);
  });
  process.exitCode = verdict ?? exitCodes.usage;
}

function exitCodeOf({ state }: SuiteRun): number {
  return state === 'passed' ? exitCodes.ok : state === 'failed' ? exitCodes.failed : exitCodes.usage;
}

/** Replies of language models differ every time, and latency is a matter of budgets. */
function isSame({ differing }: SessionComparison): boolean {
  return differing.missing + differing.added + differing.transcript + differing.tools + differing.outcome === 0;
}

/** A file, else the library's suite of that name. */
async function suiteOf(client: Client, file: string): Promise<{ text: string; folder: string } | { suiteId: string }> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new TalkError('suite/no-file', { path: file, reason: error.code ?? 'unreadable' });
  });
  if (text !== null) return { text, folder: resolve(dirname(file)) };
  const kept = (await snapshotOf(client, 'suites.documents', {})).find(({ id, name }) => id === file || name === file);
  if (kept !== undefined) return { suiteId: kept.id };
  throw new TalkError('suite/no-file', { path: file, reason: 'ENOENT' });
}

function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new TalkError('suite/no-file', { path: file, reason: error.code ?? 'unreadable' });
  });
}

function countJobs(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 16) throw new InvalidArgumentError('want 1 to 16');
  return count;
}
