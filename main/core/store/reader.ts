import type { Database } from 'better-sqlite3';
import {
  type ConversationRecord,
  type SessionDetail,
  type SessionSummary,
  type TurnBreakdown,
  type TurnRecord,
  transcriptEventKinds,
} from '../../../preload/contract/sessions.ts';
import { createCheckRunReads } from './check-runs.ts';
import { createDeviceListReads } from './device-lists.ts';
import { createDocumentReads } from './documents.ts';
import { type EventRow, toEvent } from './event-row.ts';
import { flashRecord } from './flash-record.ts';
import { createLogReader } from './log-reader.ts';
import { createNoteReads } from './notes.ts';
import type { DeviceRow, Handlers, ReadRequests, ReplyOf } from './requests.ts';
import { isFinished } from './slices.ts';
import { createTimelineReads } from './timeline-reader.ts';
import { createTrackReads } from './timeline-tracks.ts';

/** A page of events ends before it is larger, as JSON and bytes, but has one at least: each may be megabytes. */
const EVENTS_PAGE_BYTES = 8 << 20;

/** The quick queries: each reads one session or one page. */
export function createReader(database: Database): Handlers<ReadRequests> {
  const sql = prepareStatements(database);

  const summary = (row: SummaryRow): SessionSummary => ({
    id: row.id,
    title: row.title,
    state: row.state,
    startedWallMs: row.started_wall_ms,
    durationUs: row.last_us,
    boards: JSON.parse(row.boards) as string[],
    conversationCount: row.conversation_count,
    turnCount: row.turn_count,
    logRowCount: row.log_row_count,
    droppedCount: row.dropped_count,
    appVersion: row.app_version,
    note: row.note,
    isKept: row.is_kept === 1,
  });

  const turnOf = (row: TurnRow, calls: readonly ToolCallRow[]): TurnRecord => ({
    conversationId: row.conversation_id,
    turnId: row.turn_id,
    initiator: row.initiator,
    outcome: row.outcome,
    startedUs: row.started_us,
    endedUs: row.ended_us,
    userText: row.user_text,
    replyText: row.reply_text,
    heardText: row.heard_text,
    toolCalls: calls.map((call) => ({
      callId: call.call_id,
      name: call.name,
      arguments: JSON.parse(call.arguments) as unknown,
      isOk: call.is_ok === null ? null : call.is_ok === 1,
      result: JSON.parse(call.result) as unknown,
      atUs: call.at_us,
      elapsedUs: call.elapsed_us,
    })),
    breakdown: JSON.parse(row.breakdown) as TurnBreakdown,
  });

  const turns = (sessionId: string): TurnRecord[] => {
    const tools = Map.groupBy(sql.toolCalls.all(sessionId), (call) => call.turn_key);
    return sql.turns.all(sessionId).map((row) => turnOf(row, tools.get(row.turn_key) ?? []));
  };

  const conversations = (sessionId: string): ConversationRecord[] =>
    sql.conversations.all(sessionId).map((row) => ({ ...row, hasDenoised: row.hasDenoised === 1 }));

  const read: Handlers<ReadRequests> = {
    'session.list': ({ limit, beforeWallMs }) => sql.list.all(beforeWallMs ?? Number.MAX_SAFE_INTEGER, limit).map(summary),
    'session.summary': ({ id }) => {
      const row = sql.summary.get(id);
      return row === undefined ? null : summary(row);
    },
    'session.detail': ({ id }): SessionDetail | null => {
      const row = sql.summary.get(id);
      if (row === undefined) return null;
      return {
        session: summary(row),
        ports: sql.ports.all(id),
        conversations: conversations(id),
        turns: turns(id),
        flashes: sql.flashes.all(id).map((flash) => flashRecord(flash, row.app_version)),
      };
    },
    'session.events': ({ id, afterOrdinal, limit, kinds }) => {
      const isOfTranscript = kinds?.every((kind) => (transcriptEventKinds as readonly string[]).includes(kind)) ?? false;
      const events = isOfTranscript ? sql.transcriptEvents : sql.events;
      const page: ReplyOf<ReadRequests, 'session.events'>['events'] = [];
      let size = 0;
      for (const row of events.iterate({ id, afterOrdinal, limit: limit + 1, kinds: kinds === undefined ? null : JSON.stringify(kinds) })) {
        size += row.body.length + (row.bytes?.byteLength ?? 0);
        if (page.length === limit || (page.length > 0 && size > EVENTS_PAGE_BYTES)) return { events: page, hasMore: true };
        page.push({ ordinal: row.ordinal, event: toEvent(row) });
      }
      return { events: page, hasMore: false };
    },
    'session.turns': ({ ids }) => ({
      turns: ids.flatMap(turns),
      missingIds: ids.filter((id) => sql.summary.get(id) === undefined),
    }),
    'session.turnPage': ({ id, afterKey, limit }) => {
      const rows = sql.turnPage.all({ id, afterKey, limit });
      const last = rows.at(-1);
      return {
        turns: rows.map((row) => turnOf(row, sql.toolCallsOf.all(row.turn_key))),
        nextKey: rows.length < limit || last === undefined ? null : last.turn_key,
      };
    },
    'session.turnsAt': ({ id, places }) =>
      places.flatMap(({ conversationId, turnId }) => {
        const row = sql.turnAt.get(id, conversationId, turnId);
        return row === undefined ? [] : turnOf(row, sql.toolCallsOf.all(row.turn_key));
      }),
    'session.conversation': ({ id, conversationId }) =>
      conversations(id).find((conversation) => conversation.conversationId === conversationId) ?? null,
    ...createLogReader(database),
    ...createNoteReads(database),
    ...createCheckRunReads(database),
    'library.size': () => {
      const page = database.pragma('page_size', { simple: true }) as number;
      return {
        bytes: (database.pragma('page_count', { simple: true }) as number) * page,
        freeBytes: (database.pragma('freelist_count', { simple: true }) as number) * page,
      };
    },
    'setting.all': () => sql.settings.all().map(({ key, value }) => ({ key, value: JSON.parse(value) as unknown })),
    'recipe.list': () => sql.recipes.all().map(({ body }): unknown => JSON.parse(body)),
    ...createDeviceListReads(database),
    ...createDocumentReads(database),
    ...createTimelineReads(database),
    ...createTrackReads(database),
    'device.list': () =>
      sql.devices.all().map((row): DeviceRow => ({ ...row, properties: JSON.parse(row.properties) as Record<string, unknown> })),
  };
  return read;
}

