import { logRow, openTestBench } from '../fakes/store.ts';

const port = '/dev/ttyUSB0';
const ROWS = 200_000;
const BATCH = 500;
const RUNS = 5;
/** What eight boards at 1,500 lines a second ask for. */
const NEEDED_ROWS_PER_SECOND = 12_000;

/** Log lines in, with their raw bytes, and a scan of them all: medians. */
export async function run(): Promise<void> {
  const bench = await openTestBench({ queueLimitBytes: 1 << 30 });
  try {
    const rates: number[] = [];
    let sessionId = '';
    for (let i = 0; i < RUNS; i++) {
      sessionId = bench.recorder.ensureSession(`run ${i}`).id;
      const startMs = performance.now();
      for (let seq = 0; seq < ROWS; seq += BATCH) {
        const rows = Array.from({ length: BATCH }, (_, n) => line(seq + n));
        for (const { raw: bytes, atUs } of rows) bench.recorder.raw({ port, direction: 'received', atUs, bytes });
        bench.recorder.rows(rows);
        await bench.store.flush();
      }
      rates.push((ROWS * 1000) / (performance.now() - startMs));
      await bench.recorder.stop();
    }
    const rate = median(rates);
    console.log(
      `append, batches of ${BATCH}, raw bytes too: ${Math.round(rate)} rows/s, ${(rate / NEEDED_ROWS_PER_SECOND).toFixed(1)} × eight boards`,
    );

    for (const [name, filter] of [
      ['text', { text: '唤醒', isRegexp: false, isCaseSensitive: true }],
      ['text, any case', { text: 'WAKE', isRegexp: false, isCaseSensitive: false }],
      ['regexp', { text: 'word \\d*99\\b', isRegexp: true, isCaseSensitive: false }],
    ] as const) {
      const times: number[] = [];
      let found = 0;
      for (let i = 0; i < RUNS; i++) {
        const startMs = performance.now();
        const { seqs } = await bench.store.bulk('log.search', { sessionId, port, filter, limit: 100_000 });
        times.push(performance.now() - startMs);
        found = seqs.length;
      }
      console.log(`scan of ${ROWS} lines, ${name}: ${Math.round(median(times))} ms, ${found} found`);
    }
  } finally {
    await bench.close();
  }
}

function line(seq: number) {
  const text = `I (${seq * 3}) twetalk: wake word ${seq} detected, ${seq % 100 === 0 ? '唤醒' : 'score'} 0.${seq % 1000}, buffer ${seq % 90} frames`;
  return logRow(port, seq, text, {
    level: 'info',
    tag: 'twetalk',
    deviceMs: seq * 3,
    grammar: 'esp-idf',
    message: text.slice(text.indexOf('wake')),
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
