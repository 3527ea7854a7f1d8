import type { Settings } from '../../preload/contract/settings.ts';
import type { Completeness } from '../engines/completeness/engine.ts';

/** Silence that is waited for, counted from the last sound of speech and never from when somebody noticed. */
export interface EndpointWait {
  silenceMs: number;
  reason: string;
  completeness?: number;
}

export interface EndpointFacts {
  /** Of the turn so far; undefined while there is no text. */
  completeness: Completeness | undefined;
  /** A pause of this user that is no end, ms. */
  pauseMs: number;
  /**
   * A stretch of speech: its text may still be coming, and what follows a pause can be recognised on its own · the user's turn: its
   * text is known, and what is waited for is only whether they go on.
   */
  of: 'stretch' | 'turn';
}

const clamp = (value: number, least: number, most: number) => Math.max(least, Math.min(Math.max(least, most), value));

/** Between `from` at `low` and `to` at `high`. */
function between(value: number, [low, high]: [number, number], [from, to]: [number, number]): number {
  return from + (to - from) * clamp((value - low) / (high - low), 0, 1);
}

/** The silence that ends it, by the policy of the settings (reference/voice.md §1.1 end of turn; TRTC 240–2000 ms). */
export function endpointWait(turns: Settings['turns'], { completeness, pauseMs, of }: EndpointFacts): EndpointWait {
  const { vadSilenceMs, endpointMinMs: least, endpointMaxMs: most } = turns;
  if (turns.endpointing === 'fixed') return { silenceMs: vadSilenceMs, reason: 'vad-silence' };
  if (turns.endpointing === 'dynamic') return { silenceMs: Math.round(clamp(pauseMs, least, most)), reason: 'dynamic' };
  const usual = clamp(vadSilenceMs, least, most);
  // Without partial transcripts only the end of the stretch brings the text that is to be judged.
  if (!completeness) return { silenceMs: of === 'stretch' ? Math.min(least, usual) : usual, reason: 'semantic-unheard' };
  const { probability } = completeness;
  const silenceMs =
    probability >= 0.5
      ? between(probability, [0.5, 0.9], [usual, least])
      : between(probability, [0.1, 0.5], [Math.max(least, most), usual]);
  return { silenceMs: Math.round(silenceMs), reason: `semantic-${completeness.reason}`, completeness: probability };
}

/** Weight of what is known against one more pause. */
const MEMORY = 0.9;
/** The endpoint is this much longer than the usual pause. */
const HEADROOM = 1.5;

/**
 * How long this user pauses without having ended: a moving average of the pauses after which they went on. A pause that was taken for
 * the end although they went on counts at once: cutting somebody off twice is worse than waiting.
 */
export class PauseMemory {
  #averageMs: number | undefined;

  /** They paused and went on. */
  paused(pauseMs: number): void {
    if (this.#averageMs === undefined) this.#averageMs = pauseMs;
    else this.#averageMs = MEMORY * this.#averageMs + (1 - MEMORY) * pauseMs;
  }

  /** They were answered, and had not ended. */
  cutOff(pauseMs: number): void {
    this.#averageMs = Math.max(this.#averageMs ?? 0, pauseMs);
  }

  /** The silence to wait for; `initialMs` while nothing is known. */
  waitMs(initialMs: number): number {
    return this.#averageMs === undefined ? initialMs : this.#averageMs * HEADROOM;
  }
}
