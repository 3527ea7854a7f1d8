import { expect, test } from 'vitest';
import { parseFile } from '../../../../../../main/core/logs/parser.ts';

const parse = (...lines: string[]) => [...parseFile(Buffer.from(lines.join('\n')))];
const one = (line: string) => parse(line)[0];

test('a line of the kit (synthetic, from its format)', () => {
  expect(one('12:00:01 [W] [tls] handshake slow')).toMatchObject({
    grammar: 'agentic-kit',
    level: 'warn',
    deviceTime: '12:00:01',
    tag: 'tls',
    message: 'handshake slow',
  });
});

test('packets, whole and cut (synthetic)', () => {
  expect(one('12:00:01 [D] [pkt] send:  {"packet-type":"client-hello","order":1,"attributes":{"client-id":"c"}}')).toMatchObject({
    event: 'tuya.packet',
    payload: { direction: 'sent', type: 'client-hello', isCut: false, packet: { order: 1 } },
  });
  const cut = one('12:00:02 [D] [pkt] receive:  {"packet-type":"text","payload-len":900,"payload":{"data":"{\\"bizId\\":');
  expect(cut).toMatchObject({ event: 'tuya.packet', payload: { direction: 'received', type: 'text', isCut: true } });
});

test('the flags of an audio stream begin and end the sides of a turn (synthetic)', () => {
  const audio = (verb: string, flag: unknown) =>
    one(`12:00:02 [D] [pkt] ${verb}:  ${JSON.stringify({ 'packet-type': 'audio', payload: { id: 1, 'stream-flag': flag } })}`)?.event;
  expect(audio('send', 'start')).toBe('turn.user-started');
  expect(audio('send', 3)).toBe('turn.user-ended');
  expect(audio('receive', 1)).toBe('turn.bot-started');
  expect(audio('receive-audio', 'end')).toBe('turn.bot-ended');
  expect(audio('receive', 2)).toBe('tuya.packet');
});

test('words inside a text packet are JSON in a string (synthetic)', () => {
  const data = JSON.stringify({ bizId: 'a', bizType: 'ASR', eof: 1, data: { text: '你好' } });
  expect(one(`12:00:02 [D] [pkt] receive:  ${JSON.stringify({ 'packet-type': 'text', payload: { data } })}`)).toMatchObject({
    event: 'turn.user-text',
    payload: { text: '你好', isFinal: true },
  });
});

test('what the demos print: verbatim, with the parts that its author left out', () => {
  const rows = parse(
    '[Text] {"bizId":"img_understand_001","bizType":"NLG","eof":1,"data":{"content":"",',
    '  "finish":true,...}}',
    '[main] Connecting to TAI server...',
  );
  expect(rows.map(({ grammar }) => grammar)).toEqual(['agentic-kit', 'agentic-kit', 'agentic-kit']);
  expect(rows[1]?.continues).toBe(0);
  expect(rows[1]?.payload).toBeUndefined();
  expect(rows[2]).toMatchObject({ tag: 'main', message: 'Connecting to TAI server...' });
});

test('an answer folded over two lines is the bot’s words', () => {
  const rows = parse('[Text] {"bizId":"1","bizType":"NLG","eof":0,"data":{"content":', '  "正在为您播放"}}');
  expect(rows[1]).toMatchObject({ continues: 0, event: 'turn.bot-text', payload: { text: '正在为您播放', isFinal: false } });
});
