import type { Database } from 'better-sqlite3';
import type { RedactionFinding, RedactionPlace, RedactionPreview } from '../../../preload/contract/redaction.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type EventRow, toEvent } from './event-row.ts';
import type { Found } from './redact.ts';
import { redactedRows } from './redacted-rows.ts';
import { type At, openSessionRedaction, type RedactionOptions, saidBy } from './session-redaction.ts';
import { sessionTables } from './session-tables.ts';

const EXAMPLES = 6;
const EXAMPLES_A_PLACE = 2;
/** Characters around what is blacked out. */
const CONTEXT = 24;
const LONGEST_EXAMPLE = 120;

interface Group extends Omit<RedactionFinding, 'places'> {
  places: Map<RedactionPlace, number>;
}

/** Goes through all that a `.talkbench` file would hold, with the same redaction, and tells what it does. Throws TalkError 'session/not-found'. */
export function previewSession(library: Database, id: string, options: RedactionOptions): RedactionPreview {
  return library.transaction(() => {
    const key = library.prepare<[string], number>('SELECT session_key FROM session WHERE id = ?').pluck().get(id);
    if (key === undefined) throw new TalkError('session/not-found', { id });
    const groups = new Map<string, Group>();
    for (const rule of options.redactions ?? []) group(groups, 'rule', rule);
    // What something is in may be named by what goes.
    const { redact } = openSessionRedaction(library, key, options);
    const onFound = (found: readonly Found[], redacted: string, where: At) => {
      for (const one of found) note(group(groups, one.kind, one.rule), one, redacted, { ...where, name: redact(where.name) });
    };
    const redaction = openSessionRedaction(library, key, options, onFound);
    // Sound is not looked into.
    for (const table of sessionTables) if (table.name !== 'audio_packet') for (const _row of redactedRows(library, table, key, redaction));
    return {
      findings: [...groups.values()].map(({ places, ...finding }) => ({
        ...finding,
        places: [...places].map(([place, count]) => ({ place, count })),
      })),
      leftOut: leftOutOf(library, key, redaction),
    };
  })();
}

function group(groups: Map<string, Group>, kind: Group['kind'], rule: string | null): Group {
  const name = `${kind} ${rule ?? ''}`;
  const known = groups.get(name) ?? { kind, rule, count: 0, places: new Map<RedactionPlace, number>(), examples: [] };
  groups.set(name, known);
  return known;
}

function note(into: Group, { start, end }: Found, redacted: string, where: At): void {
  into.count++;
  into.places.set(where.place, (into.places.get(where.place) ?? 0) + 1);
  if (into.examples.length >= EXAMPLES) return;
  // A block of the log is many rows; the example is of the one it is in.
  const isLog = where.place === 'log' && where.at !== null;
  const at = isLog ? (where.at ?? 0) + linesBefore(redacted, start) : where.at;
  const ofPlace = into.examples.filter(({ place }) => place === where.place);
  if (ofPlace.length >= EXAMPLES_A_PLACE || ofPlace.some((known) => known.at === at && at !== null)) return;
  into.examples.push({ place: where.place, at, name: where.name, text: around(redacted, start, end, where.place === 'bytes') });
}

function around(text: string, start: number, end: number, isBytes: boolean): string {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = text.indexOf('\n', end);
  const from = Math.max(lineStart, start - CONTEXT);
  const to = Math.min(lineEnd < 0 ? text.length : lineEnd, end + CONTEXT, from + LONGEST_EXAMPLE);
  const cut = text.slice(from, to);
  const shown = isBytes ? Buffer.from(cut, 'latin1').toString() : cut;
  return `${from > lineStart ? '…' : ''}${shown.toWellFormed().trim()}${to < (lineEnd < 0 ? text.length : lineEnd) ? '…' : ''}`;
}

function linesBefore(text: string, end: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

function leftOutOf(
  library: Database,
  key: number,
  { isSoundLeftOut, isSaidLeftOut }: { isSoundLeftOut: boolean; isSaidLeftOut: boolean },
): RedactionPreview['leftOut'] {
  const result = { packets: 0, soundBytes: 0, texts: 0, messages: 0 };
  if (isSoundLeftOut) {
    const sound = library
      .prepare<[number], { packets: number; soundBytes: number }>(
        `SELECT count(*) AS packets, coalesce(sum(octet_length(bytes)), 0) AS soundBytes FROM audio_packet
         WHERE conversation_key IN (SELECT conversation_key FROM conversation WHERE session_key = ?)`,
      )
      .get(key);
    Object.assign(result, sound);
  }
  if (!isSaidLeftOut) return result;
  for (const row of library.prepare<[number], EventRow>('SELECT body, bytes FROM event WHERE session_key = ?').iterate(key)) {
    const event = toEvent(row);
    result.texts += saidBy(event).length;
    if (event.kind === 'wire.message') result.messages++;
  }
  return result;
}
