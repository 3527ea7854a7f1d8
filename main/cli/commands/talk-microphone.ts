import { randomBytes } from 'node:crypto';
import type { Client } from '../../../preload/contract/client.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import { isTalkError } from '../../../preload/contract/talk-error.ts';
import { interruptSignal } from '../command.ts';
import { createEventFeed, type EventFeed } from '../event-feed.ts';
import type { Output } from '../output.ts';

export interface MicrophoneOptions {
  input?: string;
  output?: string;
  headphones?: boolean;
  pushToTalk?: boolean;
  turns?: number;
  language: 'zh' | 'en';
  audioType: 'opus' | 'pcm';
  audioInterval: string;
  timeout: number;
}

type EndedTurn = Extract<PipelineEvent, { kind: 'turn.ended' }>;

/** A person talks to the pipeline with this machine's microphone and speaker, through a virtual board, until Ctrl+C or so many turns. */
export async function talkWithMicrophone(client: Client, output: Output, options: MicrophoneOptions): Promise<void> {
  const interrupt = interruptSignal();
  using feed = createEventFeed(client, interrupt);
  const name = `talk-${randomBytes(3).toString('hex')}`;
  const { id: sessionId } = await client.call('sessions.start', { title: 'talk with the microphone' });
  const turns: EndedTurn[] = [];
  let conversationId: string | null = null;
  try {
    const board = await client.call('boards.start', {
      name,
      language: options.language,
      audioType: options.audioType,
      audioInterval: Number(options.audioInterval) as 20 | 40 | 60,
      audio: {
        source: 'host',
        mode: options.pushToTalk === true ? 'push-to-talk' : 'open',
        duplex: options.headphones === true ? 'full' : 'half',
        ...(options.input === undefined ? {} : { input: options.input }),
        ...(options.output === undefined ? {} : { output: options.output }),
      },
    });
    using _audio = { [Symbol.dispose]: followAudio(client, name, output) };
    const opened = await feed.wait('conversation.opened', (event) => event.deviceName === board.deviceName, 20_000);
    conversationId = opened.conversationId;
    await client.call('pipeline.warmUp', {});
    using _button = { [Symbol.dispose]: options.pushToTalk === true ? button(client, name, output) : () => {} };
    output.say(
      options.pushToTalk === true ? 'press the space bar to talk, again when you have finished; Ctrl+C ends' : 'talk; Ctrl+C ends',
    );
    while (options.turns === undefined || turns.length < options.turns) {
      const turn = await nextTurn(feed, conversationId, options, output);
      if (turn !== null) turns.push(turn);
    }
  } catch (error) {
    // Ctrl+C is how a talk ends.
    if (!(interrupt.aborted && isTalkError(error, 'cancelled'))) throw error;
  } finally {
    await client.call('boards.stop', { name }).catch(() => {});
    await client.call('sessions.stop', {}).catch(() => {});
  }
  const result = {
    sessionId,
    conversationId,
    turns: turns.map(({ turnId, outcome, userText, replyText, heardText }) => ({
      ...{ turnId, outcome, transcript: userText, reply: replyText, heard: heardText },
    })),
  };
  output.result(result, () => `session ${sessionId}`);
}

/** Null: it failed, which was said; the person says it again. */
async function nextTurn(feed: EventFeed, conversationId: string, options: MicrophoneOptions, output: Output): Promise<EndedTurn | null> {
  // A person may be silent for as long as they like; a script says how long it waits.
  const waitMs = options.turns === undefined ? 86_400_000 : options.timeout * 1000;
  try {
    const turn = await feed.wait(
      'turn.ended',
      (event) => event.conversationId === conversationId && event.userText !== '' && event.outcome !== 'unanswered',
      waitMs,
    );
    output.say(`you:   ${turn.userText}\nagent: ${turn.heardText}`);
    return turn;
  } catch (error) {
    if (!isTalkError(error) || !error.code.startsWith('engine/')) throw error;
    output.warn(`error ${error.code} ${JSON.stringify(error.value.data)}`);
    return null;
  }
}

/** Says which devices it is, and what goes wrong with them. */
function followAudio(client: Client, name: string, output: Output): () => void {
  let told = '';
  const tell = (states: readonly { name: string; state: string; input: string | null; output: string | null; error: unknown }[]) => {
    for (const state of states) {
      const text =
        state.error === null
          ? `microphone ${state.input}; speaker ${state.output}`
          : `sound ${state.state}: ${JSON.stringify(state.error)}`;
      if (state.name !== name || state.input === null || text === told) continue;
      told = text;
      if (state.error === null) output.say(text);
      else output.warn(text);
    }
  };
  return client.subscribe('audio.state', {}, { onSnapshot: tell, onDelta: tell });
}

/** A terminal tells no key's release: one press begins, the next ends. */
function button(client: Client, name: string, output: Output): () => void {
  const { stdin } = process;
  let isDown = false;
  const onData = (bytes: Buffer) => {
    for (const byte of bytes) {
      if (byte === 0x03) process.kill(process.pid, 'SIGINT'); // in raw mode the terminal no longer does
      if (byte !== 0x20) continue;
      isDown = !isDown;
      client.send('audio.press', { name, isDown });
      output.say(isDown ? '● talking' : '○ listening');
    }
  };
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', onData).resume();
  return () => {
    stdin.off('data', onData).pause();
    if (stdin.isTTY) stdin.setRawMode(false);
  };
}

/** The machine's sound devices, for --input and --output. */
export async function listSoundDevices(client: Client, output: Output): Promise<void> {
  const { devices } = await client.call('audio.devices', {});
  output.result({ devices }, () =>
    devices.length === 0
      ? 'no sound device'
      : devices
          .map(({ index, name, hostApi, inputChannels, outputChannels, isDefaultInput, isDefaultOutput }) => {
            const can = [
              inputChannels > 0 ? `in${isDefaultInput ? '*' : ''}` : '',
              outputChannels > 0 ? `out${isDefaultOutput ? '*' : ''}` : '',
            ];
            return `${String(index).padStart(3)}  ${can
              .filter((word) => word !== '')
              .join(' ')
              .padEnd(9)}  ${name} (${hostApi})`;
          })
          .join('\n'),
  );
}
