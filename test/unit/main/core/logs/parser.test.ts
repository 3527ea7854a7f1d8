import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logEvents } from '../../../../../main/core/logs/events.ts';
import { createLogParser, parseFile } from '../../../../../main/core/logs/parser.ts';
import { type LogRow, logRow } from '../../../../../preload/contract/logs.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';

const root = join(import.meta.dirname, '../../../../..');
const fixture = (name: string) => [...parseFile(readFileSync(join(root, 'test/fixtures/logs', name)))];
const parse = (text: string) => [...parseFile(Buffer.from(text))];
const events = (rows: readonly LogRow[]) => rows.flatMap(({ event }) => (event === undefined ? [] : [event]));
const only = (rows: readonly LogRow[], event: string) => rows.find((row) => row.event === event);

const isKnownEvent = (event: string) => event in logEvents || /^twetalk\.[A-Z][A-Z0-9_]+$/.test(event);

/** What must hold of every file whatever is in it. */
function expectWhole(bytes: Uint8Array, isText = true): void {
  const rows = [...parseFile(bytes)];
  const lineEnds = bytes.reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 0);
  if (isText) expect(rows).toHaveLength(lineEnds + (bytes.length > 0 && bytes.at(-1) !== 0x0a ? 1 : 0));
  expect(Buffer.concat(rows.map(({ raw }) => raw)).equals(bytes)).toBe(true);
  rows.forEach((row, index) => {
    expect(row.seq).toBe(index);
    expect(row.continues ?? -1).toBeLessThan(index);
    expect(row.text).not.toContain('\n');
    if (row.event !== undefined) expect(isKnownEvent(row.event), row.event).toBe(true);
  });
}

describe('every file', () => {
  test('gives one row a line whose bytes put together are the file: random bytes', () => {
    const line = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .tuple(
          fc.constantFrom('INF|', 'INF|12|f.c|g(3): ', 'I (5) t: ', '[INF] ', 'Backtrace:', '====', '\x1b[31m', 'rst:0x', 'publish qos='),
          fc.string({ maxLength: 40 }),
        )
        .map(([head, tail]) => Buffer.from(head + tail)),
    );
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n', '\r'), (lines, end) => {
        expectWhole(Buffer.concat(lines.flatMap((one) => [one, Buffer.from(end)])));
      }),
    );
  });

  const folders = [join(root, 'test/fixtures/logs'), join(root, '../shared/logs')].filter(existsSync);
  test.each(folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name))))('%s', (path) => {
    expectWhole(readFileSync(path), !path.endsWith('.bin'));
  });

  test('rows have the contract’s shape', () => {
    for (const name of readdirSync(join(root, 'test/fixtures/logs')))
      for (const row of fixture(name)) expect(logRow.parse(row)).toEqual(row);
  });
});

describe('ESP boot', () => {
  const rows = fixture('esp32s3-boot.txt');

  test('tells the ROM, the reset, the image, the application and the network', () => {
    expect(events(rows)).toEqual([
      'boot.rom',
      'boot.reset',
      'boot.entry',
      'boot.bootloader',
      'boot.app-loaded',
      'boot.app-info',
      'boot.app-info',
      'boot.app-info',
      'boot.app-started',
      'wifi.connected',
      'wifi.got-ip',
    ]);
    expect(only(rows, 'boot.reset')?.payload).toEqual({
      resetCode: 1,
      reason: 'POWERON',
      cause: 'power-on',
      bootCode: 8,
      bootMode: 'SPI_FAST_FLASH_BOOT',
    });
    expect(only(rows, 'wifi.connected')?.payload).toEqual({ ssid: 'bench-ap', channel: 6 });
    expect(rows.slice(0, 8).every(({ grammar }) => grammar === 'esp-rom')).toBe(true);
  });

  test('reads level, tag and message, and takes the colour codes out of the text', () => {
    expect(rows.find(({ tag }) => tag === 'spi_flash')).toMatchObject({
      grammar: 'esp-idf',
      level: 'warn',
      deviceMs: 470,
      message: 'Detected size(16384k) larger than the size in the binary image header(8192k).',
      colours: [[0, 96, 33]],
    });
  });

  test('reads every form of device time, and none', () => {
    expect(rows.slice(-4).map(({ deviceMs, deviceTime, tag }) => [tag, deviceMs, deviceTime])).toEqual([
      ['clock', undefined, '00:00:02.100'],
      ['clock', undefined, '26-11-21 05:00:00.250'],
      ['clock', undefined, '1795237200250'],
      ['notime', undefined, undefined],
    ]);
  });

  test.each([
    ['waiting for download', 'boot.waiting-for-download'],
    ['\uFFFDESP-ROM:esp32c3-api1-20210207', 'boot.rom'],
    ['ets Jul 29 2019 12:21:46', 'boot.rom'],
    ['invalid header: 0xffffffff', 'boot.invalid-image'],
  ])('%s is %s', (line, event) => {
    expect(parse(line)[0]?.event).toBe(event);
  });
});

