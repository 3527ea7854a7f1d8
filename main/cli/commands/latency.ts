import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import {
  type LatencyCheck,
  type LatencyFacet,
  type LatencyRow,
  latencyFacets,
  type TurnFilter,
} from '../../../preload/contract/latency.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { checked, parseAssertions } from '../../core/analysis/assertions.ts';
import { parseBudget } from '../../core/analysis/budget.ts';
import { valuesFrom } from '../../core/analysis/metrics.ts';
import { analyseRecording } from '../../core/analysis/recording.ts';
import { type CommonOptions, runCommand, runWithCore, withCommonOptions } from '../command.ts';
import { checkText, comparisonText, groupText, recordingText, rowText, soundCheckText } from '../latency-text.ts';
import { exitCodes } from '../output.ts';

interface LatencyOptions extends CommonOptions {
  compare?: [string, string];
  assert?: string;
  assertFile?: string;
  by?: LatencyFacet;
  where?: TurnFilter;
  sound?: boolean;
  user: 'left' | 'right';
}

export function addLatencyCommand(program: Command): void {
  withCommonOptions(
    program
      .command('latency')
      .argument('[sessions...]', 'session ids, the newest when none is given; or one stereo WAV file of any product')
      .description('explain where the time of every turn went'),
  )
    .option('--compare <groups...>', 'two sessions, or two groups of them (ID,ID …): what changed from the first to the second')
    .option('--assert <conditions>', "fail unless they hold: 'v2v.p95<1200, unanswered==0'", conditions)
    .option('--assert-file <file>', 'the same from a budget: JSON or YAML, see docs/latency.md')
    .addOption(new Option('--by <facet>', 'figures of each kind of turn apart').choices(latencyFacets))
    .option('--where <facet=values>', 'only turns that have one of these values (VALUE,VALUE …); may be given again', condition)
    .option('--sound', 'check the events against the recorded sound')
    .addOption(new Option('--user <channel>', 'of a WAV file: where the user is').choices(['left', 'right']).default('left'))
    .addHelpText(
      'after',
      `
JSON: {"rows":[{"turnId","values":{"v2v_device",…},"facets","breakdown":{"parts":[{"key","owner","durationUs"}],"missing"}}],
 "groups":[{"name","turns","unanswered","statistics":[{"metric","n","censored","p50":{"ms","reason"},…}]}],"checks":[{"text","found","isMet"}]}
--compare: {"a","b","configuration":[{"key","a","b"}],"differences":[{"metric","statistic","difference","low","high","verdict"}],"checks"}
--sound: {"conversations":[{"turns":[{"turnId","eventsMs","soundMs","differenceMs","verdict"}]}],"compared","medianDifferenceMs"}
WAV: {"turns":[{"userFromMs","userToMs","agentFromMs","gapMs"}],"overlaps":[{"atMs","overlapMs","stopMs"}],"statistics","unanswered","checks"}
Exit code 1 when a condition does not hold, 2 when it cannot be understood.`,
    )
    .action((sessions: string[], options: LatencyOptions) => {
      if (sessions.some(isRecording)) return ofRecording(sessions, options);
      return runWithCore(options, 'offline', async (client, output) => {
        refuseIdle(sessions, options);
        const { where } = options;
        const limits = { ...(options.assert !== undefined && { assertions: options.assert }), ...(await budgetOf(options)) };
        if (options.compare !== undefined) {
          const [a, b] = groupsToCompare(options.compare);
          const reply = await client.call('latency.compare', { a, b, ...limits, ...(where && { whereA: where, whereB: where }) });
          output.result(reply, comparisonText);
          return settle(reply.checks);
        }
        const ids = sessions.length > 0 ? sessions : await newestSession(client);
        if (ids.length === 0) {
          output.result({ rows: [], groups: [], checks: [] }, () => 'no sessions yet');
          // A limit that nothing was measured against has not been kept.
          if (Object.keys(limits).length > 0) process.exitCode = exitCodes.failed;
          return;
        }
        if (options.sound === true) {
          const [id, second] = ids;
          if (id === undefined || second !== undefined) throw misuse('sessions', 'one session at a time with --sound');
          return output.result(await client.call('latency.check', { id }), soundCheckText);
        }
        const reply = await client.call('latency.show', { ids, ...limits, ...(where && { where }), ...(options.by && { by: options.by }) });
        const rows = await rowsOf(client, { ids, ...(where && { where }) });
        output.result({ rows, ...reply }, ({ rows, groups, checks }) =>
          [
            ...rows.map(rowText),
            ...groups.flatMap((group) => ['', ...groupText(group)]),
            ...(checks.length > 0 ? ['', ...checks.map(checkText)] : []),
          ].join('\n'),
        );
        settle(reply.checks);
      });
    });
}

