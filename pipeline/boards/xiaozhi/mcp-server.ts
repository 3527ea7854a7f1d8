import { asObject } from '../../json-object.ts';

/** A page of the list is no longer than this (reference/voice.md §4.5). */
const PAGE_BYTES = 8000;

export interface BoardTool {
  name: string;
  description: string;
  properties: Record<string, { type: 'integer' | 'boolean' | 'string'; minimum?: number; maximum?: number }>;
  isUserOnly?: boolean;
  /** Its answer's text; what it throws is the error's message. */
  run: (values: Record<string, unknown>) => Promise<string> | string;
}

export interface McpServerDeps {
  boardName: string;
  tools: readonly BoardTool[];
  send: (payload: Record<string, unknown>) => void;
  onVision: (vision: { url: string; token: string }) => void;
  onCalled: (name: string, values: unknown) => void;
  onViolation: (what: string) => void;
  pageBytes?: number;
}

/** The firmware's MCP server: ids are numbers, requests it cannot read get no answer, errors have no code. */
export function createMcpServer(deps: McpServerDeps): { receive(payload: unknown): void } {
  const { tools, onViolation } = deps;

  function described(tool: BoardTool): Record<string, unknown> {
    const required = Object.keys(tool.properties);
    return {
      name: tool.name,
      description: tool.description,
      inputSchema: { type: 'object', properties: tool.properties, ...(required.length > 0 && { required }) },
      ...(tool.isUserOnly === true && { annotations: { audience: ['user'] } }),
    };
  }

  function list(id: number, params: Record<string, unknown>): void {
    const offered = tools.filter((tool) => params.withUserTools === true || tool.isUserOnly !== true);
    const cursor = typeof params.cursor === 'string' ? params.cursor : '';
    const from = cursor === '' ? 0 : offered.findIndex(({ name }) => name === cursor);
    if (from === -1) {
      fail(id, `Unknown cursor: ${cursor}`);
      return;
    }
    const page: Record<string, unknown>[] = [];
    let bytes = 0;
    for (const tool of offered.slice(from)) {
      const text = described(tool);
      bytes += JSON.stringify(text).length + 1;
      if (page.length > 0 && bytes > (deps.pageBytes ?? PAGE_BYTES)) {
        reply(id, { tools: page, nextCursor: tool.name });
        return;
      }
      page.push(text);
    }
    reply(id, { tools: page });
  }

  async function call(id: number, params: Record<string, unknown>): Promise<void> {
    const tool = tools.find(({ name }) => name === params.name);
    if (tool === undefined) {
      fail(id, `Unknown tool: ${String(params.name)}`);
      return;
    }
    const values = asObject(params.arguments) ?? {};
    const wrong = Object.entries(tool.properties).find(([name, property]) => !isOf(values[name], property));
    if (wrong !== undefined) {
      fail(id, `Missing valid argument: ${wrong[0]}`);
      return;
    }
    deps.onCalled(tool.name, values);
    try {
      reply(id, { content: [{ type: 'text', text: await tool.run(values) }], isError: false });
    } catch (error) {
      fail(id, error instanceof Error ? error.message : String(error));
    }
  }

  function reply(id: number, result: Record<string, unknown>): void {
    deps.send({ jsonrpc: '2.0', id, result });
  }

  function fail(id: number, message: string): void {
    deps.send({ jsonrpc: '2.0', id, error: { message } });
  }

  return {
    receive(payload) {
      const request = asObject(payload);
      if (request?.jsonrpc !== '2.0' || typeof request.method !== 'string') {
        onViolation('an MCP message without a version or a method');
        return;
      }
      if (request.method.startsWith('notifications')) return;
      const params = request.params === undefined ? {} : asObject(request.params);
      if (params === null) onViolation('MCP params that are no object: no answer');
      else if (typeof request.id !== 'number') onViolation('an MCP id that is no number: no answer');
      else if (request.method === 'initialize') {
        const vision = asObject(asObject(params.capabilities)?.vision);
        if (typeof vision?.url === 'string')
          deps.onVision({ url: vision.url, token: typeof vision.token === 'string' ? vision.token : '' });
        const serverInfo = { name: deps.boardName, version: '2.0.0' };
        reply(request.id, { protocolVersion: '2024-11-05', capabilities: { tools: {} }, serverInfo });
      } else if (request.method === 'tools/list') list(request.id, params);
      else if (request.method === 'tools/call') void call(request.id, params);
      else fail(request.id, `Method not implemented: ${request.method}`);
    },
  };
}

function isOf(value: unknown, property: BoardTool['properties'][string]): boolean {
  if (property.type === 'boolean') return typeof value === 'boolean';
  if (property.type === 'string') return typeof value === 'string';
  if (!Number.isInteger(value)) return false;
  return Number(value) >= (property.minimum ?? Number.MIN_SAFE_INTEGER) && Number(value) <= (property.maximum ?? Number.MAX_SAFE_INTEGER);
}
