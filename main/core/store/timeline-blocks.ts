import type { Database } from 'better-sqlite3';
import { BLOCK_EVENTS, type EventFacts, FACTS_VERSION, factsOfRows, packFacts, type StoredEvent, unpackFacts } from './timeline-facts.ts';

/** A block made because none was kept: whoever can write may keep it. */
export interface MadeBlock {
  block: number;
  rowCount: number;
  columns: Uint8Array<ArrayBuffer>;
}

export interface TimelineBlocks {
  /** Facts of a block's events; `made` where they had to be read from the events and the block is full. */
  read(sessionKey: number, block: number, totalEvents: number): { facts: EventFacts; made: MadeBlock | null };
  /** Ordinals there are: the greatest, and one. */
  total(sessionKey: number): number;
}

export function createTimelineBlocks(database: Database): TimelineBlocks {
  const kept = database.prepare<[number, number, number], { row_count: number; columns: Buffer }>(
    'SELECT row_count, columns FROM timeline_block WHERE session_key = ? AND block = ? AND version = ?',
  );
  const events = database.prepare<[number, number, number], StoredEvent>(
    `SELECT ordinal, at_us, kind, conversation_key, turn_id, body FROM event
     WHERE session_key = ? AND ordinal >= ? AND ordinal < ? ORDER BY ordinal`,
  );
  const next = database.prepare<[number], number>('SELECT coalesce(max(ordinal) + 1, 0) FROM event WHERE session_key = ?').pluck();
  return {
    read(sessionKey, block, totalEvents) {
      const row = kept.get(sessionKey, block, FACTS_VERSION);
      if (row !== undefined) return { facts: unpackFacts(row.columns, row.row_count), made: null };
      const fromOrdinal = block * BLOCK_EVENTS;
      const facts = factsOfRows(events.all(sessionKey, fromOrdinal, fromOrdinal + BLOCK_EVENTS));
      const isFull = fromOrdinal + BLOCK_EVENTS <= totalEvents;
      return { facts, made: isFull ? { block, rowCount: facts.count, columns: packFacts(facts) } : null };
    },
    total: (sessionKey) => next.get(sessionKey) ?? 0,
  };
}
