/** After a start, until its log tells what it is called: some are in their Wi-Fi first, and modules in no hurry. */
export const NAMED_MS = 30_000;

/** Whether a board's log names it soon after a start: of one that has been seen to do so, silence tells something. */
export class NamingHabit {
  #firstStartUs = -1;
  #lastStartUs = -1;
  #isKnown = false;

  started(atUs: number): void {
    if (this.#firstStartUs === -1) this.#firstStartUs = atUs;
    this.#lastStartUs = atUs;
  }

  named(atUs: number): void {
    if (this.#lastStartUs !== -1 && atUs <= this.#lastStartUs + NAMED_MS * 1000) this.#isKnown = true;
  }

  get isKnown(): boolean {
    return this.#isKnown;
  }

  hasStartedBefore(atUs: number): boolean {
    return this.#firstStartUs !== -1 && this.#firstStartUs < atUs;
  }
}
