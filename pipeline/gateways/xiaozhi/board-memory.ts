import type { Clock } from '../../../preload/contract/time.ts';
import { Activations } from './activation.ts';

/** Boards told apart; names are the peers' to make up. */
const MOST_BOARDS = 1000;

/** What the bench knows of boards besides the registry. It outlives the gateway: listeners that are opened anew find it as it was. */
export class BoardMemory {
  readonly activations: Activations;
  readonly #languages = new Map<string, 'zh' | 'en'>();

  constructor(clock: Clock) {
    this.activations = new Activations(clock);
  }

  /** As the board's last OTA request said: its channel does not say. */
  languageOf(deviceName: string): 'zh' | 'en' | undefined {
    return this.#languages.get(deviceName);
  }

  rememberLanguage(deviceName: string, language: 'zh' | 'en'): void {
    this.#languages.delete(deviceName);
    this.#languages.set(deviceName, language);
    const oldest = this.#languages.size > MOST_BOARDS ? this.#languages.keys().next().value : undefined;
    if (oldest !== undefined) this.#languages.delete(oldest);
  }
}
