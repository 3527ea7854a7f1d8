import { type Client, createClient, type StreamObserver, type SubscribeOptions } from './client.ts';
import type { StreamName, StreamRequest } from './index.ts';
import { closeReasons } from './protocol.ts';
import { isTalkError, TalkError, type TalkErrorValue } from './talk-error.ts';
import type { ClientTransport, Welcome } from './wire.ts';

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;
/** A port whose far end never answers looks open; only the missing welcome tells. */
const WELCOME_TIMEOUT_MS = 10_000;

/**
 * connecting: the first attempt · open · lost: was refused or went away. `retryInMs` is null where retrying cannot help
 * (token refused, versions differ): only `retryNow` tries again.
 */
export type ConnectionState =
  | { state: 'connecting' }
  | { state: 'open'; welcome: Welcome }
  | { state: 'lost'; error: TalkErrorValue; attempt: number; retryInMs: number | null };

export interface ReconnectingClient extends Client {
  readonly state: ConnectionState;
  /** Called at every change, not with the present state. Returns its unregister. */
  onState(listener: (state: ConnectionState) => void): () => void;
  /** Ends the wait for the next attempt. */
  retryNow(): void;
}

/** Runs `callback` once after `delayMs`; returns its cancel. */
export type Schedule = (delayMs: number, callback: () => void) => () => void;

export interface ReconnectingOptions {
  schedule?: Schedule;
}

interface Standing {
  /** Subscribes on the connection that has just opened. */
  attach(client: Client, isSameCore: boolean): Promise<void>;
  detach(): void;
}

/**
 * A client that outlives its connections. Subscriptions continue where they were when the same core comes back (no delta is
 * lost or repeated) and start over from a snapshot when another one does. Calls made before the first connection wait for
 * it; calls made, or under way, while the connection is lost fail with `disconnected`, because only the caller knows
 * whether asking twice is safe.
 */
