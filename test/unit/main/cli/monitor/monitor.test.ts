import { describe, expect, test } from 'vitest';
import { filterOf, parsePrintFilter } from '../../../../../main/cli/monitor/filter-options.ts';
import { createKeys } from '../../../../../main/cli/monitor/keys.ts';
import { createRowText } from '../../../../../main/cli/monitor/row-text.ts';
import { rowMatcher } from '../../../../../main/core/logs/filter.ts';
import type { LogLevel, LogRow } from '../../../../../preload/contract/logs.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';

function row(text: string, more: Partial<LogRow> = {}): LogRow {
  return {
    seq: 0,
    port: '/dev/ttyUSB0',
    atUs: 1_500_000 as MonoUs,
    direction: 'received',
    text,
    message: text,
    raw: new Uint8Array(0),
    grammar: 'esp-idf',
    ...more,
  };
}

describe('print filter', () => {
  const isPrinted = (filter: string, tag: string | undefined, level: LogLevel | undefined) =>
    rowMatcher(parsePrintFilter(filter))(row('x', { ...(tag === undefined ? {} : { tag }), ...(level === undefined ? {} : { level }) }));

  test.each([
    ['wifi:W', 'wifi', 'warn', true],
    ['wifi:W', 'wifi', 'info', false],
    ['wifi:W', 'mqtt', 'verbose', true],
    ['wifi:W', undefined, undefined, true],
    ['*:E wifi:I', 'wifi', 'info', true],
    ['*:E wifi:I', 'mqtt', 'warn', false],
    ['*:E', undefined, undefined, true],
    ['*:N wifi:V', 'wifi', 'verbose', true],
    ['*:N wifi:V', 'mqtt', 'error', false],
    ['*:N wifi:V', undefined, undefined, false],
    ['wifi:N', 'wifi', 'error', false],
    ['wifi:E wifi:I', 'wifi', 'info', true],
    ['wifi', 'wifi', 'verbose', true],
  ] as const)('%s: a line of %s at %s: %s', (filter, tag, level, expected) => {
    expect(isPrinted(filter, tag, level)).toBe(expected);
  });

  test('a letter that is no level is refused', () => {
    expect(() => parsePrintFilter('wifi:Q')).toThrow(/wifi:Q/);
  });

  test('the command line makes the record that the window makes', () => {
    expect(filterOf({ level: 'warn', grep: 'a.b', exclude: ['ping'], events: 'mqtt.,panic' })).toEqual({
      minimumLevel: 'warn',
      pattern: { text: 'a.b', isRegexp: false, isCaseSensitive: false },
      exclude: [{ text: 'ping', isRegexp: false, isCaseSensitive: false }],
      events: ['mqtt.', 'panic'],
    });
  });
});

describe('keys', () => {
  const press = (...keys: (string | number)[]) => {
    const read = createKeys('\r\n');
    return keys.flatMap((key) => read(typeof key === 'number' ? Uint8Array.of(key) : Buffer.from(key)));
  };

  test('typed text goes to the board as it is, Enter as the line end', () => {
    expect(press('AT\r')).toEqual([{ kind: 'send', bytes: Uint8Array.from(Buffer.from('AT\r\n')) }]);
    expect(press('你')).toEqual([{ kind: 'send', bytes: Uint8Array.from(Buffer.from('你')) }]);
  });

  test('the menu takes its letter with Ctrl or without, also in another read', () => {
    expect(press(0x14, 0x12)).toEqual([{ kind: 'reset' }]);
    expect(press(0x14, 'R')).toEqual([{ kind: 'reset' }]);
    expect(press('\u0014\u0010')).toEqual([{ kind: 'download' }]);
    expect(press(0x14, 'z')).toEqual([{ kind: 'help' }]);
  });

  test('Ctrl-] ends; after Ctrl-T it is the board’s', () => {
    expect(press(0x1d)).toEqual([{ kind: 'exit' }]);
    expect(press(0x14, 0x1d)).toEqual([{ kind: 'send', bytes: Uint8Array.of(0x1d) }]);
    expect(press('a\u001d')).toEqual([{ kind: 'send', bytes: Uint8Array.of(0x61) }, { kind: 'exit' }]);
  });

  test('Ctrl-C is the board’s: a console on it wants it', () => {
    expect(press(3)).toEqual([{ kind: 'send', bytes: Uint8Array.of(3) }]);
  });
});

describe('row text', () => {
  test('level colours, names of several ports, host time', () => {
    const textOf = createRowText({ hasColours: true, hostTime: 'elapsed', startedWallMs: 0, nameOf: (port) => port.slice(5) });
    expect(textOf(row('E (1) a: b', { level: 'error' }))).toBe('     1.500 \u001b[36mttyUSB0 |\u001b[0m \u001b[31mE (1) a: b\u001b[0m');
  });

  test('noise cannot ring the bell or move the cursor', () => {
    const textOf = createRowText({ hasColours: false, hostTime: 'none', startedWallMs: 0 });
    expect(textOf(row('a\u0007b\u009b2Jc\td'))).toBe('a\uFFFDb\uFFFD2Jc\td');
  });
});
