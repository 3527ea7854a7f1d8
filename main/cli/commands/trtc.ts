import { readFile, writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, runWithCore, withCommonOptions } from '../command.ts';

interface TalkOptions extends CommonOptions {
  wav?: string;
  text?: string;
  message?: string;
  config?: string;
  room?: string;
  string?: boolean;
  join?: boolean;
  user: string;
  language: 'zh' | 'en';
  interruptAfter?: number;
  out?: string;
  timeout: number;
}

interface CallOptions extends CommonOptions {
  config?: string;
}

/** The API's actions by the command's words. */
const actions = {
  start: 'StartAIConversation',
  stop: 'StopAIConversation',
  describe: 'DescribeAIConversation',
  update: 'UpdateAIConversation',
  control: 'ControlAIConversation',
} as const;

/** `talkbench trtc …`: conversations in rooms, as a backend and an app drive them. */
export function addTrtcCommand(program: Command): void {
  const trtc = program
    .command('trtc')
    .description('AI conversations in TRTC rooms: start, describe, update, control and stop them, and talk in one');

  for (const [word, action] of Object.entries(actions)) {
    withCommonOptions(
      trtc
        .command(word)
        .argument('[values...]', 'NAME=VALUE of the action’s parameters; a value may be JSON')
        .description(`run ${action}, without a signature`),
    )
      .option('--config <file>', 'JSON of the parameters; values given besides go over it')
      .addHelpText('after', `\nExample: talkbench trtc ${examples[word as keyof typeof actions]}\nJSON: what stands in Response`)
      .action((values: string[], options: CallOptions) =>
        runWithCore(options, 'ephemeral', async (client, output) => {
          const parameters = { ...(await jsonOf(options.config)), ...valuesOf(values) };
          const { response } = await client.call('trtc.call', { action, parameters });
          output.result(response, (it) =>
            Object.entries(it)
              .map(([name, value]) => `${name}\t${String(value)}`)
              .join('\n'),
          );
        }),
      );
  }

  withCommonOptions(trtc.command('talk').description('a virtual client enters a room, starts a conversation, speaks and hears the answer'))
    .option('--wav <file>', 'what to say, a WAV of any rate')
    .option('--text <text>', 'what to say, through an embedded voice')
    .option('--message <text>', 'what to ask as message 20000, past speech recognition')
    .option('--config <file>', 'JSON of StartAIConversation; room, user and signature are the talk’s own')
    .option('--room <id>', 'which room; without it one of its own')
    .option('--string', 'the room’s id is a string')
    .option('--join', 'a conversation runs there: start none')
    .option('--user <id>', 'who speaks', 'talkbench-user')
    .addOption(new Option('--language <language>', 'of the conversation').choices(['zh', 'en']).default('zh'))
    .option('--interrupt-after <ms>', 'interrupt the answer with message 20001 after so long', milliseconds)
    .option('--out <file>', 'where to save what was heard (WAV, 16 kHz mono)')
    .option('--timeout <seconds>', 'how long all of it may take', Number, 60)
    .addHelpText('after', '\nJSON: {"taskId","transcript","reply","messages":[{"atMs","type","message"}],"out"?,"heardMs"}')
    .action((options: TalkOptions) =>
      runWithCore(options, 'ephemeral', async (client, output) => {
        await client.call('pipeline.warmUp', {});
        const { wav, ...talked } = await client.call('trtc.talk', {
          ...{ userId: options.user, language: options.language, timeoutS: options.timeout, source: await sourceOf(options) },
          ...(options.room !== undefined && { roomId: options.room }),
          roomIdType: options.string === true ? 1 : 0,
          parameters: options.join === true ? null : await jsonOf(options.config),
          interruptAfterMs: options.interruptAfter ?? null,
        });
        if (options.out !== undefined) await writeFile(options.out, wav);
        // 16-bit mono behind a header of 44 bytes.
        const heardMs = Math.max(0, wav.byteLength - 44) / 32;
        output.result({ ...talked, ...(options.out !== undefined && { out: options.out }), heardMs }, ({ transcript, reply, messages }) =>
          [`you\t${transcript}`, `robot\t${reply}`, `heard\t${(heardMs / 1000).toFixed(1)} s`, `messages\t${messages.length}`].join('\n'),
        );
      }),
    );
}

const examples: Record<keyof typeof actions, string> = {
  start: `start --config start.json SdkAppId=1400000000 RoomId=1234`,
  stop: 'stop TaskId=…',
  describe: 'describe TaskId=…',
  update: 'update TaskId=… InterruptSpeechDuration=800',
  control: `control TaskId=… Command=ServerPushText 'ServerPushText={"Text":"你好","Interrupt":true}'`,
};

async function sourceOf({ wav, text, message }: TalkOptions) {
  const given = [wav, text, message].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw new TalkError('bad-request', { issues: [{ path: 'talk', message: 'give one of --wav FILE, --text TEXT and --message TEXT' }] });
  if (wav !== undefined) return { kind: 'wav', wav: new Uint8Array(await contents(wav)) } as const;
  return text !== undefined ? ({ kind: 'speech', text } as const) : ({ kind: 'message', text: message ?? '' } as const);
}

async function jsonOf(file: string | undefined): Promise<Record<string, unknown>> {
  if (file === undefined) return {};
  try {
    const parameters: unknown = JSON.parse((await contents(file)).toString('utf8'));
    if (typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters)) return parameters as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new TalkError('bad-request', { issues: [{ path: file, message: 'want a JSON object' }] });
}

function contents(file: string): Promise<Buffer> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new TalkError('not-found', { what: 'file', id: file, reason: error.code ?? 'unreadable' });
  });
}

/** JSON where it is some, text otherwise; RoomId and TaskId are texts in any case. */
function valuesOf(values: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    values.map((pair) => {
      const [name = '', ...rest] = pair.split('=');
      const value = rest.join('=');
      if (name === '' || rest.length === 0) throw new TalkError('bad-request', { issues: [{ path: pair, message: 'want NAME=VALUE' }] });
      return [name, ['RoomId', 'TaskId', 'SessionId', 'LLMConfig', 'TTSConfig'].includes(name) ? value : jsonOrText(value)];
    }),
  );
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function milliseconds(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('want milliseconds');
  return value;
}
