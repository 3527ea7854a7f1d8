import type { Database } from 'better-sqlite3';
import type { AudioPacket, PipelineEvent } from '../../../preload/contract/events.ts';
import { turnMilestones } from '../analysis/turns.ts';
import type { LogBlock } from '../logs/block.ts';
import { type AppendRecord, type RawRecord, recordWeight } from './append.ts';
import { BlockShelf } from './block-shelf.ts';
import { sqliteCode } from './database.ts';
import { createDeriver } from './derive.ts';
import { toEventRow } from './event-row.ts';

export interface AppendResult {
  /** Rows that broke a rule of the schema and were left out; the rest of the batch stands. */
  rejectedCount: number;
  firstRejection: string | null;
}

/** Running totals of one batch for one parent row, written once a batch instead of once a row. */
interface Totals {
  rows: number;
  rawBytes: number;
}

/** Writes batches of appended records, each in one transaction. Belongs to the writer's connection. */
export class BatchWriter {
  readonly #database: Database;
  readonly #sql: ReturnType<typeof prepareStatements>;
  readonly #deriver: ReturnType<typeof createDeriver>;
  readonly #shelf: BlockShelf;
  /** Keys and next ordinals of rows known to be committed or in this batch; forgotten whenever a batch fails. */
  readonly #sessionKeys = new Map<string, number>();
  readonly #portKeys = new Map<string, number>();
  readonly #conversationKeys = new Map<string, number>();
  readonly #nextOrdinals = new Map<string, number>();
  /** Of the batch under way. */
  readonly #lastUs = new Map<number, number>();
  readonly #portTotals = new Map<number, Totals>();
  readonly #packetTotals = new Map<number, { uplink: number; downlink: number }>();
  readonly #changedTurns = new Map<number, number>();
  readonly #transaction: (records: readonly AppendRecord[]) => AppendResult;

  constructor(database: Database) {
    this.#database = database;
    this.#sql = prepareStatements(database);
    this.#deriver = createDeriver(database);
    this.#shelf = new BlockShelf(database);
    this.#transaction = database.transaction((records: readonly AppendRecord[]) => this.#write(records));
  }

