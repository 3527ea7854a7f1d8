import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Topic } from '../../main/core/endpoint/topic.ts';
import type { VirtualBoard } from '../../preload/contract/boards.ts';
import { TalkError } from '../../preload/contract/errors.ts';
import type { DeviceRecord } from '../../preload/contract/pipeline.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';
import { bench, Listening, wirings } from './harness.ts';

/** A delta of `devices.state`, told apart by its name. */
function device(index: number, properties: Record<string, unknown> = {}): DeviceRecord {
  return {
    productId: 'P',
    deviceName: `d${index}`,
    hasSecret: false,
    isOnline: true,
    activatedWallMs: null,
    lastOnlineWallMs: null,
    connectionCount: 0,
    connection: null,
    topics: [],
    certificateFingerprint: null,
    firmwareVersion: null,
    properties,
  };
}

function deviceTopic(retain?: number) {
  let latest: DeviceRecord[] = [];
  const topic = new Topic<DeviceRecord[], DeviceRecord>({ snapshot: () => latest, ...(retain === undefined ? {} : { retain }) });
  let next = 0;
  return {
    topic,
    streams: { 'devices.state': () => ({ topic }) },
    publish(count: number, properties?: Record<string, unknown>) {
      for (let i = 0; i < count; i++) {
        const delta = device(next++, properties);
        latest = [delta];
        topic.publish(delta);
      }
    },
  };
}

const names = (items: readonly DeviceRecord[]) => items.map((item) => item.deviceName);
const namesFrom = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `d${from + i}`);

