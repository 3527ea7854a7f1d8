import { expect, test } from 'vitest';
import { stateOfFile } from '../../../../../../main/core/logs/device-state/file.ts';
import { parseFile } from '../../../../../../main/core/logs/parser.ts';

test('a log saved as text has the board’s own clock, also over a reset', () => {
  const log = [
    'rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)',
    'I (1000) main_task: Calling app_main()',
    'I (20000) app: working',
    'rst:0xc (RTC_SW_CPU_RST),boot:0x8 (SPI_FAST_FLASH_BOOT)',
    'I (900) main_task: Calling app_main()',
    'I (5000) app: working',
  ].join('\r\n');
  const state = stateOfFile(parseFile(Buffer.from(log)));
  expect(state.boots.map(({ atUs, reason }) => [atUs / 1e6, reason])).toEqual([
    [0, 'POWERON'],
    [20, 'RTC_SW_CPU_RST'],
  ]);
  expect(state.updatedUs).toBe(25_000_000);
  expect(state.notices).toEqual([]);
});
