import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { blockColumns, columnsOf, type LogBlock, levelCodeOf } from '../logs/block.ts';
import { CauseChain } from '../sessions/timeline-causes.ts';
import { createBlockReader } from './block-reader.ts';
import { type BlockNames, namesOf } from './block-row.ts';
import type { BulkRequests, Handlers, ReadRequests } from './requests.ts';
import { createTimelineBlocks, type MadeBlock } from './timeline-blocks.ts';
import { BLOCK_EVENTS } from './timeline-facts.ts';
import { LaneAssembler, laneState, noLanes } from './timeline-lanes.ts';
import { bytesOf, GrowingSeries } from './timeline-series.ts';

/** Events told at once: with the lanes of so many, a reply is some 2 MB. */
const PIECE_EVENTS = 48 * BLOCK_EVENTS;
/** Blocks made anew of one reply: reading events takes a hundred times as long as reading what was made of them. */
const PIECE_MADE = 12;
const PIECE_ROWS = 400_000;
const FOUND_LIMIT = 20_000;
const LABEL_LENGTH = 160;

const eventCursor = z.object({ next: z.number().int().min(0), conversation: z.number().int().nullable(), state: laneState });
const rowCursor = z.object({ next: z.number().int().min(0) });

type TimelineBulk = Pick<Handlers<BulkRequests>, 'timeline.events' | 'timeline.rows' | 'timeline.find'>;
type TimelineReads = Pick<Handlers<ReadRequests>, 'timeline.labels' | 'timeline.causes'>;

/** The long reads of a timeline. Throws TalkError 'session/not-found', 'bad-request' (a cursor that is none). */
export function createTimelineBulk(database: Database): TimelineBulk {
  const { sessionKey } = createBlockReader(database);
  const blocks = createTimelineBlocks(database);
  const keyOf = conversationKeys(database);
  const logBlocks = database.prepare<[number, number], LogBlockRow>(
    `SELECT first_seq, row_count, error_count, warn_count, names, columns FROM log_block
     WHERE session_key = ? AND first_seq + row_count > ? ORDER BY first_seq`,
  );
  const find = database
    .prepare<{ session: number; conversation: number | null; text: string; kind: string; limit: number }, [number, number]>(
      `SELECT ordinal, at_us FROM event
       WHERE session_key = @session AND (conversation_key IS NULL OR conversation_key = @conversation)
         AND substr(kind, 1, length(@kind)) = @kind AND (@text = '' OR body LIKE @text ESCAPE '\\') ORDER BY ordinal LIMIT @limit`,
    )
    .raw();
  /** While events are written, the counts and what is read must be of one instant. */
  const inOneView = <Value>(work: () => Value): Value => database.transaction(work)();

  return {
    'timeline.events': ({ id, conversationId, cursor }) => {
      const session = sessionKey(id);
      const conversation = conversationId === null ? null : (keyOf.get(session, conversationId) ?? null);
      const start = cursor === null ? { next: 0, conversation, state: noLanes } : parsed(eventCursor, cursor);
      if (start.conversation !== conversation) throw new TalkError('bad-request', { what: 'cursor of another conversation' });
      return inOneView(() => {
        const totalEvents = blocks.total(session);
        const assembler = new LaneAssembler(conversation, start.state);
        const made: MadeBlock[] = [];
        let next = start.next;
        while (next < totalEvents && next - start.next < PIECE_EVENTS && made.length < PIECE_MADE) {
          const block = Math.floor(next / BLOCK_EVENTS);
          const read = blocks.read(session, block, totalEvents);
          if (read.made !== null) made.push(read.made);
          assembler.add(next > block * BLOCK_EVENTS ? from(read.facts, next) : read.facts);
          next = Math.min(totalEvents, (block + 1) * BLOCK_EVENTS);
        }
        return {
          series: assembler.series(),
          open: assembler.open(),
          cursor: JSON.stringify({ next, conversation, state: assembler.state() }),
          hasMore: next < totalEvents,
          doneEvents: next,
          totalEvents,
          made,
        };
      });
    },
    'timeline.rows': ({ id, cursor }) => {
      const session = sessionKey(id);
      let { next } = cursor === null ? { next: 0 } : parsed(rowCursor, cursor);
      const from = next;
      const found = new Map<string, GrowingSeries>();
      let hasMore = false;
      inOneView(() => {
        for (const block of logBlocks.iterate(session, next)) {
          if (block.first_seq - from >= PIECE_ROWS) {
            hasMore = true;
            break;
          }
          addRows(found, block, next);
          next = block.first_seq + block.row_count;
        }
      });
      const series = [...found.values()].map((each) => each.told());
      return { series, cursor: JSON.stringify({ next }), hasMore };
    },
    'timeline.find': ({ id, conversationId, text, kind }) => {
      const session = sessionKey(id);
      const conversation = conversationId === null ? null : (keyOf.get(session, conversationId) ?? null);
      // As it stands in the stored JSON; in LIKE the wildcards are escaped.
      const written = JSON.stringify(text).slice(1, -1);
      const pattern = text === '' ? '' : `%${written.replace(/[\\%_]/g, '\\$&')}%`;
      const rows = find.all({ session, conversation, text: pattern, kind, limit: FOUND_LIMIT + 1 });
      const kept = rows.slice(0, FOUND_LIMIT);
      return {
        ids: bytesOf(Uint32Array.from(kept, ([ordinal]) => ordinal)),
        fromUs: bytesOf(Float64Array.from(kept, ([, atUs]) => atUs)),
        hasMore: rows.length > FOUND_LIMIT,
      };
    },
  };
}

