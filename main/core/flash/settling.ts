import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Log } from '../log.ts';
import type { Provisioner } from './tool.ts';

type Outcome = Parameters<Provisioner['settle']>[0];

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

interface Unsettled {
  owner: Pick<Provisioner, 'settle'>;
  outcome: Outcome;
  waitMs: number;
  cancel: () => void;
}

/**
 * Tells whoever gave a job its device what became of it. What is not taken (a full disk, a locked library, a store that starts anew) is
 * told again, at longer and longer intervals, and once more at the end: until then the device would be neither used nor free.
 */
export class Settling {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #unsettled = new Map<string, Unsettled>();
  #isClosed = false;

  constructor({ clock, log }: { clock: Clock; log: Log }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Resolves when it was tried; never rejects. */
  async settle(jobId: string, owner: Pick<Provisioner, 'settle'>, outcome: Outcome): Promise<void> {
    await this.#try(jobId, { owner, outcome, waitMs: FIRST_WAIT_MS, cancel: () => {} });
  }

  /** Tries what is left a last time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(
      [...this.#unsettled].map(([jobId, unsettled]) => {
        unsettled.cancel();
        return this.#try(jobId, unsettled);
      }),
    );
  }

  async #try(jobId: string, unsettled: Unsettled): Promise<void> {
    const { owner, outcome, waitMs } = unsettled;
    try {
      await owner.settle(outcome);
      if (this.#unsettled.delete(jobId)) this.#log.info({ jobId, outcome }, 'a device was settled after all');
    } catch (err) {
      this.#log.error({ err, jobId, outcome }, 'a device was not settled');
      if (this.#isClosed) return;
      const next = { owner, outcome, waitMs: Math.min(LONGEST_WAIT_MS, waitMs * 2), cancel: () => {} };
      next.cancel = this.#clock.at((this.#clock.nowUs() + waitMs * 1000) as MonoUs, () => void this.#try(jobId, next));
      this.#unsettled.set(jobId, next);
    }
  }
}
