export interface SttEngine {
  readonly id: string;
  readonly languages: readonly string[];
  /** Opens a stream for one utterance. Rejects with TalkError 'engine/unavailable' or 'engine/failed'. */
  open(options: SttOptions): Promise<SttStream>;
}

export interface SttOptions {
  language: string; // 'zh' | 'en'
  onPartial?: (text: string) => void;
  signal: AbortSignal;
}

export interface SttStream {
  /** 16 kHz mono s16, any length. */
  write(pcm: Int16Array): void;
  /** No more audio: resolves with what was recognised. */
  finish(): Promise<SttResult>;
  /** Frees everything; safe to call at any time and twice. */
  close(): void;
}

export interface SttResult {
  /** Empty when speech was heard but nothing was recognised. */
  text: string;
  /** 0..1, where the engine has one. */
  score?: number;
}
