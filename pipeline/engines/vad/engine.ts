/** Voice activity detection on 16 kHz mono s16. */
export interface VadEngine {
  readonly id: string;
  open(): Promise<VadStream>;
}

export interface VadStream {
  /** Samples each call of `process` takes: 512 for Silero at 16 kHz. */
  readonly frameSamples: number;
  /** Speech probability 0..1 of the frame. Calls are made in order, each awaited before the next. */
  process(frame: Int16Array): Promise<number>;
  reset(): void;
  close(): void;
}
