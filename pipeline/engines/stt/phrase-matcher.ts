import { warpedDistance } from './dtw.ts';
import { extractFeatures, type Features } from './features.ts';

/** The phrase an utterance is nearest to. `score` is 0 for certainly none of them and 1 for no doubt. */
export interface PhraseMatch {
  text: string;
  score: number;
  isAccepted: boolean;
}

export interface PhraseMatcher {
  /** Adds an example of a phrase, 16 kHz. False when there is nothing to hear in it. */
  enrol(text: string, pcm: Int16Array): boolean;
  has(text: string): boolean;
  /** Compares with the phrases of `among` only; undefined when nothing is heard or enrolled. */
  match(pcm: Int16Array, among: ReadonlySet<string>): PhraseMatch | undefined;
}

/**
 * A match is believed when it is near (mean frame distance) and clearly nearer than the next phrase. Both count, so that
 * a sentence nobody enrolled, which is about as far from several phrases, is turned away. Values from 36 sentences not
 * enrolled, noise, hum and the other language against the built-in phrases, in six synthetic voices.
 */
const CERTAIN_DISTANCE = 2.5;
const HOPELESS_DISTANCE = 4.2;
const CERTAIN_LEAD = 0.4;
export const ACCEPTED_SCORE = 0.35;

export function createPhraseMatcher(): PhraseMatcher {
  const examples = new Map<string, Features[]>();
  return {
    enrol(text, pcm) {
      const features = extractFeatures(pcm);
      if (!features) return false;
      examples.set(text, [...(examples.get(text) ?? []), features]);
      return true;
    },
    has: (text) => examples.has(text),
    match(pcm, among) {
      const heard = extractFeatures(pcm);
      if (!heard) return undefined;
      let text: string | undefined;
      let nearest = Number.POSITIVE_INFINITY;
      let second = Number.POSITIVE_INFINITY;
      for (const [candidate, features] of examples) {
        if (!among.has(candidate)) continue;
        let distance = Number.POSITIVE_INFINITY;
        // Nothing that cannot become at least second is computed to its end.
        for (const example of features) distance = Math.min(distance, warpedDistance(heard, example, Math.min(distance, second)));
        if (distance < nearest) {
          second = nearest;
          nearest = distance;
          text = candidate;
        } else {
          second = Math.min(second, distance);
        }
      }
      if (text === undefined) return undefined;
      const score = scoreOf(nearest, Math.min(second, HOPELESS_DISTANCE));
      return { text, score, isAccepted: score >= ACCEPTED_SCORE };
    },
  };
}

function scoreOf(nearest: number, second: number): number {
  const lead = 1 - Math.min(1, nearest / second);
  const nearness = (HOPELESS_DISTANCE - nearest) / (HOPELESS_DISTANCE - CERTAIN_DISTANCE);
  return clamp(lead / CERTAIN_LEAD) * clamp(nearness);
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
