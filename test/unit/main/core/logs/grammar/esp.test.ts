import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseFile } from '../../../../../../main/core/logs/parser.ts';

const parse = (...lines: readonly string[]) => [...parseFile(Buffer.from(lines.map((line) => `${line}\r\n`).join('')))];
const one = (line: string) => parse(line)[0];

describe('ESP-IDF lines', () => {
  test.each([
    ['I (123) tag: message', { level: 'info', deviceMs: 123, tag: 'tag', message: 'message' }],
    ['\x1b[0;31mE (00:00:02.100) two words: m\x1b[0m', { level: 'error', deviceTime: '00:00:02.100', tag: 'two words', message: 'm' }],
    ['D (26-11-21 05:00:00.250) a.b: c: d', { level: 'debug', deviceTime: '26-11-21 05:00:00.250', tag: 'a.b', message: 'c: d' }],
    ['V (1795237200250) clock: x', { level: 'verbose', deviceTime: '1795237200250' }],
    ['W notime: x', { level: 'warn', tag: 'notime', message: 'x' }],
    ['I (7345) wifi:state: run -> init (6c0)', { tag: 'wifi', event: 'wifi.disconnected', payload: { reason: '6c0' } }],
    ['17:54:44.041 -> I (5) t: x', { level: 'info', tag: 't', message: 'x' }],
    ['[12:00:00.123]收←◆I (5) t: x', { level: 'info', tag: 't', message: 'x' }],
    ['[14:04:29]I (5) t: x', { level: 'info', tag: 't' }],
    ['ESC[0;32mI (12916530) wifi: upESC[0m', { level: 'info', deviceMs: 12916530 }],
  ])('%s', (line, expected) => {
    expect(one(line)).toMatchObject({ grammar: 'esp-idf', ...expected });
  });

  test.each(['I think this is prose: yes', 'E', 'I (', 'I (x) y: z', 'I ( ) y: z', 'Internal: x', 'I (5) no colon'])(
    '%s is not one',
    (line) => {
      expect(one(line)?.grammar).not.toBe('esp-idf');
    },
  );

  test('of the task watchdog name the tasks', () => {
    const rows = parse(
      'E (14325) task_wdt: Task watchdog got triggered. The following tasks/users did not reset the watchdog in time:',
      'E (14325) task_wdt:  - IDLE (CPU 0/1)',
      'E (14325) task_wdt: CPU 0: main',
    );
    expect(rows.map(({ event, payload }) => [event, payload])).toEqual([
      ['watchdog', { kind: 'task' }],
      [undefined, { task: 'IDLE', cpu: '0/1' }],
      [undefined, { cpu: '0', running: 'main' }],
    ]);
  });

  test('of security say so', () => {
    expect(one('I (230) flash_encrypt: flash encryption is enabled (1 plaintext flashes left)')).toMatchObject({
      event: 'boot.security',
      payload: { detail: 'flash encryption is enabled (1 plaintext flashes left)' },
    });
  });
});

test.each([
  [
    '[    39][V][esp32-hal-periman.c:229] perimanSetBusDeinit(): Deinit ok',
    { level: 'verbose', deviceMs: 39, file: 'esp32-hal-periman.c', line: 229, function: 'perimanSetBusDeinit', message: 'Deinit ok' },
  ],
  ['[E][WiFiClient.cpp:12] connect(): failed: -1', { level: 'error', file: 'WiFiClient.cpp', function: 'connect', message: 'failed: -1' }],
  ['[ 12][I][main.cpp:3] loop done', { level: 'info', message: 'loop done' }],
])('Arduino core: %s', (line, expected) => {
  expect(one(line)).toMatchObject({ grammar: 'esp-arduino', ...expected });
});

describe('a reset has a cause, whatever the chip calls it', () => {
  test.each([
    ['POWERON_RESET', 'power-on'],
    ['POWERON', 'power-on'],
    ['SW_CPU_RESET', 'software'],
    ['RTC_SW_SYS_RST', 'software'],
    ['LP_SW_HPSYS', 'software'],
    ['OWDT_RESET', 'watchdog'],
    ['TG0WDT_SYS_RESET', 'watchdog'],
    ['TG1_WDT_HPSYS', 'watchdog'],
    ['RTCWDT_RTC_RESET', 'watchdog'],
    ['SUPER_WDT_RESET', 'watchdog'],
    ['RTCWDT_BROWN_OUT_RESET', 'brownout'],
    ['BROWN_OUT_RST', 'brownout'],
    ['DEEPSLEEP_RESET', 'deep-sleep'],
    ['DSLEEP', 'deep-sleep'],
    ['CHIP_USB_UART_RESET', 'usb'],
    ['USB_JTAG_CHIP_RESET', 'usb'],
    ['JTAG_RESET', 'jtag'],
    ['SDIO_RESET', 'sdio'],
    ['EXT_CPU_RESET', 'external'],
    ['GLITCH_RTC_RESET', 'power-glitch'],
    ['PWR_GLITCH_RESET', 'power-glitch'],
    ['EFUSE_RESET', 'efuse'],
    ['INTRUSION_RESET', 'intrusion'],
    ['CPU_LOCKUP_RESET', 'lockup'],
    ['SOMETHING_NEW', undefined],
  ])('%s: %s', (reason, cause) => {
    const payload = one(`rst:0x3 (${reason}),boot:0x13 (SPI_FAST_FLASH_BOOT)`)?.payload as { cause?: string };
    expect(payload.cause).toBe(cause);
  });

  test('the ESP8266 too', () => {
    expect(one(' ets Jan  8 2013,rst cause:4, boot mode:(3,6)')).toMatchObject({
      event: 'boot.reset',
      payload: { resetCode: 4, cause: 'watchdog' },
    });
  });
});

