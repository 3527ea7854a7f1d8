import { describe, expect, test } from 'vitest';
import { parseFile } from '../../../../../../main/core/logs/parser.ts';

const parse = (...lines: readonly string[]) => [...parseFile(Buffer.from(lines.map((line) => `${line}\r\n`).join('')))];
const one = (line: string) => parse(line)[0];

describe('the device time of an SDK line', () => {
  test.each([
    ['4204', { deviceMs: 4204 }],
    ['2026-03-02 16:54:31.640', { deviceTime: '2026-03-02 16:54:31.640' }],
    ['2026-03-02 16:54:31.640 (4204)', { deviceTime: '2026-03-02 16:54:31.640', deviceMs: 4204 }],
    ['12.345', { deviceMs: 12345 }],
    ['57.000', { deviceMs: 57000 }],
    ['1790000000000', { deviceTime: '1790000000000' }],
    ['1790000000.123', { deviceTime: '1790000000.123' }],
  ])('%s', (time, expected) => {
    expect(one(`WRN|${time}|a.c|f(7): text`)).toMatchObject({
      grammar: 'twetalk',
      level: 'warn',
      file: 'a.c',
      function: 'f',
      line: 7,
      message: 'text',
      ...expected,
    });
  });
});

describe('an event is known by its name in every generation of the SDK', () => {
  test.each([
    'INF|1|twetalk_call.c|tc_twetalk_call_event_type_print(155): [08] RECV_ROOMID - 收到呼叫',
    'INF|1|twetalk_call.c|tc_twetalk_call_event_type_print(155): ☒ [30] RECV_ROOMID - 收到呼叫',
    'INF|1|twetalk_call.c|tc_twetalk_call_event_type_print(155): 🎤 [99] RECV_ROOMID',
  ])('%s', (line) => {
    expect(one(line)?.event).toBe('twetalk.RECV_ROOMID');
  });
});

test.each([
  ['usr: \\u4f60\\n好', 'twetalk.caption', { who: 'usr', text: '你\n好' }],
  ['usr start speaking', 'twetalk.speaking', { who: 'usr', isSpeaking: true }],
  ['calling roomid: r1 caller id : o2', 'twetalk.call-room', { roomId: 'r1', callerId: 'o2' }],
  ['usr cancel. roomid: r1', 'twetalk.call-cancelled', { roomId: 'r1' }],
  ['recv error: -2006', 'twetalk.error', { code: -2006, who: 'connection' }],
  ['play music: 晴天 by 周杰伦, genre: pop, language: zh, id: 1', 'twetalk.music', { song: '晴天', artist: '周杰伦' }],
  ['receive action message:{"a":1}', 'mqtt.message', { kind: 'action', payload: { a: 1 } }],
  ['PTT force stop', 'twetalk.ptt-stopped', undefined],
])('%s', (message, event, payload) => {
  const row = one(`INF|1|a.c|f(1): ${message}`);
  expect(row?.event).toBe(event);
  expect(row?.payload).toEqual(payload);
});

describe('what an application prints after an SDK line', () => {
  test.each([
    'INF|1|a.c|b(1): x',
    'INF|1|a.c|b(1): bot stop speaking',
    'DBG|1|mqtt.c|p(1): publish qos=0|packet_id=0|topic_name=$t|payload={"method":"report","params":{"volume":80}}',
    'INF|1|a.c|b(1): a long line of the SDK that says nothing in particular to anybody at all',
  ])('is its own: %s', (line) => {
    expect(parse(line, 'own output')[1]).toMatchObject({ grammar: 'plain', message: 'own output' });
    expect(parse(line, 'own output')[1]?.continues).toBeUndefined();
  });

  test.each([
    ['INF|2026-03-02', '16:54:31.385|a.c|f(1): x'],
    ['INF|1|a.c|tc_event(155): [08]', 'RECV_ROOMID - 收到呼叫'],
    ['INF|1|a.c|cb(320): calling roomid:', 'wxmf83'],
    ['INF|1|a.c|cb(330): user answer', 'called: \\u5988 openid: oM'],
    ['DBG|1|a.c|cb(59): twecall message arrived:', '{"method":"x"}'],
    ['DBG|1|a.c|ws(59): ws url ws://host/ws?', 'productId=P&deviceName=D'],
    ['DBG|1|a.c|p(2): publish qos=0|packet_id=0|topic_name=$t|payload={"method":"report",', '"params":{}}'],
    ['[INF] created task t thread_id 0x16d49f000 stack_size :', '16 Kbytes'],
  ])('belongs to it when it is visibly not over: %s', (line, rest) => {
    expect(parse(line, rest)[1]).toMatchObject({ grammar: 'twetalk', continues: 0, message: rest });
  });

  test('belongs to a long line in a copy that is known to be wrapped, and to no other after a blank line', () => {
    const rows = parse(
      'INF|2026-03-02',
      '16:54:31.640|twetalk_ws_app.c|main(412): Cloud Device',
      'Construct Success',
      'INF|2026-03-02 16:54:32.674|twetalk_ws.c|_ws_recv_thread_entry(156): ws',
      'recv thread start',
      '',
      'own output',
    );
    expect(rows.map(({ continues }) => continues)).toEqual([undefined, 0, 0, undefined, 3, undefined, undefined]);
  });

  test('is not claimed when another grammar’s line stands between', () => {
    expect(parse('INF|1|a.c|cb(320): calling roomid:', 'I (5) t: x', 'own output')[2]).toMatchObject({ grammar: 'plain' });
  });
});

test('a hex dump goes on though ESP-IDF lines stand between', () => {
  const rows = parse('12.345|a.c|f(3) key length : 32, data : ', 'offset: 0  1  2  3', 'I (5) t: x', '0000h: AA BB CC DD | ....');
  expect(rows.map(({ continues }) => continues)).toEqual([undefined, 0, undefined, 0]);
});
