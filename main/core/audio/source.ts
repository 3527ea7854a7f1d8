import type { TalkError } from '../../../preload/contract/talk-error.ts';

/** A microphone and a speaker somewhere, 16 kHz mono. */
export interface AudioSource {
  play(pcm: Int16Array): void;
  hush(): void;
  close(): Promise<void>;
}

/** What a source tells, none of it after its `close`. */
export interface SourceEvents {
  onCaptured(pcm: Int16Array): void;
  onDropped(direction: 'input' | 'output', samples: number): void;
  onDevices(input: string, output: string): void;
  /** It is interrupted and begun again; captured samples end it. */
  onRestarting(error: TalkError): void;
  /** It is over for good. */
  onFailed(error: TalkError): void;
}
