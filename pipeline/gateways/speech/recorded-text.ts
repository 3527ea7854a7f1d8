import { asObject } from '../../json-object.ts';

/** A message longer than this is recorded cut, with its length. */
const LONGEST_RECORDED = 16_384;
const HIDDEN = '[redacted]';

/** A message as it may be recorded: its token taken out however it is spelt, a very long one cut. */
export function recordedText(text: string): { text: string; note?: string } {
  const plain = withoutToken(text);
  if (plain.length <= LONGEST_RECORDED) return { text: plain };
  return { text: plain.slice(0, LONGEST_RECORDED), note: `cut: ${plain.length} characters` };
}

function withoutToken(text: string): string {
  if (!/token|\\u/iu.test(text)) return text;
  try {
    const message = asObject(JSON.parse(text));
    if (message !== null && Object.keys(message).some(isTokenKey))
      return JSON.stringify(Object.fromEntries(Object.entries(message).map(([key, value]) => [key, isTokenKey(key) ? HIDDEN : value])));
  } catch {
    // What is no JSON may still hold one.
  }
  return text.replace(/(token["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"?|[^\s,}&]+)/giu, `$1${HIDDEN}`);
}

function isTokenKey(key: string): boolean {
  return /token/iu.test(key);
}
