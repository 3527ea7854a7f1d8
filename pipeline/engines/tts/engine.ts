export interface TtsEngine {
  readonly id: string;
  readonly languages: readonly string[];
  voices(): readonly TtsVoice[];
  /** Audio in order, as it is made. Abort of `signal` ends it. Failures throw TalkError 'engine/…'. */
  synthesize(request: TtsRequest, signal: AbortSignal): AsyncIterable<TtsEvent>;
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
}

/** `pcm` is mono s16 at `sampleRate`; the pipeline resamples. */
export type TtsEvent = { kind: 'headers' } | { kind: 'audio'; pcm: Int16Array; sampleRate: number };
