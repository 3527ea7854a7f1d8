import { describe, expect, test } from 'vitest';
import type { ProductRecord } from '../../../../../../preload/contract/cloud/products.ts';
import type { DeviceRecord } from '../../../../../../preload/contract/pipeline.ts';
import { deviceTree, shownDevices } from '../../../../../../renderer/features/cloud/devices/device-tree.ts';

const product = (productId: string, name = ''): ProductRecord => ({
  productId,
  name,
  authentication: 'key',
  hasSecret: false,
  isOpen: false,
  createdWallMs: null,
});
const device = (productId: string, deviceName: string, isOnline = false): DeviceRecord => ({
  productId,
  deviceName,
  isOnline,
  hasSecret: true,
  activatedWallMs: null,
  lastOnlineWallMs: null,
  connectionCount: 0,
  connection: null,
  topics: [],
  certificateFingerprint: null,
  firmwareVersion: null,
  properties: {},
});
const many = (productId: string, count: number) => Array.from({ length: count }, (_, at) => device(productId, `dev${at + 1}`));
const outline = (...given: Parameters<typeof deviceTree>) =>
  deviceTree(...given).map(({ product: { productId }, devices, online, total, hidden }) => ({
    productId,
    names: devices.map(({ deviceName }) => deviceName),
    counts: [online, total, hidden],
  }));

const nothing = { sought: '', openProductId: null };

describe('the list of products and devices', () => {
  test('few devices are all unfolded, in the order people count', () => {
    const devices = [device('LAMP', 'dev10'), device('LAMP', 'dev2', true), device('CLOCK', 'a')];
    expect(outline([product('LAMP', 'Zed'), product('CLOCK', 'Alarm')], devices, nothing)).toEqual([
      { productId: 'CLOCK', names: ['a'], counts: [0, 1, 0] },
      { productId: 'LAMP', names: ['dev2', 'dev10'], counts: [1, 2, 0] },
    ]);
  });

  test('of many only the open product’s are, and no more than can be drawn', () => {
    const devices = [...many('LAMP', shownDevices + 5), ...many('CLOCK', 3)];
    const [clock, lamp] = outline([product('LAMP'), product('CLOCK')], devices, { sought: '', openProductId: 'LAMP' });
    expect(clock).toEqual({ productId: 'CLOCK', names: [], counts: [0, 3, 0] });
    expect([lamp?.names.length, lamp?.counts]).toEqual([shownDevices, [0, shownDevices + 5, 5]]);
  });

  test('a search finds devices in every product, and a product by its name with all its devices', () => {
    const products = [product('LAMP', 'Desk lamp'), product('CLOCK'), product('EMPTY')];
    const devices = [...many('LAMP', 60), device('CLOCK', 'lamplike'), device('CLOCK', 'other')];
    expect(outline(products, devices, { sought: ' LAMP ', openProductId: null }).map(({ names }) => names.length)).toEqual([1, 60]);
    expect(outline(products, devices, { sought: 'dev6', openProductId: null })).toEqual([
      { productId: 'LAMP', names: ['dev6', 'dev60'], counts: [0, 60, 0] },
    ]);
  });
});
