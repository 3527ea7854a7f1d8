import type { Database } from 'better-sqlite3';
import type { Migration } from './index.ts';

/** A third track of a conversation: the microphone's signal as it was listened to, its noise taken off. */
export const denoisedTrack: Migration = {
  number: 5,
  purpose: 'a track of the denoised uplink',
  sql: `
ALTER TABLE audio_packet RENAME TO audio_packet_4;
CREATE TABLE audio_packet (
  conversation_key INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
  track TEXT NOT NULL CHECK (track IN ('uplink', 'uplink-denoised', 'downlink')),
  packet_index INTEGER NOT NULL,
  at_us INTEGER NOT NULL,
  media_us INTEGER NOT NULL,
  duration_us INTEGER NOT NULL,
  codec TEXT NOT NULL CHECK (codec IN ('opus', 'pcm')),
  sample_rate_hz INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (conversation_key, track, packet_index)
) STRICT, WITHOUT ROWID;
`,
  convert: movePackets,
};

const columns = 'conversation_key, track, packet_index, at_us, media_us, duration_us, codec, sample_rate_hz, bytes';
/** A few megabytes of sound at a time: what was moved is freed, so that the file does not grow to twice its size. */
const PIECE_PACKETS = 20_000;

function movePackets(database: Database, onProgress: () => void): void {
  const first = database.prepare<[], { conversation_key: number; track: string; packet_index: number }>(
    'SELECT conversation_key, track, packet_index FROM audio_packet_4 ORDER BY conversation_key, track, packet_index LIMIT 1',
  );
  const piece = 'conversation_key = @conversation_key AND track = @track AND packet_index BETWEEN @packet_index AND @packet_index + @most';
  const move = database.prepare(`INSERT INTO audio_packet (${columns}) SELECT ${columns} FROM audio_packet_4 WHERE ${piece}`);
  const clear = database.prepare(`DELETE FROM audio_packet_4 WHERE ${piece}`);
  for (let next = first.get(); next !== undefined; next = first.get()) {
    const range = { ...next, most: PIECE_PACKETS - 1 };
    move.run(range);
    // Only in a file of another's making: its packets have keys that compare with nothing.
    if (clear.run(range).changes === 0) throw new Error('audio packets without a place');
    onProgress();
  }
  database.exec('DROP TABLE audio_packet_4');
}
