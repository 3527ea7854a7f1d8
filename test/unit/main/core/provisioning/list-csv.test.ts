import { describe, expect, test } from 'vitest';
import { parseDeviceList } from '../../../../../main/core/provisioning/list-csv.ts';
import { isTalkError } from '../../../../../preload/contract/talk-error.ts';

const triples = (csv: string) =>
  parseDeviceList(csv).map(({ productId, deviceName, deviceSecret }) => [productId, deviceName, deviceSecret]);

function failure(csv: string): unknown {
  try {
    parseDeviceList(csv);
  } catch (error) {
    if (isTalkError(error)) return { code: error.code, ...error.value.data };
    throw error;
  }
  return null;
}

describe('a list of devices', () => {
  const headers = [
    'ProductId,DeviceName,DeviceSecret',
    'productid,devicename,psk',
    'PRODUCT_ID,Device Name,secret',
    '产品ID,设备名称,设备密钥',
    '\ufeff产品ID;设备名称;PSK',
    'product-id\tdevice-name\tdevice-secret',
  ];
  test.each(headers)('may have the header %s', (header) => {
    const separator = /[,;\t]/.exec(header)?.[0] ?? ',';
    expect(triples(`${header}\r\n${['P', 'dev-1', 'c2VjcmV0'].join(separator)}\r\n`)).toEqual([['P', 'dev-1', 'c2VjcmV0']]);
  });

  test('is refused in another encoding, whose header would be taken for a device', () => {
    const gbk = Buffer.from('b2fac6b74944', 'hex').toString('utf8'); // 产品ID
    expect(failure(`# list\n${gbk},${gbk},${gbk}\nP,dev-1,c2VjcmV0\n`)).toMatchObject({ code: 'provisioning/bad-list', line: 2 });
  });

  test('has its columns in any order, among others', () => {
    expect(triples('No,设备密钥,备注,设备名称,产品ID\n1,c2VjcmV0,"first, of all",dev-1,P\n')).toEqual([['P', 'dev-1', 'c2VjcmV0']]);
  });

  test('needs no header when it has three columns, and skips empty lines and comments', () => {
    expect(triples('# from the factory\nP,dev-1,c2VjcmV0\n\n P , dev-2 , MQ== \n,,\n')).toEqual([
      ['P', 'dev-1', 'c2VjcmV0'],
      ['P', 'dev-2', 'MQ=='],
    ]);
  });

  test('may begin with a device that is called like a column', () => {
    expect(triples('PRODUCT,dev-1,x1\nPRODUCT,device,x2\n')).toEqual([
      ['PRODUCT', 'dev-1', 'x1'],
      ['PRODUCT', 'device', 'x2'],
    ]);
  });

  const bad: [string, string, number, string][] = [
    ['nothing', '\n\n', 1, 'empty'],
    ['a header alone', 'productid,devicename,secret\n', 1, 'a header and no device'],
    ['a header without one of them', 'productid,devicename,note\nP,a,b\n', 1, 'the header lacks deviceSecret'],
    ['a header of one known name', 'ProductId,名字,密码\nP,a,x\n', 1, 'the header lacks deviceName, deviceSecret'],
    ['two columns', 'P,a,x\nP,b\n', 2, '2 columns; without a header there are three: product id, device name, secret'],
    ['an empty secret', 'productid,devicename,psk\nP,a,x\nP,b,\n', 3, 'deviceSecret empty'],
    ['a device twice', 'P,a,x\nP,b,x\n# note\nP,a,y\n', 4, 'the same device as in line 1'],
    ['two devices of one MQTT client id', 'AB,C,x\nA,BC,y\n', 2, 'the same MQTT client id as in line 1'],
    ['a name with a slash', 'P,a/b,x\n', 1, 'not a device name: at most 64 characters, no space, /, + or #'],
    ['an id that is too long', `${'P'.repeat(65)},a,x\n`, 1, 'not a product id: at most 64 characters, no space, /, + or #'],
    ['a secret with a space', 'P,a,geheim geheim\n', 1, 'not a secret: at most 256 characters, no space'],
    ['an open quotation mark', 'P,a,x\nP,b,"geheim\n', 2, 'a quotation mark within a value, or one that is not closed'],
  ];
  test.each(bad)('is refused with %s, by its line and without its secrets', (_what, csv, line, reason) => {
    expect(failure(csv)).toEqual({ code: 'provisioning/bad-list', line, reason });
  });
});
