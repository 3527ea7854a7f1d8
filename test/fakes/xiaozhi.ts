import { createXiaozhiBoard, type XiaozhiBoard } from '../../pipeline/boards/xiaozhi/board.ts';
import type { BoardLink, LinkEvents } from '../../pipeline/boards/xiaozhi/link.ts';
import type { StartConversation } from '../../pipeline/conversation.ts';
import { type BoardWire, Channel } from '../../pipeline/gateways/xiaozhi/channel.ts';
import { readHello } from '../../pipeline/gateways/xiaozhi/hello.ts';
import { type ListenMode, readBoardMessage } from '../../pipeline/gateways/xiaozhi/messages.ts';
import { createStartConversation } from '../../pipeline/turn/start.ts';
import { settingsSchema } from '../../preload/contract/settings.ts';
import type { MonoUs } from '../../preload/contract/time.ts';
import { FakeLlm, type FakeReply, FakeStt, FakeTts, type FakeTtsOptions, type FakeUtterance, FakeVad, speechPcm } from './engines.ts';
import { RecordingObserver } from './observer.ts';
import { VirtualClock } from './virtual-clock.ts';

export const boardName = '02:00:00:00:00:01';

export interface XiaozhiRigOptions {
  greeting?: string;
  utterances?: readonly FakeUtterance[];
  replies?: readonly FakeReply[];
  tts?: FakeTtsOptions;
  /** Partial sections, over the schema's defaults. */
  settings?: Record<string, Record<string, unknown>>;
  /** Over UDP nothing reaches a board before its first datagram. */
  transport?: 'websocket' | 'udp';
  features?: Record<string, unknown>;
  isC3?: boolean;
  wakeWord?: { text: string; pcm: Int16Array };
  /** In place of the real turn-taking on fake engines. */
  startConversation?: StartConversation;
}

export interface XiaozhiRig {
  clock: VirtualClock;
  board: XiaozhiBoard;
  observer: RecordingObserver;
  llm: FakeLlm;
  stt: FakeStt;
  tts: FakeTts;
  /** What came to the board and went from it, in order: 'up listen start', 'down tts sentence_start Hello'. */
  said: { atUs: number; text: string }[];
  /** When each packet reached the board. */
  packets: number[];
  states: { atUs: number; state: string }[];
  /** Of the channel that is open, or was last. */
  channel(): Channel;
  closeReasons: string[];
  wake(mode?: ListenMode): Promise<void>;
  /** Advances while the user speaks. */
  speak(ms: number): Promise<void>;
  advanceMs(ms: number): Promise<void>;
  /** Advances until it is so; fails after `limitMs`. */
  until(isSo: () => boolean, limitMs?: number): Promise<void>;
  /** Sends something past the gateway, as a worse server would. */
  inject: { message(message: Record<string, unknown>): void; audio(packet: Uint8Array): void };
}

const WIRE_US = 5000;
const STEP_US = 10_000;

