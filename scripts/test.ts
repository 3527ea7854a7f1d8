/**
 * The whole of the checks: types, lint, layers, unit, contract, conformance, end to end in Chromium. Every step runs even
 * after one fails; the last line counts them all: `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from './chromium.ts';

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

const reports = mkdtempSync(join(tmpdir(), 'talkbench-test-'));
const total: Tally = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];

function run(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): boolean {
  const result = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
    shell: process.platform === 'win32',
  });
  return result.status === 0;
}

function step(name: string, body: () => Tally): void {
  console.log(`\n== ${name}`);
  const startedMs = performance.now();
  const tally = body();
  total.passed += tally.passed;
  total.failed += tally.failed;
  total.skipped += tally.skipped;
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  lines.push(
    `${tally.failed === 0 ? 'ok  ' : 'FAIL'} ${name}: ${tally.passed} passed, ${tally.failed} failed${tally.skipped > 0 ? `, ${tally.skipped} skipped` : ''} (${seconds} s)`,
  );
}

function single(isOk: boolean): Tally {
  return { passed: isOk ? 1 : 0, failed: isOk ? 0 : 1, skipped: 0 };
}

/** A runner that died before it wrote its report counts as one failure, never as nothing. */
function counted(isOk: boolean, reportPath: string, count: (report: string) => Tally): Tally {
  try {
    const tally = count(readFileSync(reportPath, 'utf8'));
    return !isOk && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

step('types', () => single(run('tsc', ['--noEmit'])));
step('format and lint (biome)', () => single(run('biome', ['check', '.'])));
step('lint (oxlint, type-aware)', () => single(run('oxlint', ['--type-aware'])));
step('build', () => single(run('electron-vite', ['build', '--logLevel', 'warn'])));
step('unit, contract, conformance', () => {
  const report = join(reports, 'vitest.json');
  const isOk = run('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  return counted(isOk, report, (text) => {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(text) as Record<string, number>;
    return { passed: numPassedTests ?? 0, failed: numFailedTests ?? 0, skipped: numPendingTests ?? 0 };
  });
});
step('end to end', () => {
  const found = findChromium(console.log);
  if (found === null) {
    console.error('no Chromium could be found or installed: set TALKBENCH_CHROMIUM to one');
    return single(false);
  }
  console.log(`Chromium: ${found.path} (from ${found.how})`);
  const report = join(reports, 'playwright.json');
  const isOk = run('playwright', ['test', '--reporter=list,json'], { TALKBENCH_CHROMIUM: found.path, PLAYWRIGHT_JSON_OUTPUT_NAME: report });
  return counted(isOk, report, (text) => {
    const { stats } = JSON.parse(text) as { stats: { expected: number; unexpected: number; flaky: number; skipped: number } };
    return { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped };
  });
});

rmSync(reports, { recursive: true, force: true });
console.log(`\n${lines.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
