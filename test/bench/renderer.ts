import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright';
import { build } from 'vite';
import { createCore } from '../../main/core/core.ts';
import { createLog } from '../../main/core/log.ts';
import { startLoopbackHost } from '../../main/loopback/host.ts';
import { type Client, createClient } from '../../preload/contract/client.ts';
import type { StreamSnapshot } from '../../preload/contract/index.ts';
import { memoryTransportPair } from '../../preload/contract/transports/memory.ts';
import { rendererConfig } from '../../renderer/vite.config.ts';
import type { ChattyReport } from '../fakes/chatty-boards.child.ts';
import { processorUse, processTimes } from '../fakes/processor-use.ts';

const BOARDS = 8;
const BYTES_PER_SECOND = 300_000;
const FRAME_LIMIT_MS = 16;
const LATENCY_LIMIT_MS = 100;
const settleSeconds = 3;
const seconds = Number(process.env.TALKBENCH_BENCH_SECONDS ?? 10);

/** What the page saw of itself. */
interface Watched {
  /** From the beginning of a frame to the end of its painting. */
  workMs: number[];
  /** Between the beginnings of frames. */
  intervalMs: number[];
  longTaskMs: number[];
  /** Of each line that says when it was made, from then until it was in the page. */
  latencyMs: number[];
  rowsDrawn: number;
}