  /** Throws SQLite's error when the batch as a whole could not be kept (disk full, damage); nothing of it is then stored. */
  append(records: readonly AppendRecord[]): AppendResult {
    try {
      return this.#transaction(records);
    } catch (error) {
      this.forget();
      throw error;
    } finally {
      for (const totals of [this.#lastUs, this.#portTotals, this.#packetTotals, this.#changedTurns]) totals.clear();
    }
  }

  /** Drops every remembered key: rows have been removed or rolled back. */
  forget(): void {
    for (const keys of [this.#sessionKeys, this.#portKeys, this.#conversationKeys, this.#nextOrdinals]) keys.clear();
    this.#shelf.forget();
  }

  #write(records: readonly AppendRecord[]): AppendResult {
    const result: AppendResult = { rejectedCount: 0, firstRejection: null };
    for (const record of records) {
      this.#attempt(result, recordWeight(record), () => this.#record(record));
    }
    for (const [key, totals] of this.#portTotals) this.#sql.addToPort.run(totals.rows, totals.rawBytes, key);
    for (const [key, totals] of this.#packetTotals) this.#sql.addToConversation.run(totals.uplink, totals.downlink, key);
    for (const [key, turnId] of this.#changedTurns) this.#deriver.turns(key, turnId);
    for (const [key, lastUs] of this.#lastUs) this.#sql.extendSession.run(lastUs, key);
    return result;
  }

  /** One row that cannot be stored must not cost its batch: a failed statement undoes itself alone. */
  #attempt(result: AppendResult, weight: number, write: () => void): void {
    try {
      write();
    } catch (error) {
      const code = sqliteCode(error);
      if (!this.#database.inTransaction || (code !== undefined && !isRowFault(code))) throw error;
      result.rejectedCount += weight;
      result.firstRejection ??= String(error);
    }
  }

  #record(record: AppendRecord): void {
    switch (record.kind) {
      case 'session.start':
        this.#sql.startSession.run(record.sessionId, record.title, record.startedWallMs, record.appVersion);
        return;
      case 'session.stop':
        this.#sql.stopSession.run(record.endUs, record.sessionId);
        this.#shelf.finish(this.#sessionKey(record.sessionId));
        return;
      case 'rows':
        this.#block(record.sessionId, record.block);
        return;
      case 'raw':
        this.#raw(record);
        return;
      case 'event':
        this.#event(record.sessionId, record.event);
        return;
      case 'packet':
        this.#packet(record.sessionId, record.packet);
        return;
      case 'flash': {
        const { sessionId, atUs, job } = record;
        const elapsedUs = job.stages.reduce((sum, stage) => sum + stage.elapsedMs, 0) * 1000;
        this.#sql.putFlash.run(this.#sessionKey(sessionId), job.jobId, atUs, job.address, JSON.stringify(job));
        this.#reached(sessionId, atUs + Math.round(elapsedUs));
        return;
      }
      case 'dropped':
        this.#sql.addDropped.run(record.count, record.sessionId);
        return;
    }
  }

  #raw({ sessionId, port, direction, atUs, offset, bytes }: RawRecord): void {
    const key = this.#portKey(sessionId, port);
    const stream = `stream ${key} ${direction}`;
    const end = this.#nextOrdinals.get(stream) ?? this.#sql.streamEnd.get(key, direction) ?? 0;
    // Stored already, as far as that, by a thread that died before it could say so.
    const isNew = offset >= end;
    const rest = isNew ? bytes : bytes.subarray(end - offset);
    if (rest.byteLength === 0) return;
    const ordinal = this.#ordinal(`raw ${key}`, () => this.#sql.nextChunk.get({ port: key }) ?? 0);
    this.#sql.insertChunk.run(key, ordinal, atUs, direction, rest, isNew ? offset : end);
    this.#nextOrdinals.set(stream, offset + bytes.byteLength);
    if (direction === 'received') this.#totals(key).rawBytes += rest.byteLength;
    this.#reached(sessionId, atUs);
  }

  #block(sessionId: string, block: LogBlock): void {
    if (!this.#shelf.put(this.#sessionKey(sessionId), block)) return;
    for (const [index, port] of block.ports.entries()) this.#totals(this.#portKey(sessionId, port)).rows += block.portRows[index] ?? 0;
    this.#reached(sessionId, block.lastUs);
  }

  #event(sessionId: string, event: PipelineEvent): void {
    const sessionKey = this.#sessionKey(sessionId);
    const conversationId = 'conversationId' in event ? event.conversationId : undefined;
    const turnId = 'turnId' in event ? event.turnId : undefined;
    const conversationKey = conversationId === undefined ? null : this.#conversationKey(sessionKey, conversationId, event.atUs);
    const { body, bytes } = toEventRow(event);
    const ordinal = this.#ordinal(`event ${sessionKey}`, () => this.#sql.nextEvent.get(sessionKey) ?? 0);
    this.#sql.insertEvent.run(sessionKey, ordinal, event.atUs, event.kind, conversationKey, turnId ?? null, body, bytes);
    this.#reached(sessionId, event.atUs);
    if (conversationKey === null) return;
    if (event.kind === 'conversation.opened') {
      const { gateway, productId, deviceName, language, atUs } = event;
      this.#sql.openConversation.run(gateway, productId, deviceName, language, atUs, conversationKey);
    } else if (event.kind === 'conversation.closed') {
      this.#sql.closeConversation.run(event.atUs, event.reason, conversationKey);
    }
    if (turnId !== undefined && turnMilestones.has(event.kind)) {
      this.#changedTurns.set(conversationKey, Math.min(turnId, this.#changedTurns.get(conversationKey) ?? turnId));
    }
  }

  #packet(sessionId: string, packet: AudioPacket): void {
    const { track, index, atUs, mediaUs, durationUs, codec, sampleRate, bytes } = packet;
    const key = this.#conversationKey(this.#sessionKey(sessionId), packet.conversationId, atUs);
    this.#sql.insertPacket.run(key, track, index, atUs, mediaUs, durationUs, codec, sampleRate, bytes);
    const totals = this.#packetTotals.get(key) ?? { uplink: 0, downlink: 0 };
    if (track !== 'uplink-denoised') totals[track] += 1; // made here, not received
    this.#packetTotals.set(key, totals);
    this.#reached(sessionId, atUs);
  }

  #reached(sessionId: string, atUs: number): void {
    const key = this.#sessionKey(sessionId);
    this.#lastUs.set(key, Math.max(atUs, this.#lastUs.get(key) ?? 0));
  }

  #totals(portKey: number): Totals {
    const totals = this.#portTotals.get(portKey) ?? { rows: 0, rawBytes: 0 };
    this.#portTotals.set(portKey, totals);
    return totals;
  }

  #ordinal(series: string, stored: () => number): number {
    const ordinal = this.#nextOrdinals.get(series) ?? stored();
    this.#nextOrdinals.set(series, ordinal + 1);
    return ordinal;
  }

