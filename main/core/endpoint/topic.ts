export interface TopicEvents {
  onRestart(): void;
  onFail(error: unknown): void;
}

/**
 * A published stream: numbered deltas after a snapshot. Keeps the newest `retain` deltas so that a client which lost its
 * connection can resume without a new snapshot.
 */
export class Topic<Snapshot, Delta> {
  readonly #snapshot: () => Snapshot;
  readonly #retain: number;
  readonly #listeners = new Set<(delta: Delta, seq: number) => void>();
  readonly #events = new Set<TopicEvents>();
  #recent: Delta[] = [];
  #nextSeq = 0;

  constructor(options: { snapshot: () => Snapshot; retain?: number }) {
    this.#snapshot = options.snapshot;
    this.#retain = options.retain ?? 1024;
  }

  /** The number the next delta will carry. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  snapshot(): Snapshot {
    return this.#snapshot();
  }

  publish(delta: Delta): void {
    const seq = this.#nextSeq++;
    this.#recent.push(delta);
    // Trimmed in halves so that publishing stays O(1) amortised.
    if (this.#recent.length > this.#retain * 2) this.#recent = this.#recent.slice(-this.#retain);
    for (const listener of this.#listeners) listener(delta, seq);
  }

  /** Deltas from `fromSeq` on, or null when they are no longer held (or never were ours): take a snapshot instead. */
  since(fromSeq: number): Delta[] | null {
    const missing = this.#nextSeq - fromSeq;
    if (missing < 0 || missing > this.#recent.length) return null;
    return missing === 0 ? [] : this.#recent.slice(-missing);
  }

  /** The snapshot is about something else now: everybody gets it anew. */
  restart(): void {
    for (const { onRestart } of [...this.#events]) onRestart();
  }

  /** There will be no more, because of `error`: subscriptions end with it. */
  fail(error: unknown): void {
    for (const { onFail } of [...this.#events]) onFail(error);
  }

  listen(listener: (delta: Delta, seq: number) => void, events?: TopicEvents): () => void {
    this.#listeners.add(listener);
    if (events !== undefined) this.#events.add(events);
    return () => {
      this.#listeners.delete(listener);
      if (events !== undefined) this.#events.delete(events);
    };
  }
}
