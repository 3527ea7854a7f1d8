/** Parsed JSON as an object; null when it is anything else. */
export function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}

/** A member that is to be a short word, as it may be shown. `String` of what a peer sent throws where that has a `toString` of its own. */
export function wordOf(value: unknown, mostCharacters: number): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value).slice(0, mostCharacters)
    : value === undefined
      ? '?'
      : `(${value === null ? 'null' : typeof value})`;
}

/** Where boards write text, numbers or either; empty for anything else, which `String` and `Number` may throw at (see `wordOf`). */
export function textOrNumber(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** No message of any protocol here is nested deeper than 8; whatever walks a value by recursion must survive what a peer sends. */
const DEEPEST = 32;

/** Parsed as an object, or null when it is none or is nested beyond reason. `JSON.parse` that cannot throw. */
export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value = asObject(JSON.parse(text));
    return isWithin(value, DEEPEST) ? value : null;
  } catch {
    return null;
  }
}

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((member) => isWithin(member, levels - 1));
}
