import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { migrate } from '../../../../../main/core/store/database.ts';
import { createSoundPlaces, type PlacedPacket } from '../../../../../main/core/store/sound-places.ts';

const FRAME_US = 60_000;

function library(): Database.Database {
  const database = new Database(':memory:');
  migrate(database, ':memory:');
  database.exec(`
    INSERT INTO session (session_key, id, title, state, started_wall_ms, app_version) VALUES (1, 's', 's', 'closed', 0, '0.1.0');
    INSERT INTO conversation (conversation_key, session_key, conversation_id, opened_us) VALUES (1, 1, 'c', 0);`);
  return database;
}

/** Six minutes: three chapters. Some packets come late, some never, and the board's clock runs ahead by `drift`. */
const track = fc.record({
  drift: fc.double({ min: -2e-4, max: 2e-4, noNaN: true }),
  lateness: fc.array(fc.integer({ min: 0, max: 900_000 }), { minLength: 7, maxLength: 40 }),
  lost: fc.array(fc.integer({ min: 1, max: 6000 }), { maxLength: 12 }),
  pauses: fc.array(fc.integer({ min: 1, max: 6000 }), { maxLength: 6 }),
  fromUs: fc.integer({ min: 0, max: 370_000_000 }),
  lengthUs: fc.integer({ min: 1, max: 20_000_000 }),
});

test('a stretch of a track is placed as it is within the whole', () => {
  const database = library();
  const insert = database.prepare("INSERT INTO audio_packet VALUES (1, ?, ?, ?, ?, ?, 'pcm', 16000, x'')");
  const { placed } = createSoundPlaces(database);
  fc.assert(
    fc.property(track, fc.constantFrom('uplink', 'downlink'), ({ drift, lateness, lost, pauses, fromUs, lengthUs }, name) => {
      database.exec('DELETE FROM audio_packet');
      const gone = new Set(lost);
      const pausesAt = new Set(pauses);
      let mediaUs = 5_000_000;
      let latestUs = 0;
      database.transaction(() => {
        for (let index = 3; index < 6000; index++, mediaUs += FRAME_US) {
          if (pausesAt.has(index)) mediaUs += 7_000_000;
          if (gone.has(index)) continue;
          const late = lateness[index % lateness.length] ?? 0;
          latestUs = Math.max(latestUs, Math.round((mediaUs - 5_000_000) * (1 + drift)) + 2_000_000 + FRAME_US + late);
          insert.run(name, index, latestUs, mediaUs, FRAME_US);
        }
      })();
      const range = { fromUs, toUs: fromUs + lengthUs };
      const sounding = ({ packet, startUs }: PlacedPacket) => startUs < range.toUs && startUs + packet.durationUs > range.fromUs;
      expect(placed(1, name, range).filter(sounding)).toEqual(placed(1, name).filter(sounding));
    }),
    { numRuns: 25 },
  );
  database.close();
});

test('a long reply that was sent at once is found at its end, minutes later', () => {
  const database = library();
  const insert = database.prepare("INSERT INTO audio_packet VALUES (1, 'downlink', ?, ?, ?, ?, 'pcm', 16000, x'')");
  for (let index = 0; index < 3000; index++) insert.run(index, 1_000_000 + index * 100, index * FRAME_US, FRAME_US);
  insert.run(3000, 400_000_000, 500_000_000, FRAME_US);
  const { placed } = createSoundPlaces(database);
  const range = { fromUs: 170_000_000, toUs: 171_000_000 };
  const sounding = placed(1, 'downlink', range).filter(({ startUs }) => startUs >= range.fromUs && startUs < range.toUs);
  expect(sounding[0]).toMatchObject({ startUs: 1_000_000 + 2817 * FRAME_US, packet: { packetIndex: 2817 } });
  expect(sounding).toHaveLength(17);
  database.close();
});