interface BoardRow extends Omit<DeviceRow, 'properties'> {
  properties: string;
}

interface SummaryRow {
  id: string;
  title: string;
  state: SessionSummary['state'];
  started_wall_ms: number;
  last_us: number;
  dropped_count: number;
  app_version: string;
  note: string;
  is_kept: number;
  boards: string;
  conversation_count: number;
  turn_count: number;
  log_row_count: number;
}

interface TurnRow {
  turn_key: number;
  conversation_id: string;
  turn_id: number;
  initiator: TurnRecord['initiator'];
  outcome: TurnRecord['outcome'];
  started_us: number;
  ended_us: number | null;
  user_text: string;
  reply_text: string;
  heard_text: string;
  breakdown: string;
}

interface ToolCallRow {
  turn_key: number;
  call_id: string;
  name: string;
  arguments: string;
  is_ok: number | null;
  result: string;
  at_us: number;
  elapsed_us: number | null;
}

/** `boards`: the ports that were listened to and the devices that spoke, each once. */
const summaryColumns = `
  s.id, s.title, s.state, s.started_wall_ms, s.last_us, s.dropped_count, s.app_version,
  EXISTS (SELECT 1 FROM document d WHERE d.kind = 'kept-session' AND d.id = s.id) AS is_kept,
  coalesce((SELECT text FROM note n WHERE n.session_key = s.session_key AND n.at_us IS NULL), '') AS note,
  (SELECT json_group_array(name) FROM (
     SELECT address AS name FROM port p WHERE p.session_key = s.session_key
     UNION SELECT device_name FROM conversation c WHERE c.session_key = s.session_key AND device_name <> '')) AS boards,
  (SELECT count(*) FROM conversation c WHERE c.session_key = s.session_key) AS conversation_count,
  (SELECT count(*) FROM turn t JOIN conversation c USING (conversation_key) WHERE c.session_key = s.session_key) AS turn_count,
  (SELECT coalesce(sum(row_count), 0) FROM port p WHERE p.session_key = s.session_key) AS log_row_count`;

type EventsBody = { id: string; afterOrdinal: number; limit: number; kinds: string | null };