export function createReconnectingClient(connect: () => Promise<ClientTransport>, options: ReconnectingOptions = {}): ReconnectingClient {
  const schedule = options.schedule ?? scheduleTimeout;
  const stateListeners = new Set<(state: ConnectionState) => void>();
  const closeListeners = new Set<(reason: string) => void>();
  const standing = new Set<Standing>();
  const firstWelcome = Promise.withResolvers<Welcome>();
  firstWelcome.promise.catch(() => undefined);
  let state: ConnectionState = { state: 'connecting' };
  let current: Client | null = null;
  let coreEpoch: string | null = null;
  let failures = 0;
  let cancelTimer: (() => void) | null = null;
  let isClosed = false;

  function setState(next: ConnectionState): void {
    state = next;
    for (const listener of stateListeners) listener(next);
  }

  async function attempt(): Promise<void> {
    try {
      const transport = await connect();
      if (isClosed) return transport.close('client');
      const client = createClient(transport);
      cancelTimer = schedule(WELCOME_TIMEOUT_MS, () => transport.close('no-welcome'));
      const welcome = await client.welcome;
      clearTimer();
      if (isClosed) return client.close();
      opened(client, welcome);
    } catch (error) {
      clearTimer();
      if (!isClosed) lost(isTalkError(error) ? error : new TalkError('disconnected', {}, { retryable: true, cause: error }));
    }
  }

  function opened(client: Client, welcome: Welcome): void {
    const isSameCore = coreEpoch === welcome.coreEpoch;
    coreEpoch = welcome.coreEpoch;
    failures = 0;
    current = client;
    client.onClose((reason) => {
      if (current !== client) return;
      current = null;
      if (!isClosed) lost(new TalkError('disconnected', { reason }, { retryable: true }));
    });
    if (current === null) return; // closed within the welcome's own task: onClose has dealt with it
    for (const subscription of standing) void subscription.attach(client, isSameCore); // never rejects
    firstWelcome.resolve(welcome);
    setState({ state: 'open', welcome });
  }

  function lost(error: TalkError): void {
    const isFinal = error.code === 'forbidden' || closeReasons.some((reason) => reason === error.value.data.reason);
    const retryInMs = isFinal ? null : Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
    failures++;
    if (retryInMs !== null) cancelTimer = schedule(retryInMs, () => void attempt());
    setState({ state: 'lost', error: error.value, attempt: failures, retryInMs });
  }

  function clearTimer(): void {
    cancelTimer?.();
    cancelTimer = null;
  }

  /** The connection to use now, waiting only for the first one ever. */
  function connection(signal: AbortSignal | undefined): Client | Promise<Client> {
    if (current !== null) return current;
    if (isClosed || state.state !== 'connecting') throw new TalkError('disconnected', {}, { retryable: !isClosed });
    return new Promise((resolve, reject) => {
      const settle = () => {
        unregister();
        closeListeners.delete(settle);
        signal?.removeEventListener('abort', settle);
        if (signal?.aborted) reject(new TalkError('cancelled'));
        else if (current !== null) resolve(current);
        else reject(new TalkError('disconnected', {}, { retryable: !isClosed }));
      };
      const unregister = register(stateListeners, settle);
      closeListeners.add(settle);
      signal?.addEventListener('abort', settle, { once: true });
    });
  }

  void attempt(); // reports through the state

  return {
    welcome: firstWelcome.promise,
    get state() {
      return state;
    },
    onState: (listener) => register(stateListeners, listener),
    retryNow() {
      if (isClosed || state.state !== 'lost' || (cancelTimer === null && state.retryInMs !== null)) return;
      clearTimer();
      void attempt();
    },
    async call(name, body, callOptions) {
      const client = await connection(callOptions?.signal);
      return client.call(name, body, callOptions);
    },
    subscribe(name, body, observer, subscribeOptions) {
      const subscription = standingSubscription(name, body, observer, subscribeOptions ?? {}, () => standing.delete(subscription));
      standing.add(subscription);
      if (current !== null) void subscription.attach(current, true); // never rejects
      return () => {
        standing.delete(subscription);
        subscription.detach();
      };
    },
    send(name, body) {
      current?.send(name, body);
    },
    onClose(listener) {
      if (isClosed) listener('client');
      return register(closeListeners, listener);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      clearTimer();
      for (const subscription of standing) subscription.detach();
      standing.clear();
      firstWelcome.reject(new TalkError('disconnected'));
      current?.close();
      current = null;
      for (const listener of [...closeListeners]) listener('client');
      closeListeners.clear();
    },
  };
}

/** A subscription that remembers how far its observer has got, and continues from there on another connection. */
function standingSubscription<Name extends StreamName>(
  name: Name,
  body: StreamRequest<Name>,
  observer: StreamObserver<Name>,
  options: SubscribeOptions,
  onEnded: () => void,
): Standing {
  let nextSeq = options.fromSeq;
  let unsubscribe: (() => void) | null = null;
  /** What the observer is still busy with, possibly handed to it by a connection that is gone. */
  let busy: void | Promise<void>;
  let generation = 0;

  return {
    async attach(client, isSameCore) {
      const mine = ++generation;
      unsubscribe?.();
      unsubscribe = null;
      if (busy instanceof Promise) await busy.catch(() => undefined); // its failure has already surfaced where it was handed over
      if (mine !== generation) return;
      const fromSeq = isSameCore ? nextSeq : undefined;
      const tracked: StreamObserver<Name> = {
        onSnapshot(snapshot, seq) {
          nextSeq = seq;
          busy = observer.onSnapshot(snapshot, seq);
          return busy;
        },
        onDelta(items, firstSeq, next) {
          nextSeq = next;
          busy = observer.onDelta(items, firstSeq, next);
          return busy;
        },
        onDropped: (count) => observer.onDropped?.(count),
        onEnd(error) {
          onEnded();
          observer.onEnd?.(error);
        },
      };
      unsubscribe = client.subscribe(name, body, tracked, {
        ...(fromSeq === undefined ? {} : { fromSeq }),
        ...(options.creditItems === undefined ? {} : { creditItems: options.creditItems }),
      });
    },
    detach() {
      generation++;
      unsubscribe?.();
      unsubscribe = null;
    },
  };
}

function register<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function scheduleTimeout(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}
