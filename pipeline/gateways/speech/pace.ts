import type { Clock, MonoUs } from '../../../preload/contract/time.ts';

/** Until the first audio of a stream that may begin whenever it likes. */
const FIRST_AUDIO_US = 60_000_000;

export interface PaceOptions {
  clock: Clock;
  /** 0: as fast as it likes. */
  maxAheadMs: number;
  /** 0: as late as it likes. */
  maxGapMs: number;
  /** Told once; afterwards the rule is off. */
  onBroken(how: 'too-fast' | 'no-audio'): void;
}

/** The document's rule: audio at 1:1 of real time, and never 6 s without any. */
export class PaceRule {
  readonly #options: PaceOptions;
  #firstUs: number | null = null;
  #heardMs = 0;
  #cancelGap: (() => void) | undefined;
  #isOver = false;

  constructor(options: PaceOptions) {
    this.#options = options;
    if (options.maxGapMs > 0) this.#wait(Math.max(FIRST_AUDIO_US, options.maxGapMs * 1000));
  }

  /** A packet of so much audio has come; false when it breaks the rule. */
  heard(durationMs: number): boolean {
    if (this.#isOver) return false;
    const { clock, maxAheadMs, maxGapMs } = this.#options;
    const nowUs = clock.nowUs();
    this.#firstUs ??= nowUs;
    this.#heardMs += durationMs;
    const aheadMs = this.#heardMs - (nowUs - this.#firstUs) / 1000;
    if (maxAheadMs > 0 && aheadMs > maxAheadMs) {
      this.#break('too-fast');
      return false;
    }
    if (maxGapMs > 0) this.#wait(maxGapMs * 1000);
    return true;
  }

  /** No more audio is expected. */
  close(): void {
    this.#isOver = true;
    this.#cancelGap?.();
  }

  #wait(us: number): void {
    const { clock } = this.#options;
    this.#cancelGap?.();
    this.#cancelGap = clock.at((clock.nowUs() + us) as MonoUs, () => this.#break('no-audio'));
  }

  #break(how: 'too-fast' | 'no-audio'): void {
    if (this.#isOver) return;
    this.close();
    this.#options.onBroken(how);
  }
}
