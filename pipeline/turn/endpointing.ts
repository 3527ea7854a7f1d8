/** What an endpoint decision may look at. Later policies read the text; the fixed one does not. */
export interface EndpointContext {
  language: string;
  /** The latest partial transcript of the utterance; empty without one. */
  partialText: string;
}

export interface Endpointing {
  readonly reason: string;
  /** Silence that ends the utterance under way, ms. Asked again with each frame of silence. */
  silenceMs(context: EndpointContext): number;
}

/** The same silence every time (reference/voice.md §0: TRTC 240–2000 ms, TWeTalk 500 ms). */
export function fixedEndpointing(silenceMs: number): Endpointing {
  return { reason: 'vad-silence', silenceMs: () => silenceMs };
}
