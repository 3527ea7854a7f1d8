import { expect, test } from 'vitest';
import { settingsSchema } from '../../../../../preload/contract/settings.ts';

// An address that is none once kept the whole bench from opening its listeners.
test.each([
  ['', true],
  ['mqtt://192.168.1.5', true],
  ['mqtts://broker.lab:8883', true],
  ['mqtt://[fd00::2]:1883', true],
  ['mqtt://host:99999', false],
  ['mqtt://a:b:c', false],
  ['mqtt://name:password@host', false],
  ['http://host', false],
])('the broker’s address %j is taken: %s', (url, isTaken) => {
  expect(settingsSchema.safeParse({ broker: { url } }).success).toBe(isTaken);
});
