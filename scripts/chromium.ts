import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright';

const wellKnown: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'],
  darwin: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'],
  win32: ['C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe', 'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe'],
};

export interface FoundChromium {
  path: string;
  /** Where it came from, for the person reading the test output. */
  how: string;
}

function look(): FoundChromium | null {
  const named = process.env.TALKBENCH_CHROMIUM;
  if (named !== undefined) return existsSync(named) ? { path: named, how: 'TALKBENCH_CHROMIUM' } : null;
  for (const path of wellKnown[process.platform] ?? []) if (existsSync(path)) return { path, how: 'the system' };
  const own = chromium.executablePath();
  return existsSync(own) ? { path: own, how: 'Playwright' } : null;
}

/** Finds a Chromium for the end-to-end tests, or installs one: apt-get as root on Debian, else Playwright's own download. */
export function findChromium(say: (line: string) => void): FoundChromium | null {
  const found = look();
  if (found !== null) return found;
  const isDebianRoot = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (isDebianRoot) {
    say('no Chromium found: installing Debian’s with apt-get');
    spawnSync('sh', ['-c', 'apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } else {
    say('no Chromium found: running npx playwright install chromium');
    spawnSync(process.execPath, ['node_modules/playwright/cli.js', 'install', 'chromium'], { stdio: 'inherit' });
  }
  return look();
}
