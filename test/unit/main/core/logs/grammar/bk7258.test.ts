import { expect, test } from 'vitest';
import { parseFile } from '../../../../../../main/core/logs/parser.ts';

const one = (line: string) => [...parseFile(Buffer.from(line))][0];

test.each([
  [
    '[2025-11-24 17:34:43.669] $luat:I(125):pm:reset native reason: 0',
    { level: 'info', deviceMs: 125, tag: 'pm', message: 'reset native reason: 0' },
  ],
  [
    '[2025-11-24 17:34:43.669] luat:D(126):pm:poweron reason 0',
    { level: 'debug', event: 'boot.reset', payload: { resetCode: 0, reason: 'power key' }, deviceTime: '2025-11-24 17:34:43.669' },
  ],
  ['[2025-11-24 17:34:43.669] luat:D(126):main:STA MAC: C8C2C68C5D3E', { event: 'identity', payload: { mac: 'C8C2C68C5D3E' } }],
  ['luat:D(2310):wlan:STA connected vivox200 ', { event: 'wifi.connected', payload: { ssid: 'vivox200' } }],
  ['luat:D(3341):ulwip:IP_READY 2 192.168.24.119', { event: 'net.up', payload: { ip: '192.168.24.119', bearer: 'wifi' } }],
  [
    'luat:U(3147):I/user.mem.sys 181304 83512 86960',
    { level: 'info', tag: 'user.mem.sys', deviceMs: 3147, event: 'heap', payload: { freeBytes: 97792 } },
  ],
  [
    'luat:U(4145):network_socket_connect 1578:network 0 local port auto select 51282',
    { function: 'network_socket_connect', line: 1578, message: 'network 0 local port auto select 51282' },
  ],
  ['ap0:W(306):baseline[1]: 7.521484', { level: 'warn', deviceMs: 306, tag: 'ap0', message: 'baseline[1]: 7.521484' }],
  ['cp0:wifi:E(12):no beacon', { level: 'error', deviceMs: 12, tag: 'wifi', message: 'no beacon' }],
])('%s', (line, facts) => {
  expect(one(line)).toMatchObject({ grammar: 'bk7258', ...facts });
});

test('a level and ticks without a name in front are somebody else’s', () => {
  expect(one('W(306):baseline')?.grammar).toBe('plain');
});
