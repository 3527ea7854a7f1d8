import { expect, test } from 'vitest';
import { parseFile } from '../../../../../../main/core/logs/parser.ts';

const one = (line: string) => [...parseFile(Buffer.from(line))][0];

test.each([
  [
    '11-21 08:15:03.412  1523  1789 W ActivityManager: Slow operation: 98ms',
    { grammar: 'logcat', level: 'warn', deviceTime: '11-21 08:15:03.412', tag: 'ActivityManager', message: 'Slow operation: 98ms' },
  ],
  ['11-21 08:15:03.412  1523  1789 D tts     : 你好', { grammar: 'logcat', level: 'debug', tag: 'tts', message: '你好' }],
  ['11-21 08:15:03.412 I/audio_hw_primary(  233): start', { grammar: 'logcat', level: 'info', tag: 'audio_hw_primary', message: 'start' }],
  ['E/AndroidRuntime( 1234): FATAL EXCEPTION: main', { grammar: 'logcat', level: 'error', tag: 'AndroidRuntime', event: 'panic' }],
  ['--------- beginning of main', { grammar: 'logcat' }],
  [
    'Nov 21 08:15:03 rk3588 systemd[1]: Started Voice.',
    { grammar: 'linux', deviceTime: 'Nov 21 08:15:03', tag: 'systemd', message: 'Started Voice.' },
  ],
  ['Nov  1 08:15:03.123456 orin kernel: eth0: link up', { grammar: 'linux', tag: 'kernel', message: 'eth0: link up' }],
  ['<11>Nov 21 08:15:03 orin voiced: cannot open /dev/snd', { grammar: 'linux', level: 'error', tag: 'voiced' }],
  [
    '2026-11-21T08:15:03+0800 rk3588 voiced[77]: ready',
    { grammar: 'linux', deviceTime: '2026-11-21T08:15:03+0800', tag: 'voiced', message: 'ready' },
  ],
  ['[   12.345678] usb 1-1: new high-speed USB device', { grammar: 'linux', deviceMs: 12345, tag: 'kernel' }],
  ['<3>[   12.345678] mmc0: error -110', { grammar: 'linux', level: 'error', deviceMs: 12345, tag: 'kernel' }],
  ['kern  :warn  : [    1.000001] clk: not found', { grammar: 'linux', level: 'warn', deviceMs: 1000, tag: 'kernel' }],
  ['[    0.000000] Linux version 5.10.110 (rk@build) #1', { event: 'boot.rom', payload: { rom: 'Linux 5.10.110' } }],
  ['[   99.000000] Kernel panic - not syncing: Fatal exception', { event: 'panic', payload: { reason: 'Fatal exception' } }],
  [
    'Nov 21 08:15:03 orin wpa_supplicant[9]: wlan0: CTRL-EVENT-DISCONNECTED bssid=aa reason=3',
    { event: 'wifi.disconnected', payload: { reason: '3' } },
  ],
  ['Nov 21 08:15:03 orin dhcpcd[9]: wlan0: leased 192.168.1.7 for 86400 seconds', { event: 'net.up', payload: { ip: '192.168.1.7' } }],
  ['[2026-11-21 08:15:03.412] [voice] [warning] late frame', { grammar: 'linux', level: 'warn', tag: 'voice', message: 'late frame' }],
])('%s', (line, facts) => {
  expect(one(line)).toMatchObject(facts);
});

test('Jieli: both spellings of a level, with and without a tag', () => {
  expect(one('[Info]: [APP_MAIN]wifi connected')).toMatchObject({
    grammar: 'jieli',
    level: 'info',
    tag: 'APP_MAIN',
    message: 'wifi connected',
  });
  expect(one('<Error> :[AUDIO]no buffer')).toMatchObject({ grammar: 'jieli', level: 'error', tag: 'AUDIO', message: 'no buffer' });
  expect(one('[Debug] :plain words')).toMatchObject({ grammar: 'jieli', level: 'debug', message: 'plain words' });
});

test('captions without a prefix are plain', () => {
  expect(one('今天天气很好')).toMatchObject({ grammar: 'plain', message: '今天天气很好' });
});
