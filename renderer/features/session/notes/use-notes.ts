import type { NoteColour, SessionNote } from '../../../../preload/contract/notes.ts';
import { type Fold, useSharedStream } from '../../../lib/shared-stream.ts';

const fold: Fold<'notes.state', SessionNote[]> = {
  start: (snapshot) => snapshot,
  apply: (state, items) => items.at(-1) ?? state,
};

const none: readonly SessionNote[] = [];

/** Notes on instants and stretches of a session, by time, as they are written. */
export function useNotes(sessionId: string): readonly SessionNote[] {
  return useSharedStream('notes.state', { sessionId }, fold) ?? none;
}

export const noteColours: readonly NoteColour[] = ['yellow', 'red', 'green', 'blue', 'violet'];

/** The theme's colour of each. */
export const colourOfNote: Readonly<Record<NoteColour, string>> = {
  yellow: 'var(--warning)',
  red: 'var(--danger)',
  green: 'var(--accent)',
  blue: 'var(--user)',
  violet: 'var(--agent)',
};
