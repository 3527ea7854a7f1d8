import type { NvsEntry } from '../../../preload/contract/nvs.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { badValue } from '../flash/nvs/value.ts';

/** '$${' is '${' itself; '${name}' is the variable, if it is closed and called like one. */
const reference = /\$\$\{|\$\{([^}]*)(\}?)/g;
const variableName = /^[\w.-]{1,64}$/;

/** Names that the values of `entries` ask for, each once. Throws TalkError 'nvs/bad-value' for what looks like a variable and is none. */
export function variablesOf(entries: readonly NvsEntry[]): string[] {
  const names = new Set<string>();
  for (const entry of entries) {
    fill(entry, (name) => {
      names.add(name);
      return '';
    });
  }
  return [...names];
}

/**
 * Entries with their variables' values. What a variable brings is not looked into again: a password may hold '${'. Throws TalkError
 * 'nvs/missing-variable' {name} and 'nvs/bad-value'.
 */
export function fillVariables(entries: readonly NvsEntry[], variables: ReadonlyMap<string, string>): NvsEntry[] {
  return entries.map((entry) => {
    const value = fill(entry, (name) => {
      const found = variables.get(name);
      if (found === undefined) throw new TalkError('nvs/missing-variable', { name });
      return found;
    });
    return { ...entry, value };
  });
}

function fill(entry: NvsEntry, valueOfVariable: (name: string) => string): string {
  return entry.value.replace(reference, (found: string, name: string | undefined, end: string | undefined) => {
    if (name === undefined) return found.slice(1);
    if (end === '') throw badValue(entry, 'variable-not-closed');
    // The name is not repeated: it may be a piece of a password.
    if (!variableName.test(name)) throw badValue(entry, 'variable-name');
    return valueOfVariable(name);
  });
}
