import { describe, expect, test } from 'vitest';
import { parseFile } from '../../../../../../main/core/logs/parser.ts';

const parse = (...lines: string[]) => [...parseFile(Buffer.from(lines.join('\r\n')))];
const one = (line: string) => parse(line)[0];
/** The second line, after the command that it answers. */
const answer = (command: string, line: string) => parse(command, line)[1];

describe('what is AT and what is not', () => {
  test('OK, ERROR, a number and a prompt are AT only after AT', () => {
    for (const line of ['OK', 'ERROR', '460081899904186', '> ', 'CONNECT']) {
      expect(one(line)?.grammar, line).toBe('plain');
      expect(answer('AT+X', line)?.grammar, line).toBe('at');
    }
  });

  test.each(['ATTENTION: low battery', 'At 10:00 it rained', 'ATMEGA328', 'at home', '* NOTE: this', '+ a: b', '^C', '+1: 2'])(
    '%s is not',
    (line) => {
      expect(one(line)?.grammar).toBe('plain');
    },
  );

  test.each([
    ['AT', 'AT', 'run'],
    ['ATE0', 'ATE', 'set'],
    ['ATI', 'ATI', 'run'],
    ['AT+CEREG=?', '+CEREG', 'test'],
    ['AT+CPIN?', '+CPIN', 'read'],
    ['at+cfun=1', '+CFUN', 'set'],
    ['AT*SIMAUTO=1', '*SIMAUTO', 'set'],
    ['AT+CSQ\t\t//查询信号强度与质量', '+CSQ', 'run'],
  ])('%s is a command', (line, name, form) => {
    expect(one(line)).toMatchObject({ grammar: 'at', event: 'at.command', payload: { name, form } });
  });

  test('a log of another SDK in the middle of an exchange stays its own', () => {
    const rows = parse('AT+CSQ', 'I (123) wifi: up', 'INF|204|a.c|f(1): hello', '+CSQ: 16,0', 'OK');
    expect(rows.map(({ grammar }) => grammar)).toEqual(['at', 'esp-idf', 'twetalk', 'at', 'at']);
  });

  test('a command that nobody ends does not claim what follows for ever', () => {
    const rows = parse('AT+CGMR', ...Array.from({ length: 200 }, (_, index) => `line ${index}`));
    expect(rows.filter(({ grammar }) => grammar === 'at').length).toBeLessThan(100);
  });
});

describe('an exchange', () => {
  test('is the command and what continues it up to its end', () => {
    const rows = parse('AT+CGMR', 'AT+CGMR', '', '+CGMR:', '-- Board: EC618_EVK --', '', 'OK', 'prose');
    expect(rows.map(({ grammar }) => grammar)).toEqual(['at', 'at', 'plain', 'at', 'at', 'plain', 'at', 'plain']);
    expect(rows.map((row) => row.continues)).toEqual([undefined, 0, undefined, 0, 0, undefined, 0, undefined]);
    expect(rows.map(({ event }) => event).filter(Boolean)).toEqual(['at.command', 'at.answer', 'at.final']);
  });

  test('a line said unasked between command and answer is no answer', () => {
    const rows = parse('AT+CIMI', '+NITZ: 2024/08/27,06:36:38+0, ', '460081899904186', 'OK');
    expect(rows[1]).toMatchObject({ event: 'time.synced', payload: { time: '2024/08/27,06:36:38+0' } });
    expect(rows[2]).toMatchObject({ event: 'identity', payload: { imsi: '460081899904186' } });
  });

  test('after its end, what comes unasked begins anew', () => {
    const rows = parse('AT+CEREG=1', 'OK', '+CEREG: 0');
    expect(rows[2]).toMatchObject({ event: 'cellular.registration' });
    expect(rows[2]?.continues).toBeUndefined();
  });

  test('the same name is an answer or said unasked', () => {
    expect(answer('AT+CLCK="SC",2', '+CLCK: 1')?.event).toBe('at.answer');
    expect(one('+CMTI: "ME",2')).toMatchObject({ event: 'at.urc', payload: { name: '+CMTI', values: ['ME', '2'] } });
  });

  test('a prompt for data', () => {
    expect(answer('AT+CMGS="10086"', '>')?.event).toBe('at.prompt');
  });
});

