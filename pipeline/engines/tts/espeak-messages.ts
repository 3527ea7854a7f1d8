export interface EspeakRequest {
  text: string;
  voice: string;
  /** Words a minute. */
  rate: number;
}

/** What the speaking process answers a request with: audio as it is made, and then one of the others. */
export type EspeakAnswer = { kind: 'audio'; pcm: Int16Array } | { kind: 'done' } | { kind: 'failed'; reason: string };
