import type { AudioFormat } from '../../../conversation.ts';
import type { DeviceName } from '../../devices.ts';
import type { SpokenValues } from '../messages/spoken.ts';

/** TWeCall's sub types (reference/twetalk.md §6.1). */
export type CallEvent = 'user_calling' | 'user_answered' | 'user_reject' | 'user_error' | 'user_timeout' | 'user_busy' | 'user_hangup';

/** A board's voice connection as a call needs it: its socket carries the call's audio, and its agent is silent meanwhile. */
export interface CallLine {
  readonly device: DeviceName;
  readonly conversationId: string;
  readonly language: 'zh' | 'en';
  readonly audio: AudioFormat;
  tell(event: CallEvent, values: SpokenValues): void;
  /** From now on what the board says goes to `onUplink`, and the agent hears and says nothing. */
  putThrough(onUplink: (packet: Uint8Array) => void): void;
  /** One packet of the call to the board. */
  send(packet: Uint8Array): void;
  /** The agent has the line again; `afterwards` is what it says. */
  release(afterwards: string): void;
}

/** The far end of a call: a microphone and a speaker of 16 kHz mono, at the pace of their samples. */
export interface CallSound {
  listen(onCaptured: ((pcm: Int16Array) => void) | null): void;
  play(pcm: Int16Array): void;
  close(): void;
}
