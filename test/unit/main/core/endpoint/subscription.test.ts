import { describe, expect, test } from 'vitest';
import type { StreamAttachment } from '../../../../../main/core/endpoint/handlers.ts';
import { Subscription } from '../../../../../main/core/endpoint/subscription.ts';
import { Topic } from '../../../../../main/core/endpoint/topic.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import type { ServerFrame } from '../../../../../preload/contract/wire.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

function subscribe(more: Partial<StreamAttachment<unknown, unknown>>, options: { credit?: number; fromSeq?: number } = {}) {
  const clock = new VirtualClock();
  const topic = new Topic<unknown, unknown>({ snapshot: () => 'snapshot', retain: 1 });
  const frames: ServerFrame[] = [];
  const failures: unknown[] = [];
  const subscription = new Subscription({
    id: 1,
    attachment: { topic, ...more },
    credit: options.credit ?? 100,
    clock,
    post: (frame) => frames.push(frame),
    fail: (error) => failures.push(error),
  });
  subscription.start(options.fromSeq);
  const seen = () => frames.map((frame) => (frame.t === 'deltas' ? frame.items : frame.t === 'snapshot' ? frame.body : frame.t));
  return { clock, topic, subscription, frames, failures, seen };
}

describe('a stream whose deltas are the whole state', () => {
  test('gives a slow client the newest only, and says of nothing that it was lost', async () => {
    const { clock, topic, subscription, seen } = subscribe({ isState: true }, { credit: 1 });
    topic.publish('a');
    await clock.advance(40_000);
    for (const state of ['b', 'c', 'd', 'e']) topic.publish(state);
    await clock.advance(1_000_000);
    expect(seen()).toEqual(['snapshot', ['a']]);
    subscription.addCredit(1);
    await clock.advance(40_000);
    expect(seen()).toEqual(['snapshot', ['a'], ['e']]);
  });

  test('that asks for some states only is never sent another', async () => {
    const { clock, topic, seen } = subscribe({ isState: true, accepts: (state) => String(state).startsWith('a') }, { credit: 5 });
    for (const state of ['a1', 'b1', 'a2']) topic.publish(state);
    await clock.advance(40_000);
    expect(seen()).toEqual(['snapshot', ['a2']]);
    // The topic retains one: what was asked for is gone by then.
    for (const state of ['a3', 'b2']) topic.publish(state);
    await clock.advance(1_000_000);
    expect(seen()).toEqual(['snapshot', ['a2'], 'snapshot']);
  });
});

describe('a stream that is its subscription’s alone', () => {
  test('is closed once, however it ends', () => {
    let closed = 0;
    const { subscription } = subscribe({ close: () => closed++ });
    subscription.stop();
    subscription.stop();
    expect(closed).toBe(1);
  });

  test('has nothing to resume: a number from another one opens with a snapshot', () => {
    expect(subscribe({ close: () => {} }, { fromSeq: 0 }).seen()).toEqual(['snapshot']);
    expect(subscribe({}, { fromSeq: 0 }).seen()).toEqual([]);
  });
});

describe('a stream that is not ready at once', () => {
  test('begins when it is', async () => {
    const ready = Promise.withResolvers<void>();
    const { clock, seen } = subscribe({ ready: ready.promise });
    expect(seen()).toEqual([]);
    ready.resolve();
    await clock.settle();
    expect(seen()).toEqual(['snapshot']);
  });

  test('ends with the reason why it never will be, and is closed', async () => {
    let closed = 0;
    const { clock, failures, seen } = subscribe({
      ready: Promise.reject(new TalkError('session/not-found', { id: 'x' })),
      close: () => closed++,
    });
    await clock.settle();
    expect(seen()).toEqual([]);
    expect(failures).toMatchObject([{ code: 'session/not-found' }]);
    expect(closed).toBe(1);
  });

  test('that nobody waits for any more never begins', async () => {
    const ready = Promise.withResolvers<void>();
    const { clock, subscription, topic, seen } = subscribe({ ready: ready.promise });
    subscription.stop();
    ready.resolve();
    await clock.settle();
    topic.publish('late');
    await clock.advance(100_000);
    expect(seen()).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a topic', () => {
  test('that starts over sends what was still to come, then the new snapshot, to a client without credit too', async () => {
    const { clock, topic, seen } = subscribe({}, { credit: 1 });
    topic.publish('a');
    await clock.advance(40_000);
    topic.publish('b');
    topic.restart();
    expect(seen()).toEqual(['snapshot', ['a'], ['b'], 'snapshot']);
  });

  test('that fails ends its subscriptions with the error', () => {
    const { topic, failures } = subscribe({});
    topic.fail(new TalkError('timeout'));
    expect(failures).toMatchObject([{ code: 'timeout' }]);
  });
});
