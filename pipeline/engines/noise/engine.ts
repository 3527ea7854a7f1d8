/** Takes noise off a microphone's signal before anybody listens to it. */
export interface NoiseSuppressor {
  readonly id: string;
  /** Rejects with TalkError 'engine/unavailable'. */
  open(): Promise<NoiseStream>;
}

export interface NoiseStream {
  /**
   * 16 kHz mono s16 of any length in; out comes the clean signal as far as it is known. Its n-th sample since the beginning stands
   * where the input's n-th stood: the suppressor's delay is taken off, only what it still looks ahead for is missing.
   * Calls are made in order, each awaited before the next.
   */
  process(pcm: Int16Array): Promise<Int16Array>;
  /** The rest, as if silence followed; afterwards the stream is as new. */
  flush(): Promise<Int16Array>;
  close(): void;
}
