import { randomUUID } from 'node:crypto';
import { isTalkError, TalkError } from '../../../preload/contract/errors.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { ConversationSettings, Settings } from '../../../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Conversation, ConversationPeer, StartConversation } from '../../conversation.ts';
import type { Observer } from '../../observer.ts';
import type { DeviceName } from '../devices.ts';
import { type AgentGrant, usualBizConfig } from './agent-tokens.ts';
import { writeAudioParameters } from './audio-stream.ts';
import { type DataChannels, receiveId } from './channels.ts';
import { redact } from './describe.ts';
import type { DownPath } from './down-turn.ts';
import { HeardSound } from './heard-sound.ts';
import { DeviceMcp } from './mcp.ts';
import { orderedAudio, variablesOf } from './session-attributes.ts';
import { SessionTurns } from './session-turns.ts';
import { readEventOptions, UpEvent } from './up-event.ts';
import { isOn, objectOf, type UserData } from './user-data.ts';
import type { Attribute } from './wire/attributes.ts';
import type { Chunk } from './wire/heads.ts';
import { audioCodecs, eventTypes, packetTypes, streamFlags } from './wire/numbers.ts';

export interface SessionDeps {
  clock: Clock;
  observer: Observer;
  tuyaSettings: () => Settings['tuya'];
  conversationSettings: () => ConversationSettings;
  startConversation: StartConversation;
  device: DeviceName;
  isApp: boolean;
  language: 'zh' | 'en';
  /** Packets to the device; ids, versions and sequence numbers of its connection. */
  path: Pick<DownPath, 'version' | 'eventHead' | 'send' | 'wallMs' | 'nextTextSequence'>;
  bufferedBytes: () => number;
  /** Something of the device's was not understood or could not be used: recorded, answered where the protocol has an answer. */
  note: (what: string, note: string) => void;
  /** The conversation has ended by itself. */
  onEnded: (reason: string) => void;
}

const DOWNLINK_FRAME_MS = 60;
/** With the end of an event something must come: a device waits for its answer. */
const LONGEST_SILENCE_US = 15_000_000;

/**
 * One session of a device: its events on one side, a Conversation on the other. Sound with EventStart … EventEnd is push-to-talk, unless the
 * event has the cloud's voice activity detection; text and pictures are handed over with the event's end.
 */
export class TuyaSession {
  readonly sessionId: string;
  readonly conversationId = randomUUID();
  readonly channels: DataChannels;
  readonly grant: AgentGrant | null;
  readonly downlink: 'pcm' | 'opus' | 'none';
  readonly conversation: Conversation;
  readonly #deps: SessionDeps;
  readonly #mcp: DeviceMcp;
  #event: UpEvent | null = null;
  readonly #sound: HeardSound;
  readonly #turns: SessionTurns;
  #isClosed = false;
  #cancelSilence: (() => void) | null = null;