describe('ROM lines', () => {
  test.each(['SPI mode:DIO, clock div:2', 'Core0 Saved PC:0x4084fe1c', 'use KM derived key', 'ets_main.c 371', 'load:0x3fff0018,len:4'])(
    '%s',
    (line) => {
      expect(one(line)?.grammar).toBe('esp-rom');
    },
  );

  test('a verification that failed is an invalid image', () => {
    expect(one('Secure Boot verification failed: err=0x1')).toMatchObject({ event: 'boot.invalid-image', level: 'error' });
  });
});

describe('a crash', () => {
  const panic = "Guru Meditation Error: Core  0 panic'ed (Load access fault). Exception was unhandled.";
  const riscV = 'MEPC    : 0x40001be4  RA      : 0x42075ee2  SP      : 0x3fca11b0  GP      : 0x3fc8e600  ';

  test('keeps its lines together though other tasks print between them', () => {
    const rows = parse(
      panic,
      '',
      'I (5) other: still alive',
      'Core  0 register dump:',
      riscV,
      'S0/FP   : 0x3fc94d58  MHARTID : 0x00000000',
      'Stack memory:',
      '3fc9a140: 0x00000001 0x42001234',
      'ELF file SHA256: 99b1a8b3',
      'Rebooting...',
    );
    expect(rows.map(({ continues }) => continues)).toEqual([undefined, undefined, undefined, 0, 0, 0, 0, 0, 0, 0]);
    expect(rows[4]?.payload).toEqual({ registers: { MEPC: 0x40001be4, RA: 0x42075ee2, SP: 0x3fca11b0, GP: 0x3fc8e600 } });
    expect(rows[7]?.payload).toEqual({ address: 0x3fc9a140, words: [1, 0x42001234] });
  });

  test('ends with the reset: the next one is another', () => {
    const rows = parse(panic, 'Rebooting...', 'ESP-ROM:esp32c3-api1-20210207', panic, riscV);
    expect(rows.map(({ continues }) => continues)).toEqual([undefined, 0, undefined, undefined, 3]);
  });

  test('inside a crash belongs to the first', () => {
    const rows = parse(panic, "PC      : 0x400813aaGuru Meditation Error: Core  0 panic'ed (LoadStoreError)", '. Exception was unhandled.');
    expect(rows.map(({ continues, event }) => [continues, event])).toEqual([
      [undefined, 'panic'],
      [0, 'panic'],
      [0, undefined],
    ]);
  });

  test.each([
    [
      'ESP_ERROR_CHECK failed: esp_err_t 0x103 (ESP_ERR_INVALID_STATE) at 0x400d1234',
      { reason: 'ESP_ERROR_CHECK', code: 0x103, error: 'ESP_ERR_INVALID_STATE', pc: 0x400d1234 },
    ],
    [
      "Guru Meditation Error: Core  1 panic'ed (Cache disabled but cached memory region accessed). ",
      { reason: 'Cache disabled but cached memory region accessed', core: 1 },
    ],
    ["Guru Meditation Error: Core  0 panic'ed (Interrupt wdt timeout on CPU0)", { reason: 'Interrupt wdt timeout on CPU0', core: 0 }],
    ['RROR*** A stack overflow in task tas5805m_ has been detected.', { reason: 'stack-overflow', task: 'tas5805m_' }],
    ['Exception (28):', { reason: 'exception 28', cause: 28 }],
  ])('%s', (line, payload) => {
    expect(one(line)).toMatchObject({ event: 'panic', level: 'error', payload });
  });

  test('a backtrace is read without a blank, glued, in upper case', () => {
    expect(one('Backtrace:0x400E0DC4:0x3FFB06F00x40082EA5:0x3FFB0710 |<-CORRUPTED')?.payload).toEqual({
      frames: [
        { pc: 0x400e0dc4, sp: 0x3ffb06f0 },
        { pc: 0x40082ea5, sp: 0x3ffb0710 },
      ],
      isCorrupted: true,
    });
  });

  test('is not what an application prints like a register', () => {
    expect(one('SIZE: 0x00001000')).toMatchObject({ grammar: 'plain' });
  });

  test('the debugger stub says it waits', () => {
    expect(parse('Entering gdb stub now.', '$T0b#e6').map(({ event }) => event)).toEqual(['gdb-stub', 'gdb-stub']);
  });
});

