import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';

const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? 'node_modules/electron/dist';
const hasElectron = existsSync(join(dist, 'version'));
if (!hasElectron && process.env.TALKBENCH_REQUIRE_ELECTRON === '1')
  throw new Error('TALKBENCH_REQUIRE_ELECTRON=1, but there is no Electron runtime');

/** One set of specs, two hosts: `loopback` always, `electron` wherever the runtime is there. */
export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '*.spec.ts',
  outputDir: 'test-results',
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env.CI !== undefined,
  // Ends what hangs, and says nothing of speed: boards boot, talk and are flashed in their own time, on machines of two slow cores too.
  timeout: 240_000,
  expect: { timeout: 20_000 },
  use: {
    viewport: { width: 1280, height: 720 },
    // A trace costs a fifth of the time; nobody looks at one of a machine far away.
    trace: process.env.CI === undefined ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    actionTimeout: 30_000,
  },
  projects: [{ name: 'loopback' }, ...(hasElectron ? [{ name: 'electron' }] : [])],
});
