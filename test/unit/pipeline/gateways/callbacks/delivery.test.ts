import { describe, expect, it } from 'vitest';
import { type CallbackMessage, createDeliveries } from '../../../../../pipeline/gateways/callbacks/delivery.ts';
import type { CallbackDelivery } from '../../../../../preload/contract/cloud/callbacks.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

type Answer = number | 'silence' | 'refused';

/** A backend that answers what the test says, the last for ever, on a clock that the test moves. */
function bench(answers: Answer[]) {
  const clock = new VirtualClock();
  const seen: { atS: number; headers: Record<string, string>; body: string }[] = [];
  const states: CallbackDelivery[] = [];
  let dropped = 0;
  const deliveries = createDeliveries({
    clock,
    onChange: (delivery) => states.push(delivery),
    onDropped: () => {
      dropped += 1;
    },
    async fetch(_url, init) {
      seen.push({ atS: clock.nowUs() / 1e6, headers: init?.headers as Record<string, string>, body: String(init?.body) });
      const answer = answers[Math.min(seen.length, answers.length) - 1];
      if (answer === 'refused') throw new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) });
      if (typeof answer === 'number') return new Response(null, { status: answer });
      return await new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    },
  });
  const deliver = (more: Partial<CallbackMessage> = {}) =>
    deliveries.deliver({
      ...{ kind: 'server', name: '901', url: 'http://backend/cb?key=hidden', body: '{}', isSigned: false },
      headers: ({ id, wallMs }) => ({ id, wallMs: String(wallMs) }),
      ...{ timeoutMs: 5000, retryMs: 10_000, retryForMs: 60_000 },
      ...more,
    });
  return { clock, seen, states, deliver, deliveries, dropped: () => dropped };
}

describe('delivery of callbacks', () => {
  it('is done with the first 200, and tells the address without its query', async () => {
    const { clock, states, deliver } = bench([200]);
    deliver();
    await clock.advance(1_000_000);
    expect(states.map(({ state }) => state)).toEqual(['sending', 'delivered']);
    expect(states.at(-1)).toMatchObject({ url: 'http://backend/cb', attempts: [{ status: 200 }] });
  });

  it('tries again at once, then every 10 s, and not once the message is a minute old', async () => {
    const { clock, seen, states, deliver } = bench([500]);
    deliver();
    await clock.advance(200_000_000);
    expect(seen.map(({ atS }) => atS)).toEqual([0, 0, 10, 20, 30, 40, 50, 60]);
    expect(states.at(-1)?.state).toBe('given-up');
  });

  it('takes five seconds of silence for a failure', async () => {
    const { clock, seen, states, deliver } = bench(['silence', 200]);
    deliver();
    await clock.advance(5_100_000);
    expect(seen.map(({ atS }) => atS)).toEqual([0, 5]);
    expect(states.at(-1)).toMatchObject({ state: 'delivered', attempts: [{ failure: 'timeout', elapsedMs: 5000 }, { status: 200 }] });
  });

  it('counts only 200 as success: 204 and 302 are tried again', async () => {
    const { clock, seen, deliver } = bench([204, 302, 200]);
    deliver();
    await clock.advance(20_000_000);
    expect(seen).toHaveLength(3);
  });

  it('repeats the same id and the same body', async () => {
    const { clock, seen, deliver } = bench(['refused', 'refused', 200]);
    const id = deliver();
    await clock.advance(20_000_000);
    expect(new Set(seen.map(({ headers, body }) => `${headers.id} ${body}`))).toEqual(new Set([`${id} {}`]));
    expect(seen[2]?.headers.wallMs).not.toBe(seen[0]?.headers.wallMs);
  });

  it('holds a thousand open ones and counts the rest as dropped', async () => {
    const { clock, seen, deliver, dropped, deliveries } = bench(['silence']);
    for (let count = 0; count < 1100; count += 1) deliver();
    await clock.advance(1000);
    expect(dropped()).toBe(100);
    expect(seen).toHaveLength(32);
    deliveries.close();
  });

  it('gives up what waits when the bench closes', async () => {
    const { clock, seen, states, deliver, deliveries } = bench([500]);
    deliver();
    await clock.advance(1_000_000);
    deliveries.close();
    await clock.advance(100_000_000);
    expect(seen).toHaveLength(2);
    expect(states.at(-1)?.state).toBe('given-up');
  });

  it('gives up what has no address that can be one, and quotes none with a password', async () => {
    const clock = new VirtualClock();
    const states: CallbackDelivery[] = [];
    const deliveries = createDeliveries({ clock, onChange: (delivery) => states.push(delivery), onDropped: () => {} });
    const message = { kind: 'server', name: '901', body: '{}', isSigned: false, headers: () => ({}) } as const;
    for (const url of ['http://[', 'http://user:pass-word@127.0.0.1:1/cb'])
      deliveries.deliver({ ...message, url, timeoutMs: 5000, retryMs: 1000, retryForMs: 0 });
    await expect.poll(() => states.filter(({ state }) => state === 'given-up').length).toBe(2);
    expect(JSON.stringify(states)).not.toContain('pass-word');
    expect(states.at(-1)?.attempts[0]?.failure).toBeDefined();
  });
});
