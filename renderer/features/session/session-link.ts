import type { TimeView } from '../../lib/time-axis.ts';
import type { Selected } from './lanes.ts';
import type { SessionView, TimeSpan } from './session-view.ts';

/** A session's part of the address: `t` the cursor, `view` what is visible, `range` what is marked, `sel` what is selected. Microseconds. */
export function parametersOf({ cursorUs, view, range, selected, durationUs, isFollowing }: SessionView): Record<string, string | null> {
  const isWhole = view.fromUs === 0 && view.toUs >= durationUs;
  return {
    t: cursorUs === 0 ? null : String(cursorUs),
    view: isWhole || isFollowing ? null : spanText(view),
    range: range === null ? null : spanText(range),
    sel: selected === null ? null : textOf(selected),
  };
}

function spanText({ fromUs, toUs }: TimeSpan): string {
  return `${Math.round(fromUs)}-${Math.round(toUs)}`;
}

function textOf(selected: Selected): string {
  switch (selected.kind) {
    case 'turn':
      return `turn:${selected.turnId}:${selected.conversationId}`;
    case 'event':
      return `event:${selected.ordinal}`;
    case 'log':
      return `log:${selected.seq}:${selected.port}`;
    case 'flash':
      return `flash:${selected.jobId}`;
  }
}

export function selectedOf(parameters: URLSearchParams): Selected | null {
  const text = parameters.get('sel') ?? '';
  if (/^flash:./.test(text)) return { kind: 'flash', jobId: text.slice('flash:'.length) };
  const [, kind, number, rest] = /^(turn|event|log):(\d+)(?::(.+))?$/.exec(text) ?? [];
  if (kind === 'turn' && rest !== undefined) return { kind, turnId: Number(number), conversationId: rest };
  if (kind === 'event') return { kind, ordinal: Number(number) };
  if (kind === 'log' && rest !== undefined) return { kind, seq: Number(number), port: rest };
  return null;
}

export function viewOf(parameters: URLSearchParams): TimeView | null {
  return spanOf(parameters.get('view'));
}

export function rangeOf(parameters: URLSearchParams): TimeSpan | null {
  return spanOf(parameters.get('range'));
}

function spanOf(text: string | null): TimeSpan | null {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(text ?? '') ?? [];
  return from === undefined || to === undefined || Number(to) <= Number(from) ? null : { fromUs: Number(from), toUs: Number(to) };
}

/** Where the cursor was; null: nowhere in particular. */
export function cursorOf(parameters: URLSearchParams): number | null {
  const us = Number(parameters.get('t') ?? Number.NaN);
  return Number.isFinite(us) && us >= 0 ? us : null;
}
