import { readFile, writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, interruptSignal, runWithCore, withCommonOptions } from '../command.ts';

interface XiaozhiOptions extends CommonOptions {
  wav?: string;
  text?: string;
  out?: string;
  ota?: string;
  url?: string;
  token?: string;
  device?: string;
  transport?: 'websocket' | 'mqtt';
  protocolVersion?: '1' | '2' | '3';
  mode: 'auto' | 'manual' | 'realtime';
  language: 'zh' | 'en';
  timeout: number;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 1 && value <= 600)) throw new InvalidArgumentError('want seconds, from 1 to 600');
  return value;
}

export function addXiaozhiCommand(program: Command): void {
  withCommonOptions(program.command('xiaozhi').description('a virtual xiaozhi board asks this bench, or any server, something'))
    .option('--wav <file>', 'what to say, a WAV of any rate')
    .option('--text <text>', 'what to say, through an embedded voice')
    .option('--ota <url>', 'OTA address of another server; this bench’s without it')
    .option('--url <url>', 'WebSocket address of another server, past its OTA')
    .option('--token <token>', 'with --url: what the server is shown')
    .option('--device <mac>', 'the board’s MAC; a new one without it')
    .addOption(new Option('--transport <transport>', 'refuse another one than this').choices(['websocket', 'mqtt']))
    .addOption(
      new Option('--protocol-version <version>', 'framing of the WebSocket’s audio, whatever the OTA says').choices(['1', '2', '3']),
    )
    .addOption(new Option('--mode <mode>', 'how the board listens').choices(['auto', 'manual', 'realtime']).default('auto'))
    .addOption(new Option('--language <language>', 'language of the board and of --text').choices(['zh', 'en']).default('zh'))
    .option('--out <file>', 'where to save what the board’s speaker played of the reply (WAV, 16 kHz mono)')
    .option('--timeout <seconds>', 'how long to wait for the end of the reply', seconds, 60)
    .addHelpText(
      'after',
      '\nJSON: {"deviceName","transport","conversationId","transcript","reply","emotion","toolCalls":[{"name","arguments"}],"latencyMs","durationMs","violations":["…"],"out"?}',
    )
    .action((options: XiaozhiOptions) =>
      runWithCore(options, 'ephemeral', async (client, output) => {
        const { wav, text, out, ota, url, token, device, transport, mode, language, timeout } = options;
        if ((wav === undefined) === (text === undefined)) {
          throw new TalkError('bad-request', { issues: [{ path: 'xiaozhi', message: 'give one of --wav FILE and --text TEXT' }] });
        }
        const source =
          wav === undefined
            ? ({ kind: 'text', text: text ?? '' } as const)
            : ({
                kind: 'wav',
                wav: await readFile(wav).catch((error: NodeJS.ErrnoException) => {
                  throw new TalkError('not-found', { what: 'file', id: wav, reason: error.code ?? 'unreadable' });
                }),
              } as const);
        if (url === undefined && ota === undefined) await client.call('pipeline.warmUp', {});
        const protocolVersion = options.protocolVersion === undefined ? undefined : (Number(options.protocolVersion) as 1 | 2 | 3);
        const said = { ota, url, token, deviceName: device, transport, protocolVersion };
        const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
        const request = { ...given, mode, language, source, timeoutMs: timeout * 1000 };
        const { wav: heard, ...result } = await client.call('xiaozhi.talk', request, { signal: interruptSignal() });
        if (out !== undefined) await writeFile(out, heard);
        output.result({ ...result, ...(out !== undefined && { out }) }, (talk) =>
          [
            `you:   ${talk.transcript}`,
            `agent: ${talk.reply}${talk.emotion === null ? '' : ` (${talk.emotion})`}`,
            ...talk.toolCalls.map((call) => `tool:  ${call.name} ${JSON.stringify(call.arguments)}`),
            `${talk.latencyMs?.toFixed(0) ?? '—'} ms to the first sound, ${(talk.durationMs / 1000).toFixed(1)} s in all`,
            ...talk.violations.map((what) => `a board would have stumbled: ${what}`),
          ].join('\n'),
        );
      }),
    );
}
