import type { LogRow } from '../../../../preload/contract/logs.ts';
import type { LogEventName } from '../events.ts';

/** What a grammar can know of a line; the rest of the row is the parser's. */
export type LineFacts = Partial<
  Pick<LogRow, 'level' | 'deviceMs' | 'deviceTime' | 'tag' | 'file' | 'function' | 'line' | 'message' | 'event' | 'payload'>
>;

/** Several lines that belong together: a register dump, a wrapped line, a banner. */
export interface Block {
  /** The grammar that opened it, and its own name for the kind. */
  readonly grammar: string;
  readonly name: string;
  /** The row it began with. */
  readonly seq: number;
  /** Rows in it so far. */
  readonly rows: number;
  /** The text so far, for lines that were wrapped. */
  readonly text: string;
  /** The event and payload already told for it, so that a pair of rows does not tell one twice. */
  readonly event: string | undefined;
  readonly payload: unknown;
}

export interface GrammarMatch {
  facts: LineFacts;
  /** This line begins a block of that name. */
  opens?: string;
  /** This line continues the open block; `text` is then the block's text with this line. */
  continues?: { text?: string };
}

/**
 * One way boards write lines. Stateless: what a grammar must remember of earlier lines is the block it opened. Several
 * interleave on one port; the first that knows a line has it.
 */
export interface Grammar {
  readonly name: string;
  /** `block` is the open block when this grammar opened it, else null. */
  match(line: string, block: Block | null): GrammarMatch | null;
}

/** A line whose shape alone says what it means. Tables of these are most of a grammar. */
export interface Rule {
  readonly pattern: RegExp;
  readonly event?: LogEventName;
  readonly facts?: (match: RegExpExecArray) => LineFacts;
}

/** The first rule that matches, as facts; null when none does. */
export function applyRules(rules: readonly Rule[], text: string): LineFacts | null {
  for (const rule of rules) {
    const match = rule.pattern.exec(text);
    if (match === null) continue;
    return { ...(rule.event === undefined ? {} : { event: rule.event }), ...rule.facts?.(match) };
  }
  return null;
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
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > MAX_JSON_DEPTH) return true;
  }
  return false;
}