describe('a crash', () => {
  const rows = fixture('esp32-panic.txt');

  test('is found though it cuts into a line, and its dump continues it', () => {
    const panic = only(rows, 'panic');
    expect(panic).toMatchObject({ grammar: 'esp-panic', level: 'error', payload: { reason: 'StoreProhibited', core: 1 } });
    expect(only(rows, 'panic.registers')).toMatchObject({
      continues: panic?.seq,
      payload: { registers: { PC: 0x42003027, A1: 0x3fcebc50 } },
    });
    expect(only(rows, 'elf-sha')).toMatchObject({ continues: panic?.seq, payload: { sha256: '99b1a8b37363f49b' } });
  });

  test('has its backtrace read though pairs are glued, upper case and corrupted', () => {
    expect(only(rows, 'backtrace')?.payload).toEqual({
      frames: [
        { pc: 0x42003024, sp: 0x3fcebc50 },
        { pc: 0x420030f9, sp: 0x3fcebc80 },
        { pc: 0x42001f63, sp: 0x3fcebca0 },
      ],
      isCorrupted: true,
    });
  });

  test('is known in every other form, behind other programs’ stamps too', () => {
    expect(rows.slice(15).map(({ event, payload }) => [event, payload])).toEqual([
      ['brownout', undefined],
      [undefined, undefined],
      ['boot.reset', expect.objectContaining({ resetCode: 12 })],
      ['panic.assert', { function: 'heap_free', file: 'pool.c', line: 253, expression: 'head != NULL' }],
      ['panic', { reason: 'abort', pc: 0x400d66b9, core: 0 }],
      ['panic', { reason: 'stack-smashing' }],
      ['panic', { reason: 'stack-overflow', task: 'mqtt' }],
      ['watchdog', { kind: 'task' }],
      [undefined, { task: 'IDLE', cpu: '0' }],
    ]);
  });
});

