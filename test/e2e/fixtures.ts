import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { _electron, type Browser, test as base, type ElectronApplication, type Page } from '@playwright/test';

export const projectRoot = resolve(import.meta.dirname, '../..');

export interface Ready {
  url: string;
  token: string;
  listeners: { name: string; host: string; port: number; state: string }[];
  boards: { name: string; address: string; ptyPath: string | null }[];
  dataDirectory: string;
}

export interface Served extends AsyncDisposable {
  ready: Ready;
  process: ChildProcessWithoutNullStreams;
}

/** `talkbench serve` as its own process, on free ports. Resolves with the one JSON line it prints. */
export async function serve(dataDirectory: string, extra: readonly string[] = []): Promise<Served> {
  const child = spawn(
    process.execPath,
    ['main/cli/index.ts', 'serve', '--json', '--data', dataDirectory, '--mqtt-port', '0', '--gateway-port', '0', ...extra],
    { cwd: projectRoot },
  );
  child.stderr.pipe(process.stderr);
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`serve ended with ${code}`))),
  ])) as [string];
  return {
    ready: JSON.parse(line) as Ready,
    process: child,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

interface Fixtures {
  dataDirectory: string;
  /** The app's page, whichever host runs it. */
  lab: Page;
}

interface WorkerFixtures {
  /** One Chromium for all tests; each has a context of its own. Null where Electron is the browser. */
  chromium: Browser | null;
  cores: Cores;
}

/** A core for each test, on a data directory of its own. The next one starts while a test runs, and the last one ends meanwhile. */
class Cores {
  #next: Promise<{ served: Served; directory: string }> | null = null;
  readonly #endings: Promise<void>[] = [];
  readonly #isAhead: boolean;

  /** Electron runs a core of its own: there is none to start ahead of it. */
  constructor(isAhead: boolean) {
    this.#isAhead = isAhead;
  }

  async take(): Promise<{ ready: Ready; end(): void }> {
    const { served, directory } = await (this.#next ?? this.#start());
    this.#next = null;
    return { ready: served.ready, end: () => void this.#endings.push(this.#end(served, directory)) };
  }

  prepare(): void {
    if (!this.#isAhead) return;
    this.#next = this.#start();
    this.#next.catch(() => {}); // told to the test that takes it
  }

  async close(): Promise<void> {
    const spare = await this.#next?.catch(() => null);
    if (spare) this.#endings.push(this.#end(spare.served, spare.directory));
    await Promise.all(this.#endings);
  }

  async #start(): Promise<{ served: Served; directory: string }> {
    const directory = mkdtempSync(join(tmpdir(), 'talkbench-e2e-'));
    return { served: await serve(directory), directory };
  }

  async #end(served: Served, directory: string): Promise<void> {
    await served[Symbol.asyncDispose]();
    // What the core had started may leave a moment after it.
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

export const test = base.extend<Fixtures, WorkerFixtures>({
  chromium: [
    async ({ playwright }, use, info) => {
      if (info.project.name === 'electron') return use(null);
      const executablePath = process.env.TALKBENCH_CHROMIUM;
      const browser = await playwright.chromium.launch({
        ...(executablePath === undefined ? {} : { executablePath }),
        args: browserArguments,
      });
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],
  cores: [
    async ({ chromium }, use) => {
      const cores = new Cores(chromium !== null);
      await use(cores);
      await cores.close();
    },
    { scope: 'worker' },
  ],
  dataDirectory: async ({ browserName }, use) => {
    const directory = mkdtempSync(join(tmpdir(), `talkbench-e2e-${browserName}-`));
    await use(directory);
    rmSync(directory, { recursive: true, force: true });
  },
  lab: async ({ dataDirectory, chromium, cores, viewport }, use) => {
    if (chromium === null) {
      const app: ElectronApplication = await _electron.launch({ args: [projectRoot, '--data', dataDirectory] });
      await use(await app.firstWindow());
      await app.close();
      return;
    }
    const core = await cores.take();
    const context = await chromium.newContext({ viewport, locale: 'en-US', permissions: ['clipboard-read', 'clipboard-write'] });
    const page = await context.newPage();
    await page.goto(core.ready.url);
    cores.prepare();
    await use(page);
    await context.close();
    core.end();
  },
});

export { expect } from '@playwright/test';
