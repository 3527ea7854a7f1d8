import type { Database } from 'better-sqlite3';
import type { FlashJob } from '../../../preload/contract/flash.ts';
import type { ConversationRecord, SessionDetail, SessionSummary, TurnBreakdown, TurnRecord } from '../../../preload/contract/sessions.ts';
import { createDeviceListReads } from './device-lists.ts';
import { type EventRow, toEvent } from './event-row.ts';
import { createLogReader } from './log-reader.ts';
import type { DeviceRow, Handlers, ReadRequests, TextHit } from './requests.ts';

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
  });

  const turns = (sessionId: string): TurnRecord[] => {
    const tools = Map.groupBy(sql.toolCalls.all(sessionId), (call) => call.turn_key);
    return sql.turns.all(sessionId).map((row) => ({
      conversationId: row.conversation_id,
      turnId: row.turn_id,
      initiator: row.initiator,
      outcome: row.outcome,
      startedUs: row.started_us,
      endedUs: row.ended_us,
      userText: row.user_text,
      replyText: row.reply_text,
      heardText: row.heard_text,
      toolCalls: (tools.get(row.turn_key) ?? []).map((call) => ({
        callId: call.call_id,
        name: call.name,
        arguments: JSON.parse(call.arguments) as unknown,
        isOk: call.is_ok === null ? null : call.is_ok === 1,
        result: JSON.parse(call.result) as unknown,
        atUs: call.at_us,
        elapsedUs: call.elapsed_us,
      })),
      breakdown: JSON.parse(row.breakdown) as TurnBreakdown,
    }));
  };

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
        conversations: sql.conversations.all(id),
        turns: turns(id),
        flashes: sql.flashes.all(id).map(({ at_us, body }) => flashRecord(at_us, JSON.parse(body) as FlashJob)),
      };
    },
    'session.events': ({ id, afterOrdinal, limit, kinds }) => {
      const rows = sql.events.all({ id, afterOrdinal, limit: limit + 1, kinds: kinds === undefined ? null : JSON.stringify(kinds) });
      return {
        events: rows.slice(0, limit).map((event) => ({ ordinal: event.ordinal, event: toEvent(event) })),
        hasMore: rows.length > limit,
      };
    },
    'session.turns': ({ ids }) => ({
      turns: ids.flatMap(turns),
      missingIds: ids.filter((id) => sql.summary.get(id) === undefined),
    }),
    'session.conversation': ({ id, conversationId }) =>
      sql.conversations.all(id).find((conversation) => conversation.conversationId === conversationId) ?? null,
    ...createLogReader(database),
    'text.find': ({ text, limit }) => {
      const isIndexed = Array.from(text).length >= 3;
      // In FTS5 a quoted string is one phrase, whatever it holds; in LIKE the wildcards are escaped.
      const pattern = isIndexed ? `"${text.replaceAll('"', '""')}"` : `%${text.replace(/[\\%_]/g, '\\$&')}%`;
      const turnHits = (isIndexed ? sql.matchTurns : sql.likeTurns).all({ pattern, limit });
      const noteHits = (isIndexed ? sql.matchNotes : sql.likeNotes).all({ pattern, limit });
      return [
        ...turnHits.map((hit): TextHit => ({ kind: 'turn', ...hit })),
        ...noteHits.map((hit): TextHit => ({ kind: 'note', ...hit })),
      ].slice(0, limit);
    },
    'setting.all': () => sql.settings.all().map(({ key, value }) => ({ key, value: JSON.parse(value) as unknown })),
    'recipe.list': () => sql.recipes.all().map(({ body }): unknown => JSON.parse(body)),
    ...createDeviceListReads(database),
    'device.list': () =>
      sql.devices.all().map((row): DeviceRow => ({ ...row, properties: JSON.parse(row.properties) as Record<string, unknown> })),
  };
  return read;
}

interface BoardRow extends Omit<DeviceRow, 'properties'> {
  properties: string;
}

