/** The closing half every transport shares: listeners hear of it exactly once, late ones at once. */
export class Closing {
  readonly #listeners = new Set<(reason: string) => void>();
  #reason: string | null = null;

  get isClosed(): boolean {
    return this.#reason !== null;
  }

  /** Returns whether this was the call that closed. */
  close(reason: string): boolean {
    if (this.#reason !== null) return false;
    this.#reason = reason;
    for (const listener of this.#listeners) listener(reason);
    this.#listeners.clear();
    return true;
  }

  onClose(listener: (reason: string) => void): void {
    if (this.#reason !== null) listener(this.#reason);
    else this.#listeners.add(listener);
  }
}