/** The quick ones. */
export function createTimelineReads(database: Database): TimelineReads {
  const { sessionKey } = createBlockReader(database);
  const keyOf = conversationKeys(database);
  const bodies = database.prepare<[number, string], { ordinal: number; body: string }>(
    'SELECT ordinal, body FROM event WHERE session_key = ? AND ordinal IN (SELECT value FROM json_each(?))',
  );
  const firstAt = database.prepare<[number, number], { ordinal: number; at_us: number }>(
    'SELECT ordinal, at_us FROM event WHERE session_key = ? AND ordinal >= ? ORDER BY ordinal LIMIT 1',
  );
  const last = database.prepare<[number], number>('SELECT max(ordinal) FROM event WHERE session_key = ?').pluck();
  const turn = database.prepare<[number, number], { started_us: number; ended_us: number | null }>(
    'SELECT started_us, ended_us FROM turn WHERE conversation_key = ? AND turn_id = ?',
  );
  const before = database
    .prepare<[number, number], number>(
      'SELECT started_us FROM turn WHERE conversation_key = ? AND turn_id < ? ORDER BY turn_id DESC LIMIT 1',
    )
    .pluck();
  const own = database.prepare<[number, number, number], { ordinal: number; at_us: number; body: string }>(
    'SELECT ordinal, at_us, body FROM event WHERE conversation_key = ? AND ordinal BETWEEN ? AND ? ORDER BY ordinal',
  );

  /** About where the events of an instant stand: they are stored in the order they became known, a little off the order of their times. */
  function ordinalAt(session: number, us: number): number {
    let low = 0;
    let high = (last.get(session) ?? -1) + 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const found = firstAt.get(session, middle);
      if (found !== undefined && found.at_us < us) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    'timeline.labels': ({ id, events }) => {
      const texts = new Map<number, string>();
      // One body at a time: each may be megabytes.
      for (const { ordinal, body } of bodies.iterate(sessionKey(id), JSON.stringify(events))) texts.set(ordinal, labelOf(JSON.parse(body)));
      return { events: events.map((ordinal) => texts.get(ordinal) ?? '') };
    },
    'timeline.causes': ({ id, conversationId, turnId }) => {
      const session = sessionKey(id);
      const conversation = keyOf.get(session, conversationId);
      const times = conversation === undefined ? undefined : turn.get(conversation, turnId);
      if (conversation === undefined || times === undefined) return { links: [] };
      const fromUs = before.get(conversation, turnId) ?? 0;
      const toUs = (times.ended_us ?? times.started_us + LONGEST_TURN_US) + SLACK_US;
      const chain = new CauseChain();
      for (const row of own.iterate(conversation, ordinalAt(session, fromUs), ordinalAt(session, toUs) + SLACK_EVENTS))
        chain.hear(JSON.parse(row.body) as PipelineEvent, row.ordinal);
      return { links: chain.take(turnId) };
    },
  };
}

