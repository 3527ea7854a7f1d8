import type { CallRequest } from '../../../preload/contract/index.ts';
import { llsyncUuids } from '../../../preload/contract/llsync-uuids.ts';
import type { RadioCommand } from '../../../preload/contract/wifi-setup.ts';
import type { Lab } from '../../lib/lab.ts';
import type { BleDevice, GattCharacteristic } from './web-bluetooth.ts';

export interface LentRadio {
  radioId: string;
  close(): void;
}

type Report = CallRequest<'wifi.radioReport'>['report'];

/** Lends this window's Bluetooth, with a board chosen, to the core: it says what to write, and hears what the board notifies. */
export async function lendRadio(lab: Lab, device: BleDevice): Promise<LentRadio> {
  const radioId = crypto.randomUUID();
  const lent = Promise.withResolvers<void>();
  let written: GattCharacteristic | null = null;
  let notified: GattCharacteristic | null = null;
  let isWanted = false;
  /** One after the other: a device takes one operation at a time. */
  let work: Promise<void> = Promise.resolve();

  const report = (what: Report): void => {
    lab.call('wifi.radioReport', { radioId, report: what }).catch(() => undefined); // the run hears of a lost radio by itself
  };
  const onNotified = (event: Event): void => {
    const { value } = event.target as GattCharacteristic;
    if (value !== undefined)
      report({
        kind: 'notified',
        data: new Uint8Array(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength) as ArrayBuffer),
      });
  };
  const onDisconnected = (): void => report({ kind: 'disconnected' });
  device.addEventListener('gattserverdisconnected', onDisconnected);

  async function connect(): Promise<void> {
    isWanted = true;
    const server = await device.gatt?.connect();
    if (server === undefined) throw new Error('no GATT');
    // A browser does not let go of a connection that is only being made: it comes, when nobody wants it any more.
    if (!isWanted) device.gatt?.disconnect();
    const service = await server.getPrimaryService(llsyncUuids.service);
    written = await service.getCharacteristic(llsyncUuids.write);
    notified = await service.getCharacteristic(llsyncUuids.notify);
    notified.addEventListener('characteristicvaluechanged', onNotified);
    await notified.startNotifications();
  }
  function disconnect(): void {
    isWanted = false;
    notified?.removeEventListener('characteristicvaluechanged', onNotified);
    written = notified = null;
    device.gatt?.disconnect();
  }
  async function obey(command: RadioCommand): Promise<void> {
    if (command.kind === 'connect') await connect();
    else if (command.kind === 'disconnect') disconnect();
    else if (written === null) throw new Error('not connected');
    else await written.writeValueWithResponse(new Uint8Array(command.data));
  }
  function take(command: RadioCommand): void {
    // Not behind what it is to end.
    work = (command.kind === 'disconnect' ? Promise.resolve() : work)
      .then(() => obey(command))
      .then(
        () => report({ kind: 'done', id: command.id }),
        (error: unknown) => report({ kind: 'failed', id: command.id, reason: error instanceof Error ? error.message : String(error) }),
      );
  }
  const end = lab.subscribe(
    'wifi.radio',
    { radioId, deviceName: device.name ?? '' },
    {
      onSnapshot: () => lent.resolve(),
      onDelta: (commands) => commands.forEach(take),
      onEnd: (error) => error !== null && lent.reject(error),
    },
  );
  await lent.promise;
  return {
    radioId,
    close() {
      end();
      device.removeEventListener('gattserverdisconnected', onDisconnected);
      disconnect();
    },
  };
}