describe('the TWeTalk SDK', () => {
  const rows = fixture('twetalk-esp32.txt');

  test('tells its events in order, keyed by name', () => {
    expect(events(rows)).toEqual([
      'net.connected',
      'mqtt.connected',
      'mqtt.subscribe',
      'mqtt.publish',
      'twetalk.vad-start',
      'twetalk.task',
      'twetalk.ws-connected',
      'twetalk.ready',
      'twetalk.BOT_START_SPEAKING',
      'twetalk.speaking',
      'twetalk.caption',
      'twetalk.error',
      'mqtt.reconnecting',
      'mqtt.buffer-too-small',
      'twetalk.hex-dump',
      'twetalk.banner',
      'twetalk.banner',
    ]);
  });

  test('colours a line up to the reset that opens the next', () => {
    expect(rows[0]).toMatchObject({ text: expect.stringMatching(/^INF\|/), colours: [[0, expect.any(Number), 32]] });
    expect(rows[2]?.colours).toBeUndefined();
    expect(rows[3]?.colours).toBeUndefined();
  });

  test('has JSON payloads parsed and captions decoded, the text as it was printed', () => {
    expect(only(rows, 'mqtt.publish')?.payload).toEqual({
      qos: 1,
      packetId: 59487,
      topic: '$twecall/up/service/PROD000001/board1',
      payload: { method: 'query_websocket_url', clientToken: 'ws-4', params: {} },
    });
    const caption = only(rows, 'twetalk.caption');
    expect(caption?.payload).toEqual({ who: 'bot', text: '你好\n' });
    expect(caption?.message).toBe('bot: \\u4f60\\u597d\\n');
    expect(only(rows, 'twetalk.ws-connected')?.payload).toMatchObject({ port: 8600, result: 0 });
  });

  test('has three clocks', () => {
    expect(rows[0]).toMatchObject({ deviceMs: 4204, file: 'network_interface.c', function: '_network_tcp_connect', line: 63 });
    expect(rows.find(({ line }) => line === 412)).toMatchObject({ deviceTime: '2026-03-02 16:54:31.640' });
    expect(only(rows, 'mqtt.reconnecting')).toMatchObject({ deviceTime: '2026-03-02 16:54:31.700', deviceMs: 90210, level: 'warn' });
    expect(only(rows, 'mqtt.buffer-too-small')).toMatchObject({ deviceMs: 91250, payload: { bufferBytes: 2048, neededBytes: 2310 } });
  });

  test('hex dumps and banners are blocks', () => {
    const dump = only(rows, 'twetalk.hex-dump');
    expect(rows.filter(({ continues }) => continues === dump?.seq)).toHaveLength(2);
    expect(rows.filter(({ event }) => event === 'twetalk.banner').map(({ payload }) => payload)).toEqual([
      { key: 'current version', value: '1.1.8' },
      { key: 'device_id', value: 'PROD000001_board1' },
    ]);
  });

  test('lines that a document wrapped are put together, each event told once', () => {
    const wrapped = fixture('twetalk-wrapped.txt');
    expect(wrapped.map(({ continues }) => continues)).toEqual([undefined, 0, 0, 0, undefined, 4, 4, undefined, undefined, 8]);
    expect(wrapped[3]).toMatchObject({
      event: 'mqtt.subscribe',
      deviceTime: '2026-03-02 16:54:31.640',
      payload: { topic: '$thing/down/property/PROD000001/board1', packetId: 17769 },
    });
    expect(wrapped[6]).toMatchObject({
      event: 'twetalk.call-hangup',
      payload: { called: '妈妈', openid: 'oOMC0000000000000000000000k', stream: 'user_to_device' },
    });
    expect(events(wrapped)).toEqual(['mqtt.subscribe', 'twetalk.call-hangup', 'twetalk.RECV_USR_ANSWER']);
  });

  test('what a board prints of its own after an SDK line is not claimed for ever', () => {
    const rows_ = parse(`INF|1|a.c|b(1): x\n${'own output\n'.repeat(10)}`);
    expect(rows_.at(-1)?.grammar).toBe('plain');
  });
});

describe('a live log', () => {
  const at = (us: number) => us as MonoUs;

  test('keeps its state between chunks cut anywhere', () => {
    const bytes = readFileSync(join(root, 'test/fixtures/logs/twetalk-esp32.txt'));
    const whole = [...parseFile(bytes)].map(({ port: _port, ...row }) => row);
    const parser = createLogParser({ port: 'live' });
    const rows = [...bytes].flatMap((byte, offset) => parser.push(Uint8Array.of(byte), at(0), offset));
    rows.push(...parser.flush());
    expect(
      rows.map(({ port: _port, offset: _offset, opener, ...row }, seq) => ({
        ...row,
        seq,
        ...(opener === undefined ? {} : { continues: rows.indexOf(opener) }),
      })),
    ).toEqual(whole);
  });

  test('finds JSON in a line nobody knows', () => {
    expect(parse('{"heap": 1234}')[0]).toMatchObject({ grammar: 'plain', payload: { heap: 1234 } });
  });

  test('shows undecodable bytes as U+FFFD and keeps them in raw', () => {
    const [row] = parseFile(Uint8Array.of(0x61, 0xff, 0x62, 0x0a));
    expect(row).toMatchObject({ text: 'a\uFFFDb', raw: Uint8Array.of(0x61, 0xff, 0x62, 0x0a) });
  });
});