/**
 * Eight boards on real PTYs, each printing 300 kB/s of mixed log, merged on the Monitor's screen in a headless Chromium: how long the
 * page's frames take, and how long a line takes from its making to the screen. Board, core and browser share the machine.
 */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-bench-'));
  const staticDirectory = join(folder, 'page');
  await build({ ...rendererConfig, configFile: false, logLevel: 'error', build: { ...rendererConfig.build, outDir: staticDirectory } });
  const log = createLog({ level: 'error' });
  const core = await createCore({ dataDirectory: folder, listeners: { enabled: false }, log, appVersion: '0' });
  const host = await startLoopbackHost({ endpoint: core.endpoint, staticDirectory, port: 0, log });
  const [clientSide, serverSide] = memoryTransportPair();
  core.endpoint.accept(serverSide, { role: 'operator' });
  const client = createClient(clientSide);
  const boards = fork(join(import.meta.dirname, '../fakes/chatty-boards.child.ts'), [String(BOARDS)]);
  const executablePath = process.env.TALKBENCH_CHROMIUM;
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const { paths } = await answer<{ paths: string[] }>(boards);
    for (const address of paths) await client.call('ports.open', { address, options: { baudRate: 3_000_000 } });
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await page.goto(host.url);
    await page.evaluate(() => {
      window.location.hash = '/monitor?port=*';
    });
    await page.getByRole('listbox').first().waitFor();
    boards.send([settleSeconds + seconds + 1, BYTES_PER_SECOND]);
    await page.waitForTimeout(settleSeconds * 1000);
    const length = Number(await page.getByRole('option').last().getAttribute('aria-posinset'));
    await browser.startTracing(page, { categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline'] });
    const times = processTimes();
    const startedMs = performance.now();
    const watched = await watch(page, seconds);
    const use = processorUse(times, processTimes(), performance.now() - startedMs);
    boards.send('report');
    const { report } = await answer<{ report: ChattyReport }>(boards);
    const takenMs = await madeToTaken(client);
    const { framesMs, worstTaskMs } = processorTimes(await browser.stopTracing());
    const lines = Number(await page.getByRole('option').last().getAttribute('aria-posinset')) - length;
    if (process.env.TALKBENCH_BENCH_SCREENSHOT !== undefined) await page.screenshot({ path: process.env.TALKBENCH_BENCH_SCREENSHOT });

    console.log(
      `${BOARDS} boards merged, ${Math.round(lines / seconds)} lines/s shown for ${seconds} s, ${watched.rowsDrawn} rows on the screen`,
    );
    print('frame, begun to painted', watched.workMs, FRAME_LIMIT_MS);
    print('processor time of a frame', framesMs, FRAME_LIMIT_MS);
    print('between frames', watched.intervalMs, FRAME_LIMIT_MS);
    print('line made to taken by core', takenMs, LATENCY_LIMIT_MS, 0.99);
    print('line made to on the screen', watched.latencyMs, LATENCY_LIMIT_MS, 0.99);
    const made = report.bytes.reduce((sum, bytes) => sum + bytes, 0);
    console.log(
      `boards said ${(made / 1e6).toFixed(1)} MB; ${(report.unsaidBytes / 1e6).toFixed(2)} MB more would not have been taken in time`,
    );
    for (const { pid, name, share, threads } of use.filter((each) => each.share > 0.005))
      console.log(
        `processor ${`${pid === process.pid ? 'core and this benchmark' : name}`.padEnd(26)} ${percent(share)}: ${threads
          .filter((thread) => thread.share > 0.005)
          .map((thread) => `${thread.name} ${percent(thread.share)}`)
          .join(', ')}`,
      );
    console.log(`load of the machine: ${loadavg()[0]?.toFixed(1)}`);
    const late = watched.intervalMs.filter((ms) => ms > 1.5 * (1000 / 60)).length;
    console.log(
      `frames late: ${late} of ${watched.intervalMs.length}; tasks over 50 ms: ${watched.longTaskMs.length}, the longest by processor time ${worstTaskMs.toFixed(1)} ms`,
    );
  } finally {
    await browser.close();
    boards.disconnect();
    await host.close();
    await core.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of the newest lines that say when they were made, from then until their first byte was read from the port. */
async function madeToTaken(client: Client): Promise<number[]> {
  const monotonicAtEpochMs = Date.now() - Number(process.hrtime.bigint()) / 1e6;
  const newest = Promise.withResolvers<StreamSnapshot<'logs.rows'>>();
  const filter = { pattern: { text: 'lat: t=' } };
  const stop = client.subscribe('logs.rows', { filter, tail: 20_000 }, { onSnapshot: newest.resolve, onDelta: () => {} });
  const { startedWallMs, rows } = await newest.promise;
  stop();
  return rows.map(({ atUs, text }) => startedWallMs + atUs / 1000 - (Number(/t=(\d+)/.exec(text)?.[1]) / 1e6 + monotonicAtEpochMs));
}

async function watch(page: Page, forSeconds: number): Promise<Watched> {
  // What the boards write is CLOCK_MONOTONIC; the page knows the wall's.
  const monotonicAtEpochMs = Date.now() - Number(process.hrtime.bigint()) / 1e6;
  return page.evaluate(
    async ({ untilMs, shiftMs }) => {
      const seen: Watched = { workMs: [], intervalMs: [], longTaskMs: [], latencyMs: [], rowsDrawn: 0 };
      const tasks = new PerformanceObserver((list) => seen.longTaskMs.push(...list.getEntries().map((entry) => entry.duration)));
      tasks.observe({ entryTypes: ['longtask'] });
      const shown = new Set<string>();
      const { port1, port2 } = new MessageChannel();
      let begunMs = 0;
      let lastMs: number | null = null;
      // A message sent in a frame's callbacks is taken when the frame has been painted.
      port1.onmessage = () => {
        const now = performance.now();
        seen.workMs.push(now - begunMs);
        for (const text of document.querySelectorAll('[data-index]:not([hidden])')) {
          const made = /t=(\d{9,})/.exec(text.textContent ?? '')?.[1];
          if (made === undefined || shown.has(made)) continue;
          shown.add(made);
          seen.latencyMs.push(performance.timeOrigin + now - (Number(made) / 1e6 + shiftMs));
        }
      };
      await new Promise<void>((resolve) => {
        const frame = (atMs: number): void => {
          begunMs = atMs;
          if (lastMs !== null) seen.intervalMs.push(atMs - lastMs);
          lastMs = atMs;
          port2.postMessage(null);
          if (performance.now() < untilMs) requestAnimationFrame(frame);
          else resolve();
        };
        untilMs += performance.now();
        requestAnimationFrame(frame);
      });
      tasks.disconnect();
      seen.rowsDrawn = document.querySelectorAll('[data-index]:not([hidden])').length;
      return seen;
    },
    { untilMs: forSeconds * 1000, shiftMs: monotonicAtEpochMs },
  );
}

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Microseconds. */
  ts: number;
  dur?: number;
  /** Processor time of the thread. */
  tdur?: number;
}

/**
 * What the page's main thread computed from one frame's beginning to the next's, milliseconds. On a machine with other work to do,
 * this is what the page is to blame for.
 */
function processorTimes(trace: Buffer): { framesMs: number[]; worstTaskMs: number } {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const callbacks = traceEvents.filter(({ name }) => name === 'FireAnimationFrame').sort((a, b) => a.ts - b.ts);
  const main = callbacks[0];
  const tasks = traceEvents.filter(({ name, pid, tid }) => name === 'RunTask' && pid === main?.pid && tid === main.tid);
  const times: number[] = [];
  let next = 0;
  for (const { ts, dur = 0, tdur = 0 } of tasks.sort((a, b) => a.ts - b.ts)) {
    // A frame is one task, however many callbacks run in it.
    const first = next;
    while ((callbacks[next]?.ts ?? Number.POSITIVE_INFINITY) <= ts + dur) next++;
    if (next > first) times.push(0);
    if (times.length > 0) times[times.length - 1] = (times.at(-1) ?? 0) + tdur / 1000;
  }
  return { framesMs: times, worstTaskMs: tasks.reduce((worst, { tdur = 0 }) => Math.max(worst, tdur / 1000), 0) };
}

/** `judged`: which quantile the limit is for. */
function print(name: string, values: readonly number[], limitMs: number, judged = 0.95): void {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  const figures = [0.5, 0.95, 0.99].map((share) => `p${share * 100} ${at(share).toFixed(1)}`).join(', ');
  console.log(
    `${name.padEnd(28)} ${figures} ms; p${judged * 100} ${(at(judged) / limitMs).toFixed(2)} × ${limitMs} ms, of ${sorted.length}`,
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

async function answer<Answer>(child: ChildProcess): Promise<Answer> {
  const [message] = (await once(child, 'message')) as [Answer];
  return message;
}