/** A virtual board and a gateway's channel on a wire of 5 ms each way, all on the virtual clock; turn-taking is the real one. */
export function createXiaozhiRig(options: XiaozhiRigOptions = {}): XiaozhiRig {
  const clock = new VirtualClock(5_000_000);
  const observer = new RecordingObserver();
  const vad = new FakeVad();
  const stt = new FakeStt(clock, options.utterances);
  const llm = new FakeLlm(clock, options.replies);
  const tts = new FakeTts(clock, options.tts);
  const { agent, ...sections } = options.settings ?? {};
  const greeting = options.greeting ?? '';
  const settings = settingsSchema.parse({ ...sections, agent: { greetingZh: greeting, greetingEn: greeting, ...agent } });
  const said: XiaozhiRig['said'] = [];
  const packets: number[] = [];
  const states: XiaozhiRig['states'] = [];
  const closeReasons: string[] = [];
  let channel: Channel | null = null;
  let events: LinkEvents | null = null;

  function after(callback: () => void): void {
    clock.at((clock.nowUs() + WIRE_US) as MonoUs, callback);
  }

  function note(direction: 'up' | 'down', message: Record<string, unknown>): void {
    const words = [
      direction,
      message.type,
      message.state,
      message.reason,
      message.emotion,
      message.type === 'tts' ? message.text : undefined,
    ];
    said.push({ atUs: clock.nowUs(), text: words.filter((word) => typeof word === 'string').join(' ') });
  }

  function createLink(linkEvents: LinkEvents): BoardLink {
    events = linkEvents;
    let isOpen = false;
    let hasSentAudio = false;

    function openChannel(): Channel {
      const wire: BoardWire = {
        transport: options.transport ?? 'websocket',
        protocolVersion: 1,
        sendJson: (text) => after(() => isOpen && linkEvents.onMessage(JSON.parse(text) as Record<string, unknown>)),
        sendAudio(packet) {
          after(() => {
            packets.push(clock.nowUs());
            if (isOpen) linkEvents.onAudio(packet, 0);
          });
        },
        bufferedBytes: () => 0,
        isReachable: () => options.transport !== 'udp' || hasSentAudio,
        close(reason) {
          closeReasons.push(reason);
          after(() => {
            isOpen = false;
            linkEvents.onClosed(reason);
          });
        },
      };
      const hello = readHello({ features: options.features ?? {} });
      const device = { productId: 'XIAOZHI', deviceName: boardName };
      return new Channel(
        wire,
        { device, clientId: 'test', language: 'zh', hello, query: {} },
        {
          clock,
          observer,
          settings: () => settings,
          conversationSettings: () => () => settings,
          startConversation:
            options.startConversation ?? createStartConversation({ clock, observer, engines: () => ({ vad, stt, llm, tts }) }),
          vision: null,
          onChange: () => {},
        },
      );
    }

    return {
      transport: options.transport ?? 'websocket',
      get isOpen() {
        return isOpen;
      },
      open() {
        return new Promise((resolve) => {
          after(() => {
            const opened = openChannel();
            channel = opened;
            hasSentAudio = false;
            after(() => {
              isOpen = true;
              resolve({ sessionId: opened.conversationId, sampleRate: 16000, frameMs: 60 });
              opened.open();
            });
          });
        });
      },
      send(message) {
        const text = JSON.stringify(message);
        const read = readBoardMessage(text);
        after(() => read !== null && channel?.receive(read, text, clock.nowUs()));
      },
      sendAudio(packet) {
        after(() => {
          hasSentAudio = true;
          channel?.audio(packet, clock.nowUs());
        });
      },
      closeChannel() {
        isOpen = false;
        after(() => channel?.end('closed by the board: 1000'));
        linkEvents.onClosed('pressed');
      },
      async close() {
        isOpen = false;
        channel?.end('closed by the board: 1000');
      },
    };
  }

  const board = createXiaozhiBoard({
    clock,
    server: { kind: 'link', create: createLink },
    deviceName: boardName,
    clientId: 'test',
    ...(options.isC3 !== undefined && { isC3: options.isC3 }),
    ...(options.wakeWord !== undefined && { wakeWord: options.wakeWord }),
    onState: (state) => states.push({ atUs: clock.nowUs(), state }),
    onMessage: note,
  });

  const rig: XiaozhiRig = {
    clock,
    board,
    observer,
    llm,
    stt,
    tts,
    said,
    packets,
    states,
    closeReasons,
    channel() {
      if (channel === null) throw new Error('the board has not said hello');
      return channel;
    },
    async wake(mode = 'auto') {
      const woken = board.wake(mode);
      await clock.advance(100_000);
      await woken;
    },
    async speak(ms) {
      const spoken = board.speak(speechPcm(ms));
      await clock.advance((ms + 60) * 1000);
      await spoken;
    },
    advanceMs: (ms) => clock.advance(ms * 1000),
    async until(isSo, limitMs = 20_000) {
      for (let us = 0; us < limitMs * 1000 && !isSo(); us += STEP_US) await clock.advance(STEP_US);
      if (!isSo()) throw new Error(`not within ${limitMs} ms; said: ${said.map(({ text }) => text).join(' | ')}`);
    },
    inject: {
      message: (message) => events?.onMessage(message),
      audio: (packet) => events?.onAudio(packet, 0),
    },
  };
  return rig;
}
