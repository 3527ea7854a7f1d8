import { expect, test } from 'vitest';
import { createSdkLog, logEvent } from '../../../../../pipeline/boards/twetalk/sdk-log.ts';

function printed(write: (log: ReturnType<typeof createSdkLog>) => void): string {
  let text = '';
  write(createSdkLog({ ticksMs: () => 4204, print: (part) => (text += part) }));
  return text;
}

test('an SDK line’s colour reset stands at the start of the next line', () => {
  const text = printed((log) => {
    log.sdk('INF', 'network_interface.c|_network_tcp_connect(63)', 'connected');
    log.sdk('ERR', 'a.c|b(1)', 'x');
  });
  expect(text.split('\r\n')).toEqual([
    '\u001b[32mINF|4204|network_interface.c|_network_tcp_connect(63): connected',
    '\u001b[0m\u001b[31mERR|4204|a.c|b(1): x',
    '\u001b[0m',
  ]);
});

test('an ESP-IDF line is wrapped whole and its clock runs ahead', () => {
  expect(printed((log) => log.idf('W', 'TAG', 'hm'))).toBe('\u001b[0;33mW (4544) TAG: hm\u001b[0m\r\n');
});

test('an event is a pair of lines, the first with its number and emoji', () => {
  const lines = printed((log) => logEvent(log, 'bot-transcription', 'bot: 好')).split('\r\n');
  expect(lines[0]).toMatch(/tc_twetalk_call_event_type_print\(\d+\): 🤖 \[04\] BOT_TRANSCRIPTION - 机器人字幕$/u);
  expect(lines[1]).toMatch(/_twetalk_recv_event_cb\(\d+\): bot: 好$/);
});
