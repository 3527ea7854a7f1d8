import type { Clock } from '../../../preload/contract/time.ts';
import { scriptedSound } from './sound.ts';

/** How long a scripted user takes for a Han character, and for a word of other letters, ms. */
const CHARACTER_MS = 200;
const WORD_MS = 300;
/** A recogniser's stream opens some time after the first sound, with what was kept of it. */
const PREROLL_US = 300_000;

interface Utterance {
  units: readonly string[];
  startedUs: number;
  unitUs: number;
  /** Units that a recogniser has already given as final. */
  taken: number;
  /** The last of it went through the microphone, whatever the clock says: one that was late makes up for it. */
  isOver: boolean;
}

/**
 * The user of a scenario: what is said becomes a sound for the board's microphone, and the scripted recogniser of the same
 * scenario knows what was being said while it listened. No recogniser could be as certain, which is the point: a scenario that
 * fails has failed for another reason.
 */
export class ScriptedUser {
  readonly #clock: Clock;
  readonly #utterances: Utterance[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** 16 kHz mono of `text`, as long as it takes to say it, or `durationMs`. */
  soundOf(text: string, durationMs?: number): Int16Array {
    return scriptedSound(durationMs ?? Math.max(CHARACTER_MS, spokenUnits(text).length * unitMs(text)), 16_000);
  }

  /** To be said when the microphone begins to take that sound; the result when it has all of it. `heardAs`: what a recogniser makes of it. */
  begins(heardAs: string, durationMs: number): () => void {
    const units = spokenUnits(heardAs);
    const startedUs = this.#clock.nowUs();
    const unitUs = (durationMs * 1000) / Math.max(1, units.length);
    const utterance: Utterance = { units, startedUs, unitUs, taken: 0, isOver: false };
    this.#utterances.push(utterance);
    return () => {
      utterance.isOver = true;
    };
  }

  /** What was said from `fromUs` until now and was not given as final before. `isTaken`: it is final now. */
  heardSince(fromUs: number, isTaken: boolean): string {
    const nowUs = this.#clock.nowUs();
    const heard: string[] = [];
    for (const utterance of this.#utterances) {
      const { units, startedUs, unitUs, isOver } = utterance;
      const until = isOver ? units.length : Math.min(units.length, Math.floor((nowUs - startedUs) / unitUs));
      if (startedUs + units.length * unitUs < fromUs - PREROLL_US) continue;
      heard.push(units.slice(utterance.taken, until).join(''));
      if (isTaken) utterance.taken = Math.max(utterance.taken, until);
    }
    return heard
      .filter((text) => text !== '')
      .join(' ')
      .trim();
  }
}

/** Han characters one each, other words with the space before them; what is not spoken sticks to what it follows. */
function spokenUnits(text: string): string[] {
  return text.match(/\s*(?:\p{Script=Han}|[^\s\p{Script=Han}]+)[^\p{L}\p{N}\s]*/gu) ?? [];
}

function unitMs(text: string): number {
  return /\p{Script=Han}/u.test(text) ? CHARACTER_MS : WORD_MS;
}
