import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { createReceiver } from '../../../../../pipeline/gateways/callbacks/receiver.ts';
import { serverSign, subtitleSign } from '../../../../../pipeline/gateways/callbacks/signature.ts';
import { createGatewayServer } from '../../../../../pipeline/gateways/http.ts';
import type { ReceivedCallback } from '../../../../../preload/contract/cloud/callbacks.ts';
import { settingsSchema } from '../../../../../preload/contract/settings.ts';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function receiver(options: { key?: string; settings?: Record<string, unknown> } = {}) {
  const http = await createGatewayServer({ host: '127.0.0.1', port: 0 });
  opened.push(() => http.close());
  const received: ReceivedCallback[] = [];
  http.mount(
    createReceiver({
      clock: systemClock,
      settings: () => settingsSchema.parse({ callbacks: options.settings ?? {} }).callbacks,
      key: () => options.key ?? null,
      onReceived: (callback) => received.push(callback),
    }),
  );
  const url = `http://127.0.0.1:${http.listener.port}/callbacks`;
  const post = (kind: 'server' | 'subtitle', body: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/${kind}`, { method: 'POST', body, headers });
  return { url, post, received, port: http.listener.port };
}

const event = (agoMs = 0) => JSON.stringify({ EventGroupId: 9, EventType: 902, CallbackTs: Date.now() - agoMs, EventInfo: {} });
const subtitle = JSON.stringify({ session_id: 's', role: 'bot', text: '好的' });

describe('receiver of callbacks', () => {
  it('accepts a signed one and answers {"code":0}', async () => {
    const { post, received } = await receiver({ key: 'key123' });
    const body = event();
    const response = await post('server', body, { Sign: serverSign('key123', body), SdkAppId: '1400000000' });
    expect([response.status, await response.json()]).toEqual([200, { code: 0 }]);
    expect(received).toMatchObject([{ kind: 'server', name: '902', verdict: 'good', answer: 200, headers: { sdkappid: '1400000000' } }]);
  });

  it('refuses a wrong signature and a missing one, and shows what would have been right', async () => {
    const { post, received } = await receiver({ key: 'key123' });
    const body = event();
    expect((await post('server', body, { Sign: serverSign('other', body) })).status).toBe(401);
    expect((await post('server', body)).status).toBe(401);
    expect(received).toMatchObject([
      { verdict: 'bad-signature', expectedSign: serverSign('key123', body) },
      { verdict: 'unsigned', expectedSign: serverSign('key123', body) },
    ]);
  });

  it('finds an old one stale, and one from the future too', async () => {
    const { post, received } = await receiver();
    await post('server', event(301_000));
    await post('server', event(-301_000));
    await post('server', event(299_000));
    expect(received.map(({ verdict }) => verdict)).toEqual(['stale', 'stale', 'good']);
  });

  it('knows a repetition and answers it as the first: of a subtitle by its id, of a server callback by its bytes', async () => {
    const { post, received } = await receiver();
    const headers = { 'X-Timestamp': String(Date.now()), 'X-Request-Id': 'one' };
    const body = event();
    for (const send of [() => post('subtitle', subtitle, headers), () => post('server', body)]) {
      expect((await send()).status).toBe(200);
      expect((await send()).status).toBe(200);
    }
    expect(received.map(({ verdict }) => verdict)).toEqual(['good', 'duplicate', 'good', 'duplicate']);
  });

  it('a forged repetition does not take the id from the real message', async () => {
    const { post, received } = await receiver({ key: 'k' });
    const time = String(Date.now());
    const headers = { 'X-Timestamp': time, 'X-Request-Id': 'one' };
    await post('subtitle', subtitle, { ...headers, Sign: 'forged' });
    await post('subtitle', subtitle, { ...headers, Sign: subtitleSign('k', subtitle, time, 'one') });
    expect(received.map(({ verdict }) => verdict)).toEqual(['bad-signature', 'good']);
  });

  it('can answer with an error, or not at all', async () => {
    const failing = await receiver({ settings: { receiverAnswer: 'status', receiverStatus: 503 } });
    expect((await failing.post('server', event())).status).toBe(503);
    const silent = await receiver({ settings: { receiverAnswer: 'silence' } });
    const leaving = new AbortController();
    const waiting = fetch(`${silent.url}/server`, { method: 'POST', body: event(), signal: leaving.signal });
    await expect.poll(() => silent.received.length).toBe(1);
    expect(silent.received[0]?.answer).toBe('silence');
    leaving.abort();
    await expect(waiting).rejects.toThrow();
  });

  it('says what is no callback, and lives on', async () => {
    const { post, url, received, port } = await receiver();
    expect((await post('server', 'not JSON')).status).toBe(400);
    expect((await post('server', '{}')).status).toBe(400);
    expect((await fetch(`${url}/server`)).status).toBe(405);
    expect((await fetch(`${url}/../callbacks/other`, { method: 'POST' })).status).toBe(404);
    // More than any callback has; the sender may be cut off before it has read the answer.
    const big = await post('server', 'x'.repeat(2_000_000)).then(
      ({ status }) => status,
      () => 413,
    );
    expect(big).toBe(413);
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /callbacks/server HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    expect((await post('server', event())).status).toBe(200);
    expect(received.map(({ verdict }) => verdict)).toEqual(['malformed', 'malformed', 'good']);
  });

  // Each of them ended the process once: `String` and `Number` throw for what cannot be made a text.
  it.each([
    ['server', { EventType: { toString: 1 }, CallbackTs: Date.now() }],
    ['server', { EventType: 901, CallbackTs: { valueOf: 1, toString: 1 } }],
    ['subtitle', { role: { toString: 1 } }],
  ] as const)('survives members that are no text: %s', async (kind, message) => {
    const { post, received } = await receiver();
    const response = await post(kind, JSON.stringify(message), { 'X-Timestamp': String(Date.now()), 'X-Request-Id': 'a' });
    expect([200, 400]).toContain(response.status);
    expect(received).toHaveLength(1);
  });

  it('keeps little of what strangers send', async () => {
    const { post, received } = await receiver();
    const body = JSON.stringify({ EventType: 'x'.repeat(1000), CallbackTs: Date.now(), filler: 'y'.repeat(200_000) });
    expect((await post('server', body)).status).toBe(200);
    expect(received[0]?.name.length).toBeLessThanOrEqual(60);
    expect(received[0]?.body.length).toBeLessThanOrEqual(16 * 1024 + 1);
  });
});
