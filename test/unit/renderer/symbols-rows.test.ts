import { describe, expect, test } from 'vitest';
import type { LogRow } from '../../../preload/contract/logs.ts';
import { crashAround, mayHoldAddresses } from '../../../renderer/features/monitor/symbols-rows.ts';

function row(seq: number, more: Partial<LogRow> = {}): LogRow {
  const text = more.text ?? `row ${seq}`;
  const base = { seq, port: 'a', atUs: seq, direction: 'received', text, message: text, raw: new Uint8Array(0), grammar: 'plain' };
  return { ...base, ...more } as LogRow;
}

describe('the rows of a crash around one of them', () => {
  const log = [
    row(0),
    row(1, { event: 'panic' }),
    row(2, { continues: 1, event: 'panic.registers', payload: { registers: { PC: 5 } } }),
    row(3, { port: 'b' }),
    row(4, { continues: 1, event: 'backtrace' }),
    row(5, { continues: 1, event: 'elf-sha' }),
    row(6),
    row(7, { event: 'panic' }),
  ];
  const around = (seq: number) => crashAround(log[seq] as LogRow, (distance) => log[seq + distance]).map((each) => each.seq);

  test('are those of its block and port, in order, from wherever in it', () => {
    expect(around(4)).toEqual([1, 2, 4, 5]);
    expect(around(1)).toEqual([1, 2, 4, 5]);
    expect(around(7)).toEqual([7]);
  });

  test('are the row alone when nothing else is at hand', () => {
    expect(crashAround(log[4] as LogRow)).toEqual([{ seq: 4, text: 'row 4', event: 'backtrace' }]);
  });
});

test.each([
  [{ event: 'backtrace' }, true],
  [{ text: 'LR: 0x42001234' }, true],
  [{ text: 'heap 0x1234' }, false],
  [{ text: 'sent 0x42001234', direction: 'sent' as const }, false],
  [{}, false],
])('%o is worth asking about: %s', (more, isWorth) => expect(mayHoldAddresses(row(1, more))).toBe(isWorth));
