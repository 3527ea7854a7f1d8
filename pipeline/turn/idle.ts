import type { ConversationSettings } from '../../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import type { Telling } from './telling.ts';

export interface IdleOptions {
  clock: Clock;
  /** As they stand when the silence begins. */
  settings: () => ConversationSettings['conversation'];
  telling: Telling;
  /** What reminder `retry`, from 1, says; empty: nothing. */
  text(retry: number): string;
  /** Says it, which suspends the detection until it has been heard. */
  say(text: string): void;
  /** The last reminder was not answered either. */
  end(): void;
}

/** Why nobody is expected to speak: somebody does, a tool runs, the board plays music, or there is no conversation yet. */
export type IdleSuspension = 'turn' | 'tool' | 'board' | 'closed';

/**
 * Counts the silence in which the user could speak (seed 002 IdleDetection; reference/voice.md §3.2 rule 12): from the
 * estimated end of the reply's playing on, and anew with each reminder. It stands still while anything suspends it.
 */
export class IdleDetection {
  readonly #options: IdleOptions;
  readonly #suspensions = new Set<IdleSuspension>(['closed']);
  #cancel: (() => void) | undefined;
  #reminders = 0;
  #runningTools = 0;

  constructor(options: IdleOptions) {
    this.#options = options;
  }

  suspend(why: IdleSuspension): void {
    this.#suspensions.add(why);
    this.#disarm();
  }

  resume(why: IdleSuspension): void {
    if (this.#suspensions.delete(why) && this.#suspensions.size === 0) this.#arm();
  }

  /** Tools run until `settled`: they outlive the turn that called them. */
  toolsRun(settled: Promise<unknown>): void {
    this.#runningTools += 1;
    this.suspend('tool');
    void settled.finally(() => {
      this.#runningTools -= 1;
      if (this.#runningTools === 0) this.resume('tool');
    });
  }

  /** The user is there: reminders count from 1 again. */
  heard(): void {
    this.#reminders = 0;
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): void {
    const { clock, settings } = this.#options;
    const { isIdleDetected, idleTimeoutS } = settings();
    this.#disarm();
    if (isIdleDetected) this.#cancel = clock.at((clock.nowUs() + idleTimeoutS * 1_000_000) as MonoUs, () => this.#silence());
  }

  #silence(): void {
    this.#cancel = undefined;
    const { settings, text, say, end } = this.#options;
    if (this.#reminders >= settings().idleMaxRetries) {
      this.#tell(0, '');
      end();
      return;
    }
    this.#reminders += 1;
    const reminder = text(this.#reminders).trim();
    this.#tell(this.#reminders, reminder);
    // Whoever was told may have begun something in the same call.
    if (this.#suspensions.size > 0) return;
    if (reminder !== '') say(reminder);
    // Without a text nothing plays, and the next silence begins at once.
    if (this.#suspensions.size === 0 && !this.#cancel) this.#arm();
  }

  #tell(retry: number, text: string): void {
    this.#options.telling.event({ kind: 'conversation.idle', retry, text });
    this.#options.telling.message({ kind: 'idle', retry });
  }
}
