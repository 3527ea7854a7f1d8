import { asObject } from '../../../../pipeline/json-object.ts';

/**
 * One object of a configuration, read without regard to the case of its keys: TWeTalk writes ApiKey, TRTC APIKey. Knows which of them were
 * asked for, so that the others can be said.
 */
export class ConfigBlock {
  readonly path: string;
  readonly #entries: Map<string, [name: string, value: unknown]>;
  readonly #asked = new Set<string>();

  constructor(path: string, ...objects: readonly Readonly<Record<string, unknown>>[]) {
    this.path = path;
    const entries = objects.flatMap((object) => Object.entries(object));
    this.#entries = new Map(entries.map(([name, value]) => [name.toLowerCase(), [name, value]]));
  }

  /** The value under the first of these names that has one; null and an empty text are none. */
  get(...names: readonly string[]): unknown {
    let found: unknown;
    for (const name of names) {
      const key = name.toLowerCase();
      this.#asked.add(key);
      const value = this.#entries.get(key)?.[1];
      if (found === undefined && value !== null && value !== '') found = value;
    }
    return found;
  }

  /** Numbers may be text. */
  number(...names: readonly string[]): number | undefined {
    const value = this.get(...names);
    const number = typeof value === 'string' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
  }

  text(...names: readonly string[]): string | undefined {
    const value = this.get(...names);
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
  }

  flag(...names: readonly string[]): boolean | undefined {
    const value = this.get(...names);
    if (value === 'true' || value === 1 || value === '1') return true;
    if (value === 'false' || value === 0 || value === '0') return false;
    return typeof value === 'boolean' ? value : undefined;
  }

  /** An object, or JSON of one in a text; an empty block when there is none. */
  block(name: string): ConfigBlock {
    return new ConfigBlock(`${this.path === '' ? '' : `${this.path}.`}${name}`, objectOf(this.get(name)) ?? {});
  }

  /** The block with what stands in its `Config` beside it. */
  withConfig(): ConfigBlock {
    const outer = [...this.#entries.values()].map(([name, value]) => [name, value] as const);
    return new ConfigBlock(this.path, Object.fromEntries(outer), objectOf(this.get('Config')) ?? {});
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** Names that nobody asked for. */
  unasked(): string[] {
    return [...this.#entries].filter(([key]) => !this.#asked.has(key)).map(([, [name]]) => name);
  }
}

export function objectOf(value: unknown): Record<string, unknown> | null {
  if (typeof value !== 'string') return asObject(value);
  try {
    return asObject(JSON.parse(value));
  } catch {
    return null;
  }
}
