import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createReachService } from '../../../../../main/core/cloud/reach.ts';
import type { CloudServiceDeps } from '../../../../../main/core/cloud/service.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import type { GatewayDeps } from '../../../../../pipeline/gateways/gateway.ts';
import { createGatewayServer } from '../../../../../pipeline/gateways/http.ts';
import { type Settings, settingsSchema } from '../../../../../preload/contract/settings.ts';
import { RecordingObserver } from '../../../../fakes/observer.ts';

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const context = { signal: new AbortController().signal, role: 'operator' } as const;

async function bench(changes: { reach?: Partial<Settings['reach']>; host?: string } = {}) {
  const settings = settingsSchema.parse({ reach: { dnsPort: 0, ...changes.reach }, listeners: { host: changes.host ?? '127.0.0.1' } });
  const http = await createGatewayServer({ host: '127.0.0.1', port: 0 });
  opened.push(() => http.close());
  const observer = new RecordingObserver();
  let reopened = 0;
  const service = await createReachService({
    ...({ clock: systemClock, observer, devices: { list: () => [] } } as unknown as CloudServiceDeps),
    settings: { get: () => settings } as unknown as CloudServiceDeps['settings'],
    listeners: () => [http.listener],
    listenerSettings: () => settings,
    reopen: async () => {
      reopened += 1;
    },
  });
  const gateway = await service.start?.({ http, settings: () => settings } as unknown as GatewayDeps);
  opened.push(async () => gateway?.close());
  return {
    service,
    observer,
    gateway,
    port: http.listener.port,
    reopened: () => reopened,
    state: () => service.calls['reach.get']({}, context),
  };
}

describe('reach', () => {
  it('names the open listeners’ addresses, and has no page for a phone while only this machine is let in', async () => {
    const { state, port } = await bench();
    expect(await state()).toMatchObject({
      host: '127.0.0.1',
      isHostFixed: false,
      addresses: [{ listener: 'gateway', url: `http://127.0.0.1:${port}` }],
      summaryUrl: null,
      dns: { state: 'off' },
    });
    expect((await state()).interfaces).toContainEqual(expect.objectContaining({ address: '127.0.0.1', isLoopback: true, isOpen: true }));
  });

  it('serves the addresses as text', async () => {
    const { port } = await bench();
    const response = await fetch(`http://127.0.0.1:${port}/addresses`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain(`http://127.0.0.1:${port}`);
    expect((await fetch(`http://127.0.0.1:${port}/addresses`, { method: 'POST' })).status).toBe(405);
  });

  it('tells of somebody who connects and says nothing, and not of every connection of a flood', async () => {
    const { observer, port, service, state } = await bench();
    for (let count = 0; count < 5; count += 1) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      opened.push(async () => socket.destroy());
    }
    const told = () => observer.events.filter(({ kind }) => kind === 'listener.connection');
    await expect.poll(() => told().length).toBeGreaterThan(0);
    expect(told().length).toBeLessThan(4);
    expect(told()[0]).toMatchObject({ listener: 'gateway', remoteAddress: '127.0.0.1' });
    for (const event of told()) service.observe?.(event);
    expect((await state()).boards).toMatchObject([{ id: '127.0.0.1', steps: [{}, { step: 'connection', state: 'done' }, {}] }]);
  });

  it('starts its name server where the settings want one, and ends it', async () => {
    const { state, gateway } = await bench({ reach: { isDnsOn: true } });
    expect((await state()).dns).toMatchObject({ state: 'listening', queries: [] });
    expect(gateway?.listeners).toMatchObject([{ name: 'dns', state: 'listening' }]);
    await gateway?.close();
    expect((await state()).dns.state).toBe('off');
  });

  it('opens the listeners anew when it is told to', async () => {
    const { service, reopened } = await bench();
    await service.calls['reach.reopen']({}, context);
    expect(reopened()).toBe(1);
  });
});
