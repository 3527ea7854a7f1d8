import { expect, test } from 'vitest';
import { withoutSecrets } from '../../../../pipeline/engines/without-secrets.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';

const KEY = 'sk-0123456789';
const service = { stage: 'llm', engine: 'e' } as const;

test('a key that a service or a library quotes is in no error, and neither is what caused it', () => {
  const cause = new TypeError(`Headers.append: "Bearer ${KEY}" is an invalid header value.`);
  const quoting = new TalkError('engine/failed', { ...service, reason: `no such key: ${KEY}`, status: 401 }, { retryable: true, cause });
  const told = withoutSecrets(quoting, [KEY], service) as TalkError;
  expect(told.value).toEqual({
    code: 'engine/failed',
    data: { ...service, reason: 'no such key: •••', status: 401 },
    retryable: true,
  });
  expect(told.cause).toBeUndefined();
  expect(withoutSecrets(cause, [KEY], service)).toMatchObject({ value: { data: { reason: expect.not.stringContaining(KEY) } } });
});

test('a key in a cause alone is reason enough', () => {
  const error = new TalkError('engine/cut', service, { cause: new Error('deeper', { cause: new Error(`at wss://h/?key=${KEY}`) }) });
  expect((withoutSecrets(error, [KEY], service) as TalkError).cause).toBeUndefined();
});

test('an error without a secret stays the same object, whatever is empty or short', () => {
  const error = new TalkError('engine/failed', { ...service, reason: 'no' });
  expect(withoutSecrets(error, ['', 'no', KEY], service)).toBe(error);
});
