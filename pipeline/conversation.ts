import type { TalkErrorValue } from '../preload/contract/errors.ts';
import type { TurnStateName } from '../preload/contract/events.ts';
import type { Settings } from '../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../preload/contract/time.ts';
import type { LlmEngine, LlmTool } from './engines/llm/engine.ts';
import type { SttEngine } from './engines/stt/engine.ts';
import type { TtsEngine } from './engines/tts/engine.ts';
import type { VadEngine } from './engines/vad/engine.ts';
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
  | { kind: 'error'; error: TalkErrorValue };

export interface AudioFormat {
  codec: 'opus' | 'pcm';
  sampleRate: 16000;
  frameMs: 20 | 40 | 60;
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
  settings: Settings;
}

export interface Engines {
  vad: VadEngine;
  stt: SttEngine;
  llm: LlmEngine;
  tts: TtsEngine;
}

export interface ConversationDeps {
  clock: Clock;
  observer: Observer;
  engines: Engines;
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
  /** Manual interruption: silences the reply at once, synchronously. */
  interrupt(reason: string): void;
  /** The board reported when its first audible sample of the current reply left the speaker (D1), or fell silent (I3). */
  playout(report: { kind: 'audible' | 'silent'; atUs: MonoUs; source: 'device' | 'echo' }): void;
  close(reason: string): void;
  /** Resolves when everything the conversation started has ended. */
  readonly closed: Promise<void>;
}

export type StartConversation = (options: ConversationOptions, peer: ConversationPeer) => Conversation;