describe('what is told, verbatim lines', () => {
  test.each([
    ['+CPIN: READY', 'sim', { state: 'ready' }],
    ['+CPIN: SIM REMOVED 0', 'sim', { state: 'sim removed', slot: 0 }],
    ['+CSQ: 25,0', 'signal', { csq: 25, rssiDbm: -63 }],
    ['+CSQ: 99,99', 'signal', { csq: 99 }],
    ['+CESQ: 99,99,255,255,22,48', 'signal', { rsrpDbm: -93, rsrqDb: -9 }],
    ['+CEREG: 0,1', 'cellular.registration', { state: 'home', isRegistered: true }],
    ['+CEREG: 2,1,"4844","0EA2D0CA",7', 'cellular.registration', { state: 'home', area: '4844', cell: '0EA2D0CA', technology: 7 }],
    ['+CEREG: 1,"4844","01a2c315",7', 'cellular.registration', { state: 'home', area: '4844', cell: '01a2c315', technology: 7 }],
    ['+CEREG: 3', 'cellular.registration', { state: 'denied', isRegistered: false }],
    ['+CGEV: ME PDN ACT 1,0', 'net.up', { bearer: 'cellular', cid: 1 }],
    ['+CGEV: NW PDN DEACT 1', 'net.down', { bearer: 'cellular', cid: 1, reason: 'NW PDN DEACT 1' }],
    ['+CGEV: ME DETACH', 'cellular.registration', { state: 'detached', isRegistered: false }],
    ['^MODE: 17,17', 'cellular.service', { isAvailable: true }],
    ['^MODE: 0,0', 'cellular.service', { isAvailable: false }],
    ['+E_UTRAN Service', 'cellular.service', { isAvailable: true, technology: 'E-UTRAN' }],
    ['+NO Service', 'cellular.service', { isAvailable: false }],
    ['+COPS: 0,2,"46000",7', 'cellular.operator', { operator: '46000' }],
    ['+CFUN:1', 'cellular.radio', { isOn: true, function: 1 }],
    ['+CGPADDR: 1,"100.120.44.90"', 'net.up', { bearer: 'cellular', cid: 1, ip: '100.120.44.90' }],
    ['+CGDCONT: 1,"IP","cmiot","10.126.200.230"', 'net.up', { bearer: 'cellular', cid: 1, ip: '10.126.200.230' }],
    [
      '+ECSTATUS: PHY, DlEarfcn:3738, UlEarfcn:21738, PCI:11, Band:8, RSRP:-91, RSRQ:-8, SNR:8,',
      'signal',
      { rsrpDbm: -91, rsrqDb: -8, snrDb: 8 },
    ],
    [
      '+ECBCINFOSC: 3684,9,-87,-10,"460","00","0190271A","5B49"',
      'cellular.cell',
      { mcc: '460', mnc: '00', earfcn: 3684, pci: 9, cell: 0x0190271a },
    ],
    ['*ATREADY: 1', 'boot.rom', { rom: '*ATREADY: 1' }],
    ['+SAPBR: 1,1,"10.212.65.203"', 'net.up', { ip: '10.212.65.203' }],
    ['+ICCID: 898604981022C0254186', 'identity', { iccid: '898604981022C0254186' }],
    ['+CGSN: "788596633100008"', 'identity', { imei: '788596633100008' }],
    ['+CGMM: "eigencomm","EC618"', 'identity', { model: 'EC618' }],
    ['+CME ERROR: 10', 'sim', { state: 'not inserted', code: 10 }],
    ['+CME ERROR: 30', 'at.error', { result: '+CME ERROR', code: 30, meaning: 'no-service' }],
    ['+CMS ERROR: 304', 'at.error', { code: 304, meaning: 'invalid-pdu' }],
    ['+CME ERROR: SIM failure', 'at.error', { meaning: 'SIM failure' }],
    ['RDY', 'boot.rom', { rom: 'RDY' }],
    [
      '+MSUB: "$sys/p/d/thing/property/post/reply",39 byte,{"id":"123","code":200,"msg":"success"}',
      'mqtt.message',
      { topic: '$sys/p/d/thing/property/post/reply', bytes: 39, payload: { id: '123', code: 200, msg: 'success' } },
    ],
  ])('%s is %s', (line, event, payload) => {
    expect(one(line)).toMatchObject({ grammar: 'at', event, payload });
  });

  test.each([
    ['+CEREG: (0,1,2,3,4,5)', 'at.urc'],
    ['+CSQ:<rssi>,<ber>', 'at.urc'],
    ['+COPS: 0', 'at.urc'],
    ['+CFUN:(0,1,4),(0,1)', 'at.urc'],
    ['+CGPADDR: 1,"0.0.0.0"', 'at.urc'],
    ['+CGDCONT: 2,"IPV6","apn1"', 'at.urc'],
    ['+ECSTATUS: L2, SrbNum:0, DrbNum:0', 'at.urc'],
  ])('%s tells no state', (line, event) => {
    expect(one(line)?.event).toBe(event);
  });

  test('bare answers by their command', () => {
    expect(answer('AT+CGSN', '788596633100008')?.payload).toEqual({ imei: '788596633100008' });
    expect(answer('ATI', 'AirM2M_780EP_V1007_LTE_AT')?.payload).toEqual({ firmware: 'AirM2M_780EP_V1007_LTE_AT' });
    expect(answer('AT+FSREAD="/a",0,4', '788596633100008')?.event).toBeUndefined();
  });
});

test('an export of LLCOM’s: arrows, the end of what was sent, the echo', () => {
  const rows = parse(
    '[14:34:12.900]发→◇AT+CPIN?  //查询SIM卡是否在位，READY说明检查到SIM卡',
    '□',
    '[14:34:12.904]收←◆AT+CPIN?',
    '',
    '+CPIN: READY',
    '',
    'OK',
    '[14:36:27.750]收←◆+CPIN: SIM REMOVED 0',
  );
  expect(rows.map(({ event }) => event)).toEqual(['at.command', undefined, undefined, undefined, 'sim', undefined, 'at.final', 'sim']);
  expect(rows[0]?.message).toBe('AT+CPIN?  //查询SIM卡是否在位，READY说明检查到SIM卡');
  expect(rows[2]?.continues).toBe(0);
  expect(rows[7]?.payload).toEqual({ state: 'sim removed', slot: 0 });
});
