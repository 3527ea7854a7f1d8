export interface TtsEngine {
  readonly id: string;
  readonly languages: readonly string[];
  voices(): readonly TtsVoice[];
  /** Audio in order, as it is made. Abort of `signal` ends it. Failures throw TalkError 'engine/…'. */
  synthesize(request: TtsRequest, signal: AbortSignal): AsyncIterable<TtsEvent>;
  /**
   * A sentence of that voice may be wanted soon: whatever a first request would wait for is begun, a connection above all. Returns at
   * once; what goes wrong is told by the request that then fails. Asked with every utterance: what is there already is left.
   */
  warm?(request: Omit<TtsRequest, 'text'>): void;
}

export interface TtsVoice {
  id: string;
  language: string;
  label: string;
}

export interface TtsRequest {
  text: string;
  language: string;
  voice?: string;
  /** 1 is the voice's own. */
  speed?: number;
  volume?: number;
  /** Semitones. */
  pitch?: number;
  emotion?: string;
  /** The same for a retry; X-Request-Id and the like where the service takes headers. */
  requestId?: string;
  headers?: Readonly<Record<string, string>>;
}

/** `pcm` is mono s16 at `sampleRate`; the pipeline resamples. */
export type TtsEvent =
  | { kind: 'headers' }
  | { kind: 'audio'; pcm: Int16Array; sampleRate: number }
  /** Where the words lie in the sentence's audio, in UTF-16 units of the request's text; in order, before or after their audio. */
  | { kind: 'words'; words: readonly { from: number; to: number; startMs: number; endMs: number }[] };