/** Without a core: a recording is not in the library. A condition on `v2v` means the gap, on `interruption_stop` the stop. */
function ofRecording(files: readonly string[], options: LatencyOptions): Promise<void> {
  return runCommand(options, async (output) => {
    const [file, second] = files;
    if (file === undefined || second !== undefined) throw misuse('sessions', 'one WAV file at a time, and no sessions beside it');
    for (const name of ['compare', 'by', 'where', 'sound'] as const)
      if (options[name] !== undefined) throw misuse(`--${name}`, 'is for recorded sessions, not for a WAV file');
    const { user } = options;
    const wav = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      throw new TalkError('audio/bad-wav', { path: file, reason: error.code ?? 'unreadable' });
    });
    const analysis = analyseRecording(wav, { user });
    const measured = [
      ...analysis.turns.map(({ gapMs }) => ({
        initiator: 'user-speech' as const,
        isCensored: gapMs === null,
        values: valuesFrom({ v2v_device: gapMs ?? Number.POSITIVE_INFINITY }),
      })),
      ...analysis.overlaps.flatMap(({ stopMs }) =>
        stopMs === null ? [] : [{ initiator: 'injected' as const, isCensored: false, values: valuesFrom({ interruption_stop: stopMs }) }],
      ),
    ];
    const assertions = options.assert === undefined ? [] : parseAssertions(options.assert);
    const { budget } = await budgetOf(options);
    if (budget !== undefined) assertions.push(...parseBudget(budget));
    const checks = assertions.map((assertion) => checked(assertion, measured, 'all'));
    output.result({ ...analysis, checks }, (result) => [recordingText(result), ...checks.map(checkText)].join('\n'));
    settle(checks);
  });
}

/** A page at a time: a session may have many thousands. */
async function rowsOf(client: Client, request: { ids: string[]; where?: TurnFilter }): Promise<LatencyRow[]> {
  const rows: LatencyRow[] = [];
  for (;;) {
    const page = await client.call('latency.turns', { ...request, from: rows.length, count: 1000, withBreakdown: true });
    rows.push(...page.rows);
    if (page.rows.length === 0 || rows.length >= page.total) return rows;
  }
}

function condition(text: string, before: TurnFilter = {}): TurnFilter {
  const [, name, list] = /^([a-z.]+)=(.+)$/su.exec(text) ?? [];
  const facet = latencyFacets.find((each) => each === name);
  if (facet === undefined || list === undefined)
    throw new InvalidArgumentError(`want FACET=VALUE, FACET one of ${latencyFacets.join(', ')}`);
  return { ...before, [facet]: [...(before[facet] ?? []), ...list.split(',')] };
}

function conditions(text: string): string {
  try {
    parseAssertions(text);
  } catch (error) {
    if (!(error instanceof TalkError)) throw error;
    const { text: condition, reason, name } = error.value.data;
    throw new InvalidArgumentError(
      `${String(condition)}: ${String(reason)}${name === undefined ? '' : ` (${String(name)})`}; want METRIC.p95<MS`,
    );
  }
  return text;
}

async function budgetOf({ assertFile }: LatencyOptions): Promise<{ budget?: string }> {
  if (assertFile === undefined) return {};
  const budget = await readFile(assertFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw misuse('--assert-file', `${assertFile} cannot be read (${error.code ?? 'unknown'})`);
  });
  return { budget };
}

function groupsToCompare(groups: readonly string[]): [string[], string[]] {
  const [a, b, third] = groups.map((group) => group.split(',').filter((id) => id !== ''));
  if (a === undefined || b === undefined || third !== undefined) throw misuse('--compare', 'want two sessions or groups: A B');
  return [a, b];
}

async function newestSession(client: Client): Promise<string[]> {
  return (await client.call('sessions.list', { limit: 1 })).sessions.map((session) => session.id);
}

const isRecording = (name: string): boolean => /\.wav$/iu.test(name);

/** A condition that nothing is checked against must not pass for one that holds. */
function refuseIdle(sessions: readonly string[], options: LatencyOptions): void {
  const { compare, sound } = options;
  if (compare !== undefined && sessions.length > 0) throw misuse('sessions', 'name them with --compare A B');
  const idle = sound === true ? (['compare', 'assert', 'assertFile', 'by', 'where'] as const) : (['by'] as const);
  if (sound !== true && compare === undefined) return;
  for (const name of idle)
    if (options[name] !== undefined)
      throw misuse(name === 'assertFile' ? '--assert-file' : `--${name}`, `does nothing with ${sound === true ? '--sound' : '--compare'}`);
}

function misuse(path: string, message: string): TalkError {
  return new TalkError('bad-request', { issues: [{ path, message }] });
}

function settle(checks: readonly LatencyCheck[]): void {
  if (checks.some(({ isMet }) => !isMet)) process.exitCode = exitCodes.failed;
}
