import { expect, test } from 'vitest';
import type { OtaUpdate } from '../../../../../../preload/contract/cloud/twetalk.ts';
import { stepsOf } from '../../../../../../renderer/features/cloud/devices/update-steps.ts';

const marks = (state: OtaUpdate['state'], percent = 0, requests = 0) =>
  stepsOf({ state, percent, requests })
    .map(({ step, mark }) => `${step}:${mark}`)
    .join(' ');

test('the steps of an update are marked as it goes', () => {
  expect(marks('sent')).toBe('sent:now downloading:open burning:open done:open');
  expect(marks('burning', 100, 1)).toBe('sent:done downloading:done burning:now done:open');
  expect(marks('done', 100, 1)).toBe('sent:done downloading:done burning:done done:done');
});

test('one that failed is marked where it had come to', () => {
  expect(marks('fail')).toBe('sent:failed downloading:open burning:open done:open');
  expect(marks('fail', 40, 2)).toBe('sent:done downloading:failed burning:open done:open');
  expect(marks('fail', 100, 1)).toBe('sent:done downloading:done burning:failed done:open');
});
