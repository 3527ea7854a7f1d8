import type { FlashJob } from '../../../../preload/contract/flash.ts';

/** A board that was written may format, join and update itself before it says its new name. */
const WRITTEN_US = 300_000_000;

/** What is written through a port while a run lasts: the same board may be called otherwise after that, once. */
export class Writes {
  readonly #newest: () => FlashJob | undefined;
  #jobId: string | undefined;
  #untilUs = -1;
  #mac: string | null = null;

  constructor(newest: () => FlashJob | undefined) {
    this.#newest = newest;
    this.#jobId = newest()?.jobId;
  }

  /** At a time when it may have come to an end. */
  note(atUs: number): void {
    const job = this.#newest();
    if (job === undefined || job.jobId === this.#jobId) return;
    this.#jobId = job.jobId;
    this.#untilUs = atUs + WRITTEN_US;
    this.#mac = job.chip?.mac?.toLowerCase() ?? null;
  }

  /** Whether a name told then may be that of a board that was written; and the MAC that its chip told. */
  at(atUs: number): { mac: string | null } | null {
    return atUs <= this.#untilUs ? { mac: this.#mac } : null;
  }

  /** It has said its name, new or old. */
  spend(): void {
    this.#untilUs = -1;
  }
}
