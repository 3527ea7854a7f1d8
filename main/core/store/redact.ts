import { isAscii, isUtf8 } from 'node:buffer';
import { expressionOf } from '../../../preload/contract/redaction.ts';
import { type FindSecrets, findSecrets, findWords } from './secret-finder.ts';
import { plainForms, readEscapes, unescaped } from './text-forms.ts';

/**
 * What identifies a person's SIM or modem, as digits stand in modem replies and logs: IMEI and IMSI are 15 digits (3GPP
 * TS 23.003 §2.2, §6.2.1), an ICCID starts with 89 and has 19 or 20 (ITU-T E.118), hexadecimal letters among them in some operators' cards.
 * Any run of that shape goes, whatever it is called: an identity that stays is worse than a number that is lost.
 */
const identity = /(?<!0x|[0-9])(?:[0-9]{15}|89[0-9]{4}[0-9A-Fa-f]{13,14})(?![0-9A-Za-z])/g;

/** A stream is redacted in stretches of about this much, and where no line ends in so much, but for its last bytes: longer than what is looked for. */
const STRETCH_BYTES = 64 * 1024;
const MARGIN_BYTES = 4096;
const NEWLINE = 0x0a;

/** Replaces within text by as many asterisks, so that every offset into it stays right; line ends stay. */
export interface Redact {
  (text: string): string;
  /** What must be looked for in the text that bytes say, where they say any beyond ASCII. */
  readonly expressions: readonly RedactionRule[];
}

/** What a user wants gone. */
interface RedactionRule {
  rule: string;
  find: FindSecrets;
}

export interface RedactOptions {
  includeIdentities: boolean;
  /** Gone always. */
  secrets: readonly string[];
  /** As `redactionRule` of the contract has them. */
  redactions?: readonly string[];
  /** What was said, where that is left out: gone where it is told again in other words' midst. */
  said?: readonly string[];
}

export interface Found {
  kind: 'secret' | 'identity' | 'rule' | 'transcript';
  rule: string | null;
  start: number;
  end: number;
}

/** Hears what was found in a text, and how that reads afterwards. */
type OnFound = (found: readonly Found[], redacted: string) => void;

export function createRedact(options: RedactOptions, onFound?: OnFound): Redact {
  const find = findSecrets(options.secrets);
  const findSaid = createFindSaid(options.said ?? []);
  const rules = (options.redactions ?? []).map(ruleOf);
  const { includeIdentities } = options;

  function redact(text: string): string {
    const escapes = readEscapes(text);
    const secrets = find(text, escapes);
    const visible = masked(text, secrets);
    // What the user wants gone is looked for in the text as it was: it may begin before a secret and end after it.
    const said = findSaid(text, escapes);
    const own = rules.flatMap(({ rule, find: findOwn }) => findOwn(text, escapes).map(([start, end]) => ({ rule, start, end })));
    let result = visible;
    const identities: [number, number][] = [];
    if (!includeIdentities)
      result = result.replace(identity, (found, at: number) => {
        if (onFound !== undefined) identities.push([at, at + found.length]);
        return '*'.repeat(found.length);
      });
    result = masked(result, said);
    // All at once: an expression that matches every character would otherwise copy the text as often.
    result = masked(
      result,
      own.map(({ start, end }) => [start, end] as const).sort((one, other) => one[0] - other[0]),
    );
    if (onFound === undefined) return result;
    const named =
      (kind: Found['kind']) =>
      ([start, end]: readonly [number, number]): Found => ({ kind, rule: null, start, end });
    const found = [
      ...secrets.map(named('secret')),
      ...identities.map(named('identity')),
      ...said.map(named('transcript')),
      ...own.map((span): Found => ({ kind: 'rule', ...span })),
    ];
    if (found.length > 0) onFound(found, result);
    return result;
  }

  return Object.assign(redact, { expressions: rules.filter(({ rule }) => expressionOf(rule) !== null) });
}

function ruleOf(rule: string): RedactionRule {
  const expression = expressionOf(rule);
  if (expression !== null) {
    const global = new RegExp(expression.source, expression.flags);
    return { rule, find: (text) => spansOf(global, text) };
  }
  const forms = plainForms(rule);
  const plain = expressionFor(forms.flatMap((form) => (form.includes(' ') ? [form, form.replaceAll(' ', '+')] : [form])));
  const read = expressionFor(forms.map(unescaped).filter((form) => form !== ''));
  return {
    rule,
    find(text, escapes = readEscapes(text)) {
      const found = spansOf(plain, text);
      const escaped = escapes((line) => spansOf(read, line));
      if (escaped.length === 0) return found;
      // What is found either way is one.
      const known = new Set(found.map(String));
      return [...found, ...escaped.filter((span) => !known.has(String(span)))];
    },
  };
}

