import Database from 'better-sqlite3';
import { createOpusEncoder } from '../../pipeline/audio/opus.ts';
import { openTestBench, type TestBench } from '../fakes/store.ts';

const HOURS_US = 2 * 3_600_000_000;
const FRAME_MS = 20;
const SEEKS = 60;
/** From the click to the first sample at the speaker; milliseconds. */
const LIMIT_MS = 150;
/** What the player asks for first, and what it asks for then. */
const FIRST_PIECE_US = 600_000;
const NEXT_PIECE_US = 10_000_000;

/**
 * Seek to sound, the core's side: the first piece at random places of a conversation of two hours, both tracks in Opus of 20 ms. The
 * browser's side is a message to the audio thread and one cross-fade.
 */
export async function run(): Promise<void> {
  const bench = await openTestBench();
  try {
    const id = await longConversation(bench);
    const piece = (fromUs: number, lengthUs: number) =>
      timeOf(() => bench.store.bulk('audio.wav', { id, conversationId: 'c', fromUs, toUs: fromUs + lengthUs }));
    const coldMs = await piece(HOURS_US / 2, FIRST_PIECE_US);
    const firsts: number[] = [];
    const nexts: number[] = [];
    let at = 1;
    for (let i = 0; i < SEEKS; i++) {
      at = (at * 48_271) % 2_147_483_647;
      const fromUs = Math.floor((at / 2_147_483_647) * (HOURS_US - NEXT_PIECE_US));
      firsts.push(await piece(fromUs, FIRST_PIECE_US));
      nexts.push(await piece(fromUs + FIRST_PIECE_US, NEXT_PIECE_US));
    }
    console.log(
      `first piece (${FIRST_PIECE_US / 1000} ms of sound) at ${SEEKS} random places of 2 h: p50 ${rounded(firsts, 0.5)} ms, p95 ${rounded(firsts, 0.95)} ms, ` +
        `${(LIMIT_MS / percentile(firsts, 0.95)).toFixed(1)} × within ${LIMIT_MS} ms; the very first, with its thread: ${Math.round(coldMs)} ms`,
    );
    console.log(`the piece after it (${NEXT_PIECE_US / 1e6} s of sound): p50 ${rounded(nexts, 0.5)} ms, p95 ${rounded(nexts, 0.95)} ms`);
  } finally {
    await bench.close();
  }
}

/** Two hours of both tracks by the side door: the same ten seconds of packets again and again, their times as they would have come. */
async function longConversation(bench: TestBench): Promise<string> {
  const { id } = bench.recorder.ensureSession('long');
  await bench.recorder.stop();
  await bench.store.close();
  const encoder = createOpusEncoder({ sampleRate: 16_000, channels: 1, bitrate: 24_000, frameMs: FRAME_MS, isCbr: false });
  const packets = Array.from({ length: 500 }, (_, frame) => {
    const pcm = Int16Array.from({ length: 320 }, (_, i) => 6000 * Math.sin((frame * 320 + i) * (0.05 + (frame % 50) * 0.001)));
    return encoder.encode(pcm);
  });
  encoder.close();
  const database = new Database(bench.path);
  database.exec(`INSERT INTO conversation (session_key, conversation_id, opened_us) SELECT session_key, 'c', 0 FROM session`);
  const insert = database.prepare(`INSERT INTO audio_packet SELECT conversation_key, ?, ?, ?, ?, ?, 'opus', 16000, ? FROM conversation`);
  const frameUs = FRAME_MS * 1000;
  database.transaction(() => {
    for (let index = 0; index * frameUs < HOURS_US; index++) {
      const mediaUs = index * frameUs;
      // Jitter of up to 40 ms; of each minute the reply takes half.
      insert.run('uplink', index, mediaUs + frameUs + ((index * 7919) % 40_000), mediaUs, frameUs, packets[index % 500]);
      if (mediaUs % 60_000_000 < 30_000_000) insert.run('downlink', index, mediaUs, mediaUs, frameUs, packets[(index + 250) % 500]);
    }
  })();
  database.close();
  await bench.reopen();
  return id;
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;
}

const rounded = (values: readonly number[], share: number) => Math.round(percentile(values, share));
