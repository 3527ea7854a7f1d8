import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TalkError } from '../../../../../preload/contract/talk-error.ts';
import type { PrintPdf } from '../report.ts';
import { browsersOf, isExecutable } from './browsers.ts';

export interface HeadlessOptions {
  /** To be tried one after the other. */
  browsers?: () => readonly string[];
  timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;
/** Nothing of the page needs more, and keys of engines may stand in the rest. */
const passedOn = [
  'PATH',
  'HOME',
  'USERPROFILE',
  'SystemRoot',
  'TEMP',
  'TMP',
  'TMPDIR',
  'LANG',
  'LC_ALL',
  'FONTCONFIG_PATH',
  'FONTCONFIG_FILE',
];

/**
 * Prints with a browser that is on this machine anyway, as a child process: a profile of its own that is thrown away, no network. Scripts
 * are forbidden by the page's own policy (a browser without any prints nothing: headless printing is a script of its own). One browser that cannot (Snap's sees no folder of ours, an old one knows no such option) leaves it to the next.
 */
export function headlessPrinter({ browsers = ofThisMachine, timeoutMs = TIMEOUT_MS }: HeadlessOptions = {}): PrintPdf {
  return async (page, signal) => {
    const deadline = AbortSignal.timeout(timeoutMs);
    const ending = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    for (const browser of browsers()) {
      const printed = await printWith(browser, page, ending);
      if (signal?.aborted === true) throw new TalkError('cancelled');
      if (deadline.aborted) throw new TalkError('timeout', { operation: 'print', timeoutMs });
      if (printed !== null) return printed;
    }
    throw new TalkError('report/no-printer');
  };
}

function ofThisMachine(): string[] {
  return browsersOf({ platform: process.platform, environment: process.env, home: homedir(), isExecutable });
}

async function printWith(browser: string, page: string, signal: AbortSignal): Promise<Uint8Array | null> {
  const directory = await mkdtemp(join(scratchOf(browser), 'talkbench-print-'));
  try {
    const source = join(directory, 'report.html');
    const target = join(directory, 'report.pdf');
    await writeFile(source, page, { mode: 0o600 });
    await ended(browser, [...switches(join(directory, 'profile')), `--print-to-pdf=${target}`, pathToFileURL(source).href], signal);
    const printed = await readFile(target).catch(() => null);
    return printed !== null && printed.subarray(0, 5).toString('latin1') === '%PDF-' ? new Uint8Array(printed) : null;
  } finally {
    // A browser that was ended still lets go of its profile.
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }).catch(() => {});
  }
}

/** Snap's Chromium has a /tmp of its own: what it shares with us is this folder. */
function scratchOf(browser: string): string {
  const shared = join(homedir(), 'snap', 'chromium', 'common');
  return basename(browser).startsWith('chromium') && existsSync(shared) ? shared : tmpdir();
}

function switches(profile: string): string[] {
  return [
    '--headless',
    '--no-pdf-header-footer',
    `--user-data-dir=${profile}`,
    '--host-resolver-rules=MAP * ~NOTFOUND',
    ...['--disable-gpu', '--disable-extensions', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ...['--no-first-run', '--no-default-browser-check', '--disable-dev-shm-usage', '--disable-breakpad', '--password-store=basic'],
    // Chromium does not start as root otherwise. The page is ours, and has no script.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
}

/** Settles when the browser and all it started are gone; how it ended is told by whether there is a file. */
function ended(browser: string, options: readonly string[], signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) {
    resolve();
    return promise;
  }
  const isGroup = process.platform !== 'win32';
  const env = Object.fromEntries(passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  const child = spawn(browser, options, { stdio: 'ignore', detached: isGroup, windowsHide: true, env });
  const kill = () => {
    try {
      if (isGroup && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    } catch {
      // It had ended by itself.
    }
  };
  const settle = () => {
    signal.removeEventListener('abort', kill);
    // What it started and left behind.
    kill();
    resolve();
  };
  signal.addEventListener('abort', kill, { once: true });
  child.once('error', settle);
  child.once('exit', settle);
  return promise;
}
