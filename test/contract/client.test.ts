import { describe, expect, it, vi } from 'vitest';
import { createClient } from '../../preload/contract/client.ts';
import { memoryTransportPair } from '../../preload/contract/transports/memory.ts';
import type { ClientFrame } from '../../preload/contract/wire.ts';
import { Listening } from '../conformance/harness.ts';

/** A client facing a scripted server: what it sends is kept, and the test answers. */
function scripted() {
  const [clientSide, server] = memoryTransportPair();
  const sent: ClientFrame[] = [];
  server.onFrame((frame) => sent.push(frame as ClientFrame));
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { client: createClient(clientSide), server, sent, settle };
}
const credits = (sent: ClientFrame[]) => sent.flatMap((frame) => (frame.t === 'credit' ? [frame.items] : []));
const snapshot = { t: 'snapshot', id: 0, seq: 0, body: [] } as const;

describe('createClient', () => {
  it('returns credit only when the consumer has finished, one batch at a time', async () => {
    const { client, server, sent, settle } = scripted();
    const first = Promise.withResolvers<void>();
    const handed: number[] = [];
    client.subscribe(
      'boards.state',
      {},
      {
        onSnapshot: () => undefined,
        onDelta: (_items, firstSeq) => {
          handed.push(firstSeq);
          return firstSeq === 0 ? first.promise : undefined;
        },
      },
    );
    server.post(snapshot);
    server.post({ t: 'deltas', id: 0, seq: 0, nextSeq: 3, items: [1, 2, 3] });
    server.post({ t: 'deltas', id: 0, seq: 3, nextSeq: 5, items: [4, 5] });
    await settle();
    expect([handed, credits(sent)]).toEqual([[0], []]);
    first.resolve();
    await settle();
    expect([handed, credits(sent)]).toEqual([
      [0, 3],
      [3, 2],
    ]);
  });

  it('gives a consumer that throws nothing more, and lets the error surface', async () => {
    const { client, server, sent, settle } = scripted();
    const uncaught = vi.fn();
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', uncaught);
    const onDelta = vi.fn(() => {
      throw new RangeError('bug in the view');
    });
    client.subscribe('boards.state', {}, { onSnapshot: () => undefined, onDelta });
    server.post(snapshot);
    server.post({ t: 'deltas', id: 0, seq: 0, nextSeq: 1, items: [1] });
    server.post({ t: 'deltas', id: 0, seq: 1, nextSeq: 2, items: [2] });
    await settle();
    process.removeListener('uncaughtException', uncaught);
    for (const listener of others) process.on('uncaughtException', listener);
    expect(uncaught.mock.calls[0]?.[0]).toBeInstanceOf(RangeError);
    expect(onDelta).toHaveBeenCalledTimes(1);
    expect(sent.map(({ t }) => t)).toEqual(['hello', 'subscribe', 'unsubscribe']);
  });

  it('rejects its welcome and its calls when the transport goes, without unhandled rejections', async () => {
    const { client, server } = scripted();
    const call = client.call('boards.list', {});
    server.close('core-stopped');
    await expect(call).rejects.toMatchObject({ value: { code: 'disconnected', data: { reason: 'core-stopped' }, retryable: true } });
    await expect(client.welcome).rejects.toMatchObject({ code: 'disconnected' });
    const reasons: string[] = [];
    client.onClose((reason) => reasons.push(reason));
    expect(reasons).toEqual(['core-stopped']);
    expect(client.subscribe('boards.state', {}, new Listening())).toBeTypeOf('function');
  });

  it('refuses a body no core would take without sending it', async () => {
    const { client, sent, settle } = scripted();
    const huge = new Uint8Array(256 * 1024 * 1024 + 1);
    await expect(client.call('sessions.import', { data: huge })).rejects.toMatchObject({ code: 'too-large' });
    await settle();
    expect(sent.map(({ t }) => t)).toEqual(['hello']);
  });

  it('ignores an answer that comes after the cancel', async () => {
    const { client, server, sent, settle } = scripted();
    const controller = new AbortController();
    const call = client.call('boards.list', {}, { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    server.post({ t: 'reply', id: 0, body: { boards: [] } });
    await settle();
    expect(sent.map(({ t }) => t)).toEqual(['hello', 'call', 'cancel']);
  });
});
