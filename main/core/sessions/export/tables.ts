import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import { type BreakdownPart, breakdownPart, type TurnRecord, turnBreakdown } from '../../../../preload/contract/sessions.ts';
import type { FileWriter } from './file-writer.ts';
import type { TableContent } from './request.ts';
import type { NumberedEvent, SessionSource } from './source.ts';

type TableFormat = 'csv' | 'jsonl';
type Cell = string | number | null;

const partKeys: readonly BreakdownPart['key'][] = breakdownPart.shape.key.options;
const productKeys = turnBreakdown.shape.product.keyof().options;

/** Times from the session's start and durations, both in milliseconds; a value that is not known is empty, never 0. */
const turnColumns: readonly (readonly [name: string, cell: (turn: TurnRecord) => Cell])[] = [
  ['conversation_id', (turn) => turn.conversationId],
  ['turn_id', (turn) => turn.turnId],
  ['initiator', (turn) => turn.initiator],
  ['outcome', (turn) => turn.outcome],
  ['started_ms', (turn) => turn.startedUs / 1000],
  ['ended_ms', (turn) => milliseconds(turn.endedUs)],
  ['user_text', (turn) => turn.userText],
  ['reply_text', (turn) => turn.replyText],
  ['heard_text', (turn) => turn.heardText],
  ['tools', (turn) => turn.toolCalls.map(({ name }) => name).join(' ')],
  ['v2v_device_ms', ({ breakdown }) => milliseconds(breakdown.totalUs)],
  ['v2v_server_ms', ({ breakdown }) => milliseconds(breakdown.serverUs)],
  ['audible_source', ({ breakdown }) => breakdown.audibleSource],
  ...partKeys.map((key) => [`${key}_ms`, (turn: TurnRecord) => milliseconds(partOf(turn, key))] as const),
  ['missing', ({ breakdown }) => breakdown.missing.join(' ')],
  ['preempt_gain_ms', ({ breakdown }) => milliseconds(breakdown.preemptGainUs)],
  ...productKeys.map((key) => [key, ({ breakdown }: TurnRecord) => breakdown.product[key]] as const),
  ['interruption_stop_ms', ({ breakdown }) => milliseconds(breakdown.interruption?.stopUs ?? null)],
];

const eventColumns: readonly (readonly [name: string, cell: (row: NumberedEvent) => Cell])[] = [
  ['ordinal', ({ ordinal }) => ordinal],
  ['at_ms', ({ event }) => event.atUs / 1000],
  ['kind', ({ event }) => event.kind],
  ['conversation_id', ({ event }) => ('conversationId' in event ? (event.conversationId ?? null) : null)],
  ['turn_id', ({ event }) => ('turnId' in event ? (event.turnId ?? null) : null)],
  ['text', ({ event }) => ('text' in event ? (event.text ?? null) : null)],
  ['facts', ({ event }) => JSON.stringify(factsOf(event))],
];

/** What somebody wrote on the session, an instant or stretch of it, or a row of its log. `atUs` null: on the whole, or the row is not there. */
interface Remark {
  kind: 'session' | 'note' | 'bookmark';
  atUs: number | null;
  toUs: number | null;
  colour: string | null;
  text: string;
  /** Of a bookmark's row. */
  seq: number | null;
  port: string | null;
  row: string | null;
}

const remarkColumns: readonly (readonly [name: string, cell: (remark: Remark) => Cell])[] = [
  ['at_ms', ({ atUs }) => milliseconds(atUs)],
  ['to_ms', ({ toUs }) => milliseconds(toUs)],
  ['kind', ({ kind }) => kind],
  ['colour', ({ colour }) => colour],
  ['text', ({ text }) => text],
  ['seq', ({ seq }) => seq],
  ['port', ({ port }) => port],
  ['row', ({ row }) => row],
];

/** One row a turn, with its breakdown; or one an event, or a note or bookmark. CSV as RFC 4180 has it, JSON lines as the contract has them. */
export function writeTable(
  source: SessionSource,
  out: FileWriter,
  { format, content }: { format: TableFormat; content: TableContent },
): Record<string, number> {
  return { [content]: rows() };

  function rows(): number {
    switch (content) {
      case 'turns':
        return writeRows(source.turns(), turnColumns, out, format);
      case 'events':
        return writeRows(source.events(), eventColumns, out, format, ({ ordinal, event }) => ({ ordinal, ...withBase64(event) }));
      case 'notes':
        return writeRows(remarksOf(source), remarkColumns, out, format);
    }
  }
}

/** In order of time; what has none goes before and after. */
function remarksOf(source: SessionSource): Remark[] {
  const nowhere = { atUs: null, toUs: null, colour: null, seq: null, port: null, row: null };
  const whole: Remark[] = source.summary.note === '' ? [] : [{ ...nowhere, kind: 'session', text: source.summary.note }];
  const notes = source.notes().map(({ atUs, toUs, colour, text }): Remark => ({ ...nowhere, kind: 'note', atUs, toUs, colour, text }));
  const marks = source.bookmarks().map(({ seq, note: text, colour, row }): Remark => {
    return { ...nowhere, kind: 'bookmark', atUs: row?.atUs ?? null, colour, text, seq, port: row?.port ?? null, row: row?.text ?? null };
  });
  const last = Number.MAX_SAFE_INTEGER;
  return [...whole, ...[...notes, ...marks].sort((one, other) => (one.atUs ?? last) - (other.atUs ?? last))];
}

function writeRows<Row>(
  rows: Iterable<Row>,
  columns: readonly (readonly [name: string, cell: (row: Row) => Cell])[],
  out: FileWriter,
  format: TableFormat,
  asJson: (row: Row) => unknown = (row) => row,
): number {
  let count = 0;
  if (format === 'csv') out.write(`${columns.map(([name]) => name).join(',')}\r\n`);
  for (const row of rows) {
    count++;
    if (format === 'jsonl') out.write(`${JSON.stringify(asJson(row))}\n`);
    else out.write(`${columns.map(([, cell]) => csvCell(cell(row))).join(',')}\r\n`);
  }
  return count;
}

/**
 * RFC 4180, every text quoted. A spreadsheet takes a text that begins with = + - @, also in full width, for a formula: an apostrophe before it
 * makes it text again. So does what stands after a semicolon or a tab, where those part the cells: in a quote that does not begin its row's
 * first cell, such a spreadsheet sees none.
 */
export function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = cell.replace(/^(?=[\t\r\n])|(?<=^|[;\t])(?=[=+\-@＝＋－＠])/g, "'");
  return text === '' ? '' : `"${text.replaceAll('"', '""')}"`;
}

/** What has no column of its own. */
function factsOf(event: PipelineEvent): object {
  const { kind: _kind, atUs: _atUs, conversationId: _conversation, turnId: _turn, text: _text, ...rest } = withBase64(event);
  return rest;
}

function withBase64(event: PipelineEvent): Record<string, unknown> {
  if (event.kind !== 'wire.message' || event.bytes === undefined) return event;
  return { ...event, bytes: Buffer.from(event.bytes).toString('base64') };
}

function partOf({ breakdown }: TurnRecord, key: BreakdownPart['key']): number | null {
  return breakdown.parts.find((part) => part.key === key)?.durationUs ?? null;
}

function milliseconds(us: number | null): number | null {
  return us === null ? null : us / 1000;
}
