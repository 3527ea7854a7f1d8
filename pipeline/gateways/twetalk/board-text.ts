import { TalkError } from '../../../preload/contract/errors.ts';

import { withoutParameters } from '../../secret-words.ts';

export { asObject, parseObject } from '../../json-object.ts';

/**
 * JSON as the board can read it. Its reader is a scanner, not a parser (reference/twetalk.md §3.8): it counts braces and
 * brackets without looking at quotes, ends a string at the first quote without a backslash before it, decodes no escapes,
 * knows no exponents and reads at most 32 characters of a number. So what would mislead it is replaced inside strings by the
 * full-width character a person reads the same: `{}[]` and the backslash. Control characters become spaces.
 */
export type BoardJson = string | number | boolean | null | readonly BoardJson[] | { readonly [key: string]: BoardJson | undefined };

const NUMBER_CHARACTERS = 32;

const misleading: Record<string, string> = { '{': '｛', '}': '｝', '[': '［', ']': '］', '\\': '＼' };

/** Compact and in raw UTF-8. Throws TalkError 'bad-request' for a key or a number that cannot be written for the board. */
export function encodeForBoard(value: { readonly [key: string]: BoardJson | undefined }): string {
  return encode(value, '$');
}

function encode(value: BoardJson, path: string): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return `"${safeText(value)}"`;
  if (typeof value === 'number') return encodeNumber(value, path);
  if (isList(value)) return `[${value.map((item, index) => encode(item, `${path}[${index}]`)).join(',')}]`;
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    if (key === '' || safeText(key) !== key || key.includes('"')) throw unwritable(`${path}.${key}`, 'key');
    members.push(`"${key}":${encode(member, `${path}.${key}`)}`);
  }
  return `{${members.join(',')}}`;
}

function isList(value: BoardJson): value is readonly BoardJson[] {
  return Array.isArray(value);
}

function encodeNumber(value: number, path: string): string {
  const plain = String(value);
  const text = /e/i.test(plain) ? withoutExponent(value) : plain;
  if (!Number.isFinite(value) || text.length > NUMBER_CHARACTERS) throw unwritable(path, 'number');
  return text;
}

function withoutExponent(value: number): string {
  if (Math.abs(value) >= 1) return Number.isFinite(value) ? BigInt(value).toString() : String(value);
  return value.toFixed(20).replace(/0+$/, '').replace(/\.$/, '');
}

function safeText(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(/[{}[\]\\]/g, (character) => misleading[character] ?? character)
      // A run of them is one pause in a caption, not many.
      .replace(/\p{Cc}+/gu, ' ')
      .replace(/"/g, '\\"')
  );
}

function unwritable(path: string, what: 'key' | 'number'): TalkError {
  return new TalkError('bad-request', { issues: [{ path, message: `${what} cannot be written for the board` }] });
}

/** Makes parsed JSON of any origin (a model's tool arguments) into what `encodeForBoard` takes. */
export function toBoardJson(value: unknown): BoardJson {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(toBoardJson);
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toBoardJson(member)]));
  return null;
}

/** Takes tokens and secrets out of a message before it is recorded or shown. */
export function redact(text: string): string {
  return withoutParameters(text, /^token$/iu)
    .replace(/("(?:token|psk|secret)"\s*:\s*")[^"]*/gi, '$1[redacted]')
    .replace(/(\/ota\/)[0-9a-f]{32}/g, '$1[redacted]');
}
