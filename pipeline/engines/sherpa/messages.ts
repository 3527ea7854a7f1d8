import type { SttResult } from '../stt/engine.ts';
import type { SttPlan } from './stt-model.ts';

/** What the process of a model is asked. The first is always 'load'; `id` is an utterance's or a sentence's. */
export type ToSherpa =
  | { kind: 'load'; stage: 'stt'; plan: SttPlan }
  | { kind: 'load'; stage: 'tts'; config: object }
  | { kind: 'open'; id: number }
  | { kind: 'audio'; id: number; pcm: Int16Array }
  | { kind: 'finish'; id: number }
  | { kind: 'speak'; id: number; text: string; speaker: number; speed: number }
  /** Nobody wants it any more. */
  | { kind: 'close'; id: number };

export type FromSherpa =
  | { kind: 'loaded'; speakers: number }
  /** `id` null: the model could not be loaded. */
  | { kind: 'failed'; id: number | null; reason: string }
  | { kind: 'partial'; id: number; text: string }
  | { kind: 'final'; id: number; result: SttResult }
  | { kind: 'speech'; id: number; pcm: Int16Array; sampleRate: number }
  | { kind: 'done'; id: number };
