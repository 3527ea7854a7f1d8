import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logEvents } from '../../../../../../main/core/logs/events.ts';
import { allGrammars } from '../../../../../../main/core/logs/grammar/all.ts';
import { parseFile } from '../../../../../../main/core/logs/parser.ts';

const folder = join(import.meta.dirname, '../../../../../fixtures/logs');
const samples = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
const isKnownEvent = (event: string) => Object.hasOwn(logEvents, event) || /^twetalk\.[A-Z][A-Z0-9_]+$/.test(event);

test('cut, joined and mangled lines give rows, known events and no exception', () => {
  const mangled = fc
    .tuple(fc.constantFrom(...samples), fc.nat(200), fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom(...samples), fc.nat(200))
    .map(([first, cut, between, second, start]) => first.slice(0, cut) + between.replaceAll('\n', '') + second.slice(start));
  fc.assert(
    fc.property(fc.array(fc.oneof(mangled, fc.constantFrom(...samples)), { maxLength: 30 }), (lines) => {
      const rows = [...parseFile(Buffer.from(lines.join('\n')))];
      for (const { event, continues, seq, deviceMs, line } of rows) {
        if (event !== undefined) expect(isKnownEvent(event), event).toBe(true);
        expect(continues ?? -1).toBeLessThan(seq);
        expect(Number.isNaN(deviceMs ?? 0) || Number.isNaN(line ?? 0)).toBe(false);
      }
    }),
    { numRuns: 300 },
  );
});

describe('a long hostile line takes time in proportion to its length', () => {
  // A pattern that tries all ways to part such a line would not come back within the test's time.
  const heads = [
    '',
    '[',
    'AT',
    'AT+A',
    '+CSQ: ',
    '+CPIN: A',
    '+CEREG: 1,',
    '+NITZ: ',
    '+MSUB: "',
    '+CME ERROR: ',
    '[01-01 00:00:01 ty I][f.c:1] ',
    '[01-01 00:00:01 ty I][f.c:1] {',
    '[ty E]',
    'ap0:W(1):',
    'addr: 28060000 data: ',
    '0000 | ',
    '12:00:01 [I] [pkt] send: {',
    '[Text] {',
    '[2026-07-03 15:06:32.060][000000000.103] ',
    '[2026-07-03 15:06:32.060][000000000.103] I/',
    '[2026-07-03 15:06:32.060][000000000.103] I/main ROM Build: ',
    '[2026-07-03 15:06:32.060][000000000.103] I/pm poweron: ',
    '[2026-07-03 15:06:32.060][000000000.103] self_info 1:firmware[1] ',
    '+HW: ',
    'luat:U(1):I/user.',
    '11-21 08:15:03.412  1523  1789 W ',
    'I/',
    'Nov 21 08:15:03 ',
    'Nov 21 08:15:03 h wpa: wlan0: CTRL-EVENT-DISCONNECTED ',
    'kern  :',
    '[Info]: [',
    'DIS|',
    'I (1) app_init: Compile time: a',
    'I (1) app_init: Project name:',
    'Debug exception reason: a',
    'INF|1|a.c|b(1): user answer called:',
    'INF|1|a.c|b(1): user answer called: a',
    'INF|1|a.c|b(1): user hangup called: a',
  ];
  const pieces = [
    ' ',
    '\t',
    '0',
    'a',
    'A',
    '_',
    ':',
    ',',
    '"',
    '\\"',
    '[',
    '{',
    '(',
    '-',
    '=',
    ';',
    '1 ',
    'a.',
    '[a]',
    '[A/N]',
    '+A;',
    '00000000 ',
    ' //',
    'ty ',
    '.',
  ];
  const count = 150_000;

  test.each(heads.map((head) => [head] as const))('%s', (head) => {
    for (const piece of pieces) {
      const text = `${head}${piece.repeat(Math.ceil(count / piece.length))}\u0001x`;
      const rows = [...parseFile(Buffer.from(`AT+CGMR\n${text}\n`))];
      expect(rows).toHaveLength(2);
    }
  });

  test('one grammar after the other, without what the others take', () => {
    for (const grammar of allGrammars) {
      for (const piece of pieces) {
        const rows = [...parseFile(Buffer.from(piece.repeat(Math.ceil(count / piece.length))), { grammars: [grammar] })];
        expect(rows).toHaveLength(1);
      }
    }
  });
});
