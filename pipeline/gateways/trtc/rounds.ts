import { randomUUID } from 'node:crypto';

/** What is known of a turn while it is told of. Instants are µs of the session's clock. */
export interface Round {
  readonly id: string;
  initiator: string;
  speechStartUs?: number;
  speechEndUs?: number;
  requestUs?: number;
  ttsRequestUs?: number;
  replyStartUs?: number;
  /** What the model has answered so far. */
  reply: string;
  /** What was announced to be spoken so far: for turns that no model answers. */
  spoken: string;
  isReplyEnded: boolean;
  hasAudio: boolean;
  underruns: number;
  onsetUs?: number;
  /** Metrics that were told: each once. */
  readonly told: Set<string>;
}

/** What is said of a turn that ended comes soon after. */
const MOST_KEPT = 32;

/** A task's rounds: a turn's number here is a unique id there. */
export class Rounds {
  readonly #rounds = new Map<number, Round>();
  #latest: Round | null = null;

  /** Made when it is first spoken of. */
  of(turnId: number): Round {
    const known = this.#rounds.get(turnId);
    if (known !== undefined) return known;
    const round: Round = {
      ...{ id: randomUUID(), initiator: 'user-speech', reply: '', spoken: '' },
      ...{ isReplyEnded: false, hasAudio: false, underruns: 0, told: new Set<string>() },
    };
    this.#rounds.set(turnId, round);
    this.#latest = round;
    const [oldest] = this.#rounds.keys();
    if (this.#rounds.size > MOST_KEPT && oldest !== undefined) this.#rounds.delete(oldest);
    return round;
  }

  /** The round that something without a turn belongs to. */
  idOf(turnId: number | undefined): string {
    if (turnId !== undefined) return this.of(turnId).id;
    return this.#latest?.id ?? '';
  }
}
