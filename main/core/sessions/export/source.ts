import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { AudioPacket, PipelineEvent } from '../../../../preload/contract/events.ts';
import { type LogMark, logMark, logRow } from '../../../../preload/contract/logs.ts';
import { type SessionNote, sessionNote } from '../../../../preload/contract/notes.ts';
import {
  type ConversationRecord,
  conversationRecord,
  type SessionDetail,
  type SessionSummary,
  sessionDetail,
  sessionSummary,
  type TurnRecord,
  turnRecord,
} from '../../../../preload/contract/sessions.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { BookRow } from '../../logs/row.ts';
import { createBlockReader, rowsBySeq, storedRows } from '../../store/block-reader.ts';
import { type EventRow, toEvent } from '../../store/event-row.ts';
import { createLogReader } from '../../store/log-reader.ts';
import { createNoteReads } from '../../store/notes.ts';
import { createReader } from '../../store/reader.ts';
import { redactShaped } from '../../store/redact-shape.ts';
import { toldAs } from '../../store/redact-split-rows.ts';
import { openSessionRedaction, type RedactionOptions } from '../../store/session-redaction.ts';
import { createSoundPlaces, type PacketRow } from '../../store/sound-places.ts';

export type Track = AudioPacket['track'];
export type Flash = SessionDetail['flashes'][number];

/** An event with its place in the order of the session. */
export interface NumberedEvent {
  ordinal: number;
  event: PipelineEvent;
}

/** A packet at its place on the session's time axis, where the player has it; `bytes()` reads what it holds. */
export interface PlacedPacket extends Omit<PacketRow, 'packetIndex'> {
  startUs: number;
  bytes: Uint8Array;
}

/** A marked row of the log; `row` null where it was never stored. */
export interface Bookmark extends LogMark {
  row: BookRow | null;
}

/** When sound is heard of a conversation, over all its tracks; null when nothing was recorded. */
export interface Extent {
  fromUs: number;
  toUs: number;
}

/**
 * A session as an export may tell it: secrets and (unless asked for) identities blacked out in all that is text. What there is much of
 * is walked through, never held: a session has no greatest length.
 */
export interface SessionSource {
  readonly summary: SessionSummary;
  /** All, or the one that was asked for. */
  readonly conversations: readonly ConversationRecord[];
  readonly flashes: readonly Flash[];
  turns(conversationId?: string): Generator<TurnRecord>;
  /** In the order they happened: one conversation's own; without, all of the session but those of conversations not asked for. */
  events(conversationId?: string): Generator<NumberedEvent>;
  packets(conversationId: string, track: Track): Generator<PlacedPacket>;
  /** Codec and rates a track has, most packets first; empty where nothing was recorded. */
  codecs(conversationId: string, track: Track): { codec: AudioPacket['codec']; sampleRate: number; packets: number; bytes: number }[];
  extent(conversationId: string): Extent | null;
  /** In order of time: all, or those within the conversation that was asked for. */
  notes(): readonly SessionNote[];
  /** In order of the log: all, or those on rows from within the conversation that was asked for. */
  bookmarks(): readonly Bookmark[];
  /** Without their bytes; those that are wanted. */
  logRows(accepts: (row: BookRow) => boolean): Generator<BookRow>;
}

type NumberedRow = EventRow & { ordinal: number };

