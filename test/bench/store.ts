import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { encodeBlock } from '../../main/core/logs/block.ts';
import type { BookRow } from '../../main/core/logs/row.ts';
import { blockRowColumns, toBlockRow } from '../../main/core/store/block-row.ts';
import type { LogFilter } from '../../preload/contract/logs.ts';
import type { MonoUs } from '../../preload/contract/time.ts';
import { openTestBench, type TestBench } from '../fakes/store.ts';

const port = '/dev/ttyUSB0';
const ROWS = 1_000_000;
/** Rows of one block, and bytes of one chunk: what the book and a driver hand over under load. */
const BLOCK = 4000;
const CHUNK_BYTES = 4096;
const APPENDED_ROWS = 400_000;
const RUNS = 5;
const LARGE_ROWS = 10_000_000;
/** A slice of a search, as views ask for it. */
const SLICE = 131_072;

/** What must be kept to; milliseconds. */
const limits = { linesPerSecond: 150_000, firstHitMs: 300, scanMs: 1500, openMs: 1000, windowMs: 100 };

/** Lines in, with their raw bytes; searches; a long session opened and read anywhere. Medians, and how they stand to the limits. */
export async function run(): Promise<void> {
  await append();
  await search();
  if (process.env.TALKBENCH_BENCH_LARGE === '1') await large();
  else console.log('10,000,000 lines: TALKBENCH_BENCH_LARGE=1');
}

async function append(): Promise<void> {
  const bench = await openTestBench({ queueLimitBytes: 1 << 30 });
  try {
    const rows = Array.from({ length: APPENDED_ROWS }, (_, seq) => line(seq));
    const bytes = Buffer.concat(rows.map((row) => row.raw));
    const rates: number[] = [];
    for (let i = 0; i < RUNS; i++) {
      bench.recorder.ensureSession(`run ${i}`);
      const startMs = performance.now();
      for (let at = 0, from = 0; from < rows.length; from += BLOCK) {
        const part = rows.slice(from, from + BLOCK);
        const end = (part.at(-1)?.offset ?? 0) + (part.at(-1)?.raw.byteLength ?? 0);
        for (; at < end; at += CHUNK_BYTES) {
          const chunk = bytes.subarray(at, Math.min(end, at + CHUNK_BYTES));
          bench.recorder.raw({ port, direction: 'received', atUs: (5_000_000 + at) as MonoUs, bytes: chunk });
        }
        at = end;
        bench.recorder.rows(encodeBlock(part));
        if (from % (BLOCK * 4) === 0) await bench.store.flush();
      }
      await bench.store.flush();
      rates.push((rows.length * 1000) / (performance.now() - startMs));
      await bench.recorder.stop();
    }
    await bench.store.close();
    const size = statSync(bench.path).size / (RUNS * rows.length);
    const rate = median(rates);
    console.log(
      `append with raw bytes: ${Math.round(rate)} lines/s, ${(rate / limits.linesPerSecond).toFixed(1)} × the limit of the whole path; ` +
        `${Math.round(size)} bytes a line in the library, ${Math.round(bytes.byteLength / rows.length)} of them received`,
    );
    await bench.reopen();
  } finally {
    await bench.close();
  }
}

const searches: readonly [string, LogFilter][] = [
  ['text', { pattern: { text: 'word 99999', isRegexp: false, isCaseSensitive: true } }],
  ['text, any case', { pattern: { text: 'WORD 99999', isRegexp: false, isCaseSensitive: false } }],
  ['regexp', { pattern: { text: 'word \\d*99\\b', isRegexp: true, isCaseSensitive: false } }],
  ['regexp, line by line', { pattern: { text: 'word \\d*99(?!\\d)', isRegexp: true, isCaseSensitive: false } }],
  ['Chinese', { pattern: { text: '唤醒', isRegexp: false, isCaseSensitive: false } }],
  ['warnings of a tag', { tags: ['wifi'], minimumLevel: 'warn' }],
];

async function search(): Promise<void> {
  const bench = await openTestBench();
  try {
    const sessionId = await longSession(bench, ROWS);
    for (const [name, filter] of searches) {
      const firsts: number[] = [];
      const wholes: number[] = [];
      let found = 0;
      for (let i = 0; i < RUNS; i++) {
        // As a view does that was just opened: the thread may have to be started.
        const startMs = performance.now();
        let firstMs = 0;
        found = 0;
        for (let fromSeq = 0; fromSeq < ROWS; fromSeq += SLICE) {
          const { seqs } = await bench.store.bulk('log.scan', { sessionId, filter, fromSeq, toSeq: fromSeq + SLICE });
          found += seqs.length;
          if (firstMs === 0 && found > 0) firstMs = performance.now() - startMs;
        }
        wholes.push(performance.now() - startMs);
        firsts.push(firstMs);
      }
      console.log(
        `search of ${ROWS} lines, ${name}: first ${ms(median(firsts), limits.firstHitMs)} (cold ${Math.round(firsts[0] ?? 0)} ms), ` +
          `whole ${ms(median(wholes), limits.scanMs)}, ${found} found`,
      );
    }
  } finally {
    await bench.close();
  }
}

