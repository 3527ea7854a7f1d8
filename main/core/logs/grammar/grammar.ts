import type { LogLevel, LogRow } from '../../../../preload/contract/logs.ts';
import type { LogEventName } from '../events.ts';
import type { ParsedRow } from '../row.ts';
import { firstBit, MAX_FILTERED, PatternFilter } from './pattern-filter.ts';

/** What a grammar can know of a line; the rest of the row is the parser's. */
export interface LineFacts
  extends Partial<Pick<LogRow, 'level' | 'deviceMs' | 'deviceTime' | 'tag' | 'file' | 'function' | 'line' | 'event' | 'payload'>> {
  message: string;
}

/**
 * All facts are made here, with every key there is: what copies facts of a dozen shapes to a row takes as long as the rest of reading
 * its line.
 */
export function newFacts(message: string): LineFacts {
  return {
    level: undefined,
    deviceMs: undefined,
    deviceTime: undefined,
    tag: undefined,
    file: undefined,
    function: undefined,
    line: undefined,
    message,
    event: undefined,
    payload: undefined,
  };
}

/** The same with some known, where speed is no matter. */
export function factsWith(message: string, known: Partial<LineFacts>): LineFacts {
  return Object.assign(newFacts(message), known);
}

/** Several lines that belong together: a register dump, a wrapped line, a banner. */
export interface Block {
  /** The grammar that opened it, and its own name for the kind. */
  readonly grammar: string;
  readonly name: string;
  /** The row it began with. */
  readonly opener: ParsedRow;
  /** Rows in it so far. */
  readonly rows: number;
  /** Rows that other grammars, or none, have had since its last one: boards print from several tasks at once. */
  readonly gap: number;
  /** The text so far, for lines that were wrapped. */
  readonly text: string;
  /** The event and payload already told for it, so that a pair of rows does not tell one twice. */
  readonly event: string | undefined;
  readonly payload: unknown;
  /** The grammar's own, from the match that opened it; the grammar may write to it as the block goes on. */
  readonly state: unknown;
}

export interface GrammarMatch {
  facts: LineFacts;
  /** This line begins a block of that name. */
  opens: string | null;
  /** With `opens`: what the grammar will want to know when the block goes on. */
  state: unknown;
  /** This line continues the open block. */
  continues: boolean;
  /** With `continues`: the block's text with this line, for lines that were wrapped. */
  text: string | null;
  /** With `continues`: nothing after this line continues the block. */
  closes: boolean;
}

/** A line by itself. */
export function alone(facts: LineFacts): GrammarMatch {
  return { facts, opens: null, state: undefined, continues: false, text: null, closes: false };
}

/** A line that begins a block. */
export function opening(name: string, facts: LineFacts, state?: unknown): GrammarMatch {
  return { facts, opens: name, state, continues: false, text: null, closes: false };
}

/** A line of the open block. */
export function continuing(
  facts: LineFacts,
  { text = null, closes = false }: { text?: string | null; closes?: boolean } = {},
): GrammarMatch {
  return { facts, opens: null, state: undefined, continues: true, text, closes };
}

/**
 * One way boards write lines. Stateless: what a grammar must remember of earlier lines is the block it opened. Several
 * interleave on one port, each with its own block; the first that knows a line has it.
 */
export interface Grammar {
  readonly name: string;
  /**
   * Of every line that the grammar can know while it has no block open, one of these matches the beginning; other lines are not shown
   * to it then. Absent: it sees every line.
   */
  readonly begins?: readonly RegExp[];
  /** `line` has no blanks nor other programs' stamps in front. `block` is the block this grammar has open, else null. */
  match(line: string, block: Block | null): GrammarMatch | null;
  /** A line that went out to the board: the block that it opens, if what comes may be its answer. */
  sent?(line: string): GrammarMatch | null;
  /** Asked when no grammar's `match` knows the line: for what has no shape of its own and is known by what came before. */
  claim?(line: string, block: Block | null): GrammarMatch | null;
}

/** A line whose shape alone says what it means. Tables of these are most of a grammar. */
export interface Rule {
  readonly pattern: RegExp;
  readonly event?: LogEventName;
  readonly level?: LogLevel;
  readonly payload?: (match: RegExpExecArray) => unknown;
  /** For what else such a line tells, or an event that depends on it. */
  readonly facts?: (match: RegExpExecArray) => Partial<LineFacts>;
}

/** Rules in the order they are tried: the first that matches has the text. */
export class RuleTable {
  readonly rules: readonly Rule[];
  readonly #whole: readonly WholeRule[];
  /** Made when it is first needed: dozens of tables are for lines that few boards print. */
  #filters: readonly PatternFilter[] | null = null;

  constructor(rules: readonly Rule[]) {
    this.rules = rules;
    this.#whole = rules.map(({ pattern, event, level, payload, facts }) => ({ pattern, event, level, payload, facts }));
  }

  /** False when no rule matches; a look at the text's beginning. */
  mayMatch(text: string): boolean {
    this.#filters ??= filtersOf(this.rules);
    for (let group = 0; group < this.#filters.length; group++)
      if ((this.#filters[group] as PatternFilter).possible(text) !== 0) return true;
    return false;
  }

  /** Adds what the first rule that matches says; false when none does. */
  read(text: string, facts: LineFacts): boolean {
    this.#filters ??= filtersOf(this.rules);
    for (let group = 0; group < this.#filters.length; group++) {
      let possible = (this.#filters[group] as PatternFilter).possible(text);
      for (; possible !== 0; possible &= possible - 1) {
        const rule = this.#whole[group * MAX_FILTERED + firstBit(possible)] as WholeRule;
        const match = rule.pattern.exec(text);
        if (match === null) continue;
        tell(rule, match, facts);
        return true;
      }
    }
    return false;
  }
}

/** With every key there is, for the same reason as facts. */
type WholeRule = { readonly [Key in keyof Required<Rule>]: Rule[Key] | undefined } & Pick<Rule, 'pattern'>;

function tell(rule: WholeRule, match: RegExpExecArray, facts: LineFacts): void {
  if (rule.facts !== undefined) Object.assign(facts, rule.facts(match));
  if (rule.payload !== undefined) facts.payload = rule.payload(match);
  if (rule.level !== undefined) facts.level = rule.level;
  if (rule.event !== undefined) facts.event ??= rule.event;
}

function filtersOf(rules: readonly Rule[]): PatternFilter[] {
  const filters: PatternFilter[] = [];
  for (let at = 0; at < rules.length; at += MAX_FILTERED)
    filters.push(new PatternFilter(rules.slice(at, at + MAX_FILTERED).map(({ pattern }) => [pattern])));
  return filters;
}

/** Deeper JSON is noise or an attack; structured clone, which carries rows to the store, gives up at a few thousand. */
const MAX_JSON_DEPTH = 64;

/** The value of JSON text, or undefined when it is not JSON (a cut line, a board that prints almost-JSON) or nests too deep. */
export function parseJson(text: string): unknown {
  try {
    return nestsTooDeep(text) ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Brackets inside strings count too: who has that many of them open is not talking to us. */
function nestsTooDeep(text: string): boolean {
  if (text.length <= 2 * MAX_JSON_DEPTH) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5b || code === 0x7b) depth++;
    else if (code === 0x5d || code === 0x7d) depth--;
    if (depth > MAX_JSON_DEPTH) return true;
  }
  return false;
}
