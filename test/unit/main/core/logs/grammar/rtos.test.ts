import { expect, test } from 'vitest';
import { parseFile } from '../../../../../../main/core/logs/parser.ts';

const one = (line: string) => [...parseFile(Buffer.from(line))][0];

test.each([
  ['[00:01:02.345,000] <wrn> net_if: carrier lost', { level: 'warn', deviceMs: 62_345, tag: 'net_if', message: 'carrier lost' }],
  ['uart:~$ [00:00:00.001,000] <inf> main: up', { level: 'info', deviceMs: 1, tag: 'main', message: 'up' }],
  ['[E] (5017810) at_log: test wm_log_error', { level: 'error', deviceMs: 5_017_810, tag: 'at_log', message: 'test wm_log_error' }],
  ['[I/wlan.dev] wlan init success', { level: 'info', tag: 'wlan.dev', message: 'wlan init success' }],
  ['D/sdio: card is 4-bit', { level: 'debug', tag: 'sdio', message: 'card is 4-bit' }],
  ['01-01 08:00:01.250 I/ulog.test: hello', { level: 'info', deviceTime: '01-01 08:00:01.250', tag: 'ulog.test', message: 'hello' }],
])('%s', (line, facts) => {
  expect(one(line)).toMatchObject({ grammar: 'rtos', ...facts });
});

test('the same beginning without the colon is LuatOS, with a process number logcat', () => {
  expect(one('D/mobile cid1, state0')?.grammar).toBe('luatos');
  expect(one('D/mobile( 12): cid1')?.grammar).toBe('logcat');
});
