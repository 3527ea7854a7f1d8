import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Store } from '../store/store.ts';
import { type AnalysedTurn, turnsOfSession } from './session-turns.ts';

/** Turns kept between requests: a screen asks for the same ones again and again, for each sorting, facet and figure. */
const MOST_TURNS = 200_000;

interface Kept {
  /** What the session was when they were read. One that is being recorded, or was replaced, is another. */
  version: string;
  turns: Promise<AnalysedTurn[]>;
  count: number;
}

export interface TurnShelf {
  /** Turns of these sessions, in their order, each session once. Throws TalkError 'session/not-found' {id}. */
  turnsOf(ids: readonly string[]): Promise<AnalysedTurn[]>;
}

export function createTurnShelf(store: Store): TurnShelf {
  /** The one asked for longest ago first. */
  const shelf = new Map<string, Kept>();

  async function turnsOf(id: string): Promise<AnalysedTurn[]> {
    const summary = await store.read('session.summary', { id });
    if (summary === null) throw new TalkError('session/not-found', { id });
    const { state, startedWallMs, durationUs, turnCount } = summary;
    const version = [state, startedWallMs, durationUs, turnCount].join();
    const found = shelf.get(id);
    const kept: Kept = found?.version === version ? found : { version, turns: turnsOfSession(store, id), count: turnCount };
    shelf.delete(id);
    shelf.set(id, kept);
    try {
      return await kept.turns;
    } catch (error) {
      if (shelf.get(id) === kept) shelf.delete(id);
      throw error;
    }
  }

  function forgetOldest(): void {
    let count = 0;
    for (const kept of shelf.values()) count += kept.count;
    for (const [id, kept] of shelf) {
      if (count <= MOST_TURNS) return;
      shelf.delete(id);
      count -= kept.count;
    }
  }

  return {
    async turnsOf(ids) {
      const turns: AnalysedTurn[] = [];
      for (const id of new Set(ids)) for (const turn of await turnsOf(id)) turns.push(turn);
      forgetOldest();
      return turns;
    },
  };
}
