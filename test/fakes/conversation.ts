import type { Conversation, ConversationOptions, ConversationPeer, StartConversation } from '../../pipeline/conversation.ts';
import type { MonoUs } from '../../preload/contract/time.ts';

/**
 * A conversation that records what a gateway does with it and lets a test speak through the peer. It is strict: a gateway
 * that uses it after its end, or ends it twice, is wrong and is told so.
 */
export class FakeConversation implements Conversation {
  readonly options: ConversationOptions;
  readonly peer: ConversationPeer;
  readonly packets: { packet: Uint8Array; receivedUs: MonoUs }[] = [];
  readonly texts: { text: string; initiator: 'user-text' | 'injected'; isSpoken: boolean }[] = [];
  readonly said: string[] = [];
  readonly interruptions: string[] = [];
  readonly images: { data: Uint8Array; mediaType: string; question?: string }[] = [];
  readonly listens: ('start' | 'stop')[] = [];
  readonly idleDetections: boolean[] = [];
  readonly playouts: { kind: 'audible' | 'silent'; atUs: MonoUs; source: 'device' | 'echo' }[] = [];
  readonly closed: Promise<void>;
  closeReason: string | null = null;
  /** Sends every packet straight back, as a bench for the transport alone. */
  isEchoing = false;
  onPacket: (packet: Uint8Array) => void = () => {};
  #resolveClosed: () => void = () => {};
  #echoedUs = 0;

  constructor(options: ConversationOptions, peer: ConversationPeer) {
    this.options = options;
    this.peer = peer;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  get conversationId(): string {
    return this.options.conversationId;
  }
  get state(): 'idle' | 'listening' {
    return this.closeReason === null ? 'listening' : 'idle';
  }

  uplink(packet: Uint8Array, receivedUs: MonoUs): void {
    this.#mustBeOpen('uplink');
    this.packets.push({ packet, receivedUs });
    if (this.isEchoing) {
      this.peer.sendAudio(packet, this.#echoedUs);
      this.#echoedUs += this.options.downlink.frameMs * 1000;
    }
    this.onPacket(packet);
  }
  text(text: string, options: { initiator: 'user-text' | 'injected'; isSpoken: boolean }): void {
    this.#mustBeOpen('text');
    this.texts.push({ text, ...options });
  }
  say(text: string): void {
    this.#mustBeOpen('say');
    this.said.push(text);
  }
  image(image: { data: Uint8Array; mediaType: string }, question?: string): void {
    this.#mustBeOpen('image');
    this.images.push({ ...image, ...(question !== undefined && { question }) });
  }
  listen(state: 'start' | 'stop'): void {
    this.#mustBeOpen('listen');
    this.listens.push(state);
  }
  setIdleDetection(isOn: boolean): void {
    this.#mustBeOpen('setIdleDetection');
    this.idleDetections.push(isOn);
  }
  interrupt(reason: string): void {
    this.#mustBeOpen('interrupt');
    this.interruptions.push(reason);
  }
  playout(report: { kind: 'audible' | 'silent'; atUs: MonoUs; source: 'device' | 'echo' }): void {
    this.playouts.push(report);
  }
  close(reason: string): void {
    this.#mustBeOpen('close');
    this.closeReason = reason;
    this.#resolveClosed();
  }

  #mustBeOpen(use: string): void {
    if (this.closeReason !== null) throw new Error(`${use} after the conversation was closed: ${this.closeReason}`);
  }
}

/** A StartConversation that makes fakes and keeps them in `started`. */
export function fakeConversations(prepare: (conversation: FakeConversation) => void = () => {}): {
  start: StartConversation;
  started: FakeConversation[];
  next(): Promise<FakeConversation>;
} {
  const started: FakeConversation[] = [];
  const waiting: ((conversation: FakeConversation) => void)[] = [];
  return {
    started,
    start(options, peer) {
      const conversation = new FakeConversation(options, peer);
      started.push(conversation);
      prepare(conversation);
      waiting.shift()?.(conversation);
      return conversation;
    },
    /** The one that starts next. Ask before causing it. */
    next: () => new Promise((resolve) => waiting.push(resolve)),
  };
}