const SLACK_US = 5_000_000;
const SLACK_EVENTS = 200;
const LONGEST_TURN_US = 300_000_000;

function conversationKeys(database: Database) {
  return database
    .prepare<[number, string], number>('SELECT conversation_key FROM conversation WHERE session_key = ? AND conversation_id = ?')
    .pluck();
}

function parsed<Schema extends z.ZodType>(schema: Schema, cursor: string): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(cursor));
  } catch (error) {
    throw new TalkError('bad-request', { what: 'cursor' }, { cause: error });
  }
}

type Facts = Parameters<LaneAssembler['add']>[0];

/** Those from an ordinal on: the rest of a block was told before. */
function from(facts: Facts, ordinal: number): Facts {
  const at = facts.ordinal.findIndex((each) => each >= ordinal);
  const cut = (column: Float64Array) => (at < 0 ? column.subarray(0, 0) : column.subarray(at));
  return {
    count: at < 0 ? 0 : facts.count - at,
    ordinal: cut(facts.ordinal),
    atUs: cut(facts.atUs),
    kind: cut(facts.kind),
    conversation: cut(facts.conversation),
    turn: cut(facts.turn),
    first: cut(facts.first),
    second: cut(facts.second),
  };
}

interface LogBlockRow {
  first_seq: number;
  row_count: number;
  error_count: number;
  warn_count: number;
  names: string;
  columns: Buffer;
}

/** Rows of a block that something can be seen by: what the device did, and what went wrong. */
function addRows(found: Map<string, GrowingSeries>, block: LogBlockRow, fromSeq: number): void {
  const reader = columnsOf({ columns: block.columns as Uint8Array as LogBlock['columns'], rowCount: block.row_count });
  const events = reader.read(blockColumns.event);
  const hasEvents = events.some((code) => !Number.isNaN(code));
  if (!hasEvents && block.error_count + block.warn_count === 0) return;
  const { ports }: BlockNames = namesOf(block);
  const kinds = reader.read(blockColumns.kind);
  const times = reader.read(blockColumns.at);
  const portOf = reader.read(blockColumns.port);
  for (let row = Math.max(0, fromSeq - block.first_seq); row < block.row_count; row++) {
    const level = levelCodeOf(kinds[row] as number);
    const tone = level === 1 ? 'error' : level === 2 ? 'warn' : Number.isNaN(events[row]) ? null : 'pipeline';
    if (tone === null) continue;
    const port = ports[portOf[row] as number] ?? '';
    const key = `${tone} ${port}`;
    let series = found.get(key);
    if (series === undefined) {
      series = new GrowingSeries({ lane: 'log', port, tone, form: 'marks' });
      found.set(key, series);
    }
    series.push(times[row] as number, 0, block.first_seq + row);
  }
}

/** What a reader would call an event in a line. States are told by their word, which the screen translates. */
export function labelOf(event: PipelineEvent): string {
  return cut(textOf(event));
}

function textOf(event: PipelineEvent): string {
  switch (event.kind) {
    case 'turn.state':
      return event.state;
    case 'llm.request':
      return event.model;
    case 'turn.ended':
      return event.outcome;
    case 'user.speech-started':
    case 'user.speech-ended':
      return '';
    case 'turn.committed':
      return event.text;
    case 'tool.call':
    case 'tool.result':
    case 'wire.message':
      return event.name;
    case 'engine.error':
      return `${event.stage} ${event.error.code}`;
    case 'stage.leaked':
      return event.stage;
    case 'dropped':
      return `${event.what} ×${event.count}`;
    case 'downlink.queue':
      return `${Math.round(event.queuedUs / 1000)} ms`;
    case 'downlink.underrun':
      return `underrun ${Math.round(event.gapUs / 1000)} ms`;
    case 'device.event':
      return event.eventId;
    case 'device.ota':
      return `${event.version} ${event.state} ${event.percent} %`;
    case 'device.call':
      return event.state;
    case 'turn.started':
      return `${event.turnId}`;
    default:
      return 'text' in event && typeof event.text === 'string' ? event.text : event.kind;
  }
}

function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > LABEL_LENGTH ? `${line.slice(0, LABEL_LENGTH - 1)}…` : line;
}
