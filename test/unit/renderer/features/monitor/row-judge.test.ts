import { describe, expect, it } from 'vitest';
import type { LogFilter, LogRow } from '../../../../../preload/contract/logs.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { judgeOf } from '../../../../../renderer/features/monitor/row-judge.ts';

const row = (fields: Partial<LogRow>): LogRow => ({ text: '', message: '', direction: 'received', ...fields }) as LogRow;
const passes = (filter: LogFilter, fields: Partial<LogRow>): boolean => judgeOf(filter)(row(fields));

describe('rows that are shown pale', () => {
  it('are those below the level, and those without one unless they are kept', () => {
    expect(passes({ minimumLevel: 'warn' }, { level: 'error' })).toBe(true);
    expect(passes({ minimumLevel: 'warn' }, { level: 'info' })).toBe(false);
    expect(passes({ minimumLevel: 'warn' }, {})).toBe(false);
    expect(passes({ minimumLevel: 'warn', keepPlain: true }, {})).toBe(true);
  });

  it('go by the tag’s own level first, of the file where there is no tag', () => {
    const filter: LogFilter = { minimumLevel: 'error', tagLevels: { wifi: 'debug', 'main.c': 'off' } };
    expect(passes(filter, { tag: 'wifi', level: 'debug' })).toBe(true);
    expect(passes(filter, { file: 'main.c', level: 'error' })).toBe(false);
    expect(passes(filter, { tag: 'other', level: 'warn' })).toBe(false);
  });

  it('are those without the event, tag or words that are wanted, or with words that are not', () => {
    expect(passes({ events: [] }, { event: 'panic' })).toBe(true);
    expect(passes({ events: [] }, {})).toBe(false);
    expect(passes({ events: ['mqtt.'] }, { event: 'mqtt.connected' })).toBe(true);
    expect(passes({ tags: ['a'] }, { tag: 'b' })).toBe(false);
    const words = { text: 'Heap', isRegexp: false, isCaseSensitive: false };
    expect(passes({ pattern: words }, { text: 'free heap' })).toBe(true);
    expect(passes({ exclude: [words] }, { text: 'free heap' })).toBe(false);
  });

  it('are those outside the stretch of time, whose ends are in it', () => {
    const filter: LogFilter = { fromUs: 10, toUs: 20 };
    const at = (atUs: number): boolean => passes(filter, { atUs: atUs as MonoUs });
    expect([9, 10, 20, 21].map(at)).toEqual([false, true, true, false]);
  });

  it('are none because of an expression that is not finished', () => {
    expect(passes({ pattern: { text: '(', isRegexp: true, isCaseSensitive: false } }, { text: 'x' })).toBe(true);
  });
});
