import { create } from 'zustand';
import type { CheckVoice } from '../../../../preload/contract/checks.ts';
import { storedState } from '../../monitor/stored.ts';

interface Station {
  /** Null: the one for the board's kind. */
  listId: string | null;
  operator: string;
  voice: CheckVoice;
  isUnattended: boolean;
  /** Of boards whose kind nobody knows. */
  boardKind: string;
  /** Ports this station checks boards on: operator mode uses them one after the other. */
  ports: readonly string[];
}

/** What stays the same from board to board; kept over a reload. */
export const useStation = storedState<Station>('talkbench.checks', {
  listId: null,
  operator: '',
  voice: 'auto',
  isUnattended: false,
  boardKind: '',
  ports: [],
});

interface Chosen {
  /** Null: nobody has chosen yet, and the likeliest one is ticked. */
  keys: readonly string[] | null;
  serialNumbers: Readonly<Record<string, string>>;
  /** Ids of the list; null: all of it. */
  only: readonly string[] | null;
}

/** What is for the next check only. */
export const useChosen = create<Chosen>(() => ({ keys: null, serialNumbers: {}, only: null }));
