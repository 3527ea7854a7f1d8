import { expect, test } from 'vitest';
import { parseDeviceList } from '../../../../../../main/core/provisioning/list-csv.ts';
import { csvOfDevices, previewCsv } from '../../../../../../renderer/features/cloud/devices/csv-preview.ts';

const secret = 'bGFtcC10d28tc2VjcmV0MDI=';

test('a list is looked at without its secrets, in whatever it is separated by', () => {
  const shown = {
    rows: [
      ['ProductId', 'DeviceName', 'Secret'],
      ['LAMP', 'lamp-2', 'bGF…'],
    ],
    lineCount: 2,
  };
  for (const separator of [',', ';', '\t']) {
    const lines = ['\uFEFFProductId,DeviceName,Secret', '', '# remark', `LAMP,"lamp-2",${secret}`];
    expect(previewCsv(lines.join('\r\n').replaceAll(',', separator))).toEqual(shown);
  }
});

test('of a long list the beginning is shown, and all is counted', () => {
  const { rows, lineCount } = previewCsv(Array.from({ length: 900 }, (_, at) => `LAMP,dev${at},${secret}`).join('\n'));
  expect([rows.length, lineCount]).toEqual([5, 900]);
});

test('the list of made devices is one that can be imported', () => {
  const devices = [1, 2].map((number) => ({ productId: 'LAMP', deviceName: `dev00${number}`, secret }));
  expect(parseDeviceList(csvOfDevices(devices))).toMatchObject(
    devices.map(({ secret: deviceSecret, ...names }) => ({ ...names, deviceSecret })),
  );
});
