import type { Database } from 'better-sqlite3';
import type { LogDirection } from '../../../preload/contract/logs.ts';

interface Chunk {
  offset: number;
  bytes: Buffer;
}

/** Bytes of a session's ports by where they stand in their streams. */
export interface StreamReader {
  /** A copy of the bytes `offset` … of a port and direction; null where some of them could not be kept. */
  bytes(port: string, direction: LogDirection, offset: number, length: number): Uint8Array<ArrayBuffer> | null;
}

/** Holds the last chunk of each stream: rows that follow each other cost one look-up for all that are in it. */
export function createStreamReader(database: Database, sessionKey: number): StreamReader {
  const portKey = database.prepare<[number, string], number>('SELECT port_key FROM port WHERE session_key = ? AND address = ?').pluck();
  const chunkAt = database.prepare<[number, LogDirection, number], Chunk>(
    'SELECT offset, bytes FROM raw_chunk WHERE port_key = ? AND direction = ? AND offset <= ? ORDER BY offset DESC LIMIT 1',
  );
  const keys = new Map<string, number | undefined>();
  const held = new Map<string, Chunk>();

  function chunk(port: string, direction: LogDirection, at: number): Chunk | null {
    const stream = `${direction} ${port}`;
    const last = held.get(stream);
    if (last !== undefined && covers(last, at)) return last;
    if (!keys.has(port)) keys.set(port, portKey.get(sessionKey, port));
    const key = keys.get(port);
    const found = key === undefined ? undefined : chunkAt.get(key, direction, at);
    if (found === undefined || !covers(found, at)) return null;
    held.set(stream, found);
    return found;
  }

  return {
    bytes(port, direction, offset, length) {
      if (offset < 0 || direction === 'notice') return null;
      const parts: Uint8Array[] = [];
      for (let at = offset; at < offset + length; ) {
        const found = chunk(port, direction, at);
        if (found === null) return null;
        const part = found.bytes.subarray(at - found.offset, offset + length - found.offset);
        parts.push(part);
        at += part.length;
      }
      return new Uint8Array(parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts));
    },
  };
}

function covers(chunk: Chunk, at: number): boolean {
  return chunk.offset <= at && at < chunk.offset + chunk.bytes.length;
}