describe.each(Object.entries(wirings))('over %s', (_name, wire) => {
  it('welcomes a client with its role and the run of the core', async () => {
    await using lab = await bench(wire, {});
    const client = await lab.connect('viewer');
    expect(await client.welcome).toMatchObject({
      protocol: 1,
      appVersion: '0.0.0-test',
      role: 'viewer',
      capabilities: ['reveal-file'],
      coreEpoch: 'epoch-1',
    });
  });

  it('answers calls with the request validated and its defaults filled', async () => {
    const asked: unknown[] = [];
    await using lab = await bench(wire, {
      calls: {
        'sessions.events': async (body) => {
          asked.push(body);
          return { events: [], hasMore: false };
        },
      },
    });
    const client = await lab.connect();
    await client.call('sessions.events', { id: 's1' });
    expect(asked).toEqual([{ id: 's1', afterOrdinal: -1, limit: 5000 }]);
  });

  it('keeps binary binary, both ways', async () => {
    await using lab = await bench(wire, {
      calls: {
        'sessions.import': async ({ data }) => ({ id: `${data.constructor.name} ${data.join()}` }),
        'sessions.export': async () => ({ fileName: 'f', data: Uint8Array.of(0, 128, 255) }),
      },
    });
    const client = await lab.connect();
    expect(await client.call('sessions.import', { data: Uint8Array.of(255, 0, 7) })).toEqual({ id: 'Uint8Array 255,0,7' });
    expect(await client.call('sessions.export', { id: '' })).toEqual({ fileName: 'f', data: Uint8Array.of(0, 128, 255) });
  });

  it('refuses a body the contract does not allow, saying where', async () => {
    const handler = vi.fn(async () => ({ durationMs: 1 }));
    await using lab = await bench(wire, { calls: { 'boards.speak': handler } });
    const client = await lab.connect();
    const call = client.call('boards.speak', { name: 'a', source: { kind: 'text', text: '', language: 'zh' } });
    await expect(call).rejects.toMatchObject({ value: { code: 'bad-request', data: { issues: [{ path: 'source.text' }] } } });
    expect(handler).not.toHaveBeenCalled();
  });

  it('sends expected failures as code, data and retryable', async () => {
    await using lab = await bench(wire, {
      calls: {
        'ports.close': async () => {
          throw new TalkError('port/busy', { address: '/dev/x', owner: 'flash' }, { retryable: true });
        },
      },
    });
    const client = await lab.connect();
    await expect(client.call('ports.close', { address: 'x' })).rejects.toMatchObject({
      value: { code: 'port/busy', data: { address: '/dev/x', owner: 'flash' }, retryable: true },
    });
  });

  it('logs a bug under the id the client is told, and tells it nothing else', async () => {
    const error = vi.fn<(data: object, message: string) => void>();
    await using lab = await bench(wire, {
      calls: { 'boards.list': async () => Promise.reject(new TypeError('secret detail')) },
      log: { warn: () => undefined, error },
    });
    const client = await lab.connect();
    const failure = await client.call('boards.list', {}).catch((reason: TalkError) => reason.value);
    expect(failure).toEqual({ code: 'internal', data: { id: expect.any(String) }, retryable: false });
    expect(error.mock.calls[0]?.[0]).toMatchObject({
      id: (failure as TalkError['value']).data.id,
      name: 'boards.list',
      err: { message: 'secret detail' },
    });
  });

  it.each(['no.such.call', 'constructor', 'boards.list'])('refuses %s when nothing handles it', async (name) => {
    await using lab = await bench(wire, {});
    const client = await lab.connect();
    await expect(client.call(name as 'boards.list', {})).rejects.toMatchObject({ value: { code: 'unknown-call', data: { name } } });
  });

  it('lets a viewer look and not touch', async () => {
    const stop = vi.fn(async () => ({}));
    await using lab = await bench(wire, { calls: { 'boards.stop': stop, 'boards.list': async () => ({ boards: [] }) } });
    const client = await lab.connect('viewer');
    expect(await client.call('boards.list', {})).toEqual({ boards: [] });
    await expect(client.call('boards.stop', { name: 'a' })).rejects.toMatchObject({
      value: { code: 'forbidden', data: { role: 'viewer' } },
    });
    client.send('boards.stop', { name: 'a' });
    await client.call('boards.list', {});
    expect(stop).not.toHaveBeenCalled();
  });

  it('performs what is sent without a reply', async () => {
    const done = Promise.withResolvers<string>();
    await using lab = await bench(wire, {
      calls: {
        'boards.stop': async ({ name }) => {
          done.resolve(name);
          return {};
        },
      },
    });
    (await lab.connect()).send('boards.stop', { name: 'b1' });
    expect(await done.promise).toBe('b1');
  });

  it('cancels a call in the core when its signal aborts, and the connection goes on', async () => {
    const aborted = Promise.withResolvers<unknown>();
    const started = Promise.withResolvers<void>();
    await using lab = await bench(wire, {
      calls: {
        'boards.list': async (_body, { signal }) => {
          started.resolve();
          await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
          return { boards: [] };
        },
        'boards.stop': async () => ({}),
      },
    });
    const client = await lab.connect();
    const controller = new AbortController();
    const call = client.call('boards.list', {}, { signal: controller.signal });
    call.catch((reason) => aborted.resolve(reason));
    await started.promise;
    controller.abort();
    expect(await aborted.promise).toMatchObject({ code: 'cancelled' });
    expect(await client.call('boards.stop', { name: 'a' })).toEqual({});
    await expect(client.call('boards.stop', { name: 'a' }, { signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('refuses an oversize body without losing the connection', async () => {
    await using lab = await bench(wire, { calls: { 'sessions.import': async () => ({ id: 'x' }) }, maxCallBytes: 10_000 });
    const client = await lab.connect();
    await expect(client.call('sessions.import', { data: new Uint8Array(10_001) })).rejects.toMatchObject({
      value: { code: 'too-large', data: { limitBytes: 10_000 } },
    });
    expect(await client.call('sessions.import', { data: new Uint8Array(9_000) })).toEqual({ id: 'x' });
  });

  it('fails calls under way when either side goes, and aborts them in the core', async () => {
    const aborted: unknown[] = [];
    const bothStarted = Promise.withResolvers<void>();
    const bothAborted = Promise.withResolvers<void>();
    let started = 0;
    await using lab = await bench(wire, {
      calls: {
        'boards.list': (_body, { signal }) =>
          new Promise((_resolve, reject) => {
            if (++started === 2) bothStarted.resolve();
            signal.addEventListener('abort', () => {
              aborted.push((signal.reason as TalkError).code);
              if (aborted.length === 2) bothAborted.resolve();
              reject(signal.reason);
            });
          }),
      },
    });
    const leaving = await lab.connect();
    const left = await lab.connect();
    const closed = new Promise<string>((resolve) => left.onClose(resolve));
    const outcomes = Promise.allSettled([leaving.call('boards.list', {}), left.call('boards.list', {})]);
    await bothStarted.promise;
    leaving.close();
    lab.endpoint.close('core-stopped');
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'disconnected' } });
    expect(await closed).toBe('core-stopped');
    await bothAborted.promise;
    expect(aborted).toEqual(['disconnected', 'disconnected']);
    await expect(left.call('boards.list', {})).rejects.toMatchObject({ code: 'disconnected' });
    expect(lab.endpoint.connectionCount).toBe(0);
  });

  it('closes on a frame the contract does not know', async () => {
    await using lab = await bench(wire, {});
    const transport = await lab.transport();
    const closed = new Promise<string>((resolve) => transport.onClose(resolve));
    transport.onFrame(() => undefined);
    transport.post({ t: 'hello', protocol: 1 });
    transport.post({ t: 'credit', id: 1, items: -5 });
    expect(await closed).toBe('bad-frame');
  });

  it('closes on another protocol version', async () => {
    await using lab = await bench(wire, {});
    const transport = await lab.transport();
    const closed = new Promise<string>((resolve) => transport.onClose(resolve));
    transport.onFrame(() => undefined);
    transport.post({ t: 'hello', protocol: 99 });
    expect(await closed).toBe('protocol');
  });

  it('opens a stream with a snapshot and goes on with numbered deltas in order', async () => {
    const clock = new VirtualClock();
    const { publish, streams } = deviceTopic();
    await using lab = await bench(wire, { streams, clock });
    publish(3);
    const listening = new Listening<'devices.state'>();
    (await lab.connect()).subscribe('devices.state', {}, listening);
    await listening.until(({ told }) => told.length === 1);
    publish(100);
    await clock.advance(33_000);
    await listening.until(({ items }) => items.length === 100);
    expect(listening.told[0]).toMatchObject({ kind: 'snapshot', seq: 3, snapshot: [{ deviceName: 'd2' }] });
    expect(listening.told[1]).toMatchObject({ kind: 'deltas', firstSeq: 3, nextSeq: 103 });
    expect(names(listening.items)).toEqual(namesFrom(3, 103));
  });

  it('sends at most one batch in 33 ms, and splits it at 256 KiB', async () => {
    const clock = new VirtualClock();
    const { publish, streams } = deviceTopic();
    await using lab = await bench(wire, { streams, clock });
    const listening = new Listening<'devices.state'>();
    (await lab.connect()).subscribe('devices.state', {}, listening);
    await listening.until(({ told }) => told.length === 1);
    publish(1);
    await clock.advance(0);
    await listening.until(({ items }) => items.length === 1);
    for (let i = 0; i < 10; i++) {
      publish(1);
      await clock.advance(3000);
    }
    await clock.advance(3000);
    await listening.until(({ items }) => items.length === 11);
    publish(4, { text: 'x'.repeat(150 * 1024) });
    await clock.advance(33_000);
    await listening.until(({ items }) => items.length === 15);
    expect(listening.told.flatMap((entry) => (entry.kind === 'deltas' ? [entry.items.length] : []))).toEqual([1, 10, 2, 2]);
  });

  it('holds back beyond the credit until the consumer has finished', async () => {
    const clock = new VirtualClock();
    const { publish, streams } = deviceTopic();
    await using lab = await bench(wire, { streams, clock, calls: { 'boards.list': async () => ({ boards: [] }) } });
    const listening = new Listening<'devices.state'>();
    const gate = Promise.withResolvers<void>();
    listening.gate = gate.promise;
    const client = await lab.connect();
    client.subscribe('devices.state', {}, listening, { creditItems: 10 });
    await listening.until(({ told }) => told.length === 1);
    publish(25);
    for (let i = 0; i < 10; i++) await clock.advance(33_000);
    await client.call('boards.list', {}); // whatever the core had to say by now has arrived
    expect(listening.items).toHaveLength(10);
    listening.gate = null;
    gate.resolve();
    const drained = listening.until(({ items }) => items.length === 25);
    let isDrained = false;
    void drained.then(() => {
      isDrained = true;
    });
    while (!isDrained) {
      await client.call('boards.list', {});
      await clock.advance(33_000);
    }
    expect(names(listening.items)).toEqual(namesFrom(0, 25));
  });

  it('counts what a slow consumer lost, then shows it the present state', async () => {
    const clock = new VirtualClock();
    const { publish, streams } = deviceTopic(16);
    await using lab = await bench(wire, { streams, clock, calls: { 'boards.list': async () => ({ boards: [] }) } });
    const listening = new Listening<'devices.state'>();
    const gate = Promise.withResolvers<void>();
    listening.gate = gate.promise;
    const client = await lab.connect();
    client.subscribe('devices.state', {}, listening, { creditItems: 2 });
    await listening.until(({ told }) => told.length === 1);
    publish(2);
    await clock.advance(0);
    await listening.until(({ items }) => items.length === 2);
    publish(100);
    gate.resolve();
    listening.gate = null;
    await gate.promise;
    await client.call('boards.list', {});
    await clock.advance(33_000);
    await listening.until(({ told }) => told.length === 4);
    expect(listening.told.slice(2)).toMatchObject([
      { kind: 'dropped', count: 100 },
      { kind: 'snapshot', seq: 102, snapshot: [{ deviceName: 'd101' }] },
    ]);
    publish(1);
    await clock.advance(33_000);
    await listening.until(({ told }) => told.length === 5);
    expect(listening.told[4]).toMatchObject({ kind: 'deltas', firstSeq: 102 });
  });

  it('resumes where the client was, without a snapshot, while the core still holds it', async () => {
    const clock = new VirtualClock();
    const { publish, streams } = deviceTopic(16);
    await using lab = await bench(wire, { streams, clock });
    publish(20);
    const resumed = new Listening<'devices.state'>();
    (await lab.connect()).subscribe('devices.state', {}, resumed, { fromSeq: 12 });
    await resumed.until(({ items }) => items.length === 8);
    expect(resumed.told).toMatchObject([{ kind: 'deltas', firstSeq: 12, nextSeq: 20 }]);

    publish(200);
    const tooLate = new Listening<'devices.state'>();
    (await lab.connect()).subscribe('devices.state', {}, tooLate, { fromSeq: 20 });
    await tooLate.until(({ told }) => told.length === 2);
    expect(tooLate.told).toMatchObject([
      { kind: 'dropped', count: 200 },
      { kind: 'snapshot', seq: 220 },
    ]);
  });

  it('numbers filtered deltas by the topic, so that a resume skips none', async () => {
    const clock = new VirtualClock();
    const { topic, publish } = deviceTopic();
    const isEven = (delta: DeviceRecord) => Number(delta.deviceName.slice(1)) % 2 === 0;
    await using lab = await bench(wire, { streams: { 'devices.state': () => ({ topic, accepts: isEven }) }, clock });
    const listening = new Listening<'devices.state'>();
    (await lab.connect()).subscribe('devices.state', {}, listening);
    await listening.until(({ told }) => told.length === 1);
    publish(9);
    await clock.advance(33_000);
    await listening.until(({ items }) => items.length === 5);
    expect(listening.told[1]).toMatchObject({ firstSeq: 0, nextSeq: 9 });
    expect(names(listening.items)).toEqual(['d0', 'd2', 'd4', 'd6', 'd8']);
  });

  it('says nothing more after unsubscribe', async () => {
    const clock = new VirtualClock();
    const { publish, streams } = deviceTopic();
    await using lab = await bench(wire, { streams, clock, calls: { 'boards.list': async () => ({ boards: [] }) } });
    const client = await lab.connect();
    const listening = new Listening<'devices.state'>();
    const unsubscribe = client.subscribe('devices.state', {}, listening);
    await listening.until(({ told }) => told.length === 1);
    publish(1);
    unsubscribe();
    await clock.advance(0); // what was under way for it already is dropped on arrival
    await client.call('boards.list', {});
    publish(5);
    await clock.advance(33_000);
    await client.call('boards.list', {});
    expect(listening.told).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends a stream that cannot be given with its error', async () => {
    await using lab = await bench(wire, {
      streams: {
        'boards.state': () => {
          throw new TalkError('not-found', { what: 'board' });
        },
        'settings.state': () => ({
          topic: new Topic({
            snapshot: () => {
              throw new TypeError('bug');
            },
          }),
        }),
      },
    });
    const client = await lab.connect();
    const expected = new Listening<'boards.state'>();
    const bug = new Listening<'settings.state'>();
    const unknown = new Listening<'flash.jobs'>();
    client.subscribe('boards.state', {}, expected);
    client.subscribe('settings.state', {}, bug);
    client.subscribe('flash.jobs', {}, unknown);
    await unknown.until(({ told }) => told.length === 1);
    expect([expected.told, bug.told, unknown.told]).toEqual([
      [{ kind: 'end', code: 'not-found' }],
      [{ kind: 'end', code: 'internal' }],
      [{ kind: 'end', code: 'unknown-call' }],
    ]);
  });

  it('carries any tree of values unchanged', async () => {
    await using lab = await bench(wire, {
      calls: { 'settings.set': async ({ changes }) => ({ settings: changes as never, restartNeeded: [] }) },
    });
    const client = await lab.connect();
    const leaf = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.boolean(),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true }).map((value) => value + 0),
      fc.constant(null),
      fc.uint8Array(),
    );
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('node'), { maxLength: 5 }),
        fc.dictionary(key, tie('node'), { maxKeys: 5 }),
      ),
    })).node;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, fc.dictionary(key, tree, { maxKeys: 3 }), { maxKeys: 3 }), async (changes) => {
        expect((await client.call('settings.set', { changes })).settings).toEqual(changes);
      }),
      { numRuns: 60 },
    );
  });

  it('delivers or counts every delta exactly once, whatever the pace of either side', async () => {
    const step = fc.oneof(
      fc.record({ publish: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ advanceMs: fc.integer({ min: 0, max: 80 }) }),
      fc.constant({ exchange: true as const }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.integer({ min: 1, max: 40 }), async (steps, creditItems) => {
        const clock = new VirtualClock();
        const { topic, publish, streams } = deviceTopic(8);
        await using lab = await bench(wire, { streams, clock, calls: { 'boards.list': async () => ({ boards: [] as VirtualBoard[] }) } });
        const client = await lab.connect();
        const listening = new Listening<'devices.state'>();
        client.subscribe('devices.state', {}, listening, { creditItems });
        await client.call('boards.list', {});
        for (const action of steps) {
          if ('publish' in action) publish(action.publish);
          else if ('advanceMs' in action) await clock.advance(action.advanceMs * 1000);
          else await client.call('boards.list', {});
        }
        const isUpToDate = () => accountOf(listening.told) === topic.nextSeq;
        while (!isUpToDate()) {
          await clock.advance(33_000);
          await client.call('boards.list', {});
        }
        expect(isUpToDate()).toBe(true);
      }),
      { numRuns: 15 },
    );
  });
});

/** Walks what was told, checking that numbers neither repeat nor skip; returns how far the client has got. */
function accountOf(told: Listening<'devices.state'>['told']): number {
  let next = 0;
  let lost = 0;
  for (const entry of told) {
    if (entry.kind === 'dropped') lost = entry.count;
    else if (entry.kind === 'snapshot') {
      expect(entry.seq - next).toBe(lost);
      next = entry.seq;
      lost = 0;
    } else if (entry.kind === 'deltas') {
      expect(entry.firstSeq).toBe(next);
      expect(names(entry.items)).toEqual(namesFrom(next, entry.nextSeq));
      next = entry.nextSeq;
    }
  }
  return next;
}

const key = fc.string({ minLength: 1, maxLength: 6 }).filter((name) => name !== '__proto__');
