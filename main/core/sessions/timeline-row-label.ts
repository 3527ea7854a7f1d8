import type { BookRow } from '../logs/row.ts';

const LABEL_LENGTH = 160;

/** A log row on a timeline: the event it tells, if any, and what it says. */
export function labelOfRow({ event, message }: Pick<BookRow, 'event' | 'message'>): string {
  const text = (event === undefined ? message : `${event} · ${message}`).replaceAll(/\s+/g, ' ').trim();
  return text.length > LABEL_LENGTH ? `${text.slice(0, LABEL_LENGTH - 1)}…` : text;
}
