import type { Conversation } from '../../conversation.ts';

/** Something the backend wants said or asked. */
export interface Push {
  kind: 'say' | 'ask';
  text: string;
  /** May cut what is going on. */
  isInterrupting: boolean;
  /** Where it may not: waits for the end of what is going on, or is dropped. */
  isKept: boolean;
  /** The task ends when it has been said. */
  isLast: boolean;
}

const MOST_WAITING = 20;

/** ServerPushText and InvokeLLM: said at once, kept until nobody speaks, or dropped, as they ask. */
export class Pushes {
  readonly #conversation: () => Conversation | null;
  readonly #waiting: Push[] = [];
  #last: 'none' | 'to-begin' | 'running' = 'none';
  #lastTurnId: number | null = null;

  constructor(conversation: () => Conversation | null) {
    this.#conversation = conversation;
  }

  /** What became of it. */
  take(push: Push): 'said' | 'kept' | 'dropped' {
    const conversation = this.#conversation();
    if (conversation === null) return 'dropped';
    const isQuiet = conversation.state === 'listening' || conversation.state === 'idle';
    if (push.isInterrupting || isQuiet) {
      this.#say(conversation, push);
      return 'said';
    }
    if (!push.isKept || this.#waiting.length >= MOST_WAITING) return 'dropped';
    this.#waiting.push(push);
    return 'kept';
  }

  /** The user interrupted: what waited is not said any more. */
  clear(): void {
    this.#waiting.length = 0;
  }

  /** Nobody speaks. Not within the call that made it so. */
  quiet(): void {
    if (this.#waiting.length === 0) return;
    queueMicrotask(() => {
      const conversation = this.#conversation();
      if (conversation === null || conversation.state !== 'listening') return;
      const push = this.#waiting.shift();
      if (push !== undefined) this.#say(conversation, push);
    });
  }

  turnStarted(turnId: number, initiator: string): void {
    if (this.#last !== 'to-begin' || initiator !== 'injected') return;
    this.#last = 'running';
    this.#lastTurnId = turnId;
  }

  /** Whether what was to be the last has been said. */
  isOver(turnId: number): boolean {
    return this.#last === 'running' && this.#lastTurnId === turnId;
  }

  #say(conversation: Conversation, { kind, text, isLast }: Push): void {
    if (isLast) this.#last = 'to-begin';
    if (kind === 'say') conversation.say(text);
    else conversation.text(text, { initiator: 'injected', isSpoken: true });
  }
}