  constructor(sessionId: string, channels: DataChannels, data: UserData, grant: AgentGrant | null, deps: SessionDeps) {
    this.#deps = deps;
    this.sessionId = sessionId;
    this.channels = channels;
    this.grant = grant;
    const names = (grant?.bizConfig ?? usualBizConfig).revData;
    const needsTts = (grant?.needTts ?? isOn(data.session.needTts) ?? true) && receiveId(channels, names, 'audio') !== undefined;
    const ordered = orderedAudio(data.session) ?? deps.tuyaSettings().audio;
    this.downlink = needsTts ? ordered : 'none';
    const bitrate = deps.conversationSettings().downlink.bitrate;
    const path: DownPath = {
      ...deps.path,
      sessionId,
      textId: receiveId(channels, names, 'text'),
      audioId: needsTts ? receiveId(channels, names, 'audio') : undefined,
      audioParameters: writeAudioParameters(
        {
          codec: audioCodecs[ordered],
          channels: 1,
          bitDepth: 16,
          sampleRate: 16000,
          frameBytes: ordered === 'opus' ? Math.floor((bitrate * DOWNLINK_FRAME_MS) / 8000) : 0,
        },
        DOWNLINK_FRAME_MS,
      ),
    };
    this.#sound = new HeardSound({
      clock: deps.clock,
      conversation: () => this.conversation,
      isServerVad: () => this.#isServerVad(),
      note: deps.note,
    });
    this.#turns = new SessionTurns({
      path,
      isApp: deps.isApp,
      event: () => this.#event,
      isServerVad: () => this.#isServerVad(),
      isHeardAfterVad: () => deps.tuyaSettings().afterServerVad === 'heard-with-interrupt',
      isTranscriptAll: (event) => event?.options.onlyAsr ?? grant?.onlyAsr ?? false,
      leave: (reason) => queueMicrotask(() => this.#isClosed || this.conversation.interrupt(reason)),
      onAnswered: (event) => {
        this.#cancelSilence?.();
        if (event.isOver) this.#event = null;
      },
    });
    this.#mcp = new DeviceMcp({
      clock: deps.clock,
      path,
      timeoutMs: () => deps.conversationSettings().agent.toolTimeoutMs,
      isOffered: isOn(objectOf(data.session.deviceMcp).supportCustomMCP) === true,
    });
    const frame = { sampleRate: 16000, frameMs: DOWNLINK_FRAME_MS } as const;
    this.conversation = deps.startConversation(
      {
        conversationId: this.conversationId,
        gateway: 'tuya',
        ...deps.device,
        language: deps.language,
        // Every stream says its own codec, which may change: it is taken off before (audio-stream.ts).
        uplink: { codec: 'pcm', sampleRate: 16000, frameMs: 20 },
        downlink: { codec: ordered, ...frame },
        variables: variablesOf(data.session),
        query: { sessionId, ...(data.text !== undefined && { userData: redact(data.text).slice(0, 4000) }) },
        settings: () => this.#settings(),
      },
      this.#peer(),
    );
    this.#mcp.start();
  }

  get eventId(): string | null {
    return this.#event?.id ?? null;
  }

  /** Whether a packet of that channel is for this session now. */
  takes(dataId: number): boolean {
    return this.channels.sendIds.includes(dataId);
  }

  receiveEvent(type: number, eventId: string, data: UserData, body: Uint8Array): void {
    switch (type) {
      case eventTypes.start:
        this.#start(eventId, data);
        return;
      case eventTypes.payloadsEnd:
        this.#payloadsEnd(eventId, data.payloadsEndDataId);
        return;
      case eventTypes.end:
        this.#end(eventId);
        return;
      case eventTypes.oneShot:
        this.#start(eventId, data);
        this.#event?.takeText({ dataId: 0, flag: streamFlags.one, timestampMs: 0, sequence: 0, data: body });
        this.#end(eventId);
        return;
      case eventTypes.chatBreak:
        this.#chatBreak(eventId);
        return;
      case eventTypes.clearDataCache:
        this.#forgetEvent();
        return;
      case eventTypes.mcp:
        this.#mcp.receive(body);
        return;
      default:
    }
  }

  /** A piece of a stream on one of the session's channels. Throws TalkError for what cannot be used; the session goes on. */
  receiveChunk(type: number, chunk: Chunk, attributes: readonly Attribute[], receivedUs: MonoUs): void {
    const event = this.#event;
    if (event === null) {
      // Sound after ServerVAD, or before any event: the document says that it is not processed.
      if (chunk.flag !== streamFlags.ing) this.#deps.note('stream', '39006: no event is open');
      return;
    }
    if (type === packetTypes.audio) this.#audio(event, chunk, attributes, receivedUs);
    else if (type === packetTypes.text) event.takeText(chunk);
    else if (type === packetTypes.image) {
      const image = event.takeImage(chunk, attributes);
      if (image !== null) this.conversation.image(image);
    } else if (chunk.flag === streamFlags.end || chunk.flag === streamFlags.one) {
      const feature = type === packetTypes.video ? 'video' : 'file';
      throw new TalkError('unsupported', { feature, why: 'it is recorded, and nothing here looks at it' });
    }
  }

  /** Events of this conversation. */
  observe(event: PipelineEvent): void {
    this.#turns.observe(event);
  }

  /** The bench hangs up on this session. */
  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelSilence?.();
    this.#sound.close();
    this.#mcp.close();
    this.conversation.close(reason);
  }

  #settings(): ConversationSettings {
    const settings = this.#deps.conversationSettings();
    const options = this.#event?.options;
    const { isGreeting } = this.#deps.tuyaSettings();
    return {
      ...settings,
      turns: {
        ...settings.turns,
        input: this.#isServerVad() ? 'open' : 'push-to-talk',
        ...(options?.isInterruptible === false && { interruption: 'manual' as const }),
      },
      agent: isGreeting ? settings.agent : { ...settings.agent, greetingZh: '', greetingEn: '' },
    };
  }

  #isServerVad(): boolean {
    return this.#event?.options.isServerVad ?? this.#deps.tuyaSettings().isServerVad;
  }

  #start(eventId: string, data: UserData): void {
    if (this.#event !== null && this.#event.id !== eventId) {
      this.#deps.note('EventStart', `event ${this.#event.id} had not ended`);
      this.#sound.release();
    }
    this.#cancelSilence?.();
    const wasServerVad = this.#isServerVad();
    this.#event = new UpEvent(eventId, readEventOptions(data.chat));
    // Between turns the new way of listening is taken up; within one it would wait for the next.
    if (wasServerVad !== this.#isServerVad() && this.#turns.isAnswering) this.conversation.interrupt('another way of listening');
  }

  #audio(event: UpEvent, chunk: Chunk, attributes: readonly Attribute[], receivedUs: MonoUs): void {
    try {
      this.#sound.take(event, chunk, attributes, receivedUs);
    } catch (error) {
      // Not for one bad packet: where nothing of this event can be heard the device is told to leave it.
      if (!isTalkError(error) || error.code !== 'audio/decode') {
        this.#turns.refuse(event);
        this.#forgetEvent();
      }
      throw error;
    }
  }

  #payloadsEnd(eventId: string, dataId: number | undefined): void {
    if (this.#event?.id !== eventId) {
      this.#deps.note('EventPayloadsEnd', '39006: no such event is open');
      return;
    }
    const isAudio = dataId === undefined || !this.channels.sendIds.includes(dataId) || this.#event.hasAudio;
    if (isAudio) this.#sound.ended();
  }

  #end(eventId: string): void {
    const event = this.#event;
    if (event?.id !== eventId) {
      this.#deps.note('EventEnd', '39006: no such event is open');
      return;
    }
    this.#sound.ended();
    event.isOver = true;
    event.isHeard = false;
    const { typed } = event;
    if (typed !== null) {
      const isSpoken = this.downlink !== 'none' && event.options.needTts !== false;
      this.conversation.text(typed, { initiator: 'user-text', isSpoken });
    }
    if (typed === null && !event.hasAudio) this.#answerNothing(event);
    else this.#awaitAnswer();
  }

  /** A device hears of every event that it ended. */
  #awaitAnswer(): void {
    this.#cancelSilence?.();
    const event = this.#event;
    if (event === null || event.isAnswered) {
      this.#event = null;
      return;
    }
    const atUs = (this.#deps.clock.nowUs() + LONGEST_SILENCE_US) as MonoUs;
    this.#cancelSilence = this.#deps.clock.at(atUs, () => {
      if (this.#event === event && !this.#turns.hasBegun) this.#answerNothing(event);
    });
  }

  #answerNothing(event: UpEvent): void {
    this.#turns.answerNothing(event);
    this.#event = null;
  }

  #chatBreak(eventId: string): void {
    // First nothing of it goes out any more, then it is stopped.
    this.#turns.break(eventId);
    if (this.#event !== null && (eventId === '' || this.#event.id === eventId)) {
      this.#turns.use(this.#event.id);
      this.#forgetEvent();
    }
    this.conversation.interrupt('chat-break');
    this.#turns.forgetAnswer();
  }

  #forgetEvent(): void {
    this.#sound.release();
    this.#event = null;
    this.#turns.breakAsked();
  }

  #peer(): ConversationPeer {
    return {
      sendAudio: (packet) => this.#turns.audio(packet),
      bufferedBytes: () => this.#deps.bufferedBytes(),
      tell: (message) => this.#turns.tell(message),
      callTool: (name, parameters, signal) => this.#mcp.callTool(name, parameters, signal),
      tools: () => this.#mcp.tools(),
      close: (reason) => {
        if (this.#isClosed) return;
        this.#isClosed = true;
        this.#cancelSilence?.();
        this.#sound.close();
        this.#mcp.close();
        this.#deps.onEnded(reason);
      },
    };
  }
}