  #sessionKey(id: string): number {
    const known = this.#sessionKeys.get(id);
    if (known !== undefined) return known;
    const key = this.#sql.sessionKey.get(id);
    if (key === undefined) throw new Error(`no session ${id}`);
    this.#sessionKeys.set(id, key);
    return key;
  }

  #portKey(sessionId: string, address: string): number {
    const sessionKey = this.#sessionKey(sessionId);
    return keyOf(this.#portKeys, `${sessionKey} ${address}`, () => this.#sql.putPort.get(sessionKey, address));
  }

  /** Also for a conversation whose opening was not recorded: what it says must have somewhere to stand. */
  #conversationKey(sessionKey: number, id: string, atUs: number): number {
    return keyOf(this.#conversationKeys, `${sessionKey} ${id}`, () => this.#sql.putConversation.get(sessionKey, id, atUs));
  }
}

function keyOf(known: Map<string, number>, name: string, put: () => number | undefined): number {
  const key = known.get(name) ?? put();
  if (key === undefined) throw new Error(`no key for ${name}`);
  known.set(name, key);
  return key;
}

/** Errors that say "this row", not "this database". */
function isRowFault(code: string): boolean {
  return code.startsWith('SQLITE_CONSTRAINT') || code === 'SQLITE_MISMATCH' || code === 'SQLITE_TOOBIG' || code === 'SQLITE_RANGE';
}

function prepareStatements(database: Database) {
  return {
    startSession: database.prepare("INSERT INTO session (id, title, state, started_wall_ms, app_version) VALUES (?, ?, 'recording', ?, ?)"),
    stopSession: database.prepare("UPDATE session SET state = 'closed', last_us = max(last_us, ?) WHERE id = ? AND state = 'recording'"),
    extendSession: database.prepare('UPDATE session SET last_us = max(last_us, ?) WHERE session_key = ?'),
    addDropped: database.prepare('UPDATE session SET dropped_count = dropped_count + ? WHERE id = ?'),
    sessionKey: database.prepare<[string], number>('SELECT session_key FROM session WHERE id = ?').pluck(),
    // DO UPDATE rather than DO NOTHING, because only then does RETURNING say the key of the row that was there.
    putPort: database
      .prepare<[number, string], number>(
        'INSERT INTO port (session_key, address) VALUES (?, ?) ON CONFLICT DO UPDATE SET address = address RETURNING port_key',
      )
      .pluck(),
    addToPort: database.prepare('UPDATE port SET row_count = row_count + ?, raw_bytes = raw_bytes + ? WHERE port_key = ?'),
    nextChunk: database
      .prepare<[{ port: number }], number>(
        `SELECT coalesce(max(ordinal) + 1, 0) FROM (
           SELECT * FROM (SELECT ordinal FROM raw_chunk WHERE port_key = @port AND direction = 'received' ORDER BY offset DESC LIMIT 1)
           UNION ALL SELECT * FROM (SELECT ordinal FROM raw_chunk WHERE port_key = @port AND direction = 'sent' ORDER BY offset DESC LIMIT 1))`,
      )
      .pluck(),
    streamEnd: database
      .prepare<[number, string], number>(
        'SELECT offset + length(bytes) FROM raw_chunk WHERE port_key = ? AND direction = ? ORDER BY offset DESC LIMIT 1',
      )
      .pluck(),
    insertChunk: database.prepare('INSERT INTO raw_chunk (port_key, ordinal, at_us, direction, bytes, offset) VALUES (?, ?, ?, ?, ?, ?)'),
    putConversation: database
      .prepare<[number, string, number], number>(
        `INSERT INTO conversation (session_key, conversation_id, opened_us) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET conversation_id = conversation_id RETURNING conversation_key`,
      )
      .pluck(),
    openConversation: database.prepare(
      'UPDATE conversation SET gateway = ?, product_id = ?, device_name = ?, language = ?, opened_us = ? WHERE conversation_key = ?',
    ),
    closeConversation: database.prepare('UPDATE conversation SET closed_us = ?, close_reason = ? WHERE conversation_key = ?'),
    addToConversation: database.prepare(
      'UPDATE conversation SET uplink_packets = uplink_packets + ?, downlink_packets = downlink_packets + ? WHERE conversation_key = ?',
    ),
    nextEvent: database.prepare<[number], number>('SELECT coalesce(max(ordinal) + 1, 0) FROM event WHERE session_key = ?').pluck(),
    insertEvent: database.prepare(
      'INSERT INTO event (session_key, ordinal, at_us, kind, conversation_key, turn_id, body, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    insertPacket: database.prepare(
      `INSERT INTO audio_packet (conversation_key, track, packet_index, at_us, media_us, duration_us, codec, sample_rate_hz, bytes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    putFlash: database.prepare(
      `INSERT INTO flash_job (session_key, job_id, at_us, address, body) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (session_key, job_id) DO UPDATE SET body = excluded.body`,
    ),
  };
}
