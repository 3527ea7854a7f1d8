import { describe, expect, test } from 'vitest';
import { logEvents } from '../../../../../../main/core/logs/events.ts';
import { parseFile } from '../../../../../../main/core/logs/parser.ts';

const parse = (...lines: string[]) => [...parseFile(Buffer.from(lines.join('\r\n')))];
const one = (line: string) => parse(line)[0];

describe('TuyaOpen lines, verbatim from its examples', () => {
  test('head: time, level, file, line, message; the vendor tag is not a label', () => {
    const row = one('[01-01 00:00:01 ty E][tuya_main.c:379] app_chat_bot_init failed: -3');
    expect(row).toMatchObject({
      grammar: 'tuya',
      level: 'error',
      deviceTime: '01-01 00:00:01',
      file: 'tuya_main.c',
      line: 379,
      message: 'app_chat_bot_init failed: -3',
    });
    expect(row?.tag).toBeUndefined();
  });

  test.each([
    ['N', 'info'],
    ['I', 'info'],
    ['D', 'debug'],
    ['W', 'warn'],
    ['T', 'verbose'],
  ])('level %s is %s', (letter, level) => {
    expect(one(`[01-01 00:00:29 ty ${letter}][app_main.c:43] is_finish: 0`)?.level).toBe(level);
  });

  test('colours on, as the SDK has it by default', () => {
    const row = one('\x1b[0;36;49m[01-01 00:00:01 ty I][tal_thread.c:226] thread_create name:proc\x1b[0m');
    expect(row).toMatchObject({ grammar: 'tuya', message: 'thread_create name:proc' });
  });

  test('ms mode prints milliseconds without leading zeros', () => {
    expect(one('[01-01 00:00:01:7 ty D][tuya_health.c:75] feed watchdog')?.deviceTime).toBe('01-01 00:00:01:7');
  });

  test('a T5 puts its ticks in front', () => {
    expect(one('ap0:W(1808):[01-01 00:00:01 ty D][example_touch.c:101] touch channel [1] cap value: 7.658960')).toMatchObject({
      grammar: 'tuya',
      level: 'debug',
      deviceMs: 1808,
      file: 'example_touch.c',
      message: 'touch channel [1] cap value: 7.658960',
    });
  });

  test('closed libraries give the caller’s address for the file', () => {
    expect(one('[01-01 00:00:02 TUYA D][lr:0x4b6cb] Scanf to 46 wifi signals')).toMatchObject({
      tag: 'TUYA',
      function: 'lr:0x4b6cb',
      message: 'Scanf to 46 wifi signals',
    });
  });

  test('a line number that is none is left out', () => {
    const row = one('  [01-01 00:00:02 TUYA I][example_i2c.c:xx] sht3x temp:28.753, humi:44.455');
    expect(row).toMatchObject({ file: 'example_i2c.c', message: 'sht3x temp:28.753, humi:44.455' });
    expect(row?.line).toBeUndefined();
  });

  test('what people leave of a head', () => {
    expect(one('[ty E][tuya_ai_event.c:40] event or session id was null')).toMatchObject({
      level: 'error',
      file: 'tuya_ai_event.c',
      line: 40,
      event: 'tuya.session-error',
    });
    expect(one('[ty I] Device MQTT Connected!')).toMatchObject({ level: 'info', tag: 'ty', event: 'mqtt.connected' });
  });

  test('JSON over several lines continues the line that opened it, and has its value', () => {
    const rows = parse('[01-01 14:58:54 ty I][example_http.c:126] rsp:{', '  "args": {}, ', '  "origin": "124.90.34.126"', '}');
    expect(rows.map(({ grammar }) => grammar)).toEqual(['tuya', 'tuya', 'tuya', 'tuya']);
    expect(rows.slice(1).map((row) => row.continues)).toEqual([0, 0, 0]);
    expect(rows[3]?.payload).toEqual({ args: {}, origin: '124.90.34.126' });
  });

  test('past bug of readers: a head in the middle of another line is found, and what stood before it stays', () => {
    const rows = parse(
      '[01-01 14:58:54 ty I][example_http.c:126] rsp:{',
      '  "url": "h[01-01 14:58:54 ty D][lr:0xbc0fd] tcp transporter close socket fd:4',
    );
    expect(rows[1]).toMatchObject({ level: 'debug', function: 'lr:0xbc0fd', message: '"url": "h tcp transporter close socket fd:4' });
    expect(rows[1]?.continues).toBeUndefined();
  });

  test('hexadecimal and crash dumps', () => {
    const rows = parse(
      '[01-01 00:00:05 ty D][tal_log.c:10] payload 4 <0x2001>',
      '0000 | 7B 22 61 22 | {"a"',
      'addr: 28060000 data: 00000001 28061234',
    );
    expect(rows[1]).toMatchObject({ continues: 0, event: 'hex-dump', payload: { offset: 0, bytes: 4 } });
    expect(rows[2]).toMatchObject({ event: 'stack-memory', payload: { address: 0x28060000, words: [1, 0x28061234] } });
  });

  test('the flash tool around the monitor', () => {
    expect(one('[ERROR]: Exception: Invalid head of packet.')).toMatchObject({ grammar: 'tuya', level: 'error', tag: 'tyutool' });
  });

  test.each([
    ['0x4200daa8 malloc failed:0x2000 free:0x21dc', 'out-of-memory', { bytes: 8192, freeBytes: 8668 }],
    ['[Phase-4 done] Heap after app init: 12820', 'heap', { freeBytes: 12820 }],
    ['Device Free heap 81234', 'heap', { freeBytes: 81234 }],
    ['cur free heap: 81234', 'heap', { freeBytes: 81234 }],
    ['Tuya Event ID:5(TUYA_EVENT_MQTT_DISCONNECT)', 'mqtt.disconnected', { name: 'TUYA_EVENT_MQTT_DISCONNECT' }],
    ['Create Thrd Fail:-26624', 'tuya.thread-failed', { code: -26624 }],
    ['Authorization read failure.', 'licence', { detail: 'Authorization read failure' }],
    ['STATE_START', 'tuya.state', { state: 'STATE_START' }],
    ['Tuya Event ID:1(TUYA_EVENT_BIND_START)', 'tuya.iot-event', { number: 1, name: 'TUYA_EVENT_BIND_START' }],
    ['software_ver:1.0.1', 'boot.app-info', { key: 'software_ver', value: '1.0.1' }],
    ['Sync timestamp:1766402354', 'time.synced', { unixSeconds: 1766402354 }],
    ['tcp transporter connect failed,ret:-0x710a', 'net.failed', { detail: 'tcp', code: -0x710a }],
    ['Connect: httpbin.org Port: 80  -->>', 'net.connecting', { host: 'httpbin.org', port: 80 }],
    ['Connect: httpbin.org Port: 80  --<< ,r:0', 'net.connected', { host: 'httpbin.org', port: 80 }],
    ['Connect: httpbin.org Port: 80  --<< ,r:-1', 'net.failed', { host: 'httpbin.org', port: 80, code: -1 }],
    ['wired status changed to 1, old stat: 1', 'net.up', { bearer: 'ethernet' }],
    ['netmgr status changed to 0, old 1, active 2', 'net.down', {}],
    ['start mqtt client to broker.emqx.io', 'mqtt.connecting', { host: 'broker.emqx.io' }],
    ['Subscribe topic tuya/tos-test ID:1', 'mqtt.subscribe', { topic: 'tuya/tos-test', packetId: 1 }],
    ['recv message TopicName:tuya/tos-test, payload len:32', 'mqtt.message', { kind: 'message', topic: 'tuya/tos-test', bytes: 32 }],
  ])('%s is %s', (message, event, payload) => {
    expect(one(`[01-01 00:00:01 ty I][f.c:1] ${message}`)).toMatchObject({ event, payload });
  });

  test('the key is a secret and not taken out of its line', () => {
    expect(one('[01-01 00:00:00 ty D][tuya_iot.c:558] authkey:keyxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')?.payload).toBeUndefined();
  });
});

