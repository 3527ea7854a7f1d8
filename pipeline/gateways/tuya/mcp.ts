import { randomUUID } from 'node:crypto';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { ConversationPeer } from '../../conversation.ts';
import { asObject } from '../../json-object.ts';
import { type PendingAnswer, pendingAnswer } from '../../pending-answer.ts';
import type { DownPath } from './down-turn.ts';
import { objectOf } from './user-data.ts';
import { attribute, attributeIds as ids } from './wire/attributes.ts';
import { encodeEvent } from './wire/heads.ts';
import { eventTypes, packetTypes } from './wire/numbers.ts';
import { packet } from './wire/packet.ts';

const PROTOCOL_VERSION = '2024-11-05';
/** Of the first questions, which nobody waits for. */
const START_TIMEOUT_MS = 10_000;
const MOST_TOOLS = 64;
const MOST_PAGES = 32;
const LONGEST_NAME = 200;
const LONGEST_DESCRIPTION = 4000;

type DeviceTool = ReturnType<ConversationPeer['tools']>[number];

interface Pending {
  name: string;
  pending: PendingAnswer<unknown>;
}

/** The device's own tools: JSON-RPC 2.0 in events of type 1000, both ways (reference/tuya.md §6.5). */
export class DeviceMcp {
  readonly #clock: Clock;
  readonly #path: Pick<DownPath, 'send' | 'eventHead' | 'sessionId'>;
  readonly #isOffered: boolean;
  readonly #timeoutMs: () => number;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #tools: DeviceTool[] = [];

  constructor(deps: {
    clock: Clock;
    path: Pick<DownPath, 'send' | 'eventHead' | 'sessionId'>;
    isOffered: boolean;
    /** Until a tool has answered. */
    timeoutMs: () => number;
  }) {
    this.#clock = deps.clock;
    this.#path = deps.path;
    this.#isOffered = deps.isOffered;
    this.#timeoutMs = deps.timeoutMs;
  }

  tools(): readonly DeviceTool[] {
    return this.#tools;
  }

  /** Asks a device that said it has tools for them; one that never answers has none. */
  start(): void {
    if (!this.#isOffered) return;
    const hello = { protocolVersion: PROTOCOL_VERSION, capabilities: {}, clientInfo: { name: 'Talkbench', version: '1' } };
    void this.#ask('initialize', hello)
      .then(() => this.#list())
      .catch(() => {});
  }

  /** Page by page; what has come stays when a later page does not. */
  async #list(): Promise<void> {
    const seen = new Set<string>();
    let cursor: string | null = null;
    while (seen.size < MOST_PAGES && this.#tools.length < MOST_TOOLS) {
      const page = objectOf(await this.#ask('tools/list', cursor === null ? {} : { cursor }));
      const tools = (Array.isArray(page.tools) ? page.tools : []).flatMap(readTool);
      this.#tools = [...this.#tools, ...tools].slice(0, MOST_TOOLS);
      const next = page.nextCursor;
      if (typeof next !== 'string' || next === '' || seen.has(next)) return;
      seen.add(next);
      cursor = next;
    }
  }

  /** Rejects with TalkError 'tool/timeout' | 'tool/failed', or the signal's reason. */
  async callTool(name: string, parameters: Record<string, unknown>, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    if (!this.#tools.some((tool) => tool.name === name))
      throw new TalkError('tool/failed', { name, code: null, status: 'the device has no such tool' });
    const result = asObject(await this.#ask('tools/call', { name, arguments: parameters }, { name, timeoutMs: this.#timeoutMs(), signal }));
    if (result?.isError === true)
      throw new TalkError('tool/failed', { name, code: null, status: JSON.stringify(result.content ?? null).slice(0, 500) });
    return result?.content ?? result;
  }

  receive(body: Uint8Array): void {
    const message = objectOf(Buffer.from(body).toString('utf8').replace(/\0+$/u, ''));
    const asked = typeof message.id === 'number' ? this.#pending.get(message.id) : undefined;
    if (asked === undefined) return;
    const { error, result } = message;
    const { code, message: status } = objectOf(error);
    if (error === undefined) asked.pending.resolve(result);
    else asked.pending.reject(new TalkError('tool/failed', { name: asked.name, code: code ?? null, status: status ?? null }));
  }

  close(): void {
    for (const { pending } of [...this.#pending.values()]) pending.reject(new TalkError('cancelled'));
  }

  #ask(
    method: string,
    params: Record<string, unknown>,
    { name = method, timeoutMs = START_TIMEOUT_MS, signal }: { name?: string; timeoutMs?: number; signal?: AbortSignal } = {},
  ): Promise<unknown> {
    const id = this.#nextId++;
    const attributes = [attribute(ids.sessionId, this.#path.sessionId), attribute(ids.eventId, randomUUID())];
    const pending = pendingAnswer({ clock: this.#clock, name, timeoutMs, signal, onEnd: () => this.#pending.delete(id) });
    this.#pending.set(id, { name, pending });
    const data = new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    this.#path.send(packet(packetTypes.event, attributes, encodeEvent(this.#path.eventHead(), eventTypes.mcp, data)));
    return pending.answer;
  }
}

function readTool(value: unknown): DeviceTool[] {
  const tool = objectOf(value);
  if (typeof tool.name !== 'string' || tool.name === '' || tool.name.length > LONGEST_NAME) return [];
  const description = typeof tool.description === 'string' ? tool.description.slice(0, LONGEST_DESCRIPTION) : tool.name;
  return [{ name: tool.name, description, parameters: { type: 'object', ...objectOf(tool.inputSchema) } }];
}
