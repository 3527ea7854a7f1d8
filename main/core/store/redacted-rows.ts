import type { Database } from 'better-sqlite3';
import type { Facts } from '../logs/block.ts';
import { toEvent, toEventRow } from './event-row.ts';
import { type Redact, redactBytes, redactChunks, redactJson } from './redact.ts';
import { redactAlike } from './redact-crossing.ts';
import { redactFlash, type SessionRedaction } from './session-redaction.ts';
import { type Row, rowsOf, type SessionTable } from './session-tables.ts';

/** Columns whose values are ours: words of the schema, encoded sound and packed numbers, in which a run of digits is chance. */
const ownColumns: Readonly<Record<string, readonly string[]>> = {
  session: ['id', 'state'],
  raw_chunk: ['direction'],
  bookmark: ['colour'],
  note: ['colour'],
  event: ['kind'],
  audio_packet: ['track', 'codec', 'bytes'],
  log_block: ['columns'],
};

/** A table's rows of a session as an export may tell them. Derived tables have none: they are made from the events again. */
export function* redactedRows(library: Database, table: SessionTable, sessionKey: number, redaction: SessionRedaction): Generator<Row> {
  if (table.isDerived === true || (table.name === 'audio_packet' && redaction.isSoundLeftOut)) return;
  const rows = rowsOf(library, table, sessionKey);
  if (table.name === 'raw_chunk') {
    yield* redactStreams(redaction, rows);
    return;
  }
  const own = ownColumns[table.name] ?? [];
  for (const row of rows) {
    if (table.name === 'event') {
      yield eventRow(row, redaction);
      continue;
    }
    redaction.where = whereOf(table.name, row);
    const { redact } = redaction;
    const entries = Object.entries(row).map(([column, value]) => [
      column,
      own.includes(column) ? value : redactedColumn(redaction, table.name, column, value, redact),
    ]);
    const told = Object.fromEntries(entries) as Row;
    yield table.name === 'log_block' ? withSplitRows(told, row, redaction) : told;
  }
}

function redactedColumn(redaction: SessionRedaction, table: string, column: string, value: unknown, redact: Redact): unknown {
  if (value instanceof Uint8Array) return redactBytes(redact, value);
  if (typeof value !== 'string') return value;
  switch (`${table}.${column}`) {
    case 'conversation.conversation_id':
      return redaction.conversationId(value);
    case 'port.address':
      return redaction.port(value);
    case 'log_block.names':
      return JSON.stringify(redactNames(redaction, JSON.parse(value)));
    case 'log_block.facts':
      return value === '' ? value : JSON.stringify(redactFacts(redact, JSON.parse(value)));
    case 'flash_job.body':
      return JSON.stringify(redactFlash(redact, JSON.parse(value)));
    default:
      return redact(value);
  }
}

function eventRow(row: Row, redaction: SessionRedaction): Row {
  const event = toEvent({ body: String(row.body), bytes: row.bytes as Uint8Array | null });
  const isWire = event.kind === 'wire.message';
  redaction.where = { place: isWire ? 'wire' : 'events', at: Number(row.ordinal), name: isWire ? event.name : event.kind };
  return { ...row, ...toEventRow(redaction.event(event, Number(row.ordinal))) };
}

function whereOf(table: string, row: Row): SessionRedaction['where'] {
  switch (table) {
    case 'session':
      return { place: 'title', at: null, name: '' };
    case 'note':
      return { place: 'notes', at: null, name: '' };
    case 'bookmark':
      return { place: 'notes', at: Number(row.seq), name: '' };
    case 'log_block':
      return { place: 'log', at: Number(row.first_seq), name: '' };
    case 'flash_job':
      return { place: 'flash', at: null, name: '' };
    case 'port':
      return { place: 'ports', at: null, name: '' };
    default:
      return { place: 'conversations', at: null, name: '' };
  }
}

/** A block whose rows read as the lines do that they are parts of, in their texts and in what was read from those. */
function withSplitRows(told: Row, given: Row, { splitRows, redact }: SessionRedaction): Row {
  const first = Number(given.first_seq);
  const split: { at: number; redacted: string }[] = [];
  for (let at = 0; splitRows.size > 0 && at < Number(given.row_count); at++) {
    const redacted = splitRows.get(first + at);
    if (redacted !== undefined) split.push({ at, redacted });
  }
  if (split.length === 0) return told;
  const texts = String(given.text).split('\n');
  const lines = String(told.text).split('\n');
  const facts = told.facts === '' ? {} : (JSON.parse(String(given.facts)) as Facts);
  for (const { at, redacted } of split) {
    lines[at] = redacted;
    for (const fact of [facts.message, facts.payload]) {
      const index = fact?.rows.indexOf(at) ?? -1;
      if (fact !== undefined && index >= 0) fact.values[index] = redactAlike(texts[at] ?? '', redacted, fact.values[index]);
    }
  }
  return { ...told, text: lines.join('\n'), facts: told.facts === '' ? '' : JSON.stringify(redactFacts(redact, facts as never)) };
}

/** Ports by the names that they have in `port`; tags, files and functions blacked out. */
function redactNames(redaction: SessionRedaction, names: { ports: string[]; words: string[] }): object {
  return { ...names, ports: names.ports.map(redaction.port), words: names.words.map(redaction.redact) };
}

/** The values, and not where they stand. */
function redactFacts(redact: Redact, facts: Record<string, { rows: number[]; values: unknown[] }>): object {
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) =>
      name === 'colours' ? [name, fact] : [name, { ...fact, values: redactJson(redact, fact.values) }],
    ),
  );
}

/** A port's bytes are redacted as the stream they were, each direction on its own, and never all of them in memory. */
function* redactStreams(redaction: SessionRedaction, rows: Iterable<Row>): Generator<Row> {
  const left = rows[Symbol.iterator]() as Iterator<Row & { bytes: Uint8Array }>;
  let next = left.next();
  function* stream(port: unknown, direction: unknown) {
    for (; next.done !== true && next.value.port_key === port && next.value.direction === direction; next = left.next()) yield next.value;
  }
  while (next.done !== true) {
    redaction.where = { place: 'bytes', at: null, name: String(next.value.direction) };
    yield* redactChunks(redaction.redact, stream(next.value.port_key, next.value.direction));
  }
}
