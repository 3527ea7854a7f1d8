import { describe, expect, test } from 'vitest';
import { type PrintfArguments, printf } from '../../../../../../main/core/logs/framing/printf.ts';

function given(...values: ReadonlyArray<number | bigint | string>): PrintfArguments {
  const left = [...values];
  const next = () => left.shift();
  const number = () => {
    const value = next();
    return typeof value === 'string' ? undefined : value;
  };
  return {
    integer: number,
    float: () => {
      const value = number();
      return value === undefined ? undefined : Number(value);
    },
    text: (maxBytes) => {
      const value = next();
      return typeof value !== 'string' ? undefined : maxBytes === null ? value : value.slice(0, maxBytes);
    },
    star: () => Number(next()),
  };
}

describe('printf says what C says', () => {
  test.each([
    ['%d|%5d|%-5d|%05d|%+d|% d', [123, 42, 42, 42, 42, 42], '123|   42|42   |00042|+42| 42'],
    ['%x|%X|%#x|%#X|%#10x|%-#10x|%05x', [255, 255, 42, 255, 42, 42, 255], 'ff|FF|0x2a|0XFF|      0x2a|0x2a      |000ff'],
    ['%o|%#o|%#10o|%05o', [8, 8, 42, 511], '10|010|       052|00777'],
    ['%f|%.2f|%10.2f|%-10.2f|%08.3f', [123.456, -123.456, 3.1399, 3.1399, -2.5], '123.456000|-123.46|      3.14|3.14      |-002.500'],
    [
      '%e|%E|%g|%G|%g|%g',
      [123456.789, 123456.789, 123456.789, 123456.789, 1e-7, 1e20],
      '1.234568e+05|1.234568E+05|123457|123457|1e-07|1e+20',
    ],
    ['%s|%10s|%-10s|%.5s', ['Hello', 'ESP32', 'ESP32', 'Hello_world'], 'Hello|     ESP32|ESP32     |Hello'],
    ['%c%%|%p|%.3d|%8.3d', [65, 0x3ff26523, 7, 7], 'A%|0x3ff26523|007|     007'],
    ['%lld|%llu|%-+10d|', [-5n, 18446744073709551615n, 42], '-5|18446744073709551615|+42       |'],
    ['%*d|%-*d|%.*f', [5, 42, 5, 42, 1, 2.25], '   42|42   |2.3'],
  ] as const)('%s', (format, values, expected) => {
    expect(printf(format, given(...values))).toBe(expected);
  });

  test('nothing but null when an argument is missing, and no format is too wide', () => {
    expect(printf('%d %d', given(1))).toBeNull();
    expect(printf('%999999999d', given(1))?.length).toBe(256);
    expect(printf('%.999999999s', given('x'.repeat(9999)))?.length).toBe(256);
    expect(printf('100%', given())).toBe('100%');
  });
});