function expressionFor(words: readonly string[]): RegExp {
  if (words.length === 0) return /(?!)/g;
  return new RegExp(words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'), 'gi');
}

function spansOf(expression: RegExp, text: string): [start: number, end: number][] {
  const spans: [number, number][] = [];
  for (const { index, 0: found } of text.matchAll(expression)) if (found.length > 0) spans.push([index, index + found.length]);
  return spans;
}

/** Fewer characters are in every text; two Han characters are a word. */
const SHORTEST_SAID = /^(?:.*\p{Script=Han}){2}|^.{4}/su;

function createFindSaid(said: readonly string[]): FindSecrets {
  return findWords([...new Set(said.map((text) => text.trim()))].filter((text) => SHORTEST_SAID.test(text)));
}

/** Spans in order of their beginnings; they may overlap. */
function masked(text: string, found: readonly (readonly [start: number, end: number])[]): string {
  if (found.length === 0) return text;
  const pieces: string[] = [];
  let from = 0;
  for (const [start, end] of found) {
    if (end <= from) continue;
    const at = Math.max(start, from);
    pieces.push(text.slice(from, at), text.slice(at, end).replace(/[^\r\n]/g, '*'));
    from = end;
  }
  return pieces.join('') + text.slice(from);
}

/** Bytes are redacted as Latin-1, which maps each to one character and back. */
export function redactBytes(redact: Redact, bytes: Uint8Array): Uint8Array {
  const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const redacted = Buffer.from(redact(given.toString('latin1')), 'latin1');
  if (redact.expressions.length > 0) maskText(redact.expressions, given, redacted);
  return redacted;
}

/** An expression with characters beyond ASCII is about text: each line that is UTF-8 is read as that too. */
function maskText(expressions: readonly RedactionRule[], given: Buffer, redacted: Buffer): void {
  for (let from = 0; from < given.length; ) {
    const newline = given.indexOf(NEWLINE, from);
    const to = newline < 0 ? given.length : newline;
    const line = given.subarray(from, to);
    if (!isAscii(line) && isUtf8(line)) {
      const text = line.toString();
      for (const { find } of expressions)
        for (const [start, end] of find(text)) {
          const at = from + Buffer.byteLength(text.slice(0, start));
          redacted.fill(0x2a, at, at + Buffer.byteLength(text.slice(start, end)));
        }
    }
    from = to + 1;
  }
}

/** Every string in a JSON value, and every number that is an identity, which then becomes its asterisks. */
export function redactJson(redact: (text: string) => string, value: unknown, redactKey = redact): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'number') {
    const text = String(value);
    const redacted = redact(text);
    return redacted === text ? value : redacted;
  }
  if (Array.isArray(value)) return value.map((item) => redactJson(redact, item, redactKey));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [redactKey(key), redactJson(redact, item, redactKey)]));
}

/**
 * Redacts a byte stream that came in chunks of any size: what is looked for may lie across their borders. Each chunk comes
 * out in order and as long as it was. Stretches end at a line's end, which nothing that is looked for contains.
 */
export function* redactChunks<Chunk extends { bytes: Uint8Array }>(redact: Redact, chunks: Iterable<Chunk>): Generator<Chunk> {
  let held: Chunk[] = [];
  let heldBytes = 0;
  for (const chunk of chunks) {
    held.push(chunk);
    heldBytes += chunk.bytes.byteLength;
    if (heldBytes < STRETCH_BYTES) continue;
    const whole = Buffer.concat(held.map(({ bytes }) => bytes));
    const { redacted, end } = redactStretch(redact, whole);
    const released = withBytes(held, Buffer.concat([redacted.subarray(0, end), whole.subarray(end)]));
    held = [];
    heldBytes = 0;
    let at = 0;
    for (const ready of released) {
      at += ready.bytes.byteLength;
      if (at <= end) yield ready;
      else {
        held.push(ready);
        heldBytes += ready.bytes.byteLength;
      }
    }
  }
  yield* withBytes(held, redactBytes(redact, Buffer.concat(held.map(({ bytes }) => bytes))));
}

/**
 * A stretch of a stream, and how much of it stands whatever comes next: up to the last line's end, or where no line ends, not within
 * what is blacked out and not so late that the end of it may be still to come.
 */
export function redactStretch(redact: Redact, whole: Uint8Array): { redacted: Uint8Array; end: number } {
  const redacted = redactBytes(redact, whole);
  const lineEnd = whole.lastIndexOf(NEWLINE) + 1;
  if (lineEnd > 0) return { redacted, end: lineEnd };
  const isHidden = (at: number) => whole[at] !== redacted[at];
  let end = whole.length - MARGIN_BYTES;
  while (end > 0 && isHidden(end - 1) && isHidden(end)) end--;
  return { redacted, end: end > 0 ? end : whole.length };
}

/** The chunks with their share of `whole` in place of their own bytes. */
function withBytes<Chunk extends { bytes: Uint8Array }>(chunks: readonly Chunk[], whole: Uint8Array): Chunk[] {
  let at = 0;
  return chunks.map((chunk) => {
    const bytes = whole.subarray(at, at + chunk.bytes.byteLength);
    at += chunk.bytes.byteLength;
    return { ...chunk, bytes };
  });
}
