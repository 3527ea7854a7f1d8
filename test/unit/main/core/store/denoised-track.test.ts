import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../../../../main/core/store/database.ts';
import { migrations } from '../../../../../main/core/store/migrations/index.ts';
import { decodeWav } from '../../../../../pipeline/audio/wav.ts';
import type { AudioPacket } from '../../../../../preload/contract/events.ts';
import { openTestBench, type TestBench } from '../../../../fakes/store.ts';

let bench: TestBench;
beforeEach(async () => {
  bench = await openTestBench();
});
afterEach(() => bench.close());

const schemaFour = join(import.meta.dirname, '../../../../fixtures/databases/schema-4.db');

test('a library of schema 4 keeps every packet and takes denoised ones', () => {
  const path = join(bench.folder, 'four.db');
  copyFileSync(schemaFour, path);
  const database = new Database(path);
  database.pragma('foreign_keys = ON');
  const packets = () => database.prepare("SELECT * FROM audio_packet WHERE track <> 'uplink-denoised' ORDER BY 1, 2, 3").all();
  const before = packets();
  expect(before).toHaveLength(10);
  migrate(database, path);
  expect(packets()).toEqual(before);
  const insert = (track: string) =>
    database
      .prepare("INSERT INTO audio_packet SELECT conversation_key, ?, packet_index, 0, 0, 0, 'pcm', 16000, x'' FROM audio_packet LIMIT 1")
      .run(track);
  insert('uplink-denoised');
  expect(() => insert('sidelink')).toThrow('CHECK');
  database.exec('DELETE FROM session');
  expect(database.prepare('SELECT count(*) FROM audio_packet').pluck().get()).toBe(0);
  expect(database.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'audio_packet%'").pluck().all()).toEqual(['audio_packet']);
  database.close();
});

test('a long recording is moved in pieces, in which progress is told', () => {
  const database = new Database(':memory:');
  for (const { sql } of migrations.slice(0, 4)) database.exec(sql);
  database.pragma('user_version = 4');
  database.exec(`
    INSERT INTO session VALUES (1, 's', 's', 'closed', 0, 0, 0, '0.1.0');
    INSERT INTO conversation (conversation_key, session_key, conversation_id, opened_us) VALUES (1, 1, 'c', 0);
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 49999)
    INSERT INTO audio_packet SELECT 1, 'uplink', i * 3, 0, i, 1, 'pcm', 16000, x'0102' FROM n;`);
  let told = 0;
  migrate(database, ':memory:', () => {
    told += 1;
  });
  expect(told).toBeGreaterThan(2);
  expect(database.prepare('SELECT count(*), sum(media_us), max(packet_index) FROM audio_packet').raw().get()).toEqual([
    50_000, 1_249_975_000, 149_997,
  ]);
  database.close();
});

test.each(["NULL, 'uplink', 0", '1, NULL, 0', "1, 'uplink', NULL"])(
  'a file of another’s making whose packets have no place (%s) is refused, not read for ever',
  (key) => {
    const database = new Database(':memory:');
    for (const { sql } of migrations.slice(0, 4)) database.exec(sql);
    database.pragma('user_version = 4');
    database.exec(`
    DROP TABLE audio_packet;
    CREATE TABLE audio_packet (conversation_key, track, packet_index, at_us, media_us, duration_us, codec, sample_rate_hz, bytes);
    INSERT INTO audio_packet VALUES (${key}, 0, 0, 1, 'pcm', 16000, x'0102');`);
    expect(() => migrate(database, ':memory:')).toThrow();
    database.close();
  },
);

describe('the recorded conversation', () => {
  const packet = (track: AudioPacket['track'], value: number): AudioPacket => ({
    ...{ conversationId: 'c', track, index: 0, atUs: 1_060_000, mediaUs: 0, durationUs: 60_000, codec: 'pcm', sampleRate: 16_000 },
    bytes: new Uint8Array(new Int16Array(960).fill(value).buffer),
  });

  test('is heard as it came, or as it was listened to, at the same place', async () => {
    const { id } = bench.recorder.ensureSession('talk');
    for (const [track, value] of [
      ['uplink', 1000],
      ['uplink-denoised', 500],
      ['downlink', -700],
    ] as const)
      bench.recorder.packet(packet(track, value));
    await bench.recorder.stop();
    await bench.store.flush();
    const heard = async (isDenoised: boolean) => {
      const { wav } = await bench.store.bulk('audio.wav', { id, conversationId: 'c', isDenoised });
      return decodeWav(wav).channels.map((channel) => channel.find((sample) => sample !== 0));
    };
    expect(await heard(false)).toEqual([1000, -700]);
    expect(await heard(true)).toEqual([500, -700]);
    const { conversations } = (await bench.store.read('session.detail', { id })) ?? {};
    expect(conversations).toMatchObject([{ uplinkPackets: 1, downlinkPackets: 1 }]);
  });
});
