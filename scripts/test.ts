/**
 * The whole of the checks: types, lint, layers, unit, contract, conformance, end to end in Chromium. Every step runs even
 * after one fails; the last line counts them all: `N passed, N failed`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { findChromium } from './chromium.ts';

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  /** The names of what failed, for the end of an output of thousands of lines. */
  failures?: readonly string[];
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

interface PlaywrightSuite {
  suites?: PlaywrightSuite[];
  specs?: { title: string; file: string; line: number; ok: boolean }[];
}

const reports = mkdtempSync(join(tmpdir(), 'talkbench-test-'));
const total: Tally = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];

const shell = process.platform === 'win32';

function run(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): boolean {
  const result = spawnSync(command, args, {
    stdio: 'inherit',
    // Hundreds of processes of the product are started: its files are compiled once for all.
    env: { ...process.env, NODE_COMPILE_CACHE: join(reports, 'compiled'), ...environment },
    shell,
  });
  return result.status === 0;
}

/** Runs beside what follows; what it says is shown when it is asked how it went. */
function beside(command: string, args: readonly string[]): () => Promise<boolean> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], shell });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => said.push(data));
  const ended = new Promise<boolean>((resolve) => {
    child.on('error', (error) => {
      said.push(Buffer.from(`${error.message}\n`));
      resolve(false);
    });
    child.on('close', (code) => resolve(code === 0));
  });
  return async () => {
    const isOk = await ended;
    process.stdout.write(Buffer.concat(said));
    return isOk;
  };
}

async function step(name: string, body: () => Tally | Promise<Tally>): Promise<void> {
  console.log(`\n== ${name}`);
  const startedMs = performance.now();
  const tally = await body();
  total.passed += tally.passed;
  total.failed += tally.failed;
  total.skipped += tally.skipped;
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  lines.push(
    `${tally.failed === 0 ? 'ok  ' : 'FAIL'} ${name}: ${tally.passed} passed, ${tally.failed} failed${tally.skipped > 0 ? `, ${tally.skipped} skipped` : ''} (${seconds} s)`,
    ...(tally.failures ?? []).map((failure) => `       ${failure}`),
  );
}

function single(isOk: boolean): Tally {
  return { passed: isOk ? 1 : 0, failed: isOk ? 0 : 1, skipped: 0 };
}

function firstLine(text: string | undefined): string {
  return (text ?? '').split('\n', 1)[0]?.slice(0, 200) ?? '';
}

function failedSpecs({ suites = [], specs = [] }: PlaywrightSuite): string[] {
  const own = specs.filter(({ ok }) => !ok).map(({ file, line, title }) => `${file}:${line} > ${title}`);
  return [...own, ...suites.flatMap(failedSpecs)];
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

// The types take one processor as long as the other three take another.
const areTypesRight = beside('tsc', ['--noEmit']);
await step('format and lint (biome)', () => single(run('biome', ['check', '.'])));
await step('lint (oxlint, type-aware)', () => single(run('oxlint', ['--type-aware'])));
await step('build', () => single(run('electron-vite', ['build', '--logLevel', 'warn'])));
await step('types', async () => single(await areTypesRight()));
await step('unit, contract, conformance', () => {
  const report = join(reports, 'vitest.json');
  const isOk = run('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  return counted(isOk, report, (text) => {
    const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(text) as VitestReport;
    const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
      const failed = assertionResults.filter((result) => result.status === 'failed');
      const file = relative(process.cwd(), name);
      if (failed.length === 0) return status === 'failed' ? [`${file}: ${firstLine(message)}`] : [];
      return failed.map(({ fullName, failureMessages }) => `${file} > ${fullName}: ${firstLine(failureMessages[0])}`);
    });
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests, failures };
  });
});
await step('end to end', () => {
  const found = findChromium(console.log);
  if (found === null) {
    console.error('no Chromium could be found or installed: set TALKBENCH_CHROMIUM to one');
    return single(false);
  }
  console.log(`Chromium: ${found.path} (from ${found.how})`);
  const report = join(reports, 'playwright.json');
  const isOk = run('playwright', ['test', '--reporter=list,json'], { TALKBENCH_CHROMIUM: found.path, PLAYWRIGHT_JSON_OUTPUT_NAME: report });
  return counted(isOk, report, (text) => {
    const { stats, suites } = JSON.parse(text) as {
      stats: { expected: number; unexpected: number; flaky: number; skipped: number };
      suites: PlaywrightSuite[];
    };
    return {
      passed: stats.expected,
      failed: stats.unexpected + stats.flaky,
      skipped: stats.skipped,
      failures: suites.flatMap(failedSpecs),
    };
  });
});

rmSync(reports, { recursive: true, force: true });
console.log(`\n${lines.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
