import type { SuiteCaseResult, SuiteRun } from '../../../../preload/contract/quality.ts';

/** One case of a JUnit suite; at most one of `failure`, `error` and `isSkipped`. */
export interface JunitCase {
  name: string;
  className: string;
  seconds?: number;
  /** Message, and more lines of it. */
  failure?: { message: string; text?: string };
  error?: { message: string; text?: string };
  isSkipped?: boolean;
  /** What a reader may want besides. */
  output?: string;
}

export interface JunitSuite {
  name: string;
  seconds: number;
  /** When it began. */
  wallMs?: number;
  cases: readonly JunitCase[];
}

/** JUnit XML as Jenkins and GitLab read it (the schema of the Apache Ant task, as the xUnit plugin has it). */
export function junitXml(suites: readonly JunitSuite[]): string {
  const bodies = suites.map(({ name, seconds, wallMs, cases }) => {
    const count = (isOne: (each: JunitCase) => boolean) => cases.filter(isOne).length;
    const facts = attributes({
      name,
      tests: cases.length,
      failures: count(({ failure }) => failure !== undefined),
      errors: count(({ error }) => error !== undefined),
      skipped: count(({ isSkipped }) => isSkipped === true),
      time: seconds.toFixed(3),
      ...(wallMs !== undefined && { timestamp: new Date(wallMs).toISOString().slice(0, 19) }),
    });
    return `  <testsuite ${facts}>\n${cases.map(caseXml).join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${bodies.join('')}</testsuites>\n`;
}

/** A test suite for each case of the run, a test case for each expectation: what is red is what was not met. */
export function junitOfRun(run: SuiteRun): string {
  const suites = run.cases.map((each): JunitSuite => {
    const name = `${run.name} / ${each.name}`;
    return { name, seconds: (each.durationMs ?? 0) / 1000, wallMs: run.startedWallMs, cases: casesOf(each, name) };
  });
  const budget = run.budget.map((check) => checkCase(check, `${run.name} / budget`));
  return junitXml(budget.length === 0 ? suites : [...suites, { name: `${run.name} / budget`, seconds: 0, cases: budget }]);
}

function casesOf(each: SuiteCaseResult, className: string): JunitCase[] {
  if (each.error !== null) {
    const message = `${each.error.code} ${JSON.stringify(each.error.data)}`;
    return [{ name: 'runs', className, error: { message } }];
  }
  if (each.state !== 'passed' && each.state !== 'failed') return [{ name: 'runs', className, isSkipped: true }];
  const ran: JunitCase = {
    name: 'runs',
    className,
    seconds: (each.durationMs ?? 0) / 1000,
    output: `${each.how} ${each.subject}, session ${each.sessionId ?? ''}`,
  };
  return [ran, ...each.checks.map((check) => checkCase(check, className))];
}

function checkCase({ text, line, isMet, found, reason, place }: SuiteCaseResult['checks'][number], className: string): JunitCase {
  const name = `${text}${line === null ? '' : ` (line ${line})`}`;
  if (isMet) return { name, className };
  const at = place === null ? '' : `at ${(place.atUs / 1e6).toFixed(3)} s${place.turnId === null ? '' : `, turn ${place.turnId}`}`;
  return { name, className, failure: { message: `found ${found}`, text: [reason ?? '', at].filter((part) => part !== '').join(', ') } };
}

function caseXml({ name, className, seconds, failure, error, isSkipped, output }: JunitCase): string {
  const problem = (tag: string, { message, text = '' }: { message: string; text?: string }) =>
    `<${tag} ${attributes({ message, type: tag })}>${escaped(text)}</${tag}>`;
  const body = [
    failure === undefined ? '' : problem('failure', failure),
    error === undefined ? '' : problem('error', error),
    isSkipped === true ? '<skipped/>' : '',
    output === undefined ? '' : `<system-out>${escaped(output)}</system-out>`,
  ].join('');
  const facts = attributes({ classname: className, name, time: (seconds ?? 0).toFixed(3) });
  return body === '' ? `    <testcase ${facts}/>\n` : `    <testcase ${facts}>${body}</testcase>\n`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(String(value))}"`)
    .join(' ');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** XML's own characters; and what it has no way to write (controls, halves of a character, non-characters) is shown as replaced. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\r', '')
    .replaceAll(/[&<>"'\n\t]/gu, (character) => entities[character] ?? '')
    .replaceAll(/[\p{Cc}\uFFFE\uFFFF]/gu, '\uFFFD');
}
