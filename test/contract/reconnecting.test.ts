import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEndpoint, type Endpoint } from '../../main/core/endpoint/endpoint.ts';
import { Topic } from '../../main/core/endpoint/topic.ts';
import type { VirtualBoard } from '../../preload/contract/boards.ts';
import { TalkError } from '../../preload/contract/errors.ts';
import type { FlashJob } from '../../preload/contract/flash.ts';
import { createReconnectingClient } from '../../preload/contract/reconnecting.ts';
import type { MonoUs } from '../../preload/contract/time.ts';
import { memoryTransportPair } from '../../preload/contract/transports/memory.ts';
import type { ServerTransport } from '../../preload/contract/wire.ts';
import { Listening, silentLog } from '../conformance/harness.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';

/** A core that can be cut off and replaced, with numbered deltas in the stream `flash.jobs` standing for anything. */
function lab(options: { retain?: number; refusal?: TalkError; isSilent?: boolean } = {}) {
  const clock = new VirtualClock();
  const topic = new Topic<FlashJob[], FlashJob>({ snapshot: () => [], retain: options.retain ?? 1024 });
  let endpoint: Endpoint;
  let connection: ServerTransport | null = null;
  let refusal: TalkError | null = options.refusal ?? null;
  const attemptsMs: number[] = [];
  function newCore(coreEpoch: string): void {
    endpoint = createEndpoint({
      calls: { 'boards.list': async () => ({ boards: [] as VirtualBoard[] }) },
      streams: { 'flash.jobs': () => ({ topic }) },
      appVersion: '1',
      host: 'memory',
      capabilities: [],
      coreEpoch,
      log: silentLog,
      clock,
    });
  }
  newCore('a');
  const client = createReconnectingClient(
    async () => {
      attemptsMs.push(clock.nowUs() / 1000);
      if (refusal !== null) throw refusal;
      const [clientSide, serverSide] = memoryTransportPair();
      connection = serverSide;
      if (options.isSilent !== true) endpoint.accept(serverSide, { role: 'operator' });
      return clientSide;
    },
    { schedule: (delayMs, callback) => clock.at((clock.nowUs() + delayMs * 1000) as MonoUs, callback) },
  );
  let published = 0;
  return {
    clock,
    client,
    topic,
    attemptsMs,
    newCore,
    publish: (count: number) => {
      for (let i = 0; i < count; i++) topic.publish(published++ as unknown as FlashJob);
    },
    cut: () => connection?.close('lost'),
    refuse: (error: TalkError | null) => {
      refusal = error;
    },
    advanceMs: (ms: number) => clock.advance(ms * 1000),
  };
}

const numbers = (listening: Listening<'flash.jobs'>) => listening.items as unknown as number[];
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('createReconnectingClient', () => {
  it('continues a stream where it was after the connection was lost', async () => {
    const { client, publish, cut, advanceMs } = lab();
    const listening = new Listening<'flash.jobs'>();
    client.subscribe('flash.jobs', {}, listening);
    await advanceMs(0);
    publish(5);
    await advanceMs(33);
    cut();
    await advanceMs(0);
    publish(5);
    expect(client.state).toMatchObject({ state: 'lost', retryInMs: 250 });
    await advanceMs(300);
    expect(client.state.state).toBe('open');
    expect(numbers(listening)).toEqual(upTo(10));
    expect(listening.told.filter(({ kind }) => kind !== 'deltas')).toHaveLength(1);
  });

  it('starts over from a snapshot when another core answers', async () => {
    const { client, publish, cut, newCore, advanceMs } = lab();
    const listening = new Listening<'flash.jobs'>();
    client.subscribe('flash.jobs', {}, listening);
    await advanceMs(0);
    publish(3);
    await advanceMs(33);
    newCore('b');
    cut();
    await advanceMs(300);
    expect(listening.told.map(({ kind }) => kind)).toEqual(['snapshot', 'deltas', 'snapshot']);
  });

  it('neither loses nor repeats a delta, whenever the connection is cut', async () => {
    const step = fc.oneof(
      fc.constant('cut' as const),
      fc.integer({ min: 0, max: 120 }),
      fc.record({ publish: fc.integer({ min: 1, max: 9 }) }),
      fc.constant('gate' as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { client, publish, cut, topic, advanceMs } = lab({ retain: 100_000 });
        const listening = new Listening<'flash.jobs'>();
        let gate: PromiseWithResolvers<void> | null = null;
        client.subscribe('flash.jobs', {}, listening, { creditItems: 4 });
        await advanceMs(0);
        for (const action of steps) {
          if (action === 'cut') cut();
          else if (action === 'gate') {
            gate?.resolve();
            gate = gate === null ? Promise.withResolvers<void>() : null;
            listening.gate = gate?.promise ?? null;
          } else if (typeof action === 'number') await advanceMs(action);
          else publish(action.publish);
        }
        listening.gate = null;
        gate?.resolve();
        await advanceMs(20_000);
        expect(numbers(listening)).toEqual(upTo(topic.nextSeq));
        client.close();
      }),
      { numRuns: 40 },
    );
  });

  it('waits longer between attempts, up to ten seconds, and starts over after a success', async () => {
    const { client, attemptsMs, refuse, cut, advanceMs } = lab();
    await advanceMs(0);
    refuse(new TalkError('disconnected', {}, { retryable: true }));
    cut();
    await advanceMs(40_000);
    const pauses = attemptsMs.slice(1).map((ms, index) => ms - (attemptsMs[index] ?? 0));
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    refuse(null);
    client.retryNow();
    await advanceMs(0);
    expect(client.state.state).toBe('open');
    cut();
    await advanceMs(0);
    expect(client.state).toMatchObject({ state: 'lost', attempt: 1, retryInMs: 250 });
  });

  it('stops trying where that cannot help, until told to', async () => {
    const { client, attemptsMs, refuse, advanceMs } = lab({ refusal: new TalkError('forbidden', { reason: 'no-token' }) });
    await advanceMs(100_000);
    expect(client.state).toMatchObject({ state: 'lost', retryInMs: null, error: { code: 'forbidden' } });
    expect(attemptsMs).toHaveLength(1);
    refuse(null);
    client.retryNow();
    await advanceMs(0);
    expect(client.state.state).toBe('open');
  });

  it('gives up on a far end that never says welcome', async () => {
    const { client, advanceMs } = lab({ isSilent: true });
    await advanceMs(9_999);
    expect(client.state.state).toBe('connecting');
    await advanceMs(1);
    expect(client.state).toMatchObject({ state: 'lost', retryInMs: 250 });
  });

  it('holds calls until the first connection and fails them while it is lost', async () => {
    const { client, cut, advanceMs } = lab();
    const early = client.call('boards.list', {});
    const aborted = client.call('boards.list', {}, { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: 'cancelled' });
    await advanceMs(0);
    expect(await early).toEqual({ boards: [] });
    cut();
    await advanceMs(0);
    await expect(client.call('boards.list', {})).rejects.toMatchObject({ value: { code: 'disconnected', retryable: true } });
  });

  it('leaves nothing behind when closed', async () => {
    const { client, clock, cut, advanceMs } = lab();
    const listening = new Listening<'flash.jobs'>();
    client.subscribe('flash.jobs', {}, listening);
    await advanceMs(0);
    cut();
    await advanceMs(0);
    client.close();
    expect(clock.pendingTimers).toBe(0);
    await expect(client.call('boards.list', {})).rejects.toMatchObject({ value: { code: 'disconnected', retryable: false } });
    const told = listening.told.length;
    await clock.runUntilIdle();
    expect(listening.told).toHaveLength(told);
  });
});
