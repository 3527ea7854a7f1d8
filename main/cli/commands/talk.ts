import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, interruptSignal, runWithCore, withCommonOptions } from '../command.ts';
import { createEventFeed } from '../event-feed.ts';
import { listSoundDevices, talkWithMicrophone } from './talk-microphone.ts';

interface TalkOptions extends CommonOptions {
  mic?: boolean;
  devices?: boolean;
  input?: string;
  output?: string;
  headphones?: boolean;
  pushToTalk?: boolean;
  turns?: number;
  wav?: string;
  text?: string;
  out?: string;
  language: 'zh' | 'en';
  audioType: 'opus' | 'pcm';
  audioInterval: string;
  timeout: number;
}

/** Until the bench has noticed that the board is gone. */
const CLOSING_MS = 3000;

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 86_400)) throw new InvalidArgumentError('want seconds, a day at most');
  return value;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('want a whole number from 1');
  return value;
}

export function addTalkCommand(program: Command): void {
  withCommonOptions(program.command('talk').description('a virtual board speaks a recording, a text or you to the pipeline'))
    .option('--wav <file>', 'what to say, a WAV of any rate')
    .option('--text <text>', 'what to say, through an embedded voice')
    .option('--mic', 'talk yourself, with this machine’s microphone and speaker, until Ctrl+C')
    .option('--devices', 'list the sound devices for --input and --output, and do nothing else')
    .option('--input <device>', 'with --mic: the microphone, its number, name or a part of it')
    .option('--output <device>', 'with --mic: the speaker')
    .option('--headphones', 'with --mic: you may interrupt; without, the microphone is silent while the speaker plays')
    .option('--push-to-talk', 'with --mic: the space bar opens and closes the microphone')
    .option('--turns <count>', 'with --mic: end after so many answers', count)
    .option('--out <file>', 'where to save what the board’s speaker played of the reply (WAV, 16 kHz mono)')
    .addOption(new Option('--language <language>', 'language of the conversation').choices(['zh', 'en']).default('en'))
    .addOption(new Option('--audio-type <type>', 'codec on the wire').choices(['opus', 'pcm']).default('opus'))
    .addOption(new Option('--audio-interval <ms>', 'frame length').choices(['20', '40', '60']).default('60'))
    .option('--timeout <seconds>', 'how long to wait for the end of the reply', seconds, 60)
    .addHelpText(
      'after',
      '\nJSON with --mic: {"sessionId","conversationId","turns":[{"turnId","outcome","transcript","reply","heard"}]}; with --devices: {"devices":[…]}; else {"sessionId","conversationId","turnId","outcome","transcript","reply","heard","toolCalls","latency":{"totalMs","parts":{"<part>":ms},"audibleSource","product"},"out"?,"replyDurationMs"}',
    )
    .action((options: TalkOptions) =>
      runWithCore(options, 'ephemeral', async (client, output) => {
        if (options.devices === true) return listSoundDevices(client, output);
        const sources = [options.wav !== undefined, options.text !== undefined, options.mic === true].filter((isGiven) => isGiven);
        if (sources.length !== 1)
          throw new TalkError('bad-request', { issues: [{ path: 'talk', message: 'give one of --wav FILE, --text TEXT and --mic' }] });
        if (options.mic === true) return talkWithMicrophone(client, output, options);
        const { wav } = options;
        const source =
          wav === undefined
            ? ({ kind: 'text', text: options.text ?? '', language: options.language } as const)
            : ({
                kind: 'wav',
                wav: await readFile(wav).catch((error: NodeJS.ErrnoException) => {
                  throw new TalkError('not-found', { what: 'file', id: wav, reason: error.code ?? 'unreadable' });
                }),
              } as const);

        using feed = createEventFeed(client, interruptSignal());
        const name = `talk-${randomBytes(3).toString('hex')}`;
        const audioInterval = Number(options.audioInterval) as 20 | 40 | 60;
        const { id: sessionId } = await client.call('sessions.start', { title: `talk ${wav ?? options.text ?? ''}`.slice(0, 200) });
        const board = await client.call('boards.start', { name, language: options.language, audioType: options.audioType, audioInterval });
        let isTalking = false;
        try {
          await client.call('ports.open', { address: board.address }); // its log belongs to the session
          output.say('booting and connecting');
          const { conversationId } = await feed.wait('conversation.opened', (event) => event.deviceName === board.deviceName, 20_000);
          isTalking = true;
          await feed.wait('turn.ended', (event) => event.conversationId === conversationId, 30_000); // the greeting
          await client.call('pipeline.warmUp', {});
          const { durationMs } = await client.call('boards.speak', { name, source });
          output.say(`speaking ${(durationMs / 1000).toFixed(1)} s`);
          const ended = await feed.wait(
            'turn.ended',
            (event) => event.conversationId === conversationId && event.outcome !== 'unanswered',
            durationMs + options.timeout * 1000,
          );
          const heard = await client.call('boards.heard', { name });
          if (options.out !== undefined) await writeFile(options.out, heard.wav);
          const detail = await client.call('sessions.show', { id: sessionId });
          const turn = detail.turns.find((one) => one.conversationId === conversationId && one.turnId === ended.turnId);
          const breakdown = turn?.breakdown;
          output.result(
            {
              sessionId,
              conversationId,
              turnId: ended.turnId,
              outcome: ended.outcome,
              transcript: ended.userText,
              reply: ended.replyText,
              heard: ended.heardText,
              toolCalls: turn?.toolCalls ?? [],
              latency: {
                totalMs: breakdown?.totalUs == null ? null : breakdown.totalUs / 1000,
                parts: Object.fromEntries((breakdown?.parts ?? []).map((part) => [part.key, part.durationUs / 1000])),
                missing: breakdown?.missing ?? [],
                audibleSource: breakdown?.audibleSource ?? null,
                product: breakdown?.product ?? null,
              },
              ...(options.out === undefined ? {} : { out: options.out }),
              replyDurationMs: heard.durationMs,
            },
            (result) =>
              [
                `you:   ${result.transcript}`,
                `agent: ${result.heard}`,
                `${result.latency.totalMs?.toFixed(0) ?? '—'} ms = ${Object.entries(result.latency.parts)
                  .map(([key, ms]) => `${key} ${ms.toFixed(0)}`)
                  .join(' + ')}`,
                `session ${result.sessionId}`,
              ].join('\n'),
          );
        } finally {
          await client.call('ports.close', { address: board.address }).catch(() => {});
          await client.call('boards.stop', { name }).catch(() => {});
          // The recording has its conversation's end too.
          if (isTalking) await feed.wait('conversation.closed', () => true, CLOSING_MS).catch(() => {});
          await client.call('sessions.stop', {}).catch(() => {});
        }
      }),
    );
}
