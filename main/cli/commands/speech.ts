import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { SpeechMessage, SpeechReport } from '../../../preload/contract/cloud/speech.ts';
import type { CallRequest } from '../../../preload/contract/index.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, interruptSignal, runWithCore, withCommonOptions } from '../command.ts';
import type { Output } from '../output.ts';
import { requireWritable } from '../output-file.ts';

type Job = CallRequest<'speech.run'>['job'];

interface TargetOptions extends CommonOptions {
  url?: string;
  token?: string;
}

interface VoiceOptions extends TargetOptions {
  wav?: string;
  say?: string;
  sayLanguage: 'zh' | 'en';
}

interface TranslateOptions extends VoiceOptions {
  v1?: boolean;
  source: string;
  target: string;
  tts: boolean;
  wholeSentences?: boolean;
  out?: string;
  ping?: string;
}

interface AsrOptions extends VoiceOptions {
  appId?: string;
  model: string;
  rate: '16000' | '8000';
  pace: number;
}

interface TextOptions extends TargetOptions {
  stream?: boolean;
  prompt: string;
  source: string;
  target: string;
}

/** The stream of messages is a little behind the reply. */
const LATE_MESSAGES_MS = 2000;

function addressOf(text: string): string {
  if (!/^(?:ws|http)s?:\/\/[^\s@]+$/u.test(text)) throw new InvalidArgumentError('want ws://HOST:PORT, wss://, http:// or https://');
  return text;
}

function paceOf(text: string): number {
  const pace = Number(text);
  if (!(pace >= 0.1 && pace <= 100)) throw new InvalidArgumentError('want 0.1 to 100');
  return pace;
}

export function addSpeechCommand(program: Command): void {
  const speech = program.command('speech').description('a client of the speech services: translation, recognition, summary');

  withVoice(withTarget(speech.command('translate').description('simultaneous translation of speech (V2; V1 with --v1)')))
    .option('--v1', 'the first version: originals and translations in messages of their own')
    .option('--source <language>', 'lang_source', 'zh')
    .option('--target <language>', 'lang_target', 'en')
    .option('--no-tts', 'texts only')
    .option('--whole-sentences', 'is_tts_stream: false')
    .option('--out <file>', 'where to save the translation’s speech (WAV, 16 kHz mono)')
    .option('--ping <text>', 'send a heartbeat, too')
    .action((options: TranslateOptions) =>
      drive(options, async (client, output) => {
        if (options.out !== undefined) await requireWritable(options.out);
        const report = await run(
          client,
          output,
          {
            ...{ service: 'translate', ...targetOf(options), version: options.v1 === true ? 1 : 2 },
            ...{ source: options.source, target: options.target, isTtsOn: options.tts },
            speech: await spoken(options),
            isTtsStream: options.wholeSentences !== true,
          },
          options.ping,
        );
        if (options.out !== undefined && report.audio !== null) await writeFile(options.out, report.audio);
        return { ...report, ...(options.out !== undefined && report.audio !== null && { out: options.out }) };
      }),
    );

  withVoice(withTarget(speech.command('asr').description('recognition of speech')))
    .option('--app-id <id>', 'app id of the path; the bench’s own without it')
    .option('--model <model>', 'engine_model_type', 'iot_16k_zh')
    .addOption(new Option('--rate <hz>', 'sample rate on the wire').choices(['16000', '8000']).default('16000'))
    .option('--pace <times>', 'how fast the audio is sent, times real time', paceOf, 1)
    .action((options: AsrOptions) =>
      drive(options, async (client, output) =>
        run(client, output, {
          ...{ service: 'asr', ...targetOf(options), model: options.model, pace: options.pace },
          ...(options.appId !== undefined && { appId: options.appId }),
          sampleRate: options.rate === '8000' ? 8000 : 16_000,
          speech: await spoken(options),
        }),
      ),
    );

  withTarget(speech.command('summary').argument('<text>', 'the text, or @FILE').description('summary of a text'))
    .option('--stream', 'as events')
    .option('--prompt <prompt>', 'what is wanted; counts only with --stream', '')
    .action((text: string, options: TextOptions) =>
      drive(options, async (client, output) =>
        run(client, output, {
          ...{ service: 'summary', ...targetOf(options), prompt: options.prompt },
          text: await textOf(text),
          isStream: options.stream === true,
        }),
      ),
    );

  withTarget(speech.command('text-translate').argument('<text>', 'the text, or @FILE').description('translation of a text'))
    .option('--stream', 'as events')
    .option('--source <language>', 'source', 'zh')
    .option('--target <language>', 'target', 'en')
    .action((text: string, options: TextOptions) =>
      drive(options, async (client, output) =>
        run(client, output, {
          ...{ service: 'text-translate', ...targetOf(options), source: options.source, target: options.target },
          text: await textOf(text),
          isStream: options.stream === true,
        }),
      ),
    );
}

