import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { TuyaState } from '../../../preload/contract/cloud/tuya.ts';
import type { CallBody } from '../../../preload/contract/index.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, interruptSignal, runWithCore, untilAborted, withCommonOptions } from '../command.ts';
import type { Output } from '../output.ts';

interface TalkOptions extends CommonOptions {
  wav?: string;
  speech?: string;
  text?: string;
  out?: string;
  device?: string;
  wireVersion: '1' | '2';
  tls?: boolean;
  app?: boolean;
  serverVad?: boolean;
  audio: 'pcm' | 'opus';
  tts: boolean;
  onlyAsr?: boolean;
  language: 'zh' | 'en';
  steps?: boolean;
  timeout: number;
}

interface MonitorOptions extends CommonOptions {
  out?: string;
  seconds?: number;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 1 && value <= 300)) throw new InvalidArgumentError('want seconds, from 1 to 300');
  return value;
}

function anySeconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 86_400)) throw new InvalidArgumentError('want seconds, a day at most');
  return value;
}

export function addTuyaCommand(program: Command): void {
  const tuya = program
    .command('tuya')
    .description('Tuya’s AI channel: a virtual device talks to the bench, a real device’s debug port is recorded');
  withCommonOptions(tuya.command('talk').description('a virtual device asks something and checks everything that comes'))
    .option('--wav <file>', 'what to say, a WAV of any rate')
    .option('--speech <text>', 'what to say, through an embedded voice')
    .option('--text <text>', 'what to write')
    .option('--device <id>', 'a registered device; one of its own without it')
    .addOption(new Option('--wire-version <version>', '2 is V2.1, 1 has an encryption of its own').choices(['1', '2']).default('2'))
    .option('--tls', 'through the TLS port')
    .option('--app', 'as an app rather than a device')
    .option('--server-vad', 'the bench finds the end of speech')
    .addOption(new Option('--audio <codec>', 'both ways').choices(['pcm', 'opus']).default('pcm'))
    .option('--no-tts', 'the answer in writing only')
    .option('--only-asr', 'the transcript only')
    .addOption(new Option('--language <language>', 'of --speech').choices(['zh', 'en']).default('zh'))
    .option('--steps', 'print every message both ways')
    .option('--out <file>', 'where to save the spoken answer (WAV, 16 kHz mono)')
    .option('--timeout <seconds>', 'how long to wait for the end of the answer', seconds, 60)
    .addHelpText(
      'after',
      '\nJSON: {"transcript","reply","reasoning","emotions":["…"],"steps":[{"atMs","direction","name","text"}],"violations":["…"],"replyDurationMs","out"?}',
    )
    .action((options: TalkOptions) => runWithCore(options, 'ephemeral', (client, output) => talk(client, output, options)));

  withCommonOptions(
    tuya.command('monitor <address>').description('record the AI packets of a device’s debug port (HOST or HOST:PORT; 5055 unless said)'),
  )
    .option('--out <dir>', 'where to save the sound of each channel at the end (WAV)')
    .option('--seconds <seconds>', 'stop after so long; with Ctrl-C, or when the device closes, without it', anySeconds)
    .addHelpText('after', '\nJSON lines: {"direction","name","text"?,"note"?,"atUs"} per packet, and at the end {"packets","files":["…"]}.')
    .action((address: string, options: MonitorOptions) =>
      runWithCore(options, 'offline', (client, output) => monitor(client, output, address, options)),
    );

  withCommonOptions(
    tuya.command('register <deviceId>').description('register a Tuya device by its local key (TALKBENCH_LOCAL_KEY), or make one up'),
  )
    .addHelpText('after', '\nJSON: {"productId","deviceName","generatedLocalKey"?}')
    .action((deviceId: string, options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        const localKey = process.env.TALKBENCH_LOCAL_KEY;
        const made = await client.call('tuya.register', { deviceId, ...(localKey !== undefined && { localKey }) });
        output.result(made, ({ deviceName, generatedLocalKey }) =>
          generatedLocalKey === undefined
            ? `${deviceName} registered`
            : `${deviceName} registered, local key ${generatedLocalKey} (shown this once)`,
        );
      }),
    );
}

