/**
 * The table engine × case of docs/engines.md, from a run of the guarder suite. `node scripts/guarder-table.ts` runs it, prints the
 * table and writes it into the document; it fails when a test fails. `--print` leaves the document as it is.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');
const document = join(root, 'docs/engines.md');
const marks = ['<!-- guarder table: node scripts/guarder-table.ts -->', '<!-- end of the guarder table -->'] as const;

const report = z.object({
  testResults: z.array(
    z.object({ assertionResults: z.array(z.object({ ancestorTitles: z.array(z.string()), title: z.string(), status: z.string() })) }),
  ),
});

interface Result {
  engine: string;
  name: string;
  /** Why it was left out; null: it ran. */
  without: string | null;
  isPassed: boolean;
}

const results = run();
const table = tableOf(results);
process.stdout.write(`${table}\n`);
if (!process.argv.includes('--print')) writeInto(table);
if (results.some(({ isPassed, without }) => !isPassed && without === null)) process.exitCode = 1;

function run(): Result[] {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-guarder-'));
  const file = join(folder, 'report.json');
  const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '../vitest.mjs');
  try {
    spawnSync(process.execPath, [vitest, 'run', 'test/contract/engines', '--reporter=json', `--outputFile=${file}`], {
      cwd: root,
      stdio: 'inherit',
    });
    const { testResults } = report.parse(JSON.parse(readFileSync(file, 'utf8')));
    return testResults.flatMap(({ assertionResults }) =>
      assertionResults.flatMap(({ ancestorTitles, title, status }) => result(ancestorTitles, title, status)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `guarder stt deepgram` › `cut`, or `cut · no service` for one that was left out. */
function result(ancestors: readonly string[], title: string, status: string): Result[] {
  const engine = ancestors.find((ancestor) => ancestor.startsWith('guarder '))?.slice('guarder '.length);
  if (engine === undefined) return [];
  const [name = '', without = null] = title.split(' · ');
  return [
    { engine, name, without: status === 'passed' || status === 'failed' ? null : (without ?? 'left out'), isPassed: status === 'passed' },
  ];
}

function tableOf(all: readonly Result[]): string {
  const cases = [...new Set(all.map(({ name }) => name))];
  const engines = [...new Set(all.map(({ engine }) => engine))].sort();
  const reasons = [...new Set(all.flatMap(({ without }) => without ?? []))];
  const cell = (engine: string, name: string): string => {
    const found = all.find((candidate) => candidate.engine === engine && candidate.name === name);
    if (found === undefined) return '';
    if (found.without !== null) return `– ${reasons.indexOf(found.without) + 1}`;
    return found.isPassed ? '✓' : '**failed**';
  };
  return [
    `| engine | ${cases.join(' | ')} |`,
    `| --- | ${cases.map(() => ':-:').join(' | ')} |`,
    ...engines.map((engine) => `| ${engine} | ${cases.map((name) => cell(engine, name)).join(' | ')} |`),
    '',
    ...reasons.map((reason, index) => `– ${index + 1}: ${reason}  `),
  ].join('\n');
}

function writeInto(shown: string): void {
  const text = readFileSync(document, 'utf8');
  const [from, to] = marks.map((mark) => text.indexOf(mark)) as [number, number];
  if (from < 0 || to < from) throw new Error(`${document} has not the marks of the table`);
  writeFileSync(document, `${text.slice(0, from + marks[0].length)}\n\n${shown}\n\n${text.slice(to)}`);
}
