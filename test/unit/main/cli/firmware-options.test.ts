import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { fileOf } from '../../../../main/cli/firmware-options.ts';

test('a file is given with its address, hexadecimal or decimal, or by itself', () => {
  expect(fileOf('0x10000=out/app.bin')).toEqual({ offset: 0x10000, name: 'app.bin', source: { path: resolve('out/app.bin') } });
  expect(fileOf('65536=app.bin')).toMatchObject({ offset: 0x10000 });
  expect(fileOf('./a=b.bin')).toEqual({ name: 'a=b.bin', source: { path: resolve('./a=b.bin') } });
});

test.each(['', '-1', '1e5', '0b1', '0x', '0x1g', ' 4096', '4096.0', '0x100000000', 'NaN', 'Infinity'])(
  'what a person would not take for an address is none: %o',
  (address) => {
    expect(() => fileOf(`${address}=app.bin`)).toThrow(expect.objectContaining({ code: 'flash/bad-offset' }));
  },
);
