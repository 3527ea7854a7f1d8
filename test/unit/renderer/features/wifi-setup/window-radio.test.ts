import { expect, it, vi } from 'vitest';
import type { RadioCommand } from '../../../../../preload/contract/wifi-setup.ts';
import type { BleDevice } from '../../../../../renderer/features/wifi-setup/web-bluetooth.ts';
import { lendRadio } from '../../../../../renderer/features/wifi-setup/window-radio.ts';
import type { Lab } from '../../../../../renderer/lib/lab.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** A board as a browser shows it, and a core that writes down what it is told. */
function bench() {
  const reports: unknown[] = [];
  const written: string[] = [];
  const unsubscribe = vi.fn();
  const asked: string[] = [];
  let command: (commands: RadioCommand[]) => void = () => undefined;
  const notifier = Object.assign(new EventTarget(), {
    startNotifications: async () => undefined,
    writeValueWithResponse: async () => undefined,
    value: new DataView(Uint8Array.of(9, 0xe0, 0, 1, 0).buffer, 1),
  });
  const writer = Object.assign(new EventTarget(), {
    startNotifications: async () => undefined,
    writeValueWithResponse: async (data: Uint8Array) => void written.push(Buffer.from(data).toString('hex')),
  });
  const disconnect = vi.fn();
  const device = Object.assign(new EventTarget(), {
    id: 'x',
    name: 'dev_01',
    gatt: {
      connect: async () => ({
        getPrimaryService: async (service: string) => {
          asked.push(service);
          return { getCharacteristic: async (uuid: string) => (uuid.startsWith('0000ffe1') ? writer : notifier) };
        },
      }),
      disconnect,
    },
  }) satisfies BleDevice;
  const lab = {
    call: async (_name: string, body: { report: unknown }) => void reports.push(body.report),
    subscribe: (_name: string, _body: unknown, handlers: { onSnapshot(value: object): void; onDelta(items: RadioCommand[]): void }) => {
      command = (items) => handlers.onDelta(items);
      handlers.onSnapshot({});
      return unsubscribe;
    },
  } as unknown as Lab;
  return { lab, device, notifier, reports, written, asked, disconnect, unsubscribe, command: (items: RadioCommand[]) => command(items) };
}

it('does what the core says, one after the other, and tells what the board notifies', async () => {
  const { lab, device, notifier, reports, written, asked, command } = bench();
  await lendRadio(lab, device);
  command([
    { id: 1, kind: 'connect' },
    { id: 2, kind: 'write', data: Uint8Array.of(0xe0) },
    { id: 3, kind: 'write', data: Uint8Array.of(0xe1, 1) },
  ]);
  await nextTurn();
  notifier.dispatchEvent(new Event('characteristicvaluechanged'));
  device.dispatchEvent(new Event('gattserverdisconnected'));
  expect([written, asked]).toEqual([['e0', 'e101'], ['0000fff0-65d0-4e20-b56a-e493541ba4e2']]);
  expect(reports).toEqual([
    { kind: 'done', id: 1 },
    { kind: 'done', id: 2 },
    { kind: 'done', id: 3 },
    { kind: 'notified', data: Uint8Array.of(0xe0, 0, 1, 0) },
    { kind: 'disconnected' },
  ]);
});

it('says what failed, and goes on', async () => {
  const { lab, device, reports, command } = bench();
  await lendRadio(lab, device);
  command([{ id: 1, kind: 'write', data: Uint8Array.of(0xe0) }]);
  command([{ id: 2, kind: 'connect' }]);
  await nextTurn();
  expect(reports).toEqual([
    { kind: 'failed', id: 1, reason: 'not connected' },
    { kind: 'done', id: 2 },
  ]);
});

it('ends a connection that hangs, and does not keep it when it comes after all', async () => {
  const { lab, device, reports, disconnect, command } = bench();
  const { connect } = device.gatt;
  const connected = Promise.withResolvers<void>();
  device.gatt.connect = () => connected.promise.then(connect);
  await lendRadio(lab, device);
  command([{ id: 1, kind: 'connect' }]);
  await nextTurn();
  command([{ id: 2, kind: 'disconnect' }]);
  await nextTurn();
  expect(reports).toEqual([{ kind: 'done', id: 2 }]);
  connected.resolve();
  await nextTurn();
  expect(disconnect).toHaveBeenCalledTimes(2);
});

it('hears no board it has let go of', async () => {
  const { lab, device, notifier, reports, command } = bench();
  const lent = await lendRadio(lab, device);
  command([{ id: 1, kind: 'connect' }]);
  await nextTurn();
  lent.close();
  notifier.dispatchEvent(new Event('characteristicvaluechanged'));
  expect(reports).toEqual([{ kind: 'done', id: 1 }]);
});

it('gives the board back when it is closed', async () => {
  const { lab, device, reports, disconnect, unsubscribe } = bench();
  const lent = await lendRadio(lab, device);
  lent.close();
  device.dispatchEvent(new Event('gattserverdisconnected'));
  expect([disconnect.mock.calls.length, unsubscribe.mock.calls.length, reports]).toEqual([1, 1, []]);
});
