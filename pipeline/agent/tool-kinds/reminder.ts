import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Tool } from '../tools.ts';

const MOST_PENDING = 20;
const LONGEST_S = 86_400;

export interface ReminderOptions {
  name: string;
  language: 'zh' | 'en';
  clock: Clock;
  /** Reminders live as long as the conversation. */
  signal: AbortSignal;
  /** To be said. */
  onDue(text: string): void;
}

/** The reminders of one conversation. */
export class Reminders {
  readonly #pending = new Set<() => void>();

  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', () => {
      for (const cancel of this.#pending) cancel();
      this.#pending.clear();
    });
  }

  tool({ name, language, clock, signal, onDue }: ReminderOptions): Tool {
    return {
      definition: {
        name,
        description: 'Reminds the user of something after a while, within this conversation. 过一段时间提醒用户，仅在本次对话内有效。',
        parameters: {
          type: 'object',
          properties: {
            text: { type: 'string', minLength: 1, maxLength: 200, description: 'What to remind of.' },
            delay_seconds: { type: 'integer', minimum: 1, maximum: LONGEST_S, description: 'Seconds from now.' },
          },
          required: ['text', 'delay_seconds'],
        },
      },
      isReadOnly: false,
      timeoutMs: 1000,
      run: async ({ text, delay_seconds: delayS }) => {
        if (this.#pending.size >= MOST_PENDING) throw new TalkError('tool/failed', { name, code: 'too-many', status: `${MOST_PENDING}` });
        signal.throwIfAborted();
        const cancel = clock.at((clock.nowUs() + Number(delayS) * 1_000_000) as MonoUs, () => {
          this.#pending.delete(cancel);
          onDue(language === 'zh' ? `提醒你：${text}` : `A reminder: ${text}`);
        });
        this.#pending.add(cancel);
        return { status: 'ok', dueInSeconds: delayS };
      },
    };
  }
}
