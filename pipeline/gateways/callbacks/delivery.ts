import { randomUUID } from 'node:crypto';
import type { CallbackDelivery, CallbackKind } from '../../../preload/contract/cloud/callbacks.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';

/** Under way and waiting together; a backend that is down for long must not fill the memory. */
const MOST_OPEN = 1000;
/** At once; the others wait for one of them. */
const MOST_SENDING = 32;

export interface CallbackMessage {
  kind: CallbackKind;
  name: string;
  conversationId?: string;
  url: string;
  /** Exactly what is sent, each time. */
  body: string;
  isSigned: boolean;
  /** Of one attempt; the id is the same for all of them, so that a backend can tell a repetition. */
  headers: (attempt: { id: string; wallMs: number }) => Record<string, string>;
  timeoutMs: number;
  retryMs: number;
  retryForMs: number;
}

export interface Deliveries {
  /** Returns its id at once, or undefined when too many are open: then it was counted as dropped. */
  deliver(message: CallbackMessage): string | undefined;
  /** Gives up what is open. */
  close(): void;
}

/**
 * Gets messages to a backend by HTTP POST. Only status 200 counts; the first failure is tried again at once, later ones every `retryMs`, until
 * the message is `retryForMs` old (seed 002 超时重试).
 */
export function createDeliveries(deps: {
  clock: Clock;
  fetch?: typeof fetch;
  /** What a delivery has come to, after every step. */
  onChange: (delivery: CallbackDelivery) => void;
  onDropped: () => void;
}): Deliveries {
  const { clock, onChange } = deps;
  const post = deps.fetch ?? fetch;
  const closing = new AbortController();
  const open = new Set<string>();
  const turns: (() => void)[] = [];
  let sending = 0;

  async function turn(): Promise<void> {
    if (sending < MOST_SENDING) sending += 1;
    else await new Promise<void>((resolve) => turns.push(resolve)); // who leaves hands its place on
  }

  function leave(): void {
    const next = turns.shift();
    if (next === undefined) sending -= 1;
    else next();
  }

  async function attempt(message: CallbackMessage, id: string): Promise<CallbackDelivery['attempts'][number]> {
    await turn();
    const startedUs = clock.nowUs();
    const atWallMs = clock.wallMs();
    const timeout = new AbortController();
    const cancel = clock.at((startedUs + message.timeoutMs * 1000) as MonoUs, () => timeout.abort());
    const elapsedMs = () => Math.round((clock.nowUs() - startedUs) / 1000);
    try {
      const response = await post(message.url, {
        method: 'POST',
        headers: message.headers({ id, wallMs: atWallMs }),
        body: message.body,
        // A redirect would take the signature elsewhere; the documents want the status of this address.
        redirect: 'manual',
        signal: AbortSignal.any([timeout.signal, closing.signal]),
      });
      void response.body?.cancel().catch(() => {});
      return { atWallMs, elapsedMs: elapsedMs(), status: response.status };
    } catch (error) {
      return { atWallMs, elapsedMs: elapsedMs(), failure: timeout.signal.aborted ? 'timeout' : reasonOf(error) };
    } finally {
      cancel();
      leave();
    }
  }

  function wait(us: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.at((clock.nowUs() + us) as MonoUs, done);
      closing.signal.addEventListener('abort', done);
      function done(): void {
        cancel();
        closing.signal.removeEventListener('abort', done);
        resolve();
      }
    });
  }

  async function run(message: CallbackMessage, id: string): Promise<void> {
    const { kind, name, conversationId, body, isSigned, retryMs, retryForMs } = message;
    const createdUs = clock.nowUs();
    const common = { id, kind, name, url: withoutQuery(message.url), body, isSigned, createdWallMs: clock.wallMs() };
    const attempts: CallbackDelivery['attempts'] = [];
    const tell = (state: CallbackDelivery['state']) =>
      onChange({ ...common, ...(conversationId !== undefined && { conversationId }), attempts: [...attempts], state });
    tell('sending');
    while (true) {
      const made = await attempt(message, id);
      attempts.push(made);
      if (made.status === 200) return tell('delivered');
      const pauseUs = attempts.length === 1 ? 0 : retryMs * 1000;
      if (closing.signal.aborted || clock.nowUs() + pauseUs - createdUs > retryForMs * 1000) return tell('given-up');
      tell('waiting');
      if (pauseUs > 0) await wait(pauseUs);
      if (closing.signal.aborted) return tell('given-up');
    }
  }

  return {
    deliver(message) {
      if (open.size >= MOST_OPEN || closing.signal.aborted) {
        deps.onDropped();
        return undefined;
      }
      const id = randomUUID();
      open.add(id);
      void run(message, id).finally(() => open.delete(id));
      return id;
    },
    close: () => closing.abort(),
  };
}

function withoutQuery(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? 'no address' : `${parsed.origin}${parsed.pathname}`;
}

/** The system's word for it, which fetch hides in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  // What fetch says of an address it does not take quotes it, with the password in it.
  return error instanceof TypeError ? 'bad-address' : error.message;
}
