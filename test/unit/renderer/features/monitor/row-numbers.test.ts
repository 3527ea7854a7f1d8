import { describe, expect, it } from 'vitest';
import type { LogRow } from '../../../../../preload/contract/logs.ts';
import { numbersOf, seriesOf } from '../../../../../renderer/features/monitor/row-numbers.ts';

const numbers = (message: string, payload?: unknown) => Object.fromEntries(numbersOf({ message, payload, tag: 'x' }));

describe('numbers in a line', () => {
  it.each([
    ['heap=123456, min: 1000', { heap: 123456, min: 1000 }],
    ['free heap: 12.5 KB', { heap: 12.5 }],
    ['temp:-3.5 rssi=-67dBm', { temp: -3.5, rssi: -67 }],
    ['v=1e3', { v: 1000 }],
    ['温度=25.5', { 温度: 25.5 }],
  ])('%s', (message, found) => expect(numbers(message)).toEqual(found));

  it('leaves out what only looks like a number: hex, addresses, clocks, links', () => {
    expect(numbers('PC: 0x4008 ip: 192.168.1.4 at: 12:30:11 url=http://10.0.0.1 mac=24:6f:28')).toEqual({});
  });

  it('takes fields of JSON, by path', () => {
    expect(numbers('x', { a: 1, b: { c: [2, 3] }, d: 'text' })).toEqual({ a: 1, 'b.c[0]': 2, 'b.c[1]': 3 });
  });

  it('makes series, the fullest first, apart by port on a merged log', () => {
    const row = (seq: number, port: string, message: string) => ({ seq, port, atUs: seq * 10, direction: 'received', message }) as LogRow;
    const rows = [row(0, 'a', 'x=1'), row(1, 'b', 'x=5 y=2'), row(2, 'a', 'x=2')];
    expect(seriesOf(rows, null).map(({ name, points }) => [name, points.map(({ value }) => value)])).toEqual([
      ['x', [1, 5, 2]],
      ['y', [2]],
    ]);
    expect(seriesOf(rows, (port) => port.toUpperCase()).map(({ name }) => name)).toEqual(['A · x', 'B · x', 'B · y']);
  });
});
