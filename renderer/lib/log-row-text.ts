import type { LogRow } from '../../preload/contract/logs.ts';
import type { LogBytesMode } from './log-columns.ts';
import type { TextMark } from './text-spans.ts';

/** As much of a line as the widest window can show. A board can print megabytes without a line feed. */
export const shownCharacters = 700;
/** Of a line whose match is farther right than any window is wide, this much before the match. */
const beforeMatch = 60;
const surelySeen = 100;

export interface ShownText {
  text: string;
  /** The board's own colours over `text`, named `sgr31`. */
  colours: TextMark[];
}

/**
 * The text of a row as it stands in its line of the list: its beginning, or where that is far from it, the place where `find`
 * matches. Control characters become their pictures, so that every character takes its place.
 */
export function shownText(row: LogRow, mode: LogBytesMode, part: 'message' | 'line', find: RegExp | null): ShownText {
  if (mode !== 'text' && row.raw.length > 0)
    return { text: mode === 'hex' ? hexText(row.raw, shownCharacters / 3) : mixedText(row.raw, shownCharacters), colours: [] };
  const whole = part === 'line' ? row.text : row.message;
  // Colours are positions in the whole line; the message is its end.
  const prefix = part === 'message' && row.text.endsWith(row.message) ? row.text.length - row.message.length : 0;
  const from = cutFrom(whole, find);
  const shift = prefix + from - (from > 0 ? 1 : 0);
  const end = whole.length > from + shownCharacters ? '…' : '';
  const text = printable(`${from > 0 ? '…' : ''}${whole.slice(from, from + shownCharacters)}${end}`);
  return { text, colours: (row.colours ?? []).map(([start, stop, code]) => [start - shift, stop - shift, `sgr${code}`]) };
}

function cutFrom(text: string, find: RegExp | null): number {
  if (find === null || text.length <= surelySeen) return 0;
  find.lastIndex = 0;
  const match = find.exec(text);
  find.lastIndex = 0;
  return match === null || match.index + match[0].length <= surelySeen || match[0] === '' ? 0 : Math.max(0, match.index - beforeMatch);
}

/** One for one, so that positions stay. A tab stays a tab; what has no picture becomes the character for what cannot be shown. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => {
    const code = character.charCodeAt(0);
    if (code === 0x09) return character;
    return code === 0x7f ? '\u2421' : code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
  });
}

const hexOf: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** `0d 0a`; of more than `limit` bytes the first, and an ellipsis. */
export function hexText(bytes: Uint8Array, limit = Number.POSITIVE_INFINITY): string {
  let text = '';
  const end = Math.min(bytes.length, Math.floor(limit));
  for (let at = 0; at < end; at++) text += at === 0 ? hexOf[bytes[at] ?? 0] : ` ${hexOf[bytes[at] ?? 0]}`;
  return end < bytes.length ? `${text} …` : text;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Bytes as a programmer writes them in a string: printable ASCII and whole UTF-8 characters as text, the others as `\xNN`. */
export function mixedText(bytes: Uint8Array, limit = Number.POSITIVE_INFINITY): string {
  let text = '';
  let at = 0;
  while (at < bytes.length && text.length < limit) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x20 && byte < 0x7f) {
      text += byte === 0x5c ? '\\\\' : String.fromCharCode(byte);
      at++;
      continue;
    }
    const length = characterBytes(bytes, at);
    text += length > 0 ? decoder.decode(bytes.subarray(at, at + length)) : `\\x${hexOf[byte]}`;
    at += Math.max(1, length);
  }
  return at < bytes.length ? `${text}…` : text;
}

/** Length of the printable character beyond ASCII that begins at `at`, or 0. */
function characterBytes(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  const length = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length === 0 || lead >= 0xf5 || at + length > bytes.length) return 0;
  try {
    const text = decoder.decode(bytes.subarray(at, at + length));
    return /\p{C}|\p{Z}/u.test(text) ? 0 : length;
  } catch {
    return 0;
  }
}

/** `09:30:05.250`, in the reader's zone. */
export function clockText(wallMs: number): string {
  const at = new Date(wallMs);
  const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
  const ms = at.getMilliseconds();
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}`;
}

/** Seconds since the row above: `+0.012`. */
export function deltaText(us: number): string {
  return `${us < 0 ? '−' : '+'}${(Math.abs(us) / 1_000_000).toFixed(3)}`;
}
