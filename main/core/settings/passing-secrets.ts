/** Each is looked for in everything that is saved; what boards and backends make up is no end of them. */
const MOST_PASSING = 1000;

/**
 * The kept secrets, and those that only pass through: a Wi-Fi password is stored nowhere, but the board it was given to prints it,
 * and what the monitor saves or exports must not have it. A kept one that is replaced or removed is one of these from then on: sessions
 * recorded before have it. For as long as this process lives, and the newest thousand of them.
 */
export class PassingSecrets {
  readonly #kept: () => Promise<readonly string[]>;
  readonly #passing = new Set<string>();
  /** The kept ones as they were when somebody last asked. */
  #known: readonly string[] = [];
  #from: readonly string[] | null = null;
  #all: readonly string[] = [];

  constructor(kept: () => Promise<readonly string[]>) {
    this.#kept = kept;
  }

  add(secret: string): void {
    if (secret === '' || this.#passing.has(secret)) return;
    this.#passing.add(secret);
    const [oldest] = this.#passing;
    if (this.#passing.size > MOST_PASSING && oldest !== undefined) this.#passing.delete(oldest);
    this.#from = null;
  }

  /** The same array until they change: who looks for them prepares for an array once. */
  async values(): Promise<readonly string[]> {
    const kept = await this.#kept();
    if (kept !== this.#from) {
      if (kept !== this.#known) {
        const now = new Set(kept);
        for (const secret of this.#known) if (!now.has(secret)) this.add(secret);
        this.#known = kept;
      }
      this.#from = kept;
      this.#all = this.#passing.size === 0 ? kept : [...kept, ...this.#passing];
    }
    return this.#all;
  }
}
