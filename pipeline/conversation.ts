import type { TalkErrorValue } from '../preload/contract/errors.ts';
import type { TurnStateName } from '../preload/contract/events.ts';
import type { ConversationSettings } from '../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../preload/contract/time.ts';
import type { EncoderThreads } from './audio/encoder-threads.ts';
import type { CompletenessModel } from './engines/completeness/engine.ts';
import type { LlmEngine, LlmTool } from './engines/llm/engine.ts';
import type { NoiseSuppressor } from './engines/noise/engine.ts';
import type { SttEngine } from './engines/stt/engine.ts';
import type { TtsEngine } from './engines/tts/engine.ts';
import type { VadEngine } from './engines/vad/engine.ts';
import type { VoiceprintEngine } from './engines/voiceprint/engine.ts';
import type { Observer } from './observer.ts';

/**
 * The seam between a gateway (one vendor's protocol) and the turn-taking that all vendors share. A gateway makes one
 * ConversationPeer per voice connection and drives the Conversation it gets for it. It translates; it never decides.
 */
export interface ConversationPeer {
  /** Hands one encoded packet to the socket now. The pacer has already chosen the moment. */
  sendAudio(packet: Uint8Array, mediaUs: number): void;
  /** Bytes the socket has taken but not sent: the pacer stops feeding a clogged one. */
  bufferedBytes(): number;
  /** Says it in the vendor's words, or drops it where the vendor has none. */
  tell(message: ConversationMessage): void;
  /** Runs a tool on the board. Rejects with TalkError 'tool/timeout' | 'tool/failed'. */
  callTool(name: string, parameters: Record<string, unknown>, signal: AbortSignal): Promise<unknown>;
  /** Tools the connected board has. */
  tools(): readonly LlmTool[];
  close(reason: string): void;
}

export type ConversationMessage =
  | { kind: 'user-started-speaking' }
  | { kind: 'user-stopped-speaking' }
  | { kind: 'user-transcript'; text: string; isFinal: boolean }
  | { kind: 'user-turn'; text: string } // the aggregated text given to the language model
  | { kind: 'bot-thinking-started' }
  | { kind: 'bot-text'; text: string }
  | { kind: 'bot-thinking-stopped' }
  | { kind: 'bot-sentence'; text: string } // caption of a sentence, before its audio
  | { kind: 'bot-voice-started' } // speech synthesis began
  | { kind: 'bot-started-speaking' }
  | { kind: 'bot-stopped-speaking'; wasInterrupted: boolean }
  | { kind: 'bot-voice-stopped' }
  | { kind: 'metrics'; metrics: Record<string, number> } // product names of the turn breakdown, ms
  | { kind: 'emotion'; emotion: string } // how the reply is meant, for displays; never spoken
  | { kind: 'idle'; retry: number } // nobody said anything: reminder n; 0: the conversation ends
  | { kind: 'intent'; intent: AgentIntent } // something the board is to do besides talking
  /** `productCode`: the documents' 30100 … 30302. `isBlocking`: the turn could not go on. */
  | { kind: 'error'; error: TalkErrorValue; productCode?: number; roundId?: number; isBlocking?: boolean };

export type AgentIntent = { kind: 'music'; query: string } | { kind: 'call'; contact: string } | { kind: 'hang-up' };

export interface AudioFormat {
  codec: 'opus' | 'pcm';
  sampleRate: 16000;
  frameMs: 20 | 40 | 60;
  /** Opus packets as long as their sound needs. Without it every packet is as long as the last: TWeTalk's boards have rings of 180-byte frames. */
  isVariableRate?: boolean;
}

/** Who asks a service, in TRTC's words: a task in a room. */
export interface RoomCaller {
  sdkAppId: string;
  userId: string;
  roomId: string;
  /** 0: the room's id is a number, 1: a string. */
  roomIdType: 0 | 1;
}

export interface ConversationOptions {
  conversationId: string;
  gateway: string;
  productId: string;
  deviceName: string;
  language: 'zh' | 'en';
  uplink: AudioFormat;
  downlink: AudioFormat;
  /** `${name}` values of the prompt and greeting. */
  variables: Record<string, string>;
  /** As received, tokens removed; recorded. */
  query: Record<string, string>;
  /** As they stand now. Read at each turn's beginning: a change takes effect with the next one. */
  settings: () => ConversationSettings;
  /** Engines that came with the request and are this conversation's alone; without them those that the settings name. */
  engines?: () => Engines;
  /** As services are told (X-Room-Id …), where the conversation is a task in a room; its id is the task's. */
  caller?: RoomCaller;
}

export interface Engines {
  vad: VadEngine;
  stt: SttEngine;
  llm: LlmEngine;
  tts: TtsEngine;
  /** Takes noise off the microphone where the settings ask for it. */
  noise?: NoiseSuppressor;
  /** Knows the enrolled voice from others. */
  voiceprint?: VoiceprintEngine;
  /** Judges whether what was said is all of it; the rules for zh and en where there is none. */
  completeness?: CompletenessModel;
}

/** What an agent keeps and needs beyond its conversation. */
export interface AgentResources {
  /** What is remembered of the device; empty for a new one. */
  recall(device: { productId: string; deviceName: string }): Promise<{ summary: string; facts: readonly string[] }>;
  remember(device: { productId: string; deviceName: string }, memory: { summary?: string; fact?: string }): Promise<void>;
  /** A secret that a tool's headers name; null when there is none of that name. */
  secret(name: string): Promise<string | null>;
}

export interface ConversationDeps {
  clock: Clock;
  observer: Observer;
  /** As chosen now, for the conversation's language; asked at each turn's beginning. */
  engines: () => Engines;
  /** Opus encoders off the event loop; on it, one a conversation, where there are none. */
  encoders?: Pick<EncoderThreads, 'open'>;
  /** Without them nothing is remembered and no secret is known. */
  resources?: AgentResources;
  /** Aborted when the bench begins to close: what ends with it is waited for a moment, not longer. */
  quitting?: AbortSignal;
}

export interface Conversation {
  readonly conversationId: string;
  readonly state: TurnStateName;
  /** One packet from the board, stamped when it arrived. Never blocks, never throws on a bad packet. */
  uplink(packet: Uint8Array, receivedUs: MonoUs): void;
  /** Text from the board or the bench, past speech recognition. */
  text(text: string, options: { initiator: 'user-text' | 'injected'; isSpoken: boolean }): void;
  /** Makes the agent say exactly this now. */
  say(text: string): void;
  /** An image for the next user turn, or for a question of its own; kept for a few rounds. One above 4 MiB is told as 'too-large', and so not asked about. */
  image(image: { data: Uint8Array; mediaType: string }, question?: string): void;
  /** Push-to-talk: the board's button, or its own endpoint ('stop'). Between them everything is the user's; without them nothing. */
  listen(state: 'start' | 'stop', receivedUs: MonoUs): void;
  /** Idle detection off while the board plays music, and on again. */
  setIdleDetection(isOn: boolean): void;
  /** Manual interruption: silences the reply at once, synchronously. */
  interrupt(reason: string): void;
  /** The board reported when its first audible sample of the current reply left the speaker (D1), or fell silent (I3). */
  playout(report: { kind: 'audible' | 'silent'; atUs: MonoUs; source: 'device' | 'echo' }): void;
  close(reason: string): void;
  /** Resolves when everything the conversation started has ended. */
  readonly closed: Promise<void>;
}

export type StartConversation = (options: ConversationOptions, peer: ConversationPeer) => Conversation;
