import type { XiaozhiTool } from '../../../preload/contract/cloud/xiaozhi.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { asObject } from '../../json-object.ts';
import { type PendingAnswer, pendingAnswer } from '../../pending-answer.ts';

const PROTOCOL_VERSION = '2024-11-05';
/** A board's list comes in pages of 8000 bytes; a board with more than this is making them up. */
const MOST_PAGES = 32;
const MOST_TOOLS = 200;
const LONGEST_NAME = 200;
const LONGEST_DESCRIPTION = 4000;
/** For users only, whatever the board says of them (reference/voice.md §4.5). */
const userOnly =
  /^self\.(?:get_system_info|reboot|upgrade_firmware|screen\.(?:get_info|snapshot|preview_image)|assets\.set_download_url)$/u;

interface Waiting {
  name: string;
  pending: PendingAnswer<unknown>;
}

export interface McpClientDeps {
  clock: Clock;
  send: (payload: Record<string, unknown>) => void;
  timeoutMs: () => number;
  onTools: () => void;
}

/**
 * The Model Context Protocol over a board's channel, where the server is the client (reference/voice.md §4.5). Ids are numbers; a
 * board does not answer what it cannot read, so each request has its time, and its errors have no code.
 */
export class McpClient {
  readonly #deps: McpClientDeps;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #tools: readonly XiaozhiTool[] = [];
  #isClosed = false;

  constructor(deps: McpClientDeps) {
    this.#deps = deps;
  }

  /** Of the connected board, those for users only included. */
  get tools(): readonly XiaozhiTool[] {
    return this.#tools;
  }

  /** Asks the board what it can do. A board that does not answer has no tools; never rejects. */
  async open(vision: { url: string; token: string } | null, signal: AbortSignal): Promise<void> {
    const capabilities = vision === null ? {} : { vision };
    const clientInfo = { name: 'talkbench', version: '1' };
    try {
      await this.#request('initialize', { protocolVersion: PROTOCOL_VERSION, capabilities, clientInfo }, { signal });
      this.#deps.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
      const offered = await this.#list(false, signal);
      this.#found(offered, []);
      this.#found(offered, await this.#list(true, signal));
    } catch (error) {
      if (!(error instanceof TalkError) && !signal.aborted) throw error;
    }
  }

  /**
   * Resolves with what the tool's text says, as JSON where it is JSON. Rejects with TalkError 'tool/timeout' | 'tool/failed', or the
   * signal's reason.
   */
  async call(name: string, parameters: Record<string, unknown>, options: { timeoutMs: number; signal: AbortSignal }): Promise<unknown> {
    const result = asObject(await this.#request('tools/call', { name, arguments: parameters }, { ...options, name })) ?? {};
    const content = Array.isArray(result.content) ? result.content.map(asObject) : [];
    const text = content.flatMap((piece) => (piece?.type === 'text' && typeof piece.text === 'string' ? [piece.text] : [])).join('\n');
    if (result.isError === true) throw new TalkError('tool/failed', { name, code: null, status: text.slice(0, 300) });
    return parsed(text);
  }

  /** Whether it was an answer that somebody waits for. */
  receive(payload: unknown): boolean {
    const message = asObject(payload);
    const waiting = typeof message?.id === 'number' ? this.#waiting.get(message.id) : undefined;
    if (message === null || waiting === undefined) return false;
    const error = asObject(message.error);
    if (error === null) waiting.pending.resolve(message.result);
    else waiting.pending.reject(failure(waiting.name, error));
    return true;
  }

  close(): void {
    this.#isClosed = true;
    for (const waiting of [...this.#waiting.values()])
      waiting.pending.reject(new TalkError('tool/failed', { name: waiting.name, code: null, status: 'gone' }));
  }

  async #list(withUserTools: boolean, signal: AbortSignal): Promise<XiaozhiTool[]> {
    const tools: XiaozhiTool[] = [];
    const seen = new Set<string>();
    let cursor = '';
    for (let page = 0; page < MOST_PAGES && !seen.has(cursor) && tools.length < MOST_TOOLS; page++) {
      seen.add(cursor);
      const result = asObject(await this.#request('tools/list', { cursor, withUserTools }, { signal })) ?? {};
      if (Array.isArray(result.tools)) tools.push(...result.tools.flatMap((tool) => readTool(tool) ?? []).slice(0, MOST_TOOLS));
      if (typeof result.nextCursor !== 'string' || result.nextCursor === '') break;
      cursor = result.nextCursor;
    }
    return tools.slice(0, MOST_TOOLS);
  }

  /** What only the longer list has is for users. Older firmware gives the same list twice. */
  #found(offered: readonly XiaozhiTool[], all: readonly XiaozhiTool[]): void {
    const names = new Set(offered.map(({ name }) => name));
    const more = all.filter(({ name }) => !names.has(name)).map((tool) => ({ ...tool, isUserOnly: true }));
    this.#tools = [...offered, ...more];
    this.#deps.onTools();
  }

  #request(
    method: string,
    params: Record<string, unknown>,
    { signal, name = method, timeoutMs = this.#deps.timeoutMs() }: { signal: AbortSignal; name?: string; timeoutMs?: number },
  ): Promise<unknown> {
    const { clock, send } = this.#deps;
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#isClosed) return Promise.reject(new TalkError('tool/failed', { name, code: null, status: 'gone' }));
    const id = ++this.#lastId;
    const pending = pendingAnswer({ clock, name, timeoutMs, signal, onEnd: () => this.#waiting.delete(id) });
    this.#waiting.set(id, { name, pending });
    send({ jsonrpc: '2.0', id, method, params });
    return pending.answer;
  }
}

function failure(name: string, error: Record<string, unknown>): TalkError {
  const status = typeof error.message === 'string' ? error.message.slice(0, 300) : null;
  return new TalkError('tool/failed', { name, code: typeof error.code === 'number' ? error.code : null, status });
}

function readTool(value: unknown): XiaozhiTool | null {
  const tool = asObject(value);
  if (tool === null || typeof tool.name !== 'string' || tool.name === '' || tool.name.length > LONGEST_NAME) return null;
  const audience = asObject(tool.annotations)?.audience;
  const isForUsers = Array.isArray(audience) && audience.includes('user') && !audience.includes('assistant');
  return {
    name: tool.name,
    description: typeof tool.description === 'string' ? tool.description.slice(0, LONGEST_DESCRIPTION) : '',
    parameters: asObject(tool.inputSchema) ?? { type: 'object', properties: {} },
    isUserOnly: isForUsers || userOnly.test(tool.name),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