// Synthetic: the format strings of reference/tuya.md §8.2 with values of ours. No complete public log of a conversation is known.
describe('the AI messages (synthetic)', () => {
  test.each([
    ['mq ser cfg ack timeout 5', 'tuya.config-failed', { detail: 'mq ser cfg ack timeout 5', code: 5 }],
    ['mq token ack timeout 5', 'tuya.config-failed', { code: 5 }],
    ['get agent token failed', 'tuya.config-failed', { detail: 'get agent token failed' }],
    ['bizId is not match, a b', 'tuya.config-failed', { detail: 'bizId is not match, a b' }],
    ['errorCode: PERMISSION_DENY', 'tuya.config-failed', { code: 'PERMISSION_DENY' }],
    ['host num err 0', 'tuya.config-failed', { code: 0 }],
    ['http post err, rt:-7689', 'tuya.config-failed', { code: -7689 }],
    ['***** ai client state 1 -> 2 *****', 'tuya.client-state', { from: 1, to: 2 }],
    ['connect to host :ai.example.com, port: 443', 'voice.connecting', { host: 'ai.example.com', port: 443 }],
    ['connect to host:ai.example.com, port:443 failed, rt:-3', 'voice.failed', { detail: 'ai.example.com:443', code: -3 }],
    ['connect to cloud failed, sleep 8 s', 'voice.failed', { retrySeconds: 8 }],
    ['ai client running error -2, reconnect', 'voice.disconnected', { reason: 'error', code: -2 }],
    ['auth success', 'voice.connected', undefined],
    ['auth failed, status:401', 'voice.failed', { code: 401 }],
    ['recv connect close when auth:601', 'voice.failed', { code: 601 }],
    ['ai proto init success, sl:4', 'tuya.protocol-ready', { securityLevel: 4 }],
    ['packet sign error', 'tuya.crypto-error', { detail: 'packet sign error' }],
    ['sequence error, in:7, pre:9', 'tuya.crypto-error', { detail: 'sequence error, in:7, pre:9' }],
    ['aes128_gcm_decode error:ff', 'tuya.crypto-error', { code: 255 }],
    ['ai ping', 'tuya.ping', undefined],
    ['ai pong', 'tuya.pong', undefined],
    ['alive timeout', 'voice.disconnected', { reason: 'alive timeout' }],
    ['ping lost >= 3, close tcp connection', 'voice.disconnected', { reason: 'ping lost >= 3, close tcp connection' }],
    ['recv conn close by server', 'voice.disconnected', { reason: 'recv conn close by server' }],
    ['connect refresh success,expire:1800 current:1000 next 700 s', 'tuya.refreshed', { expire: 1800, current: 1000, nextSeconds: 700 }],
    ['recv delay disconnect pkt', 'tuya.delay-disconnect', undefined],
    ['ai client init success, version:2', 'tuya.client-ready', { version: 2 }],
    ['create session success, s-1', 'tuya.session-created', { sessionId: 's-1' }],
    ['session num is full', 'tuya.session-error', { detail: 'session num is full' }],
    ['del sessoion id:s-1', 'tuya.session-closed', { sessionId: 's-1' }],
    ['close session id:s-1', 'tuya.session-closed', { sessionId: 's-1' }],
    ['close session err code:1001', 'tuya.session-error', { code: 1001 }],
    ['session attrs: {"a":1}', 'tuya.session-attributes', { attributes: { a: 1 } }],
    ['event id is e-1', 'tuya.event-id', { eventId: 'e-1' }],
    ['send event rt:0, type:1', 'tuya.event', { type: 1, name: 'payloads-end', result: 0 }],
    ['[upload event] type:0', 'tuya.event', { type: 0, name: 'start' }],
    [
      '[ptype 31 upload stream] len:640 flag 1, total_len:1280, id:1',
      'tuya.upload',
      { packetType: 31, bytes: 640, flag: 1, totalBytes: 1280, id: 1 },
    ],
    ['[====ai event cb====] type:2, sid:s-1, eid:e-1', 'tuya.event', { type: 2, name: 'end', sessionId: 's-1', eventId: 'e-1' }],
    ['[====ai event cb====] type:4, sid:s-1, eid:e-1', 'turn.interrupted', { name: 'chat-break', source: 'cloud' }],
    ['ai input start, state:1', 'turn.user-started', { state: 1 }],
    ['ASR text: 今天天气怎么样', 'turn.user-text', { text: '今天天气怎么样' }],
    ['ASR empty', 'tuya.asr-empty', undefined],
    ['NLG text: 今天晴。', 'turn.bot-text', { text: '今天晴。' }],
    ['Skill code: emo', 'tuya.skill', { code: 'emo' }],
    ['Emotion: HAPPY', 'tuya.emotion', { emotion: 'HAPPY' }],
    ['mcp data: {"jsonrpc":"2.0"}', 'tuya.mcp', { message: { jsonrpc: '2.0' } }],
    ['server vad', 'turn.user-ended', { source: 'server-vad' }],
    ['[output] start. status:0', 'turn.bot-started', undefined],
    ['[output] stop. force:1 status:2', 'turn.bot-ended', { isForced: true }],
    ['ai audio player stat changed: 0->1', 'tuya.player-state', { from: 0, to: 1 }],
    ['ai audio event changed: 1->2', 'tuya.audio-event', { from: 1, to: 2 }],
    ['asr wakeup key: 3', 'turn.wakeup', { word: 3 }],
  ])('%s is %s', (message, event, payload) => {
    const row = one(`[11-21 08:00:00 ty D][svc_ai.c:1] ${message}`);
    expect(row).toMatchObject({ event, ...(payload === undefined ? {} : { payload }) });
    expect(Object.keys(logEvents)).toContain(row?.event);
  });

  test('a name of the SDK that is a name of every object is no event of ours', () => {
    expect(one('[11-21 08:00:00 ty D][f.c:1] Tuya Event ID:9(constructor)')?.event).toBe('tuya.iot-event');
  });
});
