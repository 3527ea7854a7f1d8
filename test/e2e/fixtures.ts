import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { _electron, test as base, type ElectronApplication, type Page } from '@playwright/test';

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

export const test = base.extend<Fixtures>({
  dataDirectory: async ({ browserName }, use) => {
    const directory = mkdtempSync(join(tmpdir(), `talkbench-e2e-${browserName}-`));
    await use(directory);
    rmSync(directory, { recursive: true, force: true });
  },
  lab: async ({ dataDirectory, playwright, viewport }, use, info) => {
    if (info.project.name === 'electron') {
      const app: ElectronApplication = await _electron.launch({ args: [projectRoot, '--data', dataDirectory] });
      await use(await app.firstWindow());
      await app.close();
      return;
    }
    await using served = await serve(dataDirectory);
    const executablePath = process.env.TALKBENCH_CHROMIUM;
    const browser = await playwright.chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: browserArguments,
    });
    const context = await browser.newContext({ viewport, locale: 'en-US', permissions: ['clipboard-read', 'clipboard-write'] });
    const page = await context.newPage();
    await page.goto(served.ready.url);
    await use(page);
    await browser.close();
  },
});

export { expect } from '@playwright/test';