function flashRecord(atUs: number, job: FlashJob): SessionDetail['flashes'][number] {
  return {
    atUs,
    address: job.address,
    chip: job.chip?.chip ?? null,
    state: job.state,
    files: job.files.map(({ offset, name, sizeBytes, md5 }) => ({ offset, name, sizeBytes, md5 })),
    elapsedMs: job.stages.reduce((sum, stage) => sum + stage.elapsedMs, 0),
  };
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

type TurnHit = Omit<Extract<TextHit, { kind: 'turn' }>, 'kind'>;
type NoteHit = Omit<Extract<TextHit, { kind: 'note' }>, 'kind'>;
type FindBody = { pattern: string; limit: number };

/** `boards`: the ports that were listened to and the devices that spoke, each once. */
const summaryColumns = `
  s.id, s.title, s.state, s.started_wall_ms, s.last_us, s.dropped_count, s.app_version,
  coalesce((SELECT text FROM note n WHERE n.session_key = s.session_key AND n.at_us IS NULL), '') AS note,
  (SELECT json_group_array(name) FROM (
     SELECT address AS name FROM port p WHERE p.session_key = s.session_key
     UNION SELECT device_name FROM conversation c WHERE c.session_key = s.session_key AND device_name <> '')) AS boards,
  (SELECT count(*) FROM conversation c WHERE c.session_key = s.session_key) AS conversation_count,
  (SELECT count(*) FROM turn t JOIN conversation c USING (conversation_key) WHERE c.session_key = s.session_key) AS turn_count,
  (SELECT coalesce(sum(row_count), 0) FROM port p WHERE p.session_key = s.session_key) AS log_row_count`;

function prepareStatements(database: Database) {
  const turnHit = `s.id AS sessionId, c.conversation_id AS conversationId, t.turn_id AS turnId, t.user_text AS userText, t.reply_text AS replyText
    FROM turn t JOIN conversation c USING (conversation_key) JOIN session s USING (session_key)`;
  const noteHit = 's.id AS sessionId, n.text FROM note n JOIN session s USING (session_key)';
  return {
    list: database.prepare<[number, number], SummaryRow>(
      `SELECT ${summaryColumns} FROM session s WHERE s.started_wall_ms < ? ORDER BY s.started_wall_ms DESC, s.session_key DESC LIMIT ?`,
    ),
    summary: database.prepare<[string], SummaryRow>(`SELECT ${summaryColumns} FROM session s WHERE s.id = ?`),
    ports: database.prepare<[string], { address: string; rowCount: number; rawBytes: number }>(
      `SELECT address, row_count AS rowCount, raw_bytes AS rawBytes
       FROM port JOIN session s USING (session_key) WHERE s.id = ? ORDER BY port_key`,
    ),
    conversations: database.prepare<[string], ConversationRecord>(
      `SELECT conversation_id AS conversationId, gateway, product_id AS productId, device_name AS deviceName, language,
         opened_us AS openedUs, closed_us AS closedUs, close_reason AS closeReason,
         uplink_packets AS uplinkPackets, downlink_packets AS downlinkPackets
       FROM conversation c JOIN session s USING (session_key) WHERE s.id = ? ORDER BY opened_us, conversation_key`,
    ),
    turns: database.prepare<[string], TurnRow>(
      `SELECT t.*, c.conversation_id FROM turn t JOIN conversation c USING (conversation_key) JOIN session s USING (session_key)
       WHERE s.id = ? ORDER BY t.started_us, t.turn_key`,
    ),
    toolCalls: database.prepare<[string], ToolCallRow>(
      `SELECT k.* FROM tool_call k JOIN turn t USING (turn_key) JOIN conversation c USING (conversation_key) JOIN session s USING (session_key)
       WHERE s.id = ? ORDER BY k.at_us, k.call_id`,
    ),
    recipes: database.prepare<[], { body: string }>('SELECT body FROM recipe ORDER BY name'),
    flashes: database.prepare<[string], { at_us: number; body: string }>(
      'SELECT at_us, body FROM flash_job JOIN session s USING (session_key) WHERE s.id = ? ORDER BY at_us',
    ),
    events: database.prepare<[{ id: string; afterOrdinal: number; limit: number; kinds: string | null }], EventRow & { ordinal: number }>(
      `SELECT ordinal, body, bytes FROM event
       WHERE session_key = (SELECT session_key FROM session WHERE id = @id) AND ordinal > @afterOrdinal
         AND (@kinds IS NULL OR kind IN (SELECT value FROM json_each(@kinds)))
       ORDER BY ordinal LIMIT @limit`,
    ),
    matchTurns: database.prepare<[FindBody], TurnHit>(
      `SELECT ${turnHit} WHERE t.turn_key IN (SELECT rowid FROM turn_text WHERE turn_text MATCH @pattern) ORDER BY t.turn_key DESC LIMIT @limit`,
    ),
    likeTurns: database.prepare<[FindBody], TurnHit>(
      `SELECT ${turnHit} WHERE t.user_text LIKE @pattern ESCAPE '\\' OR t.reply_text LIKE @pattern ESCAPE '\\'
       ORDER BY t.turn_key DESC LIMIT @limit`,
    ),
    matchNotes: database.prepare<[FindBody], NoteHit>(
      `SELECT ${noteHit} WHERE n.note_key IN (SELECT rowid FROM note_text WHERE note_text MATCH @pattern) ORDER BY n.note_key DESC LIMIT @limit`,
    ),
    likeNotes: database.prepare<[FindBody], NoteHit>(
      `SELECT ${noteHit} WHERE n.text LIKE @pattern ESCAPE '\\' ORDER BY n.note_key DESC LIMIT @limit`,
    ),
    settings: database.prepare<[], { key: string; value: string }>('SELECT key, value FROM setting ORDER BY key'),
    devices: database.prepare<[], BoardRow>(
      `SELECT product_id AS productId, device_name AS deviceName, last_online_wall_ms AS lastOnlineWallMs,
         firmware_version AS firmwareVersion, properties
       FROM board ORDER BY product_id, device_name`,
    ),
  };
}
