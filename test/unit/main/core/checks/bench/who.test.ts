import { describe, expect, it } from 'vitest';
import { familyOf } from '../../../../../../main/core/checks/bench/family.ts';
import { deviceOf } from '../../../../../../main/core/checks/bench/find-device.ts';

const device = (deviceName: string, address: string | null, isOnline = true) => ({
  ...{ productId: 'P', deviceName, isOnline },
  connection: { address, proof: 'password' as const, isTls: false, sdkAppId: '' },
});
const none = { board: undefined, facts: {}, devices: [] };

describe('which device a board is', () => {
  it.each([
    ['as its log says', { ...none, facts: { productId: 'P', deviceName: 'a' } }, { productId: 'P', deviceName: 'a' }],
    [
      'as a board in software knows',
      { ...none, board: { kind: 'esp32s3' as const, productId: 'V', deviceName: 'v' } },
      { productId: 'V', deviceName: 'v' },
    ],
    ['none of an LTE module in software', { ...none, board: { kind: 'cat1' as const, productId: 'V', deviceName: 'v' } }, null],
    [
      'by the address in its log',
      { ...none, facts: { ip: '10.0.0.7' }, devices: [device('a', '10.0.0.7'), device('b', '10.0.0.8')] },
      { productId: 'P', deviceName: 'a' },
    ],
    [
      'not by an address that two have',
      { ...none, facts: { ip: '10.0.0.7' }, devices: [device('a', '10.0.0.7'), device('b', '10.0.0.7')] },
      null,
    ],
    ['not by one that is away', { ...none, facts: { ip: '10.0.0.7' }, devices: [device('a', '10.0.0.7', false)] }, null],
    [
      'by its name where the log leaves the product out',
      { ...none, facts: { deviceName: 'a' }, devices: [device('a', null)] },
      { productId: 'P', deviceName: 'a' },
    ],
    ['not at all', { ...none, devices: [device('a', '10.0.0.7')] }, null],
  ])('%s', (_how, seen, expected) => {
    expect(deviceOf(seen)).toEqual(expected);
  });
});

describe('what family it is of', () => {
  const port = { address: '/dev/ttyUSB0', kind: 'serial' as const, label: '' };
  it.each([
    ['a virtual chip', { board: { kind: 'esp32c3' as const }, info: undefined, facts: {}, boardKind: '' }, 'esp'],
    ['a virtual module', { board: { kind: 'cat1' as const }, info: undefined, facts: {}, boardKind: '' }, 'cat1'],
    ['USB ids', { board: undefined, info: { ...port, vendorId: '303a', productId: '1001' }, facts: {}, boardKind: 'cat1' }, 'esp'],
    ['a bridge, by the log', { board: undefined, info: { ...port, vendorId: '10c4' }, facts: { chip: 'ESP32-S3' }, boardKind: '' }, 'esp'],
    ['a bridge, by the operator', { board: undefined, info: port, facts: {}, boardKind: 'Air780E cat.1' }, 'cat1'],
    ['nothing', { board: undefined, info: port, facts: {}, boardKind: 'toy' }, 'other'],
    ['another chip, by the operator', { board: undefined, info: port, facts: {}, boardKind: 'jieli-ac79' }, 'known-other'],
    ['another, says the operator', { board: undefined, info: port, facts: {}, boardKind: 'other-lamp' }, 'known-other'],
    ['another, by the list', { board: undefined, info: port, facts: {}, boardKind: '', listKinds: ['rk3308', 'jieli'] }, 'known-other'],
    ['Tuya’s name of a BK7258', { board: undefined, info: port, facts: {}, boardKind: 'tuya-t5' }, 'bk7258'],
    ['as its log says, whatever the operator', { board: undefined, info: port, facts: { imei: '1' }, boardKind: 'other' }, 'cat1'],
    ['another, of whatever kind', { board: undefined, info: port, facts: {}, boardKind: 'other-4g-esp' }, 'known-other'],
    ['as its log says before the operator', { board: undefined, info: port, facts: { imei: '1' }, boardKind: 'esp32s3' }, 'cat1'],
    ['what it says besides the word', { board: undefined, info: port, facts: {}, boardKind: 'T-Other S3' }, 'other'],
    ['nothing, in a word that only begins so', { board: undefined, info: port, facts: {}, boardKind: 'otherwise' }, 'other'],
    ['a bridge, by the list', { board: undefined, info: port, facts: {}, boardKind: '', listKinds: ['esp32', 'esp32s3'] }, 'esp'],
    [
      'not by a list for several families',
      { board: undefined, info: port, facts: {}, boardKind: '', listKinds: ['esp32', 'cat1'] },
      'other',
    ],
    [
      'as its log says, whatever the list',
      { board: undefined, info: port, facts: { imei: '1' }, boardKind: '', listKinds: ['esp32'] },
      'cat1',
    ],
  ])('%s', (_how, seen, expected) => {
    expect(familyOf({ listKinds: [], ...seen })).toBe(expected);
  });
});
