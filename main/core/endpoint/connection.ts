import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { TalkError, type TalkErrorValue } from '../../../preload/contract/errors.ts';
import { calls as callContract, streams as streamContract } from '../../../preload/contract/index.ts';
import { approximateBytes } from '../../../preload/contract/size.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { type ClientFrame, clientFrame, PROTOCOL_VERSION, type ServerTransport } from '../../../preload/contract/wire.ts';
import type { AcceptOptions, EndpointOptions } from './endpoint.ts';
import type { CallContext, StreamAttachment } from './handlers.ts';
import { Subscription } from './subscription.ts';

type ConnectionOptions = EndpointOptions & Required<AcceptOptions> & { maxCallBytes: number; clock: Clock; onClosed(): void };
type CallFrame = Extract<ClientFrame, { t: 'call' | 'send' }>;
type SubscribeFrame = Extract<ClientFrame, { t: 'subscribe' }>;

interface CallRule {
  request: z.ZodType;
  role: 'operator' | 'viewer';
}
type UntypedCall = (body: unknown, context: CallContext) => Promise<unknown>;
type UntypedStream = (body: unknown) => StreamAttachment<unknown, unknown>;

/** One client: its calls under way and its subscriptions. */
export class Connection {
  readonly #transport: ServerTransport;
  readonly #options: ConnectionOptions;
  readonly #calls = new Map<number, AbortController>();
  readonly #sends = new Set<AbortController>();
  readonly #subscriptions = new Map<number, Subscription>();
  #hasGreeted = false;

  constructor(transport: ServerTransport, options: ConnectionOptions) {
    this.#transport = transport;
    this.#options = options;
  }

  start(): void {
    this.#transport.onClose(() => this.#closed());
    this.#transport.onFrame((frame) => this.#receive(frame));
  }

  close(reason = 'closed'): void {
    this.#transport.close(reason);
  }

  #receive(raw: unknown): void {
    const parsed = clientFrame.safeParse(raw);
    if (!parsed.success) this.#refuseFrame('unknown frame');
    else if (!this.#hasGreeted && parsed.data.t !== 'hello') this.#refuseFrame('frame before hello');
    else this.#accept(parsed.data);
  }

  #accept(frame: ClientFrame): void {
    switch (frame.t) {
      case 'hello':
        this.#greet(frame.protocol);
        break;
      case 'call':
        if (this.#calls.has(frame.id)) this.#refuseFrame('call id in use');
        else void this.#call(frame); // settles in itself: every outcome is a frame
        break;
      case 'send':
        void this.#send(frame); // likewise: failures are logged
        break;
      case 'cancel':
        this.#calls.get(frame.id)?.abort(new TalkError('cancelled'));
        break;
      case 'subscribe':
        if (this.#subscriptions.has(frame.id)) this.#refuseFrame('subscription id in use');
        else this.#subscribe(frame);
        break;
      case 'credit':
        this.#subscriptions.get(frame.id)?.addCredit(frame.items);
        break;
      case 'unsubscribe':
        this.#subscriptions.get(frame.id)?.stop();
        this.#subscriptions.delete(frame.id);
    }
  }

  #greet(protocol: number): void {
    if (protocol !== PROTOCOL_VERSION) {
      this.close('protocol');
      return;
    }
    this.#hasGreeted = true;
    const { appVersion, host, role, capabilities, coreEpoch } = this.#options;
    this.#transport.post({
      t: 'welcome',
      protocol: PROTOCOL_VERSION,
      appVersion,
      host,
      role,
      capabilities: [...capabilities],
      coreEpoch,
    });
  }

  async #call(frame: Extract<CallFrame, { t: 'call' }>): Promise<void> {
    const controller = new AbortController();
    this.#calls.set(frame.id, controller);
    try {
      const body = await this.#perform(frame, controller.signal);
      this.#transport.post({ t: 'reply', id: frame.id, body });
    } catch (error) {
      this.#transport.post({ t: 'error', id: frame.id, error: this.#asValue(error, frame.name, controller.signal) });
    } finally {
      this.#calls.delete(frame.id);
    }
  }

  async #send(frame: Extract<CallFrame, { t: 'send' }>): Promise<void> {
    const controller = new AbortController();
    this.#sends.add(controller);
    try {
      await this.#perform(frame, controller.signal);
    } catch (error) {
      this.#options.log.warn({ call: frame.name, error: this.#asValue(error, frame.name, controller.signal) }, 'a sent call failed');
    } finally {
      this.#sends.delete(controller);
    }
  }

  async #perform(frame: CallFrame, signal: AbortSignal): Promise<unknown> {
    const rule = own<CallRule>(callContract, frame.name);
    const handler = own<UntypedCall>(this.#options.calls, frame.name);
    if (rule === undefined || handler === undefined) throw new TalkError('unknown-call', { name: frame.name });
    const { role, maxCallBytes } = this.#options;
    if (rule.role === 'operator' && role !== 'operator') throw new TalkError('forbidden', { role, needs: rule.role, name: frame.name });
    const sizeBytes = approximateBytes(frame.body, maxCallBytes);
    if (sizeBytes > maxCallBytes) throw new TalkError('too-large', { limitBytes: maxCallBytes, sizeBytes });
    return handler(validated(rule.request, frame.body), { signal, role });
  }

  #subscribe(frame: SubscribeFrame): void {
    const { id, name, fromSeq, credit } = frame;
    const fail = (error: unknown) => {
      this.#subscriptions.get(id)?.stop();
      this.#subscriptions.delete(id);
      this.#transport.post({ t: 'end', id, error: this.#asValue(error, name) });
    };
    try {
      const rule = own<{ request: z.ZodType }>(streamContract, name);
      const handler = own<UntypedStream>(this.#options.streams, name);
      if (rule === undefined || handler === undefined) throw new TalkError('unknown-call', { name });
      const attachment = handler(validated(rule.request, frame.body));
      const subscription = new Subscription({
        id,
        attachment,
        credit,
        clock: this.#options.clock,
        post: (out) => this.#transport.post(out),
        fail,
      });
      this.#subscriptions.set(id, subscription);
      subscription.start(fromSeq);
    } catch (error) {
      fail(error);
    }
  }

  /** An expected failure as it is; anything else is a bug, which the log keeps and the client learns only the id of. */
  #asValue(error: unknown, name: string, signal?: AbortSignal): TalkErrorValue {
    if (error instanceof TalkError) return error.value;
    const isAbort = error instanceof Error && error.name === 'AbortError';
    if (isAbort && signal?.aborted) return new TalkError('cancelled').value;
    const id = randomUUID().slice(0, 8);
    this.#options.log.error({ id, name, err: error }, 'internal error');
    return new TalkError('internal', { id }).value;
  }

  #refuseFrame(why: string): void {
    this.#options.log.warn({ why }, 'connection closed: bad frame');
    this.close('bad-frame');
  }

  #closed(): void {
    const reason = new TalkError('disconnected');
    for (const controller of [...this.#calls.values(), ...this.#sends]) controller.abort(reason);
    for (const subscription of this.#subscriptions.values()) subscription.stop();
    this.#subscriptions.clear();
    this.#options.onClosed();
  }
}

/** Names come from outside: only own properties count, never `constructor` or the like. */
function own<Value>(table: object, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? (table as Record<string, Value>)[name] : undefined;
}

function validated(schema: z.ZodType, body: unknown): unknown {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), code: issue.code, message: issue.message }));
  throw new TalkError('bad-request', { issues });
}
