const keyName = /(?:key|secret|token|password|signature|credential|authorization|usersig)$/iu;
const keyInAddress = /([?&#;][\w.-]{0,60}(?:key|secret|token|password|sig|signature|auth)=)[^&#;\s]*/giu;
const TAKEN_OUT = '[redacted]';
const DEEPEST = 16;

/**
 * A request or reply as it may be shown and recorded: what is called a key is taken out, also in JSON that stands in a text, as LLMConfig
 * does. What is nested beyond reason is left out.
 */
export function withoutKeys(value: unknown, depth = 0): unknown {
  if (depth > DEEPEST) return '…';
  if (typeof value === 'string') return withoutKeysInText(value, depth);
  if (Array.isArray(value)) return value.map((item) => withoutKeys(item, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      keyName.test(name) && member !== '' && (typeof member === 'string' || typeof member === 'number')
        ? TAKEN_OUT
        : withoutKeys(member, depth + 1),
    ]),
  );
}

function withoutKeysInText(text: string, depth: number): string {
  if (!/^\s*[{[]/u.test(text)) return text.replace(keyInAddress, `$1${TAKEN_OUT}`);
  try {
    return JSON.stringify(withoutKeys(JSON.parse(text), depth + 1));
  } catch {
    // No JSON, and so nothing whose names tell what is a key.
    return text.replace(/("[^"]*(?:key|secret|token|password|usersig)"\s*:\s*")[^"]*/giu, `$1${TAKEN_OUT}`);
  }
}
