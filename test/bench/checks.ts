import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { boardFaultName } from '../../preload/contract/board-faults.ts';
import type { CheckRun } from '../../preload/contract/checks.ts';
import { openProofBench, type Spoilt } from '../fakes/check-proof/bench.ts';
import { moduleList, proofList, proofOf } from '../fakes/check-proof/list.ts';
import { type Wanted, wantedOf, wantedOfModules } from '../fakes/check-proof/wanted.ts';
import { fasterClock } from '../fakes/faster-clock.ts';

/** Boards at once on one core. */
const BOARDS = Number(process.env.TALKBENCH_PROOF_BOARDS ?? 6);
const SPEED = Number(process.env.TALKBENCH_PROOF_SPEED ?? 1);
/** Names of faults, or 'healthy', with commas between; all of them unless it is said, and only then the document is written. */
const only = process.env.TALKBENCH_PROOF_FAULTS?.split(',');
/** Nothing but what has to find it: whether it does, in a tenth of the time. */
const isShort = process.env.TALKBENCH_PROOF_SHORT !== undefined;
/** A file of what earlier runs found, where the proof is made in parts; the document tells all of it. */
const keptFile = process.env.TALKBENCH_PROOF_KEEP;
/** What was measured of the failed ones, and of every check of a board that is to be looked at closely. */
const isVerbose = process.env.TALKBENCH_PROOF_VALUES !== undefined;

const DOCUMENT = join(import.meta.dirname, '../../docs/check-faults.md');

interface Row {
  name: string;
  wanted: Wanted;
  run: CheckRun;
}

interface Case {
  name: string;
  spoilt: Spoilt;
  list: string;
  wanted: Wanted;
}

const cases: Case[] = [
  ...['healthy', 'healthy again'].map((name) => ({ name, spoilt: {}, list: proofList, wanted: { fails: [] } })),
  ...boardFaultName.options.map((name) => ({
    name,
    spoilt: { faults: [{ name }], ...wantedOf[name].board },
    list: proofList,
    wanted: wantedOf[name],
  })),
  ...Object.entries(wantedOfModules).map(([trouble, wanted]) => ({
    name: `module: ${trouble}`,
    spoilt: { kind: 'cat1' as const, trouble: trouble as NonNullable<Spoilt['trouble']> },
    list: moduleList,
    wanted,
  })),
];

/** Every fault of the virtual boards against every check: what failed, and whether it is what had to. */
export async function run(): Promise<void> {
  const bench = await openProofBench(SPEED === 1 ? {} : { clock: fasterClock(SPEED) });
  const startedMs = performance.now();
  // One check's mistake does not end the proof of all the others, but it is one.
  let mistakes = 0;
  process.on('unhandledRejection', (error) => {
    mistakes += 1;
    process.exitCode = 1;
    console.log('  an unhandled rejection:', error);
  });
  // A start is held against that of a board that was well.
  await bench.check({ name: 'proof-baseline', spoilt: {}, list: proofOf(['power.boot', 'power.baseline']) });
  const rows: Row[] = [];
  const waiting = cases
    .filter(({ name, wanted }) => (only === undefined || only.includes(name)) && (!isShort || wanted.fails.length > 0))
    .map((each) =>
      isShort && each.list === proofList ? { ...each, list: proofOf(['power.boot', 'network.attach', ...each.wanted.fails]) } : each,
    );
  const order = waiting.map(({ name }) => name);
  let number = 0;
  async function work(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { name, spoilt, list, wanted } = next;
      try {
        const row = { name, wanted, run: await bench.check({ name: `proof-${++number}`, spoilt, list }) };
        rows.push(row);
        console.log(`  ${told(row)}`);
        if (isVerbose) console.log(valuesOf(row));
      } catch (error) {
        console.log(`  ${name}: could not be checked: ${String(error)}`);
      }
    }
  }
  await Promise.all(Array.from({ length: BOARDS }, work));
  await bench.close();
  rows.sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
  const wrong = rows.filter((row) => !isAsWanted(row));
  console.log(
    `${rows.length} boards, ${BOARDS} at once, ${((performance.now() - startedMs) / 60_000).toFixed(1)} min: ${rows.length - wrong.length} as wanted, ${wrong.length} not; ${mistakes} unhandled rejections`,
  );
  const found = new Map(keptRows().map((row) => [row.name, row]));
  for (const row of rows) found.set(row.name, foundOf(row));
  if (keptFile !== undefined) writeFileSync(keptFile, JSON.stringify([...found.values()], null, 1));
  // A document of a few faults would say less than the one that is there.
  if (keptFile !== undefined || cases.every(({ name }) => found.has(name))) writeFileSync(DOCUMENT, documentOf(found));
}

const failedOf = ({ run }: Row) => run.results.filter(({ state }) => state === 'failed').map(({ check }) => check);
const errorsOf = ({ run }: Row) => run.results.filter(({ state }) => state === 'error' || state === 'person').map(({ check }) => check);

function isAsWanted(row: Row): boolean {
  const failed = new Set(failedOf(row));
  const { fails, by } = row.wanted;
  const isSame = failed.size === fails.length && fails.every((check) => failed.has(check)) && errorsOf(row).length === 0;
  // By its name alone a check that a busy machine made fail would count as one that found the fault.
  return (
    isSame && (by === undefined || row.run.results.some(({ values }) => values.some(({ name, isMet }) => name === by && isMet === false)))
  );
}

