import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { CauseStage } from '../../../preload/contract/timeline.ts';

/** The first of each stage of a turn, in order of the chain. */
export interface CauseLink {
  stage: CauseStage;
  atUs: number;
  ordinal: number;
}

const chain: readonly CauseStage[] = ['speech-end', 'transcript', 'first-token', 'first-audio', 'first-frame', 'audible'];

/**
 * From cause to effect through each turn of one conversation: the end of what the user said, its words, the answer's first token, its
 * first sound, the first frame sent, the first sound at the board. What the user said belongs to the next turn that commits.
 */
export class CauseChain {
  readonly #turns = new Map<number, Map<CauseStage, CauseLink>>();
  #speech = new Map<CauseStage, CauseLink>();

  /** Events in the order they happened. */
  hear(event: PipelineEvent, ordinal: number): void {
    const { atUs } = event;
    switch (event.kind) {
      case 'user.speech-ended':
        this.#speech.set('speech-end', { stage: 'speech-end', atUs, ordinal });
        return;
      case 'stt.final':
        this.#speech.set('transcript', { stage: 'transcript', atUs, ordinal });
        return;
      case 'turn.committed':
        for (const [stage, link] of this.#speech) this.#first(event.turnId, stage, link.atUs, link.ordinal);
        this.#speech = new Map();
        return;
      case 'llm.first-answer':
        this.#first(event.turnId, 'first-token', atUs, ordinal);
        return;
      case 'tts.first-audio':
        this.#first(event.turnId, 'first-audio', atUs, ordinal);
        return;
      case 'downlink.first-frame':
        this.#first(event.turnId, 'first-frame', atUs, ordinal);
        return;
      case 'downlink.audible':
        this.#first(event.turnId, 'audible', atUs, ordinal);
        return;
      default: // no link of the chain
    }
  }

  /** What is known of a turn, which is forgotten. */
  take(turnId: number): CauseLink[] {
    const links = this.#turns.get(turnId);
    this.#turns.delete(turnId);
    return chain.flatMap((stage) => links?.get(stage) ?? []);
  }

  #first(turnId: number, stage: CauseStage, atUs: number, ordinal: number): void {
    const links = this.#turns.get(turnId) ?? new Map<CauseStage, CauseLink>();
    this.#turns.set(turnId, links);
    if (!links.has(stage)) links.set(stage, { stage, atUs, ordinal });
  }
}
