import type { ModelledPart } from '../../../../preload/contract/replay.ts';

/** What of which turn was modelled, for lack of a recording. */
export class Marks {
  readonly #parts = new Map<number, Set<ModelledPart>>();

  add(turnId: number | undefined, part: ModelledPart): void {
    if (turnId === undefined) return;
    const parts = this.#parts.get(turnId) ?? new Set();
    this.#parts.set(turnId, parts.add(part));
  }

  of(turnId: number): ModelledPart[] {
    return [...(this.#parts.get(turnId) ?? [])].sort();
  }
}
