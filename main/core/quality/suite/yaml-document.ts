import { type Document, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { z } from 'zod';

/** What is wrong with a file, and in which line (from 1; null when nothing tells). */
export interface FileProblem {
  line: number | null;
  /** Of the member, '' for the whole. */
  path: string;
  reason: string;
}

export type ReadFile<Data> = { ok: true; data: Data; lineAt: LineAt } | { ok: false; problems: FileProblem[]; lineAt: LineAt };
/** Of the innermost part of a path that the file has. */
export type LineAt = (path: readonly PropertyKey[]) => number | null;

/** Nobody reads more of them, and a file may be wrong in every line. */
export const MOST_PROBLEMS = 200;
/** One may name every key of the file. */
const LONGEST_REASON = 500;

/** Reads YAML (or JSON, which is YAML) by a schema; faults with their lines, the likeliest meaning of each. `what` names the whole. */
export function readYaml<Schema extends z.ZodType>(text: string, schema: Schema, what: string): ReadFile<z.output<Schema>> {
  const { document, lines, problems: faults } = parseYaml(text);
  if (document === null || faults.length > 0) return { ok: false, problems: faults, lineAt: () => null };
  const lineAt: LineAt = (path) => lineOf(document, lines, path);
  const content = contentOf(document);
  if (content === undefined) return { ok: false, problems: [{ line: null, path: '', reason: 'too many aliases' }], lineAt };
  const checked = schema.safeParse(content.value);
  if (checked.success) return { ok: true, data: checked.data, lineAt };
  const problems = checked.error.issues.slice(0, MOST_PROBLEMS).map((each) => {
    const issue = deepest([each]);
    const reason = `${issue.path.join('.') || what}: ${issue.message}`;
    return { line: lineAt(issue.path), path: issue.path.join('.'), reason: shortened(reason) };
  });
  // A word that is not known says more than that another is missing.
  const isUnknownWord = (i: number) => (checked.error.issues[i]?.code === 'unrecognized_keys' ? 0 : 1);
  const order = problems.map((_, i) => i).sort((one, other) => isUnknownWord(one) - isUnknownWord(other) || one - other);
  return { ok: false, problems: order.flatMap((i) => problems[i] ?? []), lineAt };
}

export interface ParsedYaml {
  /** Null: not even looked at. */
  document: Document | null;
  lines: LineCounter;
  /** What keeps it from being YAML. */
  problems: FileProblem[];
}

/**
 * The parser asked for nothing that takes longer the longer the file already is: it compares each key with all before it, and cuts the
 * text around each of its errors.
 */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  if (isTooDeep(text)) return { document: null, lines, problems: [{ line: null, path: '', reason: 'nested too deep' }] };
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const lineAt = (offset: number) => (offset < 0 ? null : lines.linePos(offset).line);
  const problems = document.errors.slice(0, MOST_PROBLEMS).map(({ pos, message, code }) => {
    return { line: lineAt(pos[0]), path: '', reason: shortened(message.split('\n')[0] || code) };
  });
  if (problems.length > 0) return { document, lines, problems };
  const twice = repeatedKeys(document).map((key) => {
    return { line: lineAt(key.range?.[0] ?? -1), path: '', reason: 'Map keys must be unique' };
  });
  return { document, lines, problems: twice };
}

function repeatedKeys(document: Document): Node[] {
  const repeated: Node[] = [];
  visit(document, {
    Map(_key, { items }) {
      const known = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (known.has(key.value)) repeated.push(key);
        known.add(key.value);
        if (repeated.length >= MOST_PROBLEMS) return visit.BREAK;
      }
      return undefined;
    },
  });
  return repeated;
}

function shortened(reason: string): string {
  return reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}…` : reason;
}

/** The parser takes seconds to find its own stack full of brackets. */
const DEEPEST = 1000;

function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '[' || character === '{') depth += 1;
    else if ((character === ']' || character === '}') && depth > 0) depth -= 1;
    if (depth > DEEPEST) return true;
  }
  return false;
}

/** A few lines of aliases grow without end. */
function contentOf(document: Document): { value: unknown } | undefined {
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) as unknown };
  } catch {
    return undefined;
  }
}

type Issue = z.core.$ZodIssue;

/** Of a choice of forms the one that was most likely meant: whose first fault lies deepest, or is the only one. */
function deepest(issues: readonly Issue[]): Issue {
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue === undefined) throw new Error('a failed check names no issue');
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const candidates = issue.errors
    .filter((form) => form.length > 0)
    .toSorted((one, other) => unknownKeys(one) - unknownKeys(other) || one.length - other.length);
  const inner = deepest(candidates[0] ?? [{ ...issue, errors: [] }]);
  return { ...inner, path: [...issue.path, ...inner.path] };
}

/** A form that knows fewer of the keys given was meant less. */
function unknownKeys(form: readonly Issue[]): number {
  return form.reduce((count, issue) => {
    if (issue.code === 'unrecognized_keys') return count + 2 * issue.keys.length;
    return count + (issue.path.length > 1 ? 0 : 1);
  }, 0);
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | null {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const range = typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range) ? node.range : undefined;
    if (typeof range?.[0] === 'number') return lines.linePos(range[0]).line;
  }
  return null;
}
