import type { CallName, CallReply, CallRequest, StreamDelta, StreamName, StreamRequest, StreamSnapshot } from './index.ts';
import { MAX_CALL_BYTES, PROTOCOL_VERSION, STREAM_CREDIT_ITEMS } from './protocol.ts';
import { approximateBytes } from './size.ts';
import { TalkError } from './talk-error.ts';
import type { ClientTransport, ServerFrame, Welcome } from './wire.ts';

/**
 * Who consumes a stream. Callbacks run one at a time, in order: while one's promise is pending the next waits, and the
 * server is asked for more only when it has resolved.
 */
export interface StreamObserver<Name extends StreamName> {
  /** The whole state: first, and again whenever deltas were lost. `seq` is the number of the delta that follows it. */
  onSnapshot(snapshot: StreamSnapshot<Name>, seq: number): void | Promise<void>;
  /** `nextSeq` is what to resume from after these; it exceeds `firstSeq + items.length` where a filter left some out. */
  onDelta(items: StreamDelta<Name>[], firstSeq: number, nextSeq: number): void | Promise<void>;
  /** So many deltas will never come; a fresh snapshot follows. */
  onDropped?(count: number): void;
  /** The server ended the stream: with an error, or because it has no more to say. Not called for `unsubscribe` or a lost transport. */
  onEnd?(error: TalkError | null): void;
}

export interface SubscribeOptions {
  /** Resume here instead of taking a snapshot, where the server still can. Only within one `coreEpoch`. */
  fromSeq?: number;
  creditItems?: number;
}

/** One connection to a core. Every failure of a call is a TalkError. */
export interface Client {
  /** What the core said of itself; rejects with `disconnected` when the transport closed first. */
  readonly welcome: Promise<Welcome>;
  /** @throws TalkError the handler's own, or `cancelled` | `disconnected` | `too-large` | `bad-request` | `forbidden` | `internal` */
  call<Name extends CallName>(name: Name, body: CallRequest<Name>, options?: { signal?: AbortSignal }): Promise<CallReply<Name>>;
  /** Returns its unsubscribe; after that no callback runs, not even for what had already arrived. */
  subscribe<Name extends StreamName>(
    name: Name,
    body: StreamRequest<Name>,
    observer: StreamObserver<Name>,
    options?: SubscribeOptions,
  ): () => void;
  /** A call whose outcome nobody waits for; failures stand in the core's log only. */
  send<Name extends CallName>(name: Name, body: CallRequest<Name>): void;
  /** Runs at once when already closed. Returns its unregister. */
  onClose(listener: (reason: string) => void): () => void;
  close(): void;
}

interface PendingCall {
  resolve(body: unknown): void;
  reject(error: TalkError): void;
}

type StreamFrame = Extract<ServerFrame, { t: 'snapshot' | 'deltas' | 'dropped' | 'end' }>;

