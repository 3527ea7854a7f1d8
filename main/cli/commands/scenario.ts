import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { ScenarioEngines, ScenarioReport } from '../../../preload/contract/scenarios.ts';
import { isTalkError, TalkError, type TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, interruptSignal, runWithCore, withCommonOptions } from '../command.ts';
import { junitOf } from '../junit.ts';
import { exitCodes } from '../output.ts';

interface ScenarioOptions extends CommonOptions {
  engines: ScenarioEngines;
  junit?: string;
  atOnce: number;
  timeline?: boolean;
}

/** A scenario that was played, or that could not be. */
export interface ScenarioResult {
  file: string;
  report: ScenarioReport | null;
  error: TalkErrorValue | null;
}

function countAtOnce(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 64) throw new InvalidArgumentError('want 1 to 64');
  return count;
}

export function addScenarioCommand(program: Command): void {
  withCommonOptions(
    program
      .command('scenario')
      .argument('<files...>', 'scenario files (YAML, see docs/scenarios.md)')
      .description('play scripted conversations with virtual boards and check what came of them'),
  )
    .addOption(
      new Option('--engines <whose>', 'the file’s own, all scripted, or embedded ears and voices')
        .choices(['own', 'fake', 'embedded'])
        .default('own'),
    )
    .option('--junit <file>', 'write the results as JUnit XML too')
    .option('--at-once <count>', 'scenarios played at the same time', countAtOnce, 1)
    .option('--timeline', 'print what happened, also of what passed')
    .addHelpText(
      'after',
      '\nJSON: {"isPassed","scenarios":[{"file","report":{"name","isPassed","durationMs","conversationId","sessionId","checks":[{"text","line","isMet","found"}],"turns":[…],"timeline":[{"atMs","kind","facts"}]}|null,"error"}]}\nExit code 1 when one of them failed.',
    )
    .action((files: string[], options: ScenarioOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        const interrupt = interruptSignal();
        const { id: sessionId } = await client.call('sessions.start', {
          title: `scenario ${files.map((file) => basename(file)).join(' ')}`.slice(0, 200),
        });
        const results: ScenarioResult[] = [];
        try {
          const queue = [...files.entries()];
          const worker = async () => {
            for (let next = queue.shift(); next !== undefined && !interrupt.aborted; next = queue.shift()) {
              const [index, file] = next;
              const result = await played(client, file, options.engines, interrupt);
              results[index] = result;
              output.say(headline(result));
            }
          };
          await Promise.all(Array.from({ length: options.atOnce }, worker));
        } finally {
          await client.call('sessions.stop', {}).catch(() => {});
        }
        if (interrupt.aborted) throw new TalkError('cancelled');
        if (options.junit !== undefined) await writeFile(options.junit, junitOf(results));
        const isPassed = results.every(({ report }) => report?.isPassed === true);
        output.result({ isPassed, sessionId, scenarios: results }, ({ scenarios }) => tableOf(scenarios, options.timeline === true));
        if (!isPassed) process.exitCode = exitCodes.failed;
      }),
    );
}

async function played(client: Client, file: string, engines: ScenarioEngines, signal: AbortSignal): Promise<ScenarioResult> {
  try {
    const yaml = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new TalkError('not-found', { what: 'file', id: file, reason: error.code ?? 'unreadable' });
    });
    const report = await client.call('scenarios.run', { yaml, folder: resolve(dirname(file)), engines }, { signal });
    return { file, report, error: null };
  } catch (error) {
    if (!isTalkError(error)) throw error;
    return { file, report: null, error: error.value };
  }
}

function headline({ file, report, error }: ScenarioResult): string {
  if (report === null) return `✗ ${file}: ${error?.code ?? 'unknown'} ${JSON.stringify(error?.data ?? {})}`;
  return `${report.isPassed ? '✓' : '✗'} ${report.name} (${(report.durationMs / 1000).toFixed(1)} s)`;
}

/** One line a check of what failed, one line a turn, then how many passed. */
function tableOf(results: readonly ScenarioResult[], hasTimelines: boolean): string {
  const rows = results.flatMap((result) => {
    const { report, file } = result;
    if (report === null) return [headline(result)];
    const turns = report.turns.map(
      (turn) =>
        `  turn ${turn.turnId}\t${turn.outcome ?? 'open'}\t${turn.totalMs?.toFixed(0) ?? '—'} ms\t${turn.userText}\t→ ${turn.heardText}`,
    );
    const failed = report.checks
      .filter(({ isMet }) => !isMet)
      .map(({ text, line, found }) => `  ${file}${line === null ? '' : `:${line}`}\twanted ${text}\tfound ${found}`);
    const isShown = hasTimelines || !report.isPassed;
    const timeline = isShown
      ? report.timeline.map(({ atMs, kind, facts }) => `    ${atMs.toFixed(1)}\t${kind}\t${JSON.stringify(facts)}`)
      : [];
    return [headline(result), ...turns, ...failed, ...timeline];
  });
  const passed = results.filter(({ report }) => report?.isPassed === true).length;
  return [...rows, `${passed} of ${results.length} passed`].join('\n');
}
