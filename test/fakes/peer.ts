import type { ConversationMessage, ConversationPeer } from '../../pipeline/conversation.ts';
import type { LlmTool } from '../../pipeline/engines/llm/engine.ts';
import { TalkError } from '../../preload/contract/errors.ts';
import type { Clock } from '../../preload/contract/time.ts';

export type ToolBehaviour = (parameters: Record<string, unknown>, signal: AbortSignal) => Promise<unknown>;

/** `start` and `stop` messages that must alternate. */
const pairs = {
  'bot-thinking-started': { pair: 'thinking', isStart: true },
  'bot-thinking-stopped': { pair: 'thinking', isStart: false },
  'bot-voice-started': { pair: 'voice', isStart: true },
  'bot-voice-stopped': { pair: 'voice', isStart: false },
  'bot-started-speaking': { pair: 'speaking', isStart: true },
  'bot-stopped-speaking': { pair: 'speaking', isStart: false },
  'user-stopped-speaking': { pair: 'user', isStart: false },
} as const;

/**
 * A board that checks what it is sent, as a strict one would: audio only between bot-started-speaking and
 * bot-stopped-speaking, media time in order and never two packets for one moment, a caption before the audio, start and
 * stop in turns. A violation is kept, and thrown by `assertSound`.
 */
export class FakePeer implements ConversationPeer {
  readonly packets: { atUs: number; mediaUs: number; bytes: Uint8Array }[] = [];
  readonly messages: (ConversationMessage & { atUs: number })[] = [];
  readonly toolCalls: { name: string; parameters: Record<string, unknown> }[] = [];
  readonly violations: string[] = [];
  closedWith: string | undefined;
  /** What `bufferedBytes` answers. */
  buffered = 0;
  /** Called with each message and packet, inside the call: for tests that interrupt at every step. */
  onStep: ((what: string) => void) | undefined;
  readonly #clock: Clock;
  readonly #frameUs: number;
  readonly #tools: ReadonlyMap<string, ToolBehaviour>;
  readonly #running = new Set<string>();
  #hasCaption = false;

  constructor(clock: Clock, options: { frameMs?: number; tools?: Record<string, ToolBehaviour> } = {}) {
    this.#clock = clock;
    this.#frameUs = (options.frameMs ?? 60) * 1000;
    this.#tools = new Map(Object.entries(options.tools ?? {}));
  }

  sendAudio(packet: Uint8Array, mediaUs: number): void {
    const last = this.packets.at(-1);
    if (this.closedWith !== undefined) this.violations.push('audio after close');
    if (!this.#running.has('speaking')) this.violations.push('audio while the bot is not speaking');
    if (last && mediaUs < last.mediaUs + this.#frameUs) this.violations.push(`packets overlap in media time at ${mediaUs}`);
    this.packets.push({ atUs: this.#clock.nowUs(), mediaUs, bytes: packet });
    this.onStep?.('audio');
  }

  bufferedBytes(): number {
    return this.buffered;
  }

  tell(message: ConversationMessage): void {
    if (this.closedWith !== undefined) this.violations.push(`${message.kind} after close`);
    this.messages.push({ ...message, atUs: this.#clock.nowUs() });
    if (message.kind === 'bot-sentence') this.#hasCaption = true;
    if (message.kind === 'bot-started-speaking' && !this.#hasCaption) this.violations.push('speaking before a caption');
    if (message.kind === 'bot-stopped-speaking') this.#hasCaption = false;
    if (message.kind === 'user-started-speaking') this.#running.add('user');
    const pairing = Object.hasOwn(pairs, message.kind) ? pairs[message.kind as keyof typeof pairs] : undefined;
    if (pairing && this.#running.has(pairing.pair) === pairing.isStart) this.violations.push(`${message.kind} out of turn`);
    if (pairing?.isStart) this.#running.add(pairing.pair);
    else if (pairing) this.#running.delete(pairing.pair);
    this.onStep?.(message.kind);
  }

  tools(): readonly LlmTool[] {
    return [...this.#tools.keys()].map((name) => ({ name, description: name, parameters: { type: 'object' } }));
  }

  callTool(name: string, parameters: Record<string, unknown>, signal: AbortSignal): Promise<unknown> {
    this.toolCalls.push({ name, parameters });
    this.onStep?.('tool');
    const behaviour = this.#tools.get(name);
    if (!behaviour) return Promise.reject(new TalkError('tool/failed', { name, code: 404, status: 'no such tool' }));
    return behaviour(parameters, signal);
  }

  close(reason: string): void {
    if (this.closedWith !== undefined) this.violations.push('closed twice');
    this.closedWith = reason;
  }

  /** Kinds of the messages so far, in order. */
  get told(): string[] {
    return this.messages.map(({ kind }) => kind);
  }

  assertSound(): void {
    if (this.violations.length > 0) throw new Error(this.violations.join('; '));
    if (this.closedWith !== undefined && this.#running.has('speaking')) throw new Error('closed without bot-stopped-speaking');
  }
}