export function createClient(transport: ClientTransport): Client {
  const calls = new Map<number, PendingCall>();
  const subscriptions = new Map<number, Subscription>();
  const closeListeners = new Set<(reason: string) => void>();
  const welcome = Promise.withResolvers<Welcome>();
  // A client whose owner never asks for the welcome must not turn a lost connection into an unhandled rejection.
  welcome.promise.catch(() => undefined);
  let closedBecause: string | null = null;
  let nextId = 0;

  function receive(frame: ServerFrame): void {
    switch (frame.t) {
      case 'welcome':
        welcome.resolve(frame);
        break;
      case 'reply':
        takeCall(frame.id)?.resolve(frame.body);
        break;
      case 'error':
        takeCall(frame.id)?.reject(TalkError.from(frame.error));
        break;
      default:
        subscriptions.get(frame.id)?.receive(frame);
    }
  }

  /** A reply to a call that was cancelled here finds nothing, and is dropped. */
  function takeCall(id: number): PendingCall | undefined {
    const pending = calls.get(id);
    calls.delete(id);
    return pending;
  }

  function closed(reason: string): void {
    closedBecause = reason;
    welcome.reject(disconnected(reason));
    for (const pending of calls.values()) pending.reject(disconnected(reason));
    for (const subscription of subscriptions.values()) subscription.stop();
    calls.clear();
    subscriptions.clear();
    for (const listener of closeListeners) listener(reason);
    closeListeners.clear();
  }

  // The core is trusted on this side of the boundary: its frames are not validated again.
  transport.onFrame((frame) => receive(frame as ServerFrame));
  transport.onClose(closed);
  transport.post({ t: 'hello', protocol: PROTOCOL_VERSION });

  return {
    welcome: welcome.promise,

    call(name, body, { signal } = {}) {
      return new Promise((resolve, reject) => {
        const refusal = refuseCall(body, closedBecause, signal);
        if (refusal !== null) return reject(refusal);
        const id = nextId++;
        const onAbort = () => {
          calls.delete(id);
          transport.post({ t: 'cancel', id });
          reject(new TalkError('cancelled'));
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        const settled = () => signal?.removeEventListener('abort', onAbort);
        calls.set(id, {
          resolve(reply) {
            settled();
            resolve(reply as CallReply<typeof name>);
          },
          reject(error) {
            settled();
            reject(error);
          },
        });
        transport.post({ t: 'call', id, name, body });
      });
    },

    subscribe(name, body, observer, { fromSeq, creditItems = STREAM_CREDIT_ITEMS } = {}) {
      if (closedBecause !== null) return () => undefined;
      const id = nextId++;
      const subscription = new Subscription(observer, {
        onFinished: (items) => transport.post({ t: 'credit', id, items }),
        onEnded: () => subscriptions.delete(id),
        onFailed: () => unsubscribe(),
      });
      const unsubscribe = () => {
        subscription.stop();
        if (subscriptions.delete(id)) transport.post({ t: 'unsubscribe', id });
      };
      subscriptions.set(id, subscription);
      transport.post({ t: 'subscribe', id, name, body, credit: creditItems, ...(fromSeq === undefined ? {} : { fromSeq }) });
      return unsubscribe;
    },

    send(name, body) {
      transport.post({ t: 'send', name, body });
    },

    onClose(listener) {
      if (closedBecause !== null) {
        listener(closedBecause);
        return () => undefined;
      }
      closeListeners.add(listener);
      return () => closeListeners.delete(listener);
    },

    close() {
      transport.close('client');
    },
  };
}

function disconnected(reason: string): TalkError {
  if (reason === 'forbidden') return new TalkError('forbidden', { reason: 'token' });
  return new TalkError('disconnected', { reason }, { retryable: true });
}

function refuseCall(body: unknown, closedBecause: string | null, signal: AbortSignal | undefined): TalkError | null {
  if (signal?.aborted) return new TalkError('cancelled');
  if (closedBecause !== null) return disconnected(closedBecause);
  // Checked here because on a WebSocket an oversize frame would cost the whole connection, not one call.
  const sizeBytes = approximateBytes(body, MAX_CALL_BYTES);
  return sizeBytes > MAX_CALL_BYTES ? new TalkError('too-large', { limitBytes: MAX_CALL_BYTES, sizeBytes }) : null;
}

interface UntypedObserver {
  onSnapshot(snapshot: unknown, seq: number): void | Promise<void>;
  onDelta(items: unknown[], firstSeq: number, nextSeq: number): void | Promise<void>;
  onDropped?(count: number): void;
  onEnd?(error: TalkError | null): void;
}

/** Hands one stream's frames to its observer in order. Its inbox is bounded by the credit it gives. */
class Subscription {
  readonly #observer: UntypedObserver;
  readonly #events: { onFinished(items: number): void; onEnded(): void; onFailed(): void };
  #inbox: StreamFrame[] = [];
  #isBusy = false;
  #isStopped = false;

  constructor(observer: UntypedObserver, events: { onFinished(items: number): void; onEnded(): void; onFailed(): void }) {
    this.#observer = observer;
    this.#events = events;
  }

  receive(frame: StreamFrame): void {
    this.#inbox.push(frame);
    // Consumers usually finish at once, so the common path stays synchronous: no task per batch.
    if (!this.#isBusy) this.#drain();
  }

  stop(): void {
    this.#isStopped = true;
    this.#inbox = [];
  }

  #drain(): void {
    for (let frame = this.#inbox.shift(); frame !== undefined; frame = this.#inbox.shift()) {
      this.#isBusy = true;
      let pending: void | Promise<void>;
      try {
        pending = this.#deliver(frame);
      } catch (error) {
        this.#fail(error);
        return;
      }
      if (pending instanceof Promise) {
        const delivered = frame;
        pending.then(
          () => {
            this.#finish(delivered);
            this.#drain();
          },
          (error: unknown) => this.#fail(error),
        );
        return;
      }
      this.#finish(frame);
    }
  }

  #deliver(frame: StreamFrame): void | Promise<void> {
    switch (frame.t) {
      case 'snapshot':
        return this.#observer.onSnapshot(frame.body, frame.seq);
      case 'deltas':
        return this.#observer.onDelta(frame.items, frame.seq, frame.nextSeq);
      case 'dropped':
        return this.#observer.onDropped?.(frame.count);
      case 'end':
        this.#events.onEnded();
        return this.#observer.onEnd?.(frame.error === undefined ? null : TalkError.from(frame.error));
    }
  }

  #finish(frame: StreamFrame): void {
    this.#isBusy = false;
    if (frame.t === 'deltas' && !this.#isStopped) this.#events.onFinished(frame.items.length);
  }

  /** An observer that throws has lost its place in the stream: it gets no more of it, and the bug surfaces as uncaught. */
  #fail(error: unknown): void {
    this.#events.onFailed();
    queueMicrotask(() => {
      throw error;
    });
  }
}
