import { TalkError } from '../../../../preload/contract/talk-error.ts';
import { checkedLayer } from '../../agents/layers.ts';
import { type Suite, type SuiteCase, suite } from './schema.ts';
import { type FileProblem, MOST_PROBLEMS, readYaml } from './yaml-document.ts';

export interface SuiteFile {
  suite: Suite;
  /** By case: its name, unique in the suite, and where it stands. */
  cases: readonly { name: string; line: number | null; expectationLines: readonly (number | null)[] }[];
  expectationLines: readonly (number | null)[];
}

export type InspectedSuite = { file: SuiteFile; problems: [] } | { file: null; problems: FileProblem[] };

/** Everything that is wrong with a suite (docs/suites.md), or the suite. */
export function inspectSuite(text: string): InspectedSuite {
  const read = readYaml(text, suite, 'suite');
  if (!read.ok) return { file: null, problems: read.problems };
  const { data, lineAt } = read;
  const names = data.cases.map(nameOf);
  const faults = [...data.cases.flatMap(caseFaults), ...repeatedNames(names)];
  const problems = faults.slice(0, MOST_PROBLEMS).map(({ path, reason }) => {
    return { line: lineAt(path), path: path.join('.'), reason: `${path.join('.')}: ${reason}` };
  });
  if (problems.length > 0) return { file: null, problems };
  const linesOf = (path: readonly PropertyKey[], of: readonly unknown[]) => of.map((_, i) => lineAt([...path, i]));
  const cases = data.cases.map((each, i) => ({
    name: names[i] ?? '',
    line: lineAt(['cases', i]),
    expectationLines: linesOf(['cases', i, 'expect'], each.expect),
  }));
  return { file: { suite: data, cases, expectationLines: linesOf(['expect'], data.expect) }, problems: [] };
}

/** Throws TalkError 'suite/bad-file' {line?, reason} with the first that is wrong. */
export function fileOf({ file, problems }: InspectedSuite): SuiteFile {
  if (file !== null) return file;
  const [first] = problems;
  throw new TalkError('suite/bad-file', {
    ...(first !== undefined && first.line !== null && { line: first.line }),
    reason: first?.reason ?? '',
  });
}

export function nameOf(each: SuiteCase): string {
  return each.name ?? ('scenario' in each ? each.scenario : each.session);
}

/** What is wrong, and where in the file. */
interface Fault {
  path: readonly PropertyKey[];
  reason: string;
}

function caseFaults(each: SuiteCase, i: number): Fault[] {
  if ('scenario' in each) return [];
  const fault = (member: readonly PropertyKey[], reason: string): Fault => ({ path: ['cases', i, ...member], reason });
  const faults = checkedLayer(each.settings).problems.map(({ key, issue }) => fault(['settings', ...key.split('.')], issue));
  if (each.how === 'check' && Object.keys(each.settings).length > 0)
    faults.push(fault(['settings'], 'a recording that is only checked takes no settings'));
  if (each.how !== 'rerun' && each.agent !== undefined) faults.push(fault(['agent'], 'only a rerun takes an agent'));
  return faults;
}

function repeatedNames(names: readonly string[]): Fault[] {
  const known = new Set<string>();
  return names.flatMap((name, i) => {
    if (known.has(name)) return [{ path: ['cases', i], reason: `another case is named ${name}` }];
    known.add(name);
    return [];
  });
}
