import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDeviceList } from '../../../../../main/core/provisioning/list-csv.ts';
import { isTalkError } from '../../../../../preload/contract/talk-error.ts';

const KEY = 'AAECAwQFBgcICQoLDA0ODw==';

const triples = (csv: string, header?: 'none') =>
  parseDeviceList(csv, header).map(({ productId, deviceName, deviceSecret }) => [productId, deviceName, deviceSecret]);

function failure(csv: string, header?: 'none'): unknown {
  try {
    parseDeviceList(csv, header);
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

  test('needs no header when its lines can be nothing but devices, and skips empty lines and comments', () => {
    expect(triples(`# from the factory\nP,dev-1,${KEY}\n\n VI5C901SKI , dev:2@b_c , ${KEY} \n,,\n`)).toEqual([
      ['P', 'dev-1', KEY],
      ['VI5C901SKI', 'dev:2@b_c', KEY],
    ]);
  });

  test('may begin with a device that is called like a column, when it is said to be one', () => {
    expect(triples('PRODUCT,dev-1,x1\nPRODUCT,device,x2\n', 'none')).toEqual([
      ['PRODUCT', 'dev-1', 'x1'],
      ['PRODUCT', 'device', 'x2'],
    ]);
    expect(triples('id,sn,key\nP,a,x\n', 'none')).toHaveLength(2);
  });

  const headings: [string, string][] = [
    ['id,sn,key', 'id, sn, key'],
    ['产品编号,设备序列号,密钥', '产品编号, 设备序列号, 密钥'],
    ['产品ID（平台）,设备名,口令', '产品ID（平台）, 设备名, 口令'],
    ['Product,Serial,Burned Secret', 'Product, Serial, Burned Secret'],
    ['model;name;password', 'model, name, password'],
    ['a,b,c,d', 'a, b, …, …'],
    // What may be a weak secret is not repeated.
    ['P,dev,geheim', 'P, dev, …'],
    ['product1,name2,key3', '…, …, …'],
    ['P,dev-1,hunter2', 'P, …, …'],
  ];
  test.each(headings)('does not take %s for its first device: that is asked', (heading, header) => {
    expect(failure(`# factory\n${heading}\nP,a,${KEY}\n`)).toEqual({ code: 'provisioning/header-unknown', line: 2, header });
  });

  test('without a header has nothing but what the cloud makes, in every line', () => {
    expect(failure(`P,a,${KEY}\nPRODUCT-12345,b,x\n`)).toEqual({
      code: 'provisioning/bad-list',
      line: 2,
      reason: 'unlike-triple',
      columns: ['productId', 'deviceSecret'],
    });
  });

  test('property: an unknown heading never becomes a device by itself, whatever its words are', () => {
    const word = fc.stringMatching(/^[A-Za-z产品设备密钥名称编号 _.-]{1,20}$/);
    fc.assert(
      fc.property(word, word, word, (...heading) => {
        const lines = [heading.join(','), `P,a,${KEY}`].join('\n');
        let devices: string[] = [];
        try {
          devices = parseDeviceList(lines).map(({ deviceName }) => deviceName);
        } catch (error) {
          if (!isTalkError(error)) throw error;
        }
        expect(devices.filter((deviceName) => deviceName !== 'a')).toEqual([]);
      }),
    );
  });

  const bad: [string, string, number, string, Record<string, unknown>?][] = [
    ['nothing', '\n\n', 1, 'empty'],
    ['a header alone', 'productid,devicename,secret\n', 1, 'only-header'],
    ['a header without one of them', 'productid,devicename,note\nP,a,b\n', 1, 'header-lacks', { columns: ['deviceSecret'] }],
    ['a header of one known name', 'ProductId,名字,密码\nP,a,x\n', 1, 'header-lacks', { columns: ['deviceName', 'deviceSecret'] }],
    ['two columns', `P,a,${KEY}\nP,b\n`, 2, 'column-count', { found: 2 }],
    ['an empty secret', 'productid,devicename,psk\nP,a,x\nP,b,\n', 3, 'cell-empty', { columns: ['deviceSecret'] }],
    ['a device twice', `P,a,${KEY}\nP,b,${KEY}\n# note\nP,a,${KEY}\n`, 4, 'same-device', { otherLine: 1 }],
    ['two devices of one MQTT client id', `AB,C,${KEY}\nA,BC,${KEY}\n`, 2, 'same-client-id', { otherLine: 1 }],
    ['a name with a slash', 'P,a/b,x1\n', 1, 'device-name'],
    ['an id that is too long', `${'P'.repeat(65)},a,x1\n`, 1, 'product-id'],
    ['a secret with a space', 'P,a,geheim 1\n', 1, 'device-secret'],
    ['an open quotation mark', 'P,a,x1\nP,b,"geheim\n', 2, 'quotation-mark'],
  ];
  test.each(bad)('is refused with %s, by its line and without its secrets', (_what, csv, line, reason, facts = {}) => {
    expect(failure(csv)).toEqual({ code: 'provisioning/bad-list', line, reason, ...facts });
  });

  test('whose known header is said to be a device is refused: it is none', () => {
    expect(failure('ProductId,DeviceName,PSK\nP,a,x\n', 'none')).toEqual({ code: 'provisioning/bad-list', line: 1, reason: 'is-header' });
  });
});
