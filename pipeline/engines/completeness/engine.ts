/** Whether what a user has said so far is all they want to say. */
export interface Completeness {
  /** 0: they will surely go on · 1: nothing is missing. */
  probability: number;
  /** What it was seen by, for people and logs: 'question', 'trailing-conjunction' … */
  reason: string;
}

export interface UserTurnSoFar {
  /** 'zh' | 'en' */
  language: string;
  /** As recognised until now; empty while nothing is. */
  text: string;
  /** The end of what was heard, 16 kHz mono, at most `audioMs` of it; only for models that listen. */
  audio?: Int16Array;
}

export interface CompletenessModel {
  readonly id: string;
  /** How much audio it listens to, ms, up to 8000; 0: it only reads. */
  readonly audioMs: number;
  /** Quick: asked at each change of the text, and at a pause. One that fails is as unsure as one can be. */
  judge(turn: UserTurnSoFar): Completeness | Promise<Completeness>;
}

export const unsure: Completeness = { probability: 0.5, reason: 'unsure' };
