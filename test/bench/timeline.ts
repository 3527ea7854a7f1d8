import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright';
import { build } from 'vite';
import { createCore } from '../../main/core/core.ts';
import { createLog } from '../../main/core/log.ts';
import { createTimeline } from '../../main/core/sessions/timeline.ts';
import { startLoopbackHost } from '../../main/loopback/host.ts';
import { rendererConfig } from '../../renderer/vite.config.ts';
import { openTestBench, silentLog, type TestBench } from '../fakes/store.ts';
import { conversationId, recordTalk } from './timeline/long-talk.ts';

const EVENTS = Number(process.env.TALKBENCH_BENCH_EVENTS ?? 1_000_000);
const DURATION_US = 7_200_000_000;
const OPEN_LIMIT_MS = 1000;
const FRAME_LIMIT_MS = 16;
const RUNS = 3;
const STEPS = 120;

/** Two hours of talk: its lanes from the core, then opened, panned and zoomed on the screen of a headless Chromium. */
export async function run(): Promise<void> {
  const bench = await openTestBench({ queueLimitBytes: 1 << 30 });
  try {
    const startedMs = performance.now();
    const id = await recordTalk(bench, DURATION_US, EVENTS);
    await bench.recorder.stop();
    console.log(`${EVENTS} events of ${DURATION_US / 3.6e9} h recorded in ${Math.round((performance.now() - startedMs) / 1000)} s`);
    await queries(bench, id);
    await bench.store.close();
    await screen(bench.folder, id);
    await bench.reopen();
  } finally {
    await bench.close();
  }
}

async function queries(bench: TestBench, id: string): Promise<void> {
  const { store, recorder, clock } = bench;
  const timeline = createTimeline({ store, recorder, clock, log: silentLog });
  const context = { signal: new AbortController().signal, role: 'viewer' as const };
  try {
    for (let i = 0; i <= RUNS; i++) {
      const startedMs = performance.now();
      let [firstMs, bytes, pieces] = [0, 0, 0];
      for (let cursor: string | null = null, hasMore = true; hasMore; pieces++) {
        const reply = await timeline.calls['timeline.events']({ id, conversationId, cursor }, context);
        for (const { fromUs, toUs, values, ids } of reply.series)
          for (const column of [fromUs, toUs, values, ids]) bytes += column?.byteLength ?? 0;
        firstMs ||= performance.now() - startedMs;
        ({ cursor, hasMore } = reply);
      }
      const allMs = performance.now() - startedMs;
      const what = i === 0 ? 'lanes, never looked at before' : 'lanes';
      console.log(
        `${what.padEnd(30)} first ${ms(firstMs, OPEN_LIMIT_MS)}, all ${ms(allMs, OPEN_LIMIT_MS)}, ${(bytes / 1e6).toFixed(1)} MB in ${pieces} pieces`,
      );
      await store.flush();
    }
    const startedMs = performance.now();
    const { ids } = await timeline.calls['timeline.find']({ id, conversationId, text: '个词', kind: '' }, context);
    console.log(`search ${ms(performance.now() - startedMs, OPEN_LIMIT_MS)}, ${ids.byteLength / 4} shown`);
  } finally {
    timeline.close();
  }
}

async function screen(dataDirectory: string, id: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-bench-'));
  await build({ ...rendererConfig, configFile: false, logLevel: 'error', build: { ...rendererConfig.build, outDir: folder } });
  const log = createLog({ level: 'error' });
  const core = await createCore({ dataDirectory, listeners: { enabled: false }, log, appVersion: '0' });
  const host = await startLoopbackHost({ endpoint: core.endpoint, staticDirectory: folder, port: 0, log });
  const executablePath = process.env.TALKBENCH_CHROMIUM;
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await page.goto(host.url);
    await page.evaluate(() => window.talkbenchIdle());
    for (let i = 0; i < RUNS; i++) {
      await page.evaluate(() => {
        window.location.hash = '#/sessions';
      });
      await page.evaluate(() => window.talkbenchIdle());
      console.log(`opened on the screen: first lanes ${ms(await openedMs(page, id), OPEN_LIMIT_MS)}`);
    }
    await page.evaluate(() => window.talkbenchIdle());
    for (const [name, keys] of [
      ['zoom', ['w', 's']],
      ['pan', ['d', 'a']],
    ] as const)
      print(name, await framesMs(page, keys, STEPS));
    if (process.env.TALKBENCH_BENCH_SCREENSHOT !== undefined) await page.screenshot({ path: process.env.TALKBENCH_BENCH_SCREENSHOT });
  } finally {
    await browser.close();
    await host.close();
    await core.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** From the address changing until something is drawn on the timeline's lanes. */
function openedMs(page: Page, id: string): Promise<number> {
  return page.evaluate(async (hash) => {
    const startedMs = performance.now();
    window.location.hash = hash;
    for (;;) {
      await new Promise(requestAnimationFrame);
      const canvas = document.querySelector<HTMLCanvasElement>('[data-testid="timeline"] canvas');
      if (canvas === null || canvas.width < 400) continue;
      const { data } = canvas.getContext('2d')?.getImageData(0, 60, canvas.width, canvas.height - 60) ?? { data: [] };
      const colours = new Set<number>();
      for (let i = 0; i < data.length; i += 4) colours.add(((data[i] ?? 0) << 16) | ((data[i + 1] ?? 0) << 8) | (data[i + 2] ?? 0));
      // Heads, lines and the ground are a few colours; lanes with something on them are many.
      if (colours.size > 12) return performance.now() - startedMs;
    }
  }, `#/sessions/${id}`);
}

/** What each frame takes from its beginning to its end on the page's thread, a key in each. */
function framesMs(page: Page, keys: readonly string[], steps: number): Promise<number[]> {
  return page.evaluate(
    async ({ pressed, count }) => {
      const times: number[] = [];
      const { port1, port2 } = new MessageChannel();
      for (let i = 0; i < count; i++) {
        const key = pressed[Math.floor(i / 12) % pressed.length] ?? 'w';
        const startedMs = performance.now();
        window.dispatchEvent(new KeyboardEvent('keydown', { key, code: `Key${key.toUpperCase()}`, bubbles: true, cancelable: true }));
        const handledMs = performance.now() - startedMs;
        await new Promise<void>((resolve) => {
          requestAnimationFrame((atMs) => {
            void atMs;
            const begunMs = performance.now();
            // Sent in a frame's callbacks, it is taken when the frame has been painted.
            port1.onmessage = () => {
              times.push(handledMs + performance.now() - begunMs);
              resolve();
            };
            port2.postMessage(null);
          });
        });
      }
      return times;
    },
    { pressed: [...keys], count: steps },
  );
}

function print(name: string, values: readonly number[]): void {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  console.log(`${name.padEnd(6)} p50 ${at(0.5).toFixed(1)} ms, p95 ${ms(at(0.95), FRAME_LIMIT_MS)}, of ${sorted.length} frames`);
}

function ms(value: number, limit: number): string {
  return `${value.toFixed(value < 100 ? 1 : 0)} ms (${(value / limit).toFixed(2)} × ${limit} ms)`;
}