function told(row: Row): string {
  const failed = failedOf(row);
  const { fails } = row.wanted;
  const missed = fails.filter((check) => !failed.includes(check));
  const extra = failed.filter((check) => !fails.includes(check));
  const errors = row.run.results.flatMap(({ check, state, error }) => (state === 'error' ? `${check} (${error?.code})` : []));
  const parts = [
    ...(missed.length === 0 ? [] : [`missed ${missed.join(', ')}`]),
    ...(extra.length === 0 ? [] : [`too many ${extra.join(', ')}`]),
    ...(missed.length === 0 && extra.length === 0 && !isAsWanted(row) ? [`not by ${row.wanted.by}`] : []),
    ...(errors.length === 0 ? [] : [`errors ${errors.join(', ')}`]),
  ];
  const seconds = Math.round(row.run.durationMs / 1000);
  return `${isAsWanted(row) ? 'ok' : 'NO'}  ${row.name} (${seconds} s): ${failed.join(', ') || 'nothing failed'}${parts.length === 0 ? '' : `; ${parts.join('; ')}`}`;
}

function valuesOf({ run }: Row): string {
  return run.results
    .map(({ check, state, values, reason, next, error, durationMs }) => {
      const measured = values.map(({ name, value, isMet }) => `${name}=${value}${isMet === false ? ' (!)' : ''}`).join(' ');
      const why = [reason, next, error === null ? null : JSON.stringify(error)].filter((each) => each !== null).join(' ');
      return `      ${check} ${state} ${Math.round((durationMs ?? 0) / 100) / 10} s ${why} ${measured}`;
    })
    .join('\n');
}

/** Of what failed, the values that were not met. */
function measuredOf({ run }: Row): string {
  return run.results
    .filter(({ state }) => state === 'failed')
    .flatMap(({ values }) =>
      values
        .filter(({ isMet }) => isMet === false)
        .map(({ name, value, unit }) => `${name} ${value}${unit === undefined ? '' : ` ${unit}`}`),
    )
    .join(', ');
}

/** What a row of the document tells. */
interface Found {
  name: string;
  failed: string[];
  isAsWanted: boolean;
  measured: string;
  /** How many checks were done, and how many of all that there are were skipped. */
  done: number;
  isShort: boolean;
}

function foundOf(row: Row): Found {
  const done = row.run.results.filter(({ state }) => state === 'passed' || state === 'failed').length;
  return { name: row.name, failed: failedOf(row), isAsWanted: isAsWanted(row), measured: measuredOf(row), done, isShort };
}

function keptRows(): Found[] {
  return keptFile !== undefined && existsSync(keptFile) ? (JSON.parse(readFileSync(keptFile, 'utf8')) as Found[]) : [];
}

function documentOf(found: ReadonlyMap<string, Found>): string {
  const rows = cases.flatMap(({ name, wanted, list }) => {
    const row = found.get(name);
    return row === undefined ? [] : [{ ...row, wanted, isWhole: !row.isShort && list === proofList }];
  });
  const notRun = cases.flatMap(({ name }) => (found.has(name) ? [] : [name]));
  const whole = rows.filter(({ isWhole }) => isWhole).length;
  const ofWholeList = cases.filter(({ list }) => list === proofList).length;
  const line = ({ name, failed, isAsWanted: isRight, measured, done, isShort: isPart, wanted }: (typeof rows)[number]) => {
    const amiss = isRight ? '' : `; wanted: ${wanted.fails.join(', ') || 'none'}`;
    return `| ${name} | ${failed.join(', ') || 'none'}${amiss} | ${measured} | ${done}${isPart ? ' of 3' : ''} | ${wanted.why ?? ''} |`;
  };
  const right = rows.filter((row) => row.isAsWanted).length;
  return `# Faults and the checks that find them

Each fault of the virtual boards (preload/contract/board-faults.ts) on a board of its own, with nobody at the bench. The aim: found by exactly
the check that should find it, by the value that it spoils, and a healthy board passes all. The boards are software; the core, its service,
sockets, codec and checks are the real ones. Written by \`npm run bench checks\`.

**How far the proof is: ${right} of ${cases.length} as wanted.** ${whole === ofWholeList ? `Each of the ${whole} boards was held against the whole list` : `${whole} of ${ofWholeList} boards were held against the whole list, the others against a start, the network and the check that has to find it ("of 3"; \`TALKBENCH_PROOF_SHORT=1\`): that shows that a fault is found, not that no other check takes it for its own`}, bare modules against their one check.${notRun.length === 0 ? '' : ` Not run: ${notRun.join(', ')}.`}

- The list is test/fakes/check-proof/list.ts. As on a bench, what follows from something that failed is skipped: where no sound comes up
  as it should, nothing is asked of what would be said. "done" counts the checks that were not skipped.
- Where more than one check has to fail, the last column says why one fault is two failures.
- A check that measures time measures the bench's as well, and skips with "bench-busy" where the bench itself was late. \`TALKBENCH_PROOF_BOARDS\`
  (6) is how many boards are checked at once; rows may come from several runs, kept in a file (\`TALKBENCH_PROOF_KEEP\`).

| fault | checks that failed | measured | done | why more than one |
| --- | --- | --- | --- | --- |
${rows.map(line).join('\n')}
`;
}
