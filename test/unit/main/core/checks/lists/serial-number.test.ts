import { describe, expect, test } from 'vitest';
import { readList } from '../../../../../../main/core/checks/lists/read.ts';
import { requireSerialNumber, serialNumberFault } from '../../../../../../main/core/checks/lists/serial-number.ts';
import { fakeCheck } from '../../../../../fakes/run-bench.ts';

const rule = { matches: 'TB-[0-9]{6}', example: 'TB-000123' };

describe('what a list says of serial numbers', () => {
  test('is asked of the whole of one, and of its own example', () => {
    expect(serialNumberFault(rule)).toBeNull();
    expect(serialNumberFault({ ...rule, matches: '^TB-[0-9]{6}$' })).toBeNull();
    expect(serialNumberFault({ ...rule, example: 'TB-1' })).toMatchObject({ member: 'example', reason: expect.stringContaining('TB-1') });
    expect(serialNumberFault({ ...rule, matches: 'TB-(' })).toEqual({ member: 'matches', reason: 'not a regular expression' });
    expect(() => requireSerialNumber(rule, 'TB-000124')).not.toThrow();
    for (const wrong of ['TB-00012', 'xTB-000123', 'TB-000123 ', 'tb-000123', 'TB-000123\n', 'ＴＢ-000123'])
      expect(() => requireSerialNumber(rule, wrong), wrong).toThrow('check/serial-number');
    expect(() => requireSerialNumber({ matches: '.*', example: 'x' }, '')).toThrow('check/no-serial-number');
  });

  test.each(['(a+)+', '(a*)*b', '((a+)b?)*', '(?:a|a)+', '(?:[0-9]+-)+', '(x{2,})+', '([a-z]|[0-9])*', '(?:\\)a+)+'])(
    'is refused where a repetition repeats one: %s',
    (matches) => expect(serialNumberFault({ matches, example: 'aab' })).toMatchObject({ member: 'matches' }),
  );

  test.each([
    ['(?:[0-9a-f]{2}:){5}[0-9a-f]{2}', '00:11:22:33:44:55'],
    ['SN[0-9]+(?:-[A-Z]+)?', 'SN12-AB'],
    ['(?:AB|CD)[0-9]{4}', 'AB1234'],
    ['[(+*|)]+', '(+'],
    ['\\(\\d+\\)+', '(1))'],
  ])('is taken where it is only long: %s', (matches, example) => expect(serialNumberFault({ matches, example })).toBeNull());

  test('that is slow all the same is ended, in the list and at a scan: it hangs nobody', () => {
    const slow = '(x?x?x?x?x?x?x?x?){9}y';
    expect(serialNumberFault({ matches: `${slow}|x+`, example: 'x'.repeat(70) })).toMatchObject({
      reason: expect.stringMatching(/takes too long/),
    });
    expect(() => requireSerialNumber({ matches: slow, example: 'y' }, 'x'.repeat(200))).toThrow('check/bad-list');
  });

  test('is told with its line', () => {
    const text = 'name: t\nversion: 1\nserialNumber:\n  matches: "[0-9]+"\n  example: TB\nchecks: [power.boot]';
    expect(() => readList(text, [fakeCheck('power.boot', () => ({ values: {} }))])).toThrow(
      expect.objectContaining({
        value: expect.objectContaining({ data: { line: 5, reason: 'serialNumber.example: TB does not match [0-9]+' } }),
      }),
    );
  });
});
