import { describe, expect, test } from 'vitest';
import { createMcpServer } from '../../../../../pipeline/boards/xiaozhi/mcp-server.ts';
import { boardTools } from '../../../../../pipeline/boards/xiaozhi/tools.ts';
import { McpClient } from '../../../../../pipeline/gateways/xiaozhi/mcp.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const never = new AbortController().signal;

/** The client and a board's server on one wire; `answer` may stand in for the server. */
function rig(options: { pageBytes?: number; answer?: (payload: Record<string, unknown>) => unknown } = {}) {
  const clock = new VirtualClock();
  const sent: Record<string, unknown>[] = [];
  const violations: string[] = [];
  const things = { volume: 70, brightness: 75, vision: null as { url: string; token: string } | null };
  const client: McpClient = new McpClient({
    clock,
    send(payload) {
      sent.push(payload);
      // Through text, as on the wire: what is undefined is not there.
      const received = JSON.parse(JSON.stringify(payload)) as Record<string, unknown>;
      if (options.answer === undefined) server.receive(received);
      else {
        const reply = options.answer(received);
        if (reply !== undefined) queueMicrotask(() => client.receive(reply));
      }
    },
    timeoutMs: () => 10_000,
    onTools: () => {},
  });
  const server = createMcpServer({
    boardName: 'test',
    tools: boardTools(things, { deviceName: '02:00:00:00:00:01', clientId: 'x' }),
    send: (payload) => queueMicrotask(() => client.receive(payload)),
    onVision(vision) {
      things.vision = vision;
    },
    onCalled: () => {},
    onViolation: (what) => void violations.push(what),
    ...(options.pageBytes !== undefined && { pageBytes: options.pageBytes }),
  });
  return { clock, client, sent, violations, things };
}

describe('the tools of a board (reference/voice.md §4.5)', () => {
  test('are listed page by page; those for users only are known and marked', async () => {
    const { client, sent, violations, things } = rig({ pageBytes: 300 });
    await client.open({ url: 'http://bench/photo', token: 't' }, never);
    expect(client.tools.filter(({ isUserOnly }) => !isUserOnly).map(({ name }) => name)).toEqual([
      'self.get_device_status',
      'self.audio_speaker.set_volume',
      'self.screen.set_brightness',
      'self.camera.take_photo',
    ]);
    expect(client.tools.filter(({ isUserOnly }) => isUserOnly).map(({ name }) => name)).toEqual(['self.reboot']);
    expect(sent.filter(({ method }) => method === 'tools/list').length).toBeGreaterThan(4);
    expect(sent[0]).toMatchObject({
      id: 1,
      method: 'initialize',
      params: { capabilities: { vision: { url: 'http://bench/photo', token: 't' } } },
    });
    expect(things.vision).toEqual({ url: 'http://bench/photo', token: 't' });
    expect(violations).toEqual([]);
  });

  test('a board that lists them all whoever asks has its dangerous ones marked by their names', async () => {
    const tools = ['self.reboot', 'self.upgrade_firmware', 'self.screen.snapshot', 'self.lamp.on'].map((name) => ({ name }));
    const { client } = rig({ answer: ({ id, method }) => ({ id, result: method === 'tools/list' ? { tools } : {} }) });
    await client.open(null, never);
    expect(client.tools.filter(({ isUserOnly }) => !isUserOnly).map(({ name }) => name)).toEqual(['self.lamp.on']);
  });

  test('answer with text, which is often JSON', async () => {
    const { client, things } = rig();
    await client.open(null, never);
    const options = { timeoutMs: 1000, signal: never };
    expect(await client.call('self.audio_speaker.set_volume', { volume: 30 }, options)).toBe(true);
    expect(things.volume).toBe(30);
    expect(await client.call('self.get_device_status', {}, options)).toMatchObject({ audio_speaker: { volume: 30 } });
  });

  test('fail with a message and no code', async () => {
    const { client } = rig();
    await client.open(null, never);
    const options = { timeoutMs: 1000, signal: never };
    await expect(client.call('self.audio_speaker.set_volume', { volume: 'loud' }, options)).rejects.toMatchObject({
      value: { code: 'tool/failed', data: { name: 'self.audio_speaker.set_volume', code: null, status: 'Missing valid argument: volume' } },
    });
    await expect(client.call('self.nothing', {}, options)).rejects.toMatchObject({ value: { code: 'tool/failed' } });
  });

  test('a result that says it is an error is one', async () => {
    const { client } = rig({ answer: ({ id }) => ({ id, result: { isError: true, content: [{ type: 'text', text: 'no camera' }] } }) });
    await expect(client.call('x', {}, { timeoutMs: 1000, signal: never })).rejects.toMatchObject({
      value: { data: { status: 'no camera' } },
    });
  });

  test('a board that does not answer has its time, and then no tools', async () => {
    const { client, clock } = rig({ answer: () => undefined });
    const opened = client.open(null, never);
    await clock.advance(10_000_000);
    await opened;
    expect(client.tools).toEqual([]);
    const call = expect(client.call('x', {}, { timeoutMs: 2000, signal: never })).rejects.toMatchObject({
      value: { code: 'tool/timeout', data: { name: 'x', timeoutMs: 2000 } },
    });
    await clock.advance(2_000_000);
    await call;
    expect(clock.pendingTimers).toBe(0);
  });

  test('an abort and the end of the channel end what is under way', async () => {
    const { client, clock } = rig({ answer: () => undefined });
    const abort = new AbortController();
    const aborted = expect(client.call('x', {}, { timeoutMs: 2000, signal: abort.signal })).rejects.toThrow('enough');
    const gone = expect(client.call('y', {}, { timeoutMs: 2000, signal: never })).rejects.toMatchObject({ value: { code: 'tool/failed' } });
    abort.abort(new Error('enough'));
    client.close();
    await aborted;
    await gone;
    expect(clock.pendingTimers).toBe(0);
  });

  test('a list that never ends, and answers nobody asked for', async () => {
    let page = 0;
    const endless = (id: unknown) => ({ id, result: { tools: [{ name: `t${page++}` }], nextCursor: `c${page}` } });
    const { client } = rig({ answer: ({ id, method }) => (method === 'tools/list' ? endless(id) : { id, result: {} }) });
    await client.open(null, never);
    expect(client.tools.length).toBeLessThanOrEqual(64);
    for (const payload of [null, 7, [], {}, { id: '1' }, { id: 99, result: {} }]) expect(client.receive(payload)).toBe(false);
  });
});
