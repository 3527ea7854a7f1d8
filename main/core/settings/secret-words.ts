/** What a name ends in whose value is a secret by itself, whatever number follows: not `token_type`, `psk_len` or `private_mode`, nor a compass. */
const secretWord =
  /(?:passw(?:or)?d?|passphrase|(?<!com|by)pass|pass_?code|pswd|psw|pwd|psk|pmk|secret|token|key|private|credential)s?[_.-]?\d{0,3}$/i;
/** Shorter ones are words of other texts as often as not. */
const SECRET_CHARACTERS = 8;
const DEEPEST = 8;

/**
 * Whether a value is worth remembering as a secret, by its name: it is looked for in all that is saved from then on, and what is no secret
 * makes that unreadable. Stricter than what is hidden where it stands (flash/nvs/secret-names.ts).
 */
export function isRemembered(name: string, value: string): boolean {
  return value.length >= SECRET_CHARACTERS && secretWord.test(name);
}

/** Of what somebody else's JSON says, in objects, or JSON in strings: the values that are secrets by their names. A masked one is none. */
export function* secretsIn(value: unknown, name = '', depth = 0): Iterable<string> {
  if (depth > DEEPEST) return;
  if (typeof value === 'object' && value !== null) {
    for (const [key, inside] of Object.entries(value)) yield* secretsIn(inside, Array.isArray(value) ? name : key, depth + 1);
  } else if (typeof value === 'string') {
    const inner = /^\s*[{[]/.test(value) ? parsed(value) : undefined;
    if (inner !== undefined) yield* secretsIn(inner, name, depth + 1);
    else if (isRemembered(name, value) && !value.includes('**')) yield value;
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