function withTarget(command: Command): Command {
  return withCommonOptions(command)
    .option('--url <address>', 'a service elsewhere: ws://, wss://, http:// or https://HOST:PORT; this bench without it', addressOf)
    .option('--token <token>', 'its token; TALKBENCH_SPEECH_TOKEN in the environment does not show in a list of processes')
    .addHelpText(
      'after',
      '\nJSON lines: {"runId","atMs","direction","kind","text","audioMs"?} a message, then the report\n{"runId","service","originals","results","audioMs","engine","firstOriginalMs","firstResultMs","firstAudioMs","violations","error","out"?}\nExit code 1 when the service refused or a message was not as documented.',
    );
}

function withVoice(command: Command): Command {
  return command
    .option('--wav <file>', 'what to say, a WAV of any rate')
    .option('--say <text>', 'what to say, through an embedded voice')
    .addOption(new Option('--say-language <language>', 'of --say').choices(['zh', 'en']).default('zh'));
}

/** A service elsewhere needs no listeners here. Prints the report; its error, or a message out of order, is the command's failure. */
function drive(options: TargetOptions, body: (client: Client, output: Output) => Promise<SpeechReport & { out?: string }>): Promise<void> {
  return runWithCore(options, options.url === undefined ? 'ephemeral' : 'offline', async (client, output) => {
    const { audio: _, ...report } = await body(client, output);
    output.result(report, reportText);
    if (report.error !== null) throw TalkError.from(report.error);
    if (report.violations.length > 0)
      throw new TalkError('speech/refused', { service: report.service, code: 0, reason: report.violations.join('; ') });
  });
}

async function run(client: Client, output: Output, job: Job, ping?: string): Promise<SpeechReport> {
  const signal = interruptSignal();
  const runId = randomUUID();
  const begun = Promise.withResolvers<void>();
  let isPinged = ping === undefined;
  const seen = { count: 0, wanted: Number.POSITIVE_INFINITY, all: Promise.withResolvers<void>() };
  const unsubscribe = client.subscribe(
    'speech.messages',
    { runId },
    {
      onSnapshot: () => begun.resolve(),
      onDelta(messages) {
        for (const message of messages) output.line(message, lineOf);
        seen.count += messages.length;
        if (seen.count >= seen.wanted) seen.all.resolve();
        if (isPinged || ping === undefined) return;
        isPinged = true;
        void client.call('speech.tell', { runId, ping }).catch(() => {});
      },
      onEnd: (error) => begun.reject(error ?? new TalkError('disconnected')),
    },
  );
  try {
    await begun.promise;
    const report = await client.call('speech.run', { runId, job }, { signal });
    seen.wanted = report.messageCount;
    if (seen.count < seen.wanted) await Promise.race([seen.all.promise, new Promise((late) => setTimeout(late, LATE_MESSAGES_MS).unref())]);
    return report;
  } finally {
    unsubscribe();
  }
}

function targetOf({ url, token = process.env.TALKBENCH_SPEECH_TOKEN }: TargetOptions): { url?: string; token?: string } {
  return { ...(url !== undefined && { url }), ...(token !== undefined && token !== '' && { token }) };
}

async function spoken({ wav, say, sayLanguage }: VoiceOptions): Promise<Extract<Job, { service: 'asr' }>['speech']> {
  if ((wav === undefined) === (say === undefined))
    throw new TalkError('bad-request', { issues: [{ path: 'speech', message: 'give one of --wav FILE and --say TEXT' }] });
  if (wav !== undefined) return { kind: 'wav', wav: await contentOf(wav) };
  return { kind: 'text', text: say ?? '', language: sayLanguage };
}

async function textOf(given: string): Promise<string> {
  return given.startsWith('@') ? (await contentOf(given.slice(1))).toString('utf8') : given;
}

function contentOf(path: string): Promise<Buffer> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new TalkError('not-found', { what: 'file', id: path, reason: error.code ?? 'unreadable' });
  });
}

function lineOf({ atMs, direction, kind, text, audioMs }: SpeechMessage): string {
  const arrow = direction === 'up' ? '→' : '←';
  return `${(atMs / 1000).toFixed(2).padStart(7)} ${arrow} ${kind === 'audio' ? `audio ${(audioMs ?? 0).toFixed(0)} ms` : kind === 'close' ? `closed ${text}` : text}`;
}

function reportText(report: Omit<SpeechReport, 'audio'> & { out?: string }): string {
  const times = [
    ['first original', report.firstOriginalMs],
    ['first result', report.firstResultMs],
    ['first audio', report.firstAudioMs],
  ] as const;
  return [
    ...report.originals.map((text) => `heard\t${text}`),
    ...report.results.map((text) => `result\t${text}`),
    ...times.flatMap(([name, ms]) => (ms === null ? [] : [`${name}\t${ms.toFixed(0)} ms`])),
    ...(report.engine === null ? [] : [`by\t${report.engine}`]),
    ...(report.out === undefined ? [] : [`saved\t${report.out} (${(report.audioMs / 1000).toFixed(1)} s)`]),
    ...report.violations.map((violation) => `not as documented\t${violation}`),
  ].join('\n');
}
