import type { Database } from 'better-sqlite3';
import type { AudioPacket } from '../../../preload/contract/events.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { ownBytes } from './append.ts';
import type { BulkRequests, Handlers } from './requests.ts';

type ReplayReader = Pick<Handlers<BulkRequests>, 'replay.packets' | 'replay.chunks'>;

interface PacketRow {
  atUs: number;
  mediaUs: number;
  durationUs: number;
  codec: AudioPacket['codec'];
  sampleRate: number;
  bytes: Buffer;
}

interface ChunkRow {
  atUs: number;
  offset: number;
  bytes: Buffer;
}

/** Enough for a piece to be worth a thread's while. */
const PIECE_BYTES = 4 << 20;

/** What was recorded, as it was: for whoever sends it once more. */
export function createReplayReader(database: Database): ReplayReader {
  const conversationKey = database
    .prepare<[string, string], number>(
      'SELECT conversation_key FROM conversation JOIN session s USING (session_key) WHERE s.id = ? AND conversation_id = ?',
    )
    .pluck();
  const packets = database.prepare<[number, string], PacketRow>(
    `SELECT at_us AS atUs, media_us AS mediaUs, duration_us AS durationUs, codec, sample_rate_hz AS sampleRate, bytes
     FROM audio_packet WHERE conversation_key = ? AND track = ? ORDER BY packet_index`,
  );
  const portKey = database
    .prepare<[string, string], number>('SELECT port_key FROM port p JOIN session s USING (session_key) WHERE s.id = ? AND p.address = ?')
    .pluck();
  const chunks = database.prepare<[number, number], ChunkRow>(
    `SELECT at_us AS atUs, offset, bytes FROM raw_chunk
     WHERE port_key = ? AND direction = 'received' AND offset >= ? ORDER BY offset`,
  );

  return {
    'replay.packets': ({ id, conversationId, track }) => {
      const key = conversationKey.get(id, conversationId);
      if (key === undefined) throw new TalkError('not-found', { what: 'conversation', id: conversationId });
      return packets.all(key, track).map((packet) => ({ ...packet, bytes: ownBytes(packet.bytes) }));
    },
    'replay.chunks': ({ id, port, fromOffset }) => {
      const key = portKey.get(id, port);
      if (key === undefined) throw new TalkError('not-found', { what: 'port', id: port });
      const piece: { atUs: number; offset: number; bytes: Uint8Array<ArrayBuffer> }[] = [];
      let size = 0;
      for (const chunk of chunks.iterate(key, fromOffset)) {
        if (size >= PIECE_BYTES) return { chunks: piece, nextOffset: chunk.offset };
        piece.push({ ...chunk, bytes: ownBytes(chunk.bytes) });
        size += chunk.bytes.length;
      }
      return { chunks: piece, nextOffset: null };
    },
  };
}
