import type { AudioDevice } from '../../../preload/contract/audio.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';

/** What the core asks of the process that holds the sound devices. All samples are 16 kHz mono. */
export type ToAudio =
  | { kind: 'list' }
  /** Names or indices; empty: the default device. */
  | { kind: 'open'; input: string; output: string }
  | { kind: 'play'; pcm: Int16Array }
  /** What was not played yet is thrown away. */
  | { kind: 'hush' }
  | { kind: 'ping' };

export type FromAudio =
  /** First of all: PortAudio is loaded. */
  | { kind: 'ready' }
  | { kind: 'devices'; devices: AudioDevice[] }
  | { kind: 'opened'; input: string; output: string }
  | { kind: 'captured'; pcm: Int16Array }
  /** What was to be played and did not fit. */
  | { kind: 'dropped'; samples: number }
  /** Nothing goes on after it. */
  | { kind: 'failed'; error: TalkErrorValue }
  | { kind: 'pong' };
