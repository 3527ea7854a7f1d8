import { describe, expect, test } from 'vitest';
import { provisioningWords } from '../../../../../main/core/provisioning/command-words.ts';
import { provisioningTemplates } from '../../../../../main/core/provisioning/templates.ts';
import type { NvsEntry } from '../../../../../preload/contract/nvs.ts';
import type { Provisioning } from '../../../../../preload/contract/provisioning.ts';

const templates = provisioningTemplates(1883);
const twetalk = templates.find(({ id }) => id === 'twetalk')?.entries ?? [];
const list = (listId: string, name: string) => ({ listId, name, total: 2, free: 1, reserved: 0, used: 1 });
const words = (provisioning: Partial<Provisioning>, lists = [list('id-1', 'line 7')]) =>
  provisioningWords({ partition: 'nvs', entries: [], variables: {}, ...provisioning }, templates, lists);
const text = (key: string, value: string): NvsEntry => ({ namespace: 'app', key, type: 'string', value });

describe('a provisioning on the command line', () => {
  test('names the largest template that is whole in it, and the values beside it', () => {
    expect(words({ entries: [...twetalk, text('region', 'cn')], partition: 'kept' })).toEqual([
      '--template',
      'twetalk',
      '--set',
      'app:region:string=cn',
      '--nvs-partition',
      'kept',
    ]);
  });

  test('names a template that was changed by its values', () => {
    const changed = twetalk.map((entry) => (entry.key === 'mqtt_port' ? { ...entry, value: '8883' } : entry));
    expect(words({ entries: changed }).slice(0, 2)).toEqual(['--template', 'device']);
    expect(words({ entries: changed })).toContain('twetalk:mqtt_port:u16=8883');
  });

  test('holds no secret: not of a value, not of a variable that one is made of, not of a device', () => {
    const line = words({
      entries: [text('password', 'hunter2'), text('wifi_psk', 'a${inside}b'), text('ssid', '${wifi_ssid}')],
      variables: { wifi_ssid: 'bench', inside: 'hunter3', api_token: 'hunter4' },
      device: { kind: 'given', productId: 'P', deviceName: 'd', deviceSecret: 'hunter5' },
    }).join(' ');
    expect(line).not.toContain('hunter');
    expect(line).toContain('app:password:string=${password}');
    expect(line).toContain('--var wifi_ssid=bench');
  });

  test('leaves out what may be a secret: by its name, its shape, or because it is one elsewhere', () => {
    const number = (key: string, value: string): NvsEntry => ({ namespace: 'app', key, type: 'u32', value });
    const line = words({
      entries: [
        text('password', 'hunter2'),
        number('wifi_pin', '4711'),
        number('count', 'correct horse'),
        number('limit', '12'),
        text('note', 'it is hunter2, really'),
        text('hello', 'x9Zk2Qq8Lw7Vb4Nn1Mm3'),
        text('greeting', 'good ${wifi_ssid}'),
        { ...text('blob', '68756e74657232'), type: 'hex' },
      ],
      variables: { wifi_ssid: 'bench', place: 'hunter2', pairing_code: '0815' },
    });
    expect(line).toEqual([
      ...['--set', 'app:password:string=${password}'],
      ...['--set', 'app:wifi_pin:u32=${wifi_pin}'],
      ...['--set', 'app:count:u32=${count}'],
      ...['--set', 'app:limit:u32=12'],
      ...['--set', 'app:note:string=${note}'],
      ...['--set', 'app:hello:string=${hello}'],
      ...['--set', 'app:greeting:string=good ${wifi_ssid}'],
      ...['--set', 'app:blob:hex=${blob}'],
      ...['--var', 'wifi_ssid=bench'],
    ]);
  });

  test('says which device, a list by its name unless two have it', () => {
    expect(words({ device: { kind: 'known', productId: 'P', deviceName: 'd' } })).toEqual(['--device', 'P/d']);
    const device = { kind: 'list', listId: 'id-1' } as const;
    expect(words({ device })).toEqual(['--device-list', 'line 7']);
    expect(words({ device }, [list('id-1', 'line 7'), list('id-2', 'line 7')])).toEqual(['--device-list', 'id-1']);
    expect(words({ device }, [])).toEqual(['--device-list', 'id-1']);
  });

  test('names a CSV, and very many values, as a file', () => {
    expect(words({ csv: 'key,type,encoding,value\nn,namespace,,\npassword,data,string,hunter2\n' })).toEqual(['--nvs-csv', 'nvs.csv']);
    const many = Array.from({ length: 41 }, (_, index) => text(`k${index}`, 'v'));
    expect(words({ entries: many })).toEqual(['--nvs-csv', 'nvs.csv']);
  });
});
