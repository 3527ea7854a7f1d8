import { describe, expect, it } from 'vitest';
import type { CloudServiceDeps } from '../../../../../main/core/cloud/service.ts';
import { createWireLogService } from '../../../../../main/core/cloud/wire-log.ts';
import type { WireAgain } from '../../../../../pipeline/gateways/gateway.ts';
import type { WireMessage } from '../../../../../preload/contract/cloud/wire-log.ts';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

type Wire = Extract<PipelineEvent, { kind: 'wire.message' }>;
const context = { signal: new AbortController().signal, role: 'operator' } as const;

function wire(more: Partial<Wire> = {}): Wire {
  const base = { atUs: 5 as MonoUs, kind: 'wire.message', gateway: 'twetalk', channel: 'mqtt', direction: 'up' } as const;
  return { ...base, name: '$thing/up/property/P/d', deviceId: 'P_d', text: '{"method":"report"}', ...more };
}

async function bench() {
  const again: [string, WireAgain][] = [];
  const deps = { clock: new VirtualClock() } as unknown as CloudServiceDeps;
  const service = await createWireLogService({
    ...deps,
    sessionId: () => 's1',
    resend: async (gateway, message) => void again.push([gateway, message]),
  });
  const list = async (filter = {}, more = {}) => (await service.calls['wire.list']({ filter, limit: 200, ...more }, context)).messages;
  const tell = (...events: PipelineEvent[]) => {
    for (const event of events) service.observe?.(event);
  };
  return { service, list, again, tell };
}

describe('wire log', () => {
  it('lists the newest first and gives each one whole', async () => {
    const { service, list, tell } = await bench();
    tell(wire(), wire({ direction: 'down', name: 'bot-ready', channel: 'websocket', text: '{\n  "type": "bot-ready"\n}' }));
    expect((await list()).map(({ id, name, preview }) => [id, name, preview])).toEqual([
      [2, 'bot-ready', '{ "type": "bot-ready" }'],
      [1, '$thing/up/property/P/d', '{"method":"report"}'],
    ]);
    expect(await service.calls['wire.get']({ id: 2 }, context)).toMatchObject({ text: '{\n  "type": "bot-ready"\n}', sessionId: 's1' });
    await expect(service.calls['wire.get']({ id: 3 }, context)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('filters by everything a reader would, also within the text', async () => {
    const { list, tell } = await bench();
    tell(
      wire(),
      wire({ gateway: 'xiaozhi', channel: 'websocket', deviceId: 'X_1', conversationId: 'c', text: '{"type":"Listen"}' }),
      wire({ direction: 'down', isUnknown: true, note: 'odd' }),
    );
    const ids = async (filter: object) => (await list(filter)).map(({ id }) => id);
    expect(await ids({ gateways: ['xiaozhi'] })).toEqual([2]);
    expect(await ids({ channels: ['mqtt'], direction: 'up' })).toEqual([1]);
    expect(await ids({ deviceId: 'P_d' })).toEqual([3, 1]);
    expect(await ids({ conversationId: 'c' })).toEqual([2]);
    expect(await ids({ contains: 'listen' })).toEqual([2]);
    expect(await ids({ contains: 'ODD' })).toEqual([3]);
    expect(await ids({ isUnknown: true })).toEqual([3]);
    expect(await list({}, { before: 3, limit: 1 })).toMatchObject([{ id: 2 }]);
  });

  it('knows the turn that was under way', async () => {
    const { list, tell } = await bench();
    const at = { atUs: 0 as MonoUs, conversationId: 'c' };
    tell({ ...at, kind: 'turn.started', turnId: 4, initiator: 'user-speech' }, wire({ conversationId: 'c' }));
    tell({ ...at, kind: 'conversation.closed', reason: '' }, wire({ conversationId: 'c' }));
    expect((await list()).map(({ turnId }) => turnId)).toEqual([undefined, 4]);
  });

  it('streams what its filter lets through', async () => {
    const { service, tell } = await bench();
    const attached = service.streams['wire.messages']({ filter: { contains: 'volume' } });
    tell(wire({ text: '{"volume":1}' }), wire());
    expect((attached.snapshot?.() ?? []).map(({ id }: WireMessage) => id)).toEqual([1]);
    const all = service.streams['wire.messages']({ filter: {} }).snapshot?.() ?? [];
    expect(all.map((message) => attached.accepts?.(message))).toEqual([true, false]);
  });

  it('sends one again, as it was or edited; with its bytes only as it was', async () => {
    const { service, tell, again } = await bench();
    const bytes = new Uint8Array([255, 0]);
    tell(wire({ bytes }));
    await service.calls['wire.resend']({ id: 1 }, context);
    await service.calls['wire.resend']({ id: 1, text: '{"method":"get_status"}' }, context);
    const common = { channel: 'mqtt', direction: 'up', name: '$thing/up/property/P/d', deviceId: 'P_d' };
    expect(again).toEqual([
      ['twetalk', { ...common, text: '{"method":"report"}', bytes }],
      ['twetalk', { ...common, text: '{"method":"get_status"}' }],
    ]);
  });

  it('does not send again what had a secret in it', async () => {
    const { service, tell, again } = await bench();
    tell(wire({ text: '{"token":"[redacted]"}' }));
    await expect(service.calls['wire.resend']({ id: 1 }, context)).rejects.toMatchObject({
      code: 'unsupported',
      value: { data: { why: 'redacted' } },
    });
    expect(again).toEqual([]);
  });

  it('holds so much and no more, whatever is sent', async () => {
    const { service, list, tell } = await bench();
    const image = new Uint8Array(1024 * 1024);
    for (let count = 0; count < 100; count += 1) tell(wire({ bytes: image }));
    const { oldestKept } = await service.calls['wire.list']({ filter: {}, limit: 1 }, context);
    expect(oldestKept).toBe(100 - 63 + 1);
    for (let count = 0; count < 20_500; count += 1) tell(wire());
    expect((await service.calls['wire.list']({ filter: {}, limit: 1 }, context)).oldestKept).toBe(20_600 - 20_000 + 1);
    await service.calls['wire.clear']({}, context);
    expect(await list()).toEqual([]);
    tell(wire());
    expect((await list()).map(({ id }) => id)).toEqual([20_601]);
  });
});
