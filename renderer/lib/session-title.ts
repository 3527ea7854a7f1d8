import type { SessionSummary } from '../../preload/contract/sessions.ts';
import { wallText } from './quantities.ts';

/** What a session is called. One that nobody named goes by its board and the moment it began: a link needs something to click. */
export function sessionTitle({ title, boards, startedWallMs }: Pick<SessionSummary, 'title' | 'boards' | 'startedWallMs'>): string {
  if (title !== '') return title;
  return [...boards.slice(0, 1), wallText(startedWallMs)].join(' · ');
}
