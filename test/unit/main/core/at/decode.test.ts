import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogue, catalogueInfo, specOf, timeoutOf } from '../../../../../main/core/at/catalogue.ts';
import { fieldsOf, parseCommand, prefixOf } from '../../../../../main/core/at/command.ts';
import { isLuhnValid } from '../../../../../main/core/at/decode.ts';
import { errorMeanings } from '../../../../../main/core/at/error-codes.ts';
import { decodeAnswer } from '../../../../../main/core/at/match.ts';
import { pingLine } from '../../../../../main/core/at/ping.ts';
import { decodeUnasked } from '../../../../../main/core/at/unasked.ts';
import { atValue } from '../../../../../preload/contract/at.ts';
import { en } from '../../../../../renderer/locales/en/index.ts';
import { zh } from '../../../../../renderer/locales/zh/index.ts';

/** As one reads them: `rsrp -93 dBm good`, with the note after a slash. */
function decoded(command: string, ...lines: string[]): string[] {
  return decodeAnswer(parseCommand(command), lines).map(({ name, value, unit, verdict, note }) =>
    [name, value ?? '?', unit, verdict, note === undefined ? undefined : `/${note}`].filter((each) => each !== undefined).join(' '),
  );
}

describe('answers as the vendors’ manuals and real logs have them', () => {
  // biome-ignore format: a table
  const cases: [string, string[], string[]][] = [
    ['AT+CSQ', ['+CSQ: 25,0'], ['rssi -63 dBm good', 'ber 0 unknown']],
    ['AT+CSQ', ['+CSQ: 10,99'], ['rssi -93 dBm weak /unstable']],
    ['AT+CSQ', ['+CSQ: 7,99'], ['rssi -99 dBm bad /unusable']],
    ['AT+CSQ', ['+CSQ: 99,99'], ['rssi ? dBm unknown /not-detectable']],
    ['AT+CESQ', ['+CESQ: 99,99,255,255,22,48'], ['rsrp -93 dBm good', 'rsrq -9 dB good']],
    ['AT+CESQ', ['+CESQ: 99,99,255,255,10,26'], ['rsrp -115 dBm weak /unstable', 'rsrq -15 dB good']],
    ['AT+CESQ', ['+CESQ: 99,99,255,255,255,255'], ['rsrp ? dBm unknown /not-detectable', 'rsrq ? dB unknown /not-detectable']],
    ['AT+CESQ=?', ['+CESQ: (99),(99),(255),(255),(0-34,255),(0-97,255)'], []],
    ['AT+CEREG?', ['+CEREG: 0,3'], ['registration 3 bad /denied']],
    ['AT+CEREG?', ['+CEREG: 5,1,"5b49","0190271a",7'], ['registration 1 good /home', 'tac 5B49 unknown', 'cellId 0190271A unknown', 'access E-UTRAN unknown']],
    ['AT+CREG?', ['+CREG: 3,0'], ['registration 0 unknown /not-searching']],
    ['AT+COPS?', ['+COPS: 0,2,"46000",7'], ['operatorMode 0 unknown /automatic', 'operator 46000 good', 'access E-UTRAN unknown']],
    ['AT+COPS?', ['+COPS: 0'], ['operatorMode 0 unknown /automatic', 'operator ? bad /not-registered']],
    ['AT+COPS=?', ['+COPS: (2,"CHINA MOBILE","CMCC","46000",7), (3,"CHN-UNICOMM","UNICOM","46001",7),,(0-4),(0-2)'], ['operators CHINA MOBILE 46000 good', 'operators CHN-UNICOMM 46001 bad /denied']],
    ['AT+CPIN?', ['+CPIN: SIM PUK'], ['sim SIM PUK bad /puk-wanted']],
    ['AT+ICCID', ['+ICCID: 898604981022C0254186'], ['iccid 898604981022C0254186 good']],
    ['AT+ECICCID', ['+ECICCID: 89861119220009636664'], ['iccid 89861119220009636664 good']],
    ['AT+CCID', ['898604981022c025418'], ['iccid 898604981022C025418 good']],
    ['AT+ICCID', ['+ICCID: 8986049810'], ['iccid 8986049810 bad /wrong-length']],
    ['AT+CGSN', ['788596633100008'], ['imei 788596633100008 good']],
    ['AT+CGSN=1', ['+CGSN: "788596633100008"'], ['imei 788596633100008 good']],
    ['AT+CGSN', ['788596633100009'], ['imei 788596633100009 bad /check-digit-wrong']],
    ['AT+CGSN', ['000000000000000'], ['imei 000000000000000 bad /not-written']],
    ['AT+CGMR', ['+CGMR: "AirM2M_780EP_V1007_LTE_AT"'], ['firmware AirM2M_780EP_V1007_LTE_AT good']],
    ['AT+CGMR', ['+CGMR:', '-- Board: EC618_EVK --', '-- SDK Version: EC618_SW_V001.000.xxx --', '-- EVB Version: EC618_HW_V1.0 --', '-- Compiled: Dec 2 2021 13:49:27 --'], ['model EC618_EVK good', 'sdk EC618_SW_V001.000.xxx good', 'hardware EC618_HW_V1.0 good', 'compiled Dec 2 2021 13:49:27 good']],
    ['AT+CGMM', ['+CGMM: "eigencomm","EC618"'], ['model EC618 good']],
    ['AT+CFUN?', ['+CFUN:1'], ['functionality 1 good /full']],
    ['AT+CFUN?', ['+CFUN: 4'], ['functionality 4 bad /flight-mode']],
    ['AT+CGDCONT?', ['+CGDCONT: 1,"IP","cmiot","10.126.200.230"', '+CGDCONT: 2,"IPV6","apn1"'], ['context 1 unknown', 'pdpType IP unknown', 'apn cmiot unknown', 'ip 10.126.200.230 good', 'context 2 unknown', 'pdpType IPV6 unknown', 'apn apn1 unknown']],
    ['AT+CGPADDR', ['+CGPADDR: 1,"100.120.44.90","36.14.8.120.0.80.3.53.0.2.0.1.83.170.233.153"'], ['context 1 unknown', 'ip 100.120.44.90 good', 'ipv6 240e:878:50:335:2:1:53aa:e999 good']],
    ['AT+CGPADDR=1', ['+CGPADDR: 1,"0.0.0.0"'], ['context 1 unknown', 'ip ? bad /no-address']],
    ['AT+CGACT?', ['+CGACT: 1,1', '+CGACT: 2,0'], ['context 1 unknown', 'active 1 good /activated', 'context 2 unknown', 'active 0 bad /deactivated']],
    ['AT+CCLK?', ['+CCLK: "2018/07/25,02:22:30+00"'], ['clock 2018/07/25,02:22:30+00 weak /clock-not-set']],
    ['AT+CCLK?', ['+CCLK: "24/08/27,06:36:38+32"'], ['clock 24/08/27,06:36:38+32 good']],
    ['AT+CBC', ['+CBC: 0,80,3850'], ['batteryState 0 unknown /not-charging', 'batteryPercent 80 % good', 'batteryVoltage 3850 mV good']],
    ['AT+CBC', ['+CBC: 3420'], ['batteryVoltage 3420 mV weak']],
    ['AT+ECSTATUS=PHY', ['+ECSTATUS: PHY, DlEarfcn:3738, UlEarfcn:21738, PCI:11, Band:8, RSRP:-91, RSRQ:-8, SNR:8,'], ['earfcn 3738 unknown', 'pci 11 unknown', 'band 8 unknown', 'rsrp -91 dBm good', 'rsrq -8 dB good', 'snr 8 dB good']],
    ['AT+ECSTATUS', ['+ECSTATUS: EMM, EmmState:"REG", EmmMode:"IDLE"', '+ECSTATUS: CCM, Cfun:1, IMSI:"460043263600041"'], ['emm REG good', 'functionality 1 good /full', 'imsi 460043263600041 good']],
    ['AT+ECBCINFO', ['+ECBCINFOSC: 3684,9,-87,-10,"460","00","0190271A","5B49"', '+ECBCINFONC: 3686,425,-130,-9'], ['cell 3684/9 46000 0190271A unknown', 'rsrp -87 dBm good', 'rsrq -10 dB good', 'cell 3686/425 unknown', 'rsrp -130 dBm bad /unusable', 'rsrq -9 dB good']],
    ['AT+CPIN?', ['+CPIN: valueOf'], ['sim valueOf unknown']],
    ['AT+CSQ;+CFUN?', ['+CSQ: 25,0', '+CFUN: 1'], ['rssi -63 dBm good', 'ber 0 unknown', 'functionality 1 good /full']],
  ];
  test.each(cases)('%s %j', (command, lines, expected) => {
    expect(decoded(command, ...lines)).toEqual(expected);
  });

  test('no line whatever breaks a decoder, and what comes out keeps to the contract', () => {
    const commands = catalogueInfo().flatMap(({ forms }) => forms);
    const rest = fc.oneof(
      fc.string(),
      // What every object has: the tables must not take these for words of theirs.
      fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype)),
      fc
        .array(fc.oneof(fc.integer(), fc.constantFrom('"a"', '', '(0-3)', '99', '255')), { maxLength: 9 })
        .map((fields) => fields.join(',')),
    );
    fc.assert(
      fc.property(fc.constantFrom(...commands), rest, (command, text) => {
        const parts = parseCommand(command);
        const lines = [text, `${parts[0]?.name ?? ''}: ${text}`];
        for (const line of lines)
          for (const value of [...decodeAnswer(parts, [line]), ...(decodeUnasked(line) ?? [])]) atValue.parse(value);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('lines that come by themselves', () => {
  test.each([
    ['+CPIN: SIM REMOVED 0', 'SIM REMOVED', 'bad', 'sim-removed'],
    ['^MODE: 17,17', '17,17', 'good', 'lte-service'],
    ['^MODE: 0,0', '0,0', 'bad', 'no-service'],
    ['+NO Service', null, 'bad', 'no-service'],
    ['+CGEV: NW PDN DEACT 1', 'NW PDN DEACT 1', 'bad', undefined],
    ['+CGEV: ME PDN ACT 1,0', 'ME PDN ACT 1,0', 'good', undefined],
    ['+NITZ: 2024/08/27,06:36:38+0, ', '2024/08/27,06:36:38+0', 'good', undefined],
    ['*CESQ: 99,99,255,255,22,48,18', -93, 'good', undefined],
    ['+CEREG: 1,"4844","01a2c315",7', 1, 'good', 'home'],
    ['+CEREG: 3', 3, 'bad', 'denied'],
  ])('%s', (line, value, verdict, note) => {
    expect(decodeUnasked(line)?.[0]).toMatchObject({ value, verdict, ...(note === undefined ? {} : { note }) });
  });

  test.each([
    ['+ECPING', 'SUCC, dest: 180.97.33.107, RTT: 334 ms', { kind: 'answered', host: '180.97.33.107', rttMs: 334 }],
    ['+ECPING', 'SUCC, dest: 180.97.33.107, RTT: 334ms', { kind: 'answered', host: '180.97.33.107', rttMs: 334 }],
    ['+ECPING', 'FAIL, dest: 180.97.33.107, time out: 20000 ms', { kind: 'no-answer', host: '180.97.33.107' }],
    ['+ECPING', 'ERROR, cause: 3', { kind: 'failed' }],
    ['+ECPING', 'DONE', { kind: 'done' }],
    [
      '+ECPING',
      'dest: 180.97.33.107, 4 packets transmittted, 3 received, 25% packet loss',
      { kind: 'done', host: '180.97.33.107', lostPercent: 25 },
    ],
    ['+CIPPING', '1,"39.156.66.14",84,52', { kind: 'answered', host: '39.156.66.14', rttMs: 84 }],
    ['+CIPPING', '1,39.156.66.14,84,52', { kind: 'answered', host: '39.156.66.14', rttMs: 84 }],
    ['+CIPPING', '2,"39.156.66.14",600,255', { kind: 'no-answer', host: '39.156.66.14' }],
    ['+CSQ', '1,1', null],
  ])('%s: %s', (name, rest, expected) => {
    expect(pingLine(name, rest)).toEqual(expected);
  });
});

describe('commands taken apart', () => {
  test.each([
    ['AT', [['AT', 'run', '']]],
    ['at+csq', [['+CSQ', 'run', '']]],
    ['AT+CEREG=?', [['+CEREG', 'test', '']]],
    [
      'ATE0V1',
      [
        ['ATE', 'set', '0'],
        ['ATV', 'set', '1'],
      ],
    ],
    ['AT&D2', [['AT&D', 'set', '2']]],
    [
      'AT+IPR=9600;&W',
      [
        ['+IPR', 'set', '9600'],
        ['AT&W', 'run', ''],
      ],
    ],
    [
      'AT+CMGS="a;b?";+CSQ',
      [
        ['+CMGS', 'set', '"a;b?"'],
        ['+CSQ', 'run', ''],
      ],
    ],
    ['ATD*99***1#', [['ATD', 'set', '*99***1#']]],
    ['ATD10086;', [['ATD', 'set', '10086;']]],
    ['AT*BANDIND?', [['*BANDIND', 'read', '']]],
    ['AT^SYSINFO', [['^SYSINFO', 'run', '']]],
  ])('%s', (text, expected) => {
    expect(parseCommand(text).map(({ name, form, argument }) => [name, form, argument])).toEqual(expected);
  });

  test('fields: quotes may hold commas, brackets are one, empty ones count', () => {
    expect(fieldsOf('1,"a,b",,(0-3,99),"x"')).toEqual(['1', 'a,b', '', '(0-3,99)', 'x']);
    expect(prefixOf('+CFUN:1')).toEqual({ name: '+CFUN', rest: '1' });
    expect(prefixOf('+E_UTRAN Service')).toBeNull();
  });

  test('anything may be typed: taking it apart ends, and loses no more than its blanks', () => {
    fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => parseCommand(`AT${text}`).length > 0));
  });

  test('the vendor’s time limits', () => {
    const limits = Object.fromEntries(
      [
        'AT',
        'AT+CFUN=1',
        'AT+CGATT=1',
        'AT+COPS=?',
        'AT+CMGS=1',
        'AT+CMGL=4',
        'AT+SKTCONNECT=1',
        'AT+SSLOPEN=1',
        'AT+ECWIFISCAN',
        'AT+ECPING="a"',
      ].map((command) => [command, timeoutOf(parseCommand(command)) / 1000]),
    );
    expect(limits).toEqual({
      AT: 5,
      'AT+CFUN=1': 25,
      'AT+CGATT=1': 70,
      'AT+COPS=?': 305,
      'AT+CMGS=1': 60,
      'AT+CMGL=4': 30,
      'AT+SKTCONNECT=1': 35,
      'AT+SSLOPEN=1': 150,
      'AT+ECWIFISCAN': 255,
      'AT+ECPING="a"': 5,
    });
  });
});

describe('what the page has words for', () => {
  test('every command and every error has its meaning in both languages', () => {
    for (const words of [en, zh]) {
      expect(
        catalogueInfo()
          .map(({ id }) => id)
          .filter((id) => !(id in words.at.about)),
      ).toEqual([]);
      expect(errorMeanings.filter((meaning) => !(meaning in words.at.meaning))).toEqual([]);
    }
  });

  test('each command is listed once, and every form shown is one that is parsed as such', () => {
    expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
    for (const { forms } of catalogueInfo())
      for (const form of forms) expect(specOf(parseCommand(form)[0]?.name ?? ''), form).toBeDefined();
  });
});

test('the Luhn digit of any fourteen digits is one of ten, exactly', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^\d{14}$/),
      (digits) => Array.from({ length: 10 }, (_, last) => isLuhnValid(`${digits}${last}`)).filter(Boolean).length === 1,
    ),
  );
});
