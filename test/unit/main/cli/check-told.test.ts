import { expect, test } from 'vitest';
import { checkRunText, historyText, resultText } from '../../../../main/cli/check-text.ts';
import { checkResultOf, checkRunOf } from '../../../fakes/check-run.ts';

test('what was neither measured nor asked for is left out; what was asked for and not measured is said', () => {
  const values = [
    { name: 'bootMs', value: null, unit: 'ms' as const, limit: { max: 5000 }, isMet: null },
    { name: 'resetReason', value: null, limit: null, isMet: null },
  ];
  const text = resultText(checkResultOf({ check: 'power.boot', group: 'power', values }), 'en');
  expect(text.match(/not measured/g)).toHaveLength(1);
  expect(text).toContain('≤ 5,000 ms');
});

test('a run says which board it was of: by its serial number, else by its device', () => {
  expect(checkRunText(checkRunOf(), 'en')).not.toContain('device: ');
  expect(checkRunText(checkRunOf({ serialNumber: '' }), 'zh')).toContain('序列号: 无\n设备: board-1');
  expect(checkRunText(checkRunOf({ serialNumber: '', deviceName: null }), 'en')).toContain('serial: none');
});

test('where there is no run it says so, and how to begin one', () => {
  expect(historyText([], 'en')).toContain('talkbench check --virtual --list quick');
  expect(historyText([], 'zh')).toContain('没有');
});
