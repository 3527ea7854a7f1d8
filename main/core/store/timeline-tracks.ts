import type { Database } from 'better-sqlite3';
import type { AudioPacket } from '../../../preload/contract/events.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Handlers, ReadRequests } from './requests.ts';

/** A stretch of a track that peaks are computed, kept and asked for at once. */
export const CHUNK_US = 120_000_000;

type Track = AudioPacket['track'];

interface Edge {
  packetIndex: number;
  atUs: number;
  durationUs: number;
}

const tracks: readonly Track[] = ['uplink', 'uplink-denoised', 'downlink'];

const packets =
  'SELECT packet_index AS packetIndex, at_us AS atUs, duration_us AS durationUs FROM audio_packet WHERE conversation_key = ? AND track = ?';

export function conversationKeys(database: Database) {
  return database
    .prepare<[string, string], number>(
      'SELECT conversation_key FROM conversation JOIN session s USING (session_key) WHERE s.id = ? AND conversation_id = ?',
    )
    .pluck();
}

export function keyOf(statement: ReturnType<typeof conversationKeys>, id: string, conversationId: string): number {
  const key = statement.get(id, conversationId);
  if (key === undefined) throw new TalkError('not-found', { what: 'conversation', id: conversationId });
  return key;
}

/** Between which instants the packets of a conversation's tracks came: where peaks can be had. */
export function createTrackReads(database: Database): Pick<Handlers<ReadRequests>, 'timeline.tracks'> {
  const conversationKey = conversationKeys(database);
  const edges = database.prepare<[number, string, number, string], Edge>(
    `SELECT * FROM (${packets} ORDER BY packet_index LIMIT 1) UNION ALL SELECT * FROM (${packets} ORDER BY packet_index DESC LIMIT 1)`,
  );
  return {
    'timeline.tracks': ({ id, conversationId }) => {
      const key = keyOf(conversationKey, id, conversationId);
      return {
        chunkUs: CHUNK_US,
        tracks: tracks.flatMap((track) => {
          const [first, last] = edges.all(key, track, key, track);
          if (first === undefined || last === undefined) return [];
          const fromUs = Math.max(0, first.atUs - first.durationUs);
          return [{ track, fromUs, toUs: last.atUs + last.durationUs, packets: last.packetIndex - first.packetIndex + 1 }];
        }),
      };
    },
  };
}