/** `which`: the same term as the index's own, for SQLite to see that it may be used. */
function eventsQuery(index = '', which = 'true'): string {
  return `SELECT ordinal, body, bytes FROM event ${index}
    WHERE session_key = (SELECT session_key FROM session WHERE id = @id) AND ordinal > @afterOrdinal
      AND (@kinds IS NULL OR kind IN (SELECT value FROM json_each(@kinds))) AND ${which}
    ORDER BY ordinal LIMIT @limit`;
}

function prepareStatements(database: Database) {
  const ofTranscript = `kind IN (${transcriptEventKinds.map((kind) => `'${kind}'`).join(', ')})`;
  return {
    list: database.prepare<[number, number], SummaryRow>(
      `SELECT ${summaryColumns} FROM session s WHERE s.started_wall_ms < ? AND ${isFinished} ORDER BY s.started_wall_ms DESC, s.session_key DESC LIMIT ?`,
    ),
    summary: database.prepare<[string], SummaryRow>(`SELECT ${summaryColumns} FROM session s WHERE s.id = ?`),
    ports: database.prepare<[string], { address: string; rowCount: number; rawBytes: number }>(
      `SELECT address, row_count AS rowCount, raw_bytes AS rawBytes
       FROM port JOIN session s USING (session_key) WHERE s.id = ? ORDER BY port_key`,
    ),
    conversations: database.prepare<[string], Omit<ConversationRecord, 'hasDenoised'> & { hasDenoised: number }>(
      `SELECT conversation_id AS conversationId, gateway, product_id AS productId, device_name AS deviceName, language,
         opened_us AS openedUs, closed_us AS closedUs, close_reason AS closeReason,
         uplink_packets AS uplinkPackets, downlink_packets AS downlinkPackets,
         EXISTS (SELECT 1 FROM audio_packet a
           WHERE a.conversation_key = c.conversation_key AND a.track = 'uplink-denoised') AS hasDenoised
       FROM conversation c JOIN session s USING (session_key) WHERE s.id = ? ORDER BY opened_us, conversation_key`,
    ),
    turns: database.prepare<[string], TurnRow>(
      `SELECT t.*, c.conversation_id FROM turn t JOIN conversation c USING (conversation_key) JOIN session s USING (session_key)
       WHERE s.id = ? ORDER BY t.started_us, t.turn_key`,
    ),
    // CROSS JOIN: along the turns' own order, instead of sorting all of the session's for each page.
    turnPage: database.prepare<[{ id: string; afterKey: number; limit: number }], TurnRow>(
      `SELECT t.*, c.conversation_id FROM turn t CROSS JOIN conversation c USING (conversation_key)
       WHERE c.session_key = (SELECT session_key FROM session WHERE id = @id) AND t.turn_key > @afterKey
       ORDER BY t.turn_key LIMIT @limit`,
    ),
    turnAt: database.prepare<[string, string, number], TurnRow>(
      `SELECT t.*, c.conversation_id FROM turn t JOIN conversation c USING (conversation_key) JOIN session s USING (session_key)
       WHERE s.id = ? AND c.conversation_id = ? AND t.turn_id = ?`,
    ),
    toolCallsOf: database.prepare<[number], ToolCallRow>('SELECT * FROM tool_call WHERE turn_key = ? ORDER BY at_us, call_id'),
    toolCalls: database.prepare<[string], ToolCallRow>(
      `SELECT k.* FROM tool_call k JOIN turn t USING (turn_key) JOIN conversation c USING (conversation_key) JOIN session s USING (session_key)
       WHERE s.id = ? ORDER BY k.at_us, k.call_id`,
    ),
    recipes: database.prepare<[], { body: string }>('SELECT body FROM recipe ORDER BY name'),
    flashes: database.prepare<[string], Parameters<typeof flashRecord>[0]>(
      'SELECT job_id, at_us, address, body FROM flash_job JOIN session s USING (session_key) WHERE s.id = ? ORDER BY at_us, job_id',
    ),
    events: database.prepare<[EventsBody], EventRow & { ordinal: number }>(eventsQuery()),
    transcriptEvents: database.prepare<[EventsBody], EventRow & { ordinal: number }>(
      eventsQuery('INDEXED BY event_of_transcript', ofTranscript),
    ),
    settings: database.prepare<[], { key: string; value: string }>('SELECT key, value FROM setting ORDER BY key'),
    devices: database.prepare<[], BoardRow>(
      `SELECT product_id AS productId, device_name AS deviceName, last_online_wall_ms AS lastOnlineWallMs,
         firmware_version AS firmwareVersion, properties
       FROM board ORDER BY product_id, device_name`,
    ),
  };
}
