import type { CheckLimit, CheckListOutline } from '../../../../preload/contract/checks.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import { type FileProblem, type LineAt, readYaml } from '../../quality/suite/yaml-document.ts';
import type { Check } from '../check.ts';
import { isExpression } from '../whole-match.ts';
import { questionCheck } from './question-check.ts';
import { type CheckListFile, checkListFile, type Words } from './schema.ts';
import { type SerialNumberRule, serialNumberFault } from './serial-number.ts';

/** One thing that is done: a check with what the list says of it. */
export interface ListItem {
  id: string;
  check: Check;
  /** Every one of the check's, its presets filled in. */
  parameters: Record<string, unknown>;
  /** By value, in the place of the check's own; null asks nothing. */
  limits: Readonly<Record<string, CheckLimit | null>>;
  title: Words | null;
  isOptional: boolean;
  after: string | null;
  timeoutMs: number;
  line: number | null;
}

export interface CheckList {
  name: Words;
  version: string;
  boardKinds: readonly string[];
  /** Null: any, and none. */
  serialNumber: SerialNumberRule | null;
  stopAtFirstFailure: boolean;
  items: readonly ListItem[];
}

type Inspected = { list: CheckList; problems: [] } | { list: null; problems: FileProblem[] };

/** Everything that is wrong with a list (docs/checks.md) by its lines, or the list. `known`: the checks that it may name. */
export function inspectList(text: string, known: readonly Check[]): Inspected {
  const read = readYaml(text, checkListFile, 'list');
  if (!read.ok) return { list: null, problems: inOrder(read.problems) };
  const reading = new Reading(read.data, read.lineAt, known);
  reading.serialNumber();
  const items = read.data.checks.flatMap((_, i) => reading.item(i));
  if (reading.problems.length > 0) return { list: null, problems: inOrder(reading.problems) };
  const { name, version, boardKinds, serialNumber = null, stopAtFirstFailure } = read.data;
  return { list: { name, version, boardKinds, serialNumber, stopAtFirstFailure, items }, problems: [] };
}

/** Throws TalkError 'check/bad-list' {line?, reason} with the first that is wrong. */
export function readList(text: string, known: readonly Check[]): CheckList {
  const { list, problems } = inspectList(text, known);
  if (list !== null) return list;
  const [first] = problems;
  throw new TalkError('check/bad-list', {
    ...(first !== undefined && first.line !== null && { line: first.line }),
    reason: first?.reason ?? '',
  });
}

export function outlineOf({ name, version, boardKinds, serialNumber, items }: CheckList): CheckListOutline {
  return {
    name: name.en,
    names: name,
    version,
    boardKinds: [...boardKinds],
    serialNumber,
    checks: items.map(({ id, check, title, line }) => ({
      ...{ id, check: check.name, group: check.group, line },
      title: title === null ? null : title.en,
      titles: title,
    })),
  };
}

class Reading {
  readonly problems: FileProblem[] = [];
  readonly #file: CheckListFile;
  readonly #lineAt: LineAt;
  readonly #known: readonly Check[];
  readonly #ids: string[] = [];
  #group: Check['group'] = 'power';

  constructor(file: CheckListFile, lineAt: LineAt, known: readonly Check[]) {
    this.#file = file;
    this.#lineAt = lineAt;
    this.#known = known;
  }

  serialNumber(): void {
    const fault = this.#file.serialNumber === undefined ? null : serialNumberFault(this.#file.serialNumber);
    if (fault !== null) this.#problem(['serialNumber', fault.member], fault.reason);
  }

  item(i: number): ListItem[] {
    const each = this.#file.checks[i];
    if (each === undefined) return [];
    const id = each.id ?? ('check' in each ? each.check : '');
    if (this.#ids.includes(id)) this.#problem(['checks', i, 'id'], `another item has the id ${id}: give this one an id of its own`);
    if (each.after !== undefined && !this.#ids.includes(each.after))
      this.#problem(['checks', i, 'after'], `no item before this one has the id ${each.after}`);
    this.#ids.push(id);
    const line = this.#lineAt(['checks', i]);
    const { title = null, optional: isOptional, after = null } = each;
    const common = { id, isOptional, after, line };
    if ('question' in each) {
      if (each.group !== undefined) this.#group = each.group;
      const check = questionCheck(each.question, each.kind, this.#group);
      return [{ ...common, check, title: title ?? shortened(each.question), parameters: {}, limits: {}, timeoutMs: DAY_MS }];
    }
    const check = this.#known.find(({ name }) => name === each.check);
    if (check === undefined) {
      const group = each.check.split('.')[0] ?? '';
      const near = this.#known.filter(({ name }) => name.startsWith(`${group}.`)).map(({ name }) => name);
      this.#problem(['checks', i, 'check'], `there is no check ${each.check}${near.length === 0 ? '' : `; there is ${near.join(', ')}`}`);
      return [];
    }
    this.#group = check.group;
    this.#limits(i, check, each.limits);
    const parameters = check.parameters.safeParse(each.parameters);
    if (!parameters.success)
      for (const issue of parameters.error.issues)
        this.#problem(['checks', i, 'parameters', ...issue.path], `${parameterIssue(issue.path, issue.message)} (of ${check.name})`);
    return [{ ...common, check, title, parameters: parameters.data ?? {}, limits: each.limits, timeoutMs: each.timeoutS * 1000 }];
  }

  #limits(i: number, { name, values }: Check, limits: ListItem['limits']): void {
    for (const [value, limit] of Object.entries(limits)) {
      if (!values.some((spec) => spec.name === value))
        this.#problem(
          ['checks', i, 'limits', value],
          `${name} measures no ${value}; it measures ${values.map((spec) => spec.name).join(', ')}`,
        );
      const { min, max, matches } = limit ?? {};
      if (min !== undefined && max !== undefined && min > max) this.#problem(['checks', i, 'limits', value], 'min is above max');
      if (matches !== undefined && !isExpression(matches))
        this.#problem(['checks', i, 'limits', value, 'matches'], 'not a regular expression');
    }
  }

  #problem(path: readonly PropertyKey[], reason: string): void {
    this.problems.push({ line: this.#lineAt(path), path: path.join('.'), reason: `${path.join('.')}: ${reason}` });
  }
}

/** As somebody reads the file; what has no line is about the whole of it. */
function inOrder(problems: readonly FileProblem[]): FileProblem[] {
  return problems.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0));
}

const DAY_MS = 86_400_000;

/** As a heading. */
function shortened({ zh, en }: Words): Words {
  return { zh: zh.slice(0, 120), en: en.slice(0, 120) };
}

function parameterIssue(path: readonly PropertyKey[], message: string): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}
