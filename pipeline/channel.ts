/**
 * A queue between two stages: one side pushes, the other iterates. `drainedBelow` is the back-pressure: a
 * producer that must not run ahead awaits it before it pushes more.
 */
export class Channel<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  readonly #wakeConsumer: (() => void)[] = [];
  #wakeProducer: { limit: number; wake: () => void } | undefined;
  #end: { error?: unknown } | undefined;

  /** Adds an item; ignored once ended. */
  push(item: T): void {
    if (this.#end) return;
    this.#items.push(item);
    this.#wakeConsumer.shift()?.();
  }

  /** No more items; what is queued is still delivered. */
  end(): void {
    this.#finish({});
  }

  /** No more items; the consumer gets `error` after what is queued. */
  fail(error: unknown): void {
    this.#finish({ error });
  }

  /** How many items wait for the consumer. */
  get waiting(): number {
    return this.#items.length;
  }

  /** Resolves when fewer than `limit` items wait, or the consumer has gone. One producer waits at a time. */
  drainedBelow(limit: number): Promise<void> {
    if (this.#items.length < limit || this.#end) return Promise.resolve();
    return new Promise((wake) => {
      this.#wakeProducer = { limit, wake };
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      while (true) {
        const item = this.#items.shift();
        if (item !== undefined) {
          if (this.#wakeProducer && this.#items.length < this.#wakeProducer.limit) this.#releaseProducer();
          yield item;
        } else if (this.#end) {
          if ('error' in this.#end) throw this.#end.error;
          return;
        } else {
          await new Promise<void>((wake) => this.#wakeConsumer.push(wake));
        }
      }
    } finally {
      this.end();
    }
  }

  #finish(end: { error?: unknown }): void {
    this.#end ??= end;
    for (const wake of this.#wakeConsumer.splice(0)) wake();
    this.#releaseProducer();
  }

  #releaseProducer(): void {
    const waiting = this.#wakeProducer;
    this.#wakeProducer = undefined;
    waiting?.wake();
  }
}