async function large(): Promise<void> {
  const bench = await openTestBench();
  try {
    const buildMs = performance.now();
    const sessionId = await longSession(bench, LARGE_ROWS);
    console.log(
      `${LARGE_ROWS} lines: ${Math.round(statSync(bench.path).size / 1e6)} MB, built in ${Math.round(performance.now() - buildMs)} ms`,
    );
    const open = await timed(async (i) => {
      await bench.reopen();
      const startMs = performance.now();
      const { length } = await bench.store.read('log.blocks', { sessionId });
      await bench.store.read('log.window', { sessionId, seqs: seqsFrom(length - 200, 200) });
      return i < 0 ? 0 : performance.now() - startMs;
    });
    console.log(`opened, first rows: ${ms(open, limits.openMs)}`);
    let at = 1;
    const somewhere = () => {
      at = (at * 48_271) % (LARGE_ROWS - 200);
      return seqsFrom(at, 200);
    };
    const window = (seqs: number[]) => timeOf(() => bench.store.read('log.window', { sessionId, seqs }));
    const near = await timed(() => window(somewhere()), 40);
    const far = await timed((i) => window(Array.from({ length: 200 }, (_, index) => index * 49_999 + i * 1009)), 10);
    const tags = await timed(() => timeOf(() => bench.store.read('log.tags', { sessionId })));
    console.log(
      `200 rows anywhere: ${ms(near, limits.windowMs)}; 200 rows far from each other: ${ms(far, limits.windowMs)}; tags: ${Math.round(tags)} ms`,
    );
  } finally {
    await bench.close();
  }
}

/** A recorded session, written as blocks by the side door: their texts tell their rows apart, and all bytes are in the stream. */
async function longSession(bench: TestBench, rowCount: number): Promise<string> {
  const { id } = bench.recorder.ensureSession('long');
  bench.recorder.raw({ port, direction: 'received', atUs: bench.clock.nowUs(), bytes: new Uint8Array(1) });
  await bench.recorder.stop();
  await bench.store.close();
  const database = new Database(bench.path);
  const session = database.prepare<[string], number>('SELECT session_key FROM session WHERE id = ?').pluck().get(id) ?? 0;
  const names = blockRowColumns.split(', ');
  const insert = database.prepare(
    `INSERT INTO log_block (session_key, ${names.join(', ')}) VALUES (${session}, ${names.map((name) => `@${name}`).join(', ')})`,
  );
  const chunk = database.prepare('INSERT INTO raw_chunk (port_key, ordinal, at_us, direction, bytes, offset) VALUES (1, ?, ?, ?, ?, ?)');
  database.exec('DELETE FROM raw_chunk');
  const size = 1000;
  database.transaction(() => {
    for (let from = 0, offset = 0; from < rowCount; from += size) {
      const rows = Array.from({ length: size }, (_, index) => line(from + index));
      const bytes = Buffer.concat(rows.map((row) => row.raw));
      const start = rows[0]?.offset ?? 0;
      for (const row of rows) row.offset += offset - start;
      insert.run(toBlockRow(encodeBlock(rows)));
      chunk.run(from / size, from * 100, 'received', bytes, offset);
      offset += bytes.byteLength;
    }
  })();
  database.prepare('UPDATE port SET row_count = ? WHERE session_key = ?').run(rowCount, session);
  database.close();
  await bench.reopen();
  return id;
}

const seqsFrom = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

let nextOffset = 0;
function line(seq: number): BookRow {
  const tag = seq % 9 === 0 ? 'wifi' : 'twetalk';
  const message = `wake word ${seq} detected, ${seq % 100 === 0 ? '唤醒' : 'score'} 0.${seq % 1000}, buffer ${seq % 90} frames`;
  const text = `I (${seq * 3}) ${tag}: ${message}`;
  const raw = new Uint8Array(Buffer.from(`\x1b[0;32m${text}\x1b[0m\r\n`));
  if (seq === 0) nextOffset = 0;
  const offset = nextOffset;
  nextOffset += raw.byteLength;
  return {
    seq,
    port,
    atUs: (seq * 100) as MonoUs,
    direction: 'received',
    text,
    raw,
    grammar: 'esp-idf',
    level: seq % 50 === 0 ? 'warn' : 'info',
    tag,
    deviceMs: seq * 3,
    message,
    colours: [[0, text.length, 32]],
    offset,
    isRepeat: false,
  };
}

async function timed(work: (run: number) => Promise<number>, runs = RUNS): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) times.push(await work(i));
  return median(times);
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

function ms(value: number, limit: number): string {
  return `${Math.round(value)} ms (${(limit / value).toFixed(1)} × within ${limit} ms)`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
