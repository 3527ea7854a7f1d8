/** A real microphone and a real speaker in place of a virtual board's own; 16 kHz mono. */
export interface LiveAudio {
  /** Takes the one listener of the microphone, who gets any number of samples at a time. Null: nobody listens. */
  listen(onCaptured: ((pcm: Int16Array) => void) | null): void;
  /** What the board's speaker plays from this moment on, at the pace of its samples. */
  play(pcm: Int16Array): void;
  /** What is still to be played is thrown away. */
  hush(): void;
}