/** Throws TalkError 'session/not-found', 'not-found' (what: conversation). */
export function openSource(
  database: Database,
  options: RedactionOptions & { id: string; conversationId?: string | undefined },
): SessionSource {
  const { id } = options;
  const detail = createReader(database)['session.detail']({ id }) as SessionDetail | null;
  if (detail === null) throw new TalkError('session/not-found', { id });
  const sessionKey = createBlockReader(database).sessionKey(id);
  const wanted = options.conversationId;
  const conversations = detail.conversations.filter(({ conversationId }) => wanted === undefined || conversationId === wanted);
  if (wanted !== undefined && conversations.length === 0) throw new TalkError('not-found', { what: 'conversation', id: wanted });

  const redaction = openSessionRedaction(database, sessionKey, options);
  const { redact, isSoundLeftOut, isSaidLeftOut } = redaction;
  const shaped = <Value>(schema: z.ZodType, value: Value): Value => redactShaped(redact, schema, value) as Value;
  /** The conversations' keys, and the names that this export calls them by. */
  const keys = new Map<string, number>();
  const keyOf = database
    .prepare<[number, string], number>('SELECT conversation_key FROM conversation WHERE session_key = ? AND conversation_id = ?')
    .pluck();
  for (const { conversationId } of conversations)
    keys.set(redaction.conversationId(conversationId), keyOf.get(sessionKey, conversationId) ?? -1);
  const allEvents = database.prepare<[number], NumberedRow>(
    'SELECT ordinal, body, bytes FROM event WHERE session_key = ? ORDER BY ordinal',
  );
  const ownEvents = database.prepare<[number], NumberedRow>(
    'SELECT ordinal, body, bytes FROM event WHERE conversation_key = ? ORDER BY ordinal',
  );
  const codecs = database.prepare<[number, string], { codec: AudioPacket['codec']; sampleRate: number; packets: number; bytes: number }>(
    `SELECT codec, sample_rate_hz AS sampleRate, count(*) AS packets, sum(octet_length(bytes)) AS bytes
     FROM audio_packet WHERE conversation_key = ? AND track = ? GROUP BY codec, sample_rate_hz ORDER BY packets DESC`,
  );
  const bytesOf = database
    .prepare<[number, string, number], Buffer>(
      'SELECT bytes FROM audio_packet WHERE conversation_key = ? AND track = ? AND packet_index = ?',
    )
    .pluck();
  const places = createSoundPlaces(database);
  const isWithin = (atUs: number): boolean =>
    wanted === undefined ||
    conversations.some(({ openedUs, closedUs }) => openedUs <= atUs && atUs <= (closedUs ?? Number.POSITIVE_INFINITY));
  const told = (row: BookRow): BookRow => {
    const { raw: _raw, ...rest } = row;
    const own = { port: redaction.port(row.port), raw: new Uint8Array(0) };
    const text = redaction.splitRows.get(row.seq);
    if (text === undefined) return { ...shaped(toldOfRow, rest), ...own };
    return { ...shaped(toldOfRow, { ...rest, ...toldAs(row, text) }), text, ...own };
  };
  const conversationKey = (conversationId: string): number => keys.get(conversationId) ?? -1;
  const own = (conversationId: string): string => redaction.conversationId(conversationId);

  return {
    summary: { ...shaped(sessionSummary, detail.session), id, boards: detail.session.boards.map(redaction.port) },
    conversations: conversations.map((conversation) => ({
      ...shaped(conversationRecord, conversation),
      conversationId: own(conversation.conversationId),
      ...(isSoundLeftOut ? { uplinkPackets: 0, downlinkPackets: 0 } : {}),
    })),
    flashes: detail.flashes.map((flash) => ({
      ...shaped(sessionDetail.shape.flashes.element, flash),
      address: redaction.port(flash.address),
    })),
    *turns(conversationId) {
      for (const turn of detail.turns) {
        const name = own(turn.conversationId);
        if (!keys.has(name) || (conversationId !== undefined && name !== conversationId)) continue;
        yield { ...shaped(turnRecord, isSaidLeftOut ? withoutWords(turn) : turn), conversationId: name };
      }
    },
    *events(conversationId) {
      const rows = conversationId === undefined ? allEvents.iterate(sessionKey) : ownEvents.iterate(conversationKey(conversationId));
      for (const row of rows) {
        const event = toEvent(row);
        const owner = 'conversationId' in event ? event.conversationId : undefined;
        if (wanted === undefined || owner === undefined || owner === wanted)
          yield { ordinal: row.ordinal, event: redaction.event(event, row.ordinal) };
      }
    },
    *packets(conversationId, track) {
      if (isSoundLeftOut) return;
      const key = conversationKey(conversationId);
      for (const { packet, startUs } of places.placed(key, track)) {
        const { packetIndex, ...facts } = packet;
        yield { ...facts, startUs, bytes: bytesOf.get(key, track, packetIndex) ?? new Uint8Array(0) };
      }
    },
    codecs: (conversationId, track) => (isSoundLeftOut ? [] : codecs.all(conversationKey(conversationId), track)),
    extent(conversationId) {
      let fromUs = Number.POSITIVE_INFINITY;
      let toUs = Number.NEGATIVE_INFINITY;
      for (const track of ['uplink', 'downlink'] as const)
        for (const { packet, startUs } of places.placed(conversationKey(conversationId), track)) {
          fromUs = Math.min(fromUs, startUs);
          toUs = Math.max(toUs, startUs + packet.durationUs);
        }
      return fromUs < toUs ? { fromUs, toUs } : null;
    },
    notes() {
      const notes = createNoteReads(database)['note.list']({ sessionId: id }) as SessionNote[];
      return notes.filter(({ atUs }) => isWithin(atUs)).map((note) => shaped(sessionNote, note));
    },
    bookmarks() {
      const marks = createLogReader(database)['log.marks']({ sessionId: id }) as LogMark[];
      const blocks = createBlockReader(database);
      return marks.flatMap((mark) => {
        const [row = null] = rowsBySeq(database, blocks, sessionKey, [mark.seq]);
        if (row === null ? wanted !== undefined : !isWithin(row.atUs)) return [];
        return [{ ...shaped<LogMark>(logMark, mark), row: row === null ? null : told(row) }];
      });
    },
    *logRows(accepts) {
      const blocks = createBlockReader(database);
      for (
        let block = blocks.blockAt(sessionKey, 0);
        block !== undefined;
        block = blocks.blockAt(sessionKey, block.firstSeq + block.rowCount)
      )
        for (const row of storedRows(block, 0, block.rowCount)) if (accepts(row)) yield told(row);
    },
  };
}

/** A row's own words, levels and grammars, stay. */
const toldOfRow = logRow.omit({ raw: true }).extend({ offset: z.number(), isRepeat: z.boolean() });

function withoutWords(turn: TurnRecord): TurnRecord {
  const toolCalls = turn.toolCalls.map((call) => ({ ...call, arguments: null, result: null }));
  return { ...turn, userText: '', replyText: '', heardText: '', toolCalls };
}