describe('a core dump on the UART', () => {
  const start = '================= CORE DUMP START =================';
  const end = '================= CORE DUMP END =================';

  function dumpOf(sum: (body: Buffer) => Buffer): string[] {
    const body = Buffer.alloc(180, 'core');
    const whole = Buffer.concat([body, sum(body)]);
    // As esp_core_dump_uart prints it: 48 bytes a line, each padded for itself.
    return Array.from({ length: Math.ceil(whole.length / 48) }, (_, index) =>
      whole.subarray(index * 48, index * 48 + 48).toString('base64'),
    );
  }
  const crc = (body: Buffer) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(crc32(body));
    return sum;
  };
  const sha = (body: Buffer) => createHash('sha256').update(body).digest();

  test.each([
    ['CRC32', crc, 184],
    ['SHA-256', sha, 212],
  ] as const)('is put together and checked by %s, other lines between', (_name, sum, bytes) => {
    const lines = dumpOf(sum);
    const rows = parse(start, ...lines.slice(0, 2), 'W (99) other: line', ...lines.slice(2), end, "Coredump checksum='af5fbdfa'");
    expect(rows.find(({ event }) => event === 'coredump.end')).toMatchObject({ continues: 0, payload: { bytes, isChecksumOk: true } });
    expect(rows.filter(({ continues }) => continues === 0)).toHaveLength(lines.length + 2);
    expect(rows[3]).toMatchObject({ grammar: 'esp-idf' });
  });

  test('with a lost line is not right', () => {
    expect(parse(start, ...dumpOf(crc).slice(1), end).at(-1)).toMatchObject({ payload: { bytes: 136, isChecksumOk: false } });
  });

  test('whose beginning was missed has an end without figures', () => {
    const row = one(end);
    expect(row?.event).toBe('coredump.end');
    expect(row?.payload).toBeUndefined();
  });
});

describe('what other monitors decoded', () => {
  test.each([
    ['--- 0x4008cfa0: panic_abort at /idf/panic.c:477', { address: 0x4008cfa0, function: 'panic_abort', file: '/idf/panic.c', line: 477 }],
    ['0x400d0018: _flash_cache_start at ??:?', { address: 0x400d0018, function: '_flash_cache_start' }],
    [
      ' (inlined by) multi_heap_malloc_impl at /idf/multi_heap.c:370',
      { function: 'multi_heap_malloc_impl', file: '/idf/multi_heap.c', line: 370 },
    ],
    [
      '  #0  0x400E0DC4:0x3FFB06F0 in task_wdt_isr at C:\\fw\\task_wdt.c:189',
      { address: 0x400e0dc4, function: 'task_wdt_isr', file: 'C:\\fw\\task_wdt.c', line: 189 },
    ],
    ['0x40875720 - _bss_end', { address: 0x40875720, function: '_bss_end' }],
    ['0x4000c46c: memset in ROM', { address: 0x4000c46c, function: 'memset' }],
  ])('%s', (line, payload) => {
    expect(one(line)).toMatchObject({ grammar: 'esp-monitor', event: 'backtrace.decoded' });
    expect(one(line)?.payload).toEqual(payload);
  });
});

describe('free memory', () => {
  test.each([
    ['I (300) main: [APP] Free memory: 258472 bytes', { freeBytes: 258472 }],
    ['Minimum free heap size: 195052 bytes', { minimumBytes: 195052 }],
    ['Free heap: 123456, minimum free heap: 100000', { freeBytes: 123456, minimumBytes: 100000 }],
    ['free heap size is 4096', { freeBytes: 4096 }],
    ['I (1) mon: heap free=81234 min=70000', { freeBytes: 81234, minimumBytes: 70000 }],
  ])('%s', (line, payload) => {
    expect(one(line)).toMatchObject({ event: 'heap' });
    expect(one(line)?.payload).toEqual(payload);
  });

  test.each([
    'Initializing. RAM available for dynamic allocation',
    'heap_init: At 3FFAE6E0 len 00001920 (6 KiB): DRAM',
    'W (7345) A: Not enough memory for out, need:1920',
  ])('%s says nothing of it', (line) => {
    expect(one(line)?.event).toBeUndefined();
  });
});
