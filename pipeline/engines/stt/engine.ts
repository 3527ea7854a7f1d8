export interface SttEngine {
  readonly id: string;
  readonly languages: readonly string[];
  /** Opens a stream for one utterance. Rejects with TalkError 'engine/unavailable' or 'engine/failed'. */
  open(options: SttOptions): Promise<SttStream>;
  /**
   * It will be listened with soon: what takes long to load is begun, a library or a model. Connections are not opened, for that is done
   * with the first word. Returns at once; what goes wrong is told by the stream that then does not open.
   */
  warm?(): void;
}

export interface SttOptions {
  language: string; // 'zh' | 'en'
  /** Up to three, the likeliest first, for engines that tell languages apart; `language` is the first. */
  languages?: readonly string[];
  hotWords?: readonly string[];
  isEmotionWanted?: boolean;
  onPartial?: (text: string) => void;
  signal: AbortSignal;
}

export interface SttStream {
  /** 16 kHz mono s16, any length. */
  write(pcm: Int16Array): void;
  /** No more audio: resolves with what was recognised. */
  finish(): Promise<SttResult>;
  /** It still learns what it is to recognise, which may take long: whoever has another answer need not wait for this one. */
  isLearning?(): boolean;
  /** Frees everything; safe to call at any time and twice. */
  close(): void;
}

export interface SttResult {
  /** Empty when speech was heard but nothing was recognised. */
  text: string;
  /** 0..1, where the engine has one. */
  score?: number;
  /** Of the candidates, which one it was. */
  language?: string;
  /** The speaker's, in the engine's own word. */
  emotion?: string;
}