async function talk(client: Client, output: Output, options: TalkOptions): Promise<void> {
  const say = await said(options);
  if (say.kind !== 'text') await client.call('pipeline.warmUp', {});
  const request = {
    say,
    ...(options.device !== undefined && { deviceId: options.device }),
    version: Number(options.wireVersion) as 1 | 2,
    isTls: options.tls === true,
    clientType: options.app === true ? ('app' as const) : ('device' as const),
    isServerVad: options.serverVad === true,
    audio: options.audio,
    needTts: options.tts,
    onlyAsr: options.onlyAsr === true,
    language: options.language,
    timeoutMs: options.timeout * 1000,
  };
  const { wav, ...result } = await client.call('tuya.talk', request, { signal: interruptSignal() });
  if (options.out !== undefined) await writeFile(options.out, wav);
  output.result({ ...result, ...(options.out !== undefined && { out: options.out }) }, (turn) =>
    [
      ...(options.steps === true ? turn.steps.map((step) => `${step.atMs}\t${step.direction}\t${step.name}\t${step.text}`) : []),
      ...(turn.transcript === '' ? [] : [`you:   ${turn.transcript}`]),
      ...(turn.reasoning === '' ? [] : [`(thinks: ${turn.reasoning})`]),
      `agent: ${turn.reply}`,
      `${(turn.replyDurationMs / 1000).toFixed(1)} s of sound`,
      ...turn.violations.map((what) => `a device would have stumbled: ${what}`),
    ].join('\n'),
  );
}

async function said({ wav, speech, text, language }: TalkOptions): Promise<CallBody<'tuya.talk'>['say']> {
  if ([wav, speech, text].filter((given) => given !== undefined).length !== 1) {
    throw new TalkError('bad-request', {
      issues: [{ path: 'tuya talk', message: 'give one of --wav FILE, --speech TEXT and --text TEXT' }],
    });
  }
  if (text !== undefined) return { kind: 'text', text };
  if (speech !== undefined) return { kind: 'speech', text: speech, language };
  const bytes = await readFile(wav ?? '').catch((error: NodeJS.ErrnoException) => {
    throw new TalkError('not-found', { what: 'file', id: wav ?? '', reason: error.code ?? 'unreadable' });
  });
  return { kind: 'wav', wav: Uint8Array.from(bytes) };
}

async function monitor(client: Client, output: Output, address: string, options: MonitorOptions): Promise<void> {
  const signal = interruptSignal();
  // Before anything is recorded that then could not be saved.
  if (options.out !== undefined) {
    await mkdir(options.out, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      throw new TalkError('bad-request', { issues: [{ path: '--out', message: error.code ?? 'cannot be made' }] });
    });
  }
  const left = new AbortController();
  let id: string | null = null;
  const look = ({ monitors }: Pick<TuyaState, 'monitors'>) => {
    if (monitors.some((one) => one.id === id && one.state === 'closed')) left.abort();
  };
  const unwatch = client.subscribe('tuya.state', {}, { onSnapshot: look, onDelta: (states) => states.forEach(look) });
  const unsubscribe = client.subscribe(
    'pipeline.events',
    { includeWire: true },
    {
      onSnapshot: () => {},
      onDelta(events) {
        for (const event of events) {
          if (event.kind !== 'wire.message' || event.gateway !== 'tuya-monitor' || event.deviceId !== address) continue;
          const { direction, name, text, note, atUs } = event;
          output.line({ direction, name, ...(text !== undefined && { text }), ...(note !== undefined && { note }), atUs }, (line) =>
            [(line.atUs / 1e6).toFixed(3), line.direction, line.name, line.text ?? '', line.note ?? ''].join('\t'),
          );
        }
      },
    },
  );
  try {
    const started = await client.call('tuya.startMonitor', { address });
    id = started.id;
    output.say(`listening to ${address}`);
    const ends = [signal, left.signal, ...(options.seconds === undefined ? [] : [AbortSignal.timeout(options.seconds * 1000)])];
    look(await client.call('tuya.monitors', {}));
    await untilAborted(AbortSignal.any(ends));
    if (left.signal.aborted) output.say('the device closed the connection');
    const { packets, recordings } = await client.call('tuya.stopMonitor', started);
    const files: string[] = [];
    if (options.out !== undefined) {
      for (const { channel, wav } of recordings) {
        const file = join(options.out, `tuya-${channel}.wav`);
        await writeFile(file, wav);
        files.push(file);
      }
    }
    output.line({ packets, files }, (end) => [`${end.packets} packets`, ...end.files].join('\n'));
  } finally {
    unsubscribe();
    unwatch();
  }
}
