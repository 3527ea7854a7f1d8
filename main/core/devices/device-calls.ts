import { randomBytes } from 'node:crypto';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { CallBody } from '../../../preload/contract/index.ts';
import type { DeviceRecord } from '../../../preload/contract/pipeline.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { parseDeviceList } from '../provisioning/list-csv.ts';
import type { Devices } from './registry.ts';

const SECRET_BYTES = 16;
/** What the broker and the console take for names; a list for provisioning may hold others. */
const productId = /^[A-Za-z0-9]{1,10}$/;
const deviceName = /^[\w:@-]{1,48}$/;

type Names =
  | 'devices.list'
  | 'devices.put'
  | 'devices.remove'
  | 'devices.generate'
  | 'devices.import'
  | 'devices.export'
  | 'products.put'
  | 'products.setSecret'
  | 'products.remove';

/** The `devices.*` and `products.*` calls of the contract, but for certificates. */
export function deviceHandlers(devices: Devices): Pick<CallHandlers, Names> {
  return {
    'devices.list': async () => ({ devices: devices.list() }),
    'devices.put': ({ productId, deviceName, secret }) => devices.put(productId, deviceName, secret),
    'devices.remove': async ({ productId, deviceName }) => {
      await devices.remove(productId, deviceName);
      return {};
    },
    'devices.generate': async (request) => {
      const made = newDevices(devices, request);
      await devices.putAll(made);
      return { devices: made };
    },
    'devices.import': ({ csv, header }) => importDevices(devices, csv, header),
    'devices.export': async ({ productId }) => ({
      csv: csvOf(devices.list().filter((device) => productId === undefined || device.productId === productId)),
    }),
    'products.put': (request) => devices.products.put(request),
    'products.setSecret': ({ productId, secret }) => devices.products.setSecret(productId, secret),
    'products.remove': async ({ productId, withDevices }) => ({ removedDevices: await devices.removeProduct(productId, withDevices) }),
  };
}

/** The `devices.state` and `products.state` streams of the contract. */
export function deviceStreams(devices: Devices): Pick<StreamHandlers, 'devices.state' | 'products.state'> {
  return {
    'devices.state': () => ({ topic: devices.topic }),
    'products.state': () => ({ topic: devices.products.topic }),
  };
}

/** The first numbers that are free, three digits and more. */
function newDevices(devices: Devices, { productId, count, prefix }: CallBody<'devices.generate'>) {
  const made: { productId: string; deviceName: string; secret: string }[] = [];
  for (let number = 1; made.length < count; number++) {
    const deviceName = `${prefix}${String(number).padStart(3, '0')}`;
    if (devices.findByClientId(`${productId}${deviceName}`) !== undefined) continue;
    made.push({ productId, deviceName, secret: randomBytes(SECRET_BYTES).toString('base64') });
  }
  return made;
}

async function importDevices(devices: Devices, csv: string, header: 'auto' | 'none') {
  const listed = parseDeviceList(csv, header);
  for (const device of listed) {
    if (!productId.test(device.productId)) throw new TalkError('provisioning/bad-list', { line: device.line, reason: 'product-id' });
    if (!deviceName.test(device.deviceName)) throw new TalkError('provisioning/bad-list', { line: device.line, reason: 'device-name' });
    if (!isBase64(device.deviceSecret)) throw new TalkError('provisioning/bad-list', { line: device.line, reason: 'device-secret' });
  }
  const known = listed.map((device) => ({ ...device, before: devices.find(device.productId, device.deviceName) }));
  const different = known.filter(({ before, deviceSecret }) => before?.secret !== deviceSecret);
  const added = different.filter(({ before }) => before === undefined).length;
  await devices.putAll(different.map(({ productId, deviceName, deviceSecret }) => ({ productId, deviceName, secret: deviceSecret })));
  return { added, changed: different.length - added, unchanged: known.length - different.length };
}

function isBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '');
}

const exported = [
  'productId',
  'deviceName',
  'hasSecret',
  'isOnline',
  'activatedWallMs',
  'lastOnlineWallMs',
  'connectionCount',
  'firmwareVersion',
] as const satisfies readonly (keyof DeviceRecord)[];

function csvOf(devices: readonly DeviceRecord[]): string {
  const time = (wallMs: number | null) => (wallMs === null ? '' : new Date(wallMs).toISOString());
  const rows = devices.map((device) => [
    ...exported.map((column) => (column.endsWith('WallMs') ? time(device[column] as number | null) : String(device[column] ?? ''))),
    device.connection?.address ?? '',
    device.connection?.sdkAppId ?? '',
  ]);
  return [[...exported, 'address', 'sdkAppId'], ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A board gives its own firmware version and SDK app id: neither may become a formula in a spreadsheet. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
