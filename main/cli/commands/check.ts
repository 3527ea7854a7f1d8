import { randomBytes } from 'node:crypto';
import { extname, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type BoardFault, boardFaultName } from '../../../preload/contract/board-faults.ts';
import { virtualBoardKind } from '../../../preload/contract/boards.ts';
import { type CheckRun, checkVoice } from '../../../preload/contract/checks.ts';
import type { Client } from '../../../preload/contract/client.ts';
import { isTalkError, TalkError } from '../../../preload/contract/talk-error.ts';
import { askPerson } from '../ask-person.ts';
import { type CheckOptions, type CheckPlan, checkExitCodes as codes } from '../check-options.ts';
import { checkRunText, type Language, questionText, resultText, titleOf } from '../check-text.ts';
import { interruptSignal, runCommand, withCommonOptions } from '../command.ts';
import { type CoreMode, connectToCore } from '../connect.ts';
import { followToEnd } from '../follow-to-end.ts';
import type { Output } from '../output.ts';
import { requireWritable, writeOutputFile } from '../output-file.ts';
import { libraryQuestion } from './check-library.ts';
import { listBefore, listOfLibrary, type WantedList } from './check-list.ts';

const formats = ['html', 'pdf', 'csv', 'json'] as const;

const help = `
On a terminal it asks what only a person can do or tell; without one, with --unattended or --json, that stays open.
Without --list it takes the full list of the kind of --board, else the vendor's suitability list.

Examples:
  talkbench check --port /dev/ttyUSB0 --board esp32s3 --serial SN0042 --report SN0042.html
  talkbench check --port COM7 --list factory-line --unattended --report line.csv --json
  talkbench check --virtual --list quick                       a board in software; --faults echo,heap-leak: one that fails
  talkbench check --list-text esp32-full > mine.yaml           a list to begin one's own with (docs/checks.md)

Exit code 0 passed, 1 failed, 2 it could not be run, 3 incomplete (a person is wanted, or something could not be carried out), 4 cancelled.
JSON: the run {"id","state","serialNumber","counts","failed","facts","results":[{"id","check","state","values":[{"name","value","unit","limit","isMet"}],
"evidence","reason","next","note","error","durationMs"}]}; of --lists, --catalogue, --history, --yield, --inspect, --opus their own.`;

export function addCheckCommand(program: Command): void {
  withCommonOptions(program.command('check').description('bring-up checks: from "it powers on" to a signed-off board'))
    .option('--port <address>', 'the board’s port')
    .option('--device <product/name>', 'which device it is, where its log does not tell', deviceOf)
    .option('--board <kind>', 'what kind of board it is: esp32s3, cat1, a name of your own (other-lamp: neither)', '')
    .option('--list <id|file>', 'which checks: a list of the library, or a YAML file')
    .option('--serial <number>', 'its serial number; else its MAC or IMEI', '')
    .option('--operator <name>', 'who checks', '')
    .option('--only <ids>', 'only these of the list, with commas', (text: string) => text.split(',').map((id) => id.trim()))
    .addOption(new Option('--voice <who>', 'who speaks to it and hears it').choices(checkVoice.options).default('auto'))
    .option('--unattended', 'nobody is asked')
    .option(
      '--report <file>',
      'write a report: .html, .pdf, .csv or .json; repeatable',
      (file: string, files: string[]) => [...files, file],
      [],
    )
    .addOption(new Option('--lang <language>', 'of questions and reports').choices(['en', 'zh']).default('en'))
    .option('--virtual [kind]', `a board in software (${virtualBoardKind.options.join(', ')})`, kindOf)
    .option('--faults <names>', 'what is wrong with it, with commas: echo,microphone-clock=500 (docs/check-faults.md)', faultsOf)
    .option('--lists', 'instead: the lists there are')
    .option('--list-text <id>', 'instead: what a list says')
    .option('--inspect <file>', 'instead: what is wrong with a list file')
    .option('--catalogue', 'instead: every check with its parameters, values and limits')
    .option('--reference <dir>', 'instead: write recv.opus and output.wav for the board to play')
    .addOption(new Option('--frame-ms <ms>', 'with --reference: frame length').choices(['20', '40', '60']).default('60'))
    .option('--opus <file>', 'instead: measure a record.opus as a board’s uplink')
    .option('--history', 'instead: earlier runs, with --serial those of one board')
    .option('--yield', 'instead: how many boards passed, and what failed most')
    .addHelpText('after', help)
    .action((options: CheckOptions) => {
      const asked = libraryQuestion(options);
      return asked === null ? checked(options, modeOf(options), planned(options)) : checked(options, 'offline', asked);
    });
}

async function checked(options: CheckOptions, mode: CoreMode, plan: CheckPlan): Promise<void> {
  let code: number | null = null;
  await runCommand(options, async (output) => {
    const body = await plan(output);
    await using connection = await connectToCore(resolve(options.data), mode);
    code = await body(connection.client, output);
  });
  process.exitCode = code ?? codes.notRun;
}

function modeOf({ virtual }: CheckOptions): CoreMode {
  return virtual === undefined ? 'settings' : 'ephemeral';
}

/** Whatever is wrong with what was asked for is said before anything is begun. */
function planned(options: CheckOptions): CheckPlan {
  return async (output) => {
    const reports = options.report.map((file) => ({ file, format: formatOf(file) }));
    if (options.port === undefined && options.device === undefined && options.virtual === undefined)
      throw new TalkError('bad-request', {
        issues: [{ path: 'port', message: 'want --port ADDRESS, --device PRODUCT/NAME or --virtual' }],
      });
    const before = await listBefore(options);
    for (const { file } of reports) await requireWritable(file);
    if (before !== null) warnOf(before, output);
    return async (client) => {
      const wanted = before ?? (await listOfLibrary(client, options));
      if (before === null) warnOf(wanted, output);
      return runChecks(client, output, { options, reports, list: wanted.list });
    };
  };
}

function warnOf({ unfound }: WantedList, output: Output): void {
  if (unfound.length > 0)
    output.warn(`warning: no check of this run looks for ${unfound.join(', ')} (docs/check-faults.md says which does)`);
}

interface Planned {
  options: CheckOptions;
  reports: readonly { file: string; format: (typeof formats)[number] }[];
  list: WantedList['list'];
}

async function runChecks(client: Client, output: Output, { options, reports, list }: Planned): Promise<number> {
  const { device = null, virtual, lang } = options;
  const isUnattended = options.unattended === true || !process.stdin.isTTY || output.isJson;
  // First: a Ctrl-C must not kill us between the run's beginning and hearing of it.
  const interrupt = interruptSignal();
  await using board = virtual === undefined ? null : await startBoard(client, virtual === true ? undefined : virtual, options);
  const { runId } = await client.call('checks.start', {
    ...{ port: board?.address ?? options.port ?? null, device, list, isUnattended, language: lang, voice: options.voice },
    ...{ boardKind: options.board || (board?.kind ?? ''), serialNumber: options.serial, operator: options.operator },
    ...(options.only !== undefined && { only: options.only }),
  });
  const run = await follow(client, output, runId, { lang, interrupt });
  for (const { file, format } of reports) {
    const { data } = await client.call('checks.report', { runIds: [runId], format, language: lang });
    await writeOutputFile(file, async (handle) => handle.writeFile(data));
  }
  output.result(run, () => checkRunText(run, lang));
  return run.state === 'running' ? codes.notRun : codes[run.state];
}

/** Tells what becomes of each check as it ends, and asks the person. */
async function follow(
  client: Client,
  output: Output,
  runId: string,
  { lang, interrupt }: { lang: Language; interrupt: AbortSignal },
): Promise<CheckRun> {
  const told = new Map<string, string>();
  let question: { of: string; abort: AbortController } | null = null;
  const ask = async ({ id, question: asked }: CheckRun['results'][number], abort: AbortController) => {
    if (asked === null) return;
    const answer = await askPerson(questionText(asked, lang), asked.kind, { language: lang, signal: abort.signal });
    if (answer === null) return;
    await client.call('checks.answer', { runId, resultId: id, answer }).catch((error: unknown) => {
      // The board, or somebody else, answered it meanwhile.
      if (!isTalkError(error, 'not-found')) throw error;
    });
  };
  const failed = Promise.withResolvers<never>();
  const ended = followToEnd(client, {
    stream: 'checks.runs',
    isIt: (run) => run.id === runId,
    hear({ results }) {
      for (const result of results) {
        const state = result.state === 'asking' ? 'running' : result.state;
        if (state === 'waiting' || told.get(result.id) === state) continue;
        told.set(result.id, state);
        output.say(state === 'running' ? `… ${titleOf(result, lang)}` : (resultText(result, lang).split('\n')[0] ?? ''));
      }
      const asking = results.find(({ state }) => state === 'asking');
      const of = asking === undefined ? null : `${asking.id} ${JSON.stringify(asking.question)}`;
      if (of === (question?.of ?? null)) return;
      question?.abort.abort();
      question = of === null ? null : { of, abort: new AbortController() };
      if (question !== null && asking !== undefined) ask(asking, question.abort).catch(failed.reject);
    },
    cancel: () => client.call('checks.cancel', { runId }),
    interrupt,
  });
  return Promise.race([ended, failed.promise]);
}

async function startBoard(
  client: Client,
  kind: (typeof virtualBoardKind.options)[number] | undefined,
  { lang, faults }: CheckOptions,
): Promise<AsyncDisposable & { address: string; kind: string }> {
  const name = `check-${randomBytes(3).toString('hex')}`;
  const { address, kind: started } = await client.call('boards.start', {
    ...{ name, language: lang },
    ...(kind !== undefined && { kind }),
    ...(faults !== undefined && { faults }),
  });
  await client.call('pipeline.warmUp', {});
  return {
    ...{ address, kind: started },
    async [Symbol.asyncDispose]() {
      await client.call('boards.stop', { name }).catch(() => {});
    },
  };
}

function formatOf(file: string): (typeof formats)[number] {
  const format = formats.find((one) => extname(file).toLowerCase() === `.${one}`);
  if (format === undefined)
    throw new TalkError('bad-request', {
      issues: [{ path: 'report', message: `want a name that ends in ${formats.map((one) => `.${one}`).join(', ')}` }],
    });
  return format;
}

function deviceOf(text: string): { productId: string; deviceName: string } {
  const [productId = '', deviceName = '', ...rest] = text.split('/');
  if (productId === '' || deviceName === '' || rest.length > 0) throw new InvalidArgumentError('want PRODUCT/NAME');
  return { productId, deviceName };
}

function kindOf(text: string): (typeof virtualBoardKind.options)[number] {
  const kind = virtualBoardKind.safeParse(text);
  if (!kind.success) throw new InvalidArgumentError(`want one of ${virtualBoardKind.options.join(', ')}`);
  return kind.data;
}

function faultsOf(text: string): BoardFault[] {
  return text.split(',').map((each) => {
    const [given = '', amount] = each.trim().split('=');
    const name = boardFaultName.safeParse(given);
    if (!name.success) throw new InvalidArgumentError(`want some of ${boardFaultName.options.join(', ')}`);
    if (amount !== undefined && !(amount !== '' && Number.isFinite(Number(amount)))) throw new InvalidArgumentError('want NAME=NUMBER');
    return { name: name.data, ...(amount !== undefined && { amount: Number(amount) }) };
  });
}
