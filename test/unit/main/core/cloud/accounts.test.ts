import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAccounts } from '../../../../../main/core/cloud/accounts.ts';
import { openSecretFile } from '../../../../../main/core/settings/secrets.ts';
import { openTestBench, type TestBench } from '../../../../fakes/store.ts';

let bench: TestBench;
beforeEach(async () => {
  bench = await openTestBench();
});
afterEach(() => bench.close());

const context = { signal: new AbortController().signal, role: 'operator' as const };

async function open() {
  const secrets = await openSecretFile(join(bench.folder, 'secrets.json'));
  return { secrets, accounts: await createAccounts({ store: bench.store, secrets, wallMs: () => 7 }) };
}

test('a generated key and token are told once, work at once and after a restart, and are nowhere in the database', async () => {
  const { accounts } = await open();
  const { secretId, generatedSecretKey = '' } = await accounts.calls['accounts.addKey']({ note: 'lab' }, context);
  expect(secretId).toMatch(/^AKID[A-Za-z0-9]{32}$/);
  expect(generatedSecretKey).toMatch(/^[A-Za-z0-9]{32}$/);
  const { generatedToken = '', id } = await accounts.calls['accounts.addSpeechToken']({ name: 'app' }, context);
  expect([accounts.secretKey(secretId), accounts.isSpeechToken(generatedToken)]).toEqual([generatedSecretKey, true]);
  expect([accounts.secretKey('AKIDnobody'), accounts.isSpeechToken(''), accounts.isSpeechToken('x')]).toEqual([undefined, false, false]);
  const shown = JSON.stringify(await accounts.calls['accounts.get']({}, context));
  expect(shown).not.toContain(generatedSecretKey);
  expect(shown).not.toContain(generatedToken);

  await bench.reopen();
  const again = (await open()).accounts;
  expect([again.secretKey(secretId), again.isSpeechToken(generatedToken)]).toEqual([generatedSecretKey, true]);
  expect(again.brokerToken()).toBe(accounts.brokerToken());
  await again.calls['accounts.removeSpeechToken']({ id }, context);
  const { keys, speechTokens } = await again.calls['accounts.removeKey']({ secretId }, context);
  expect([keys, speechTokens, again.secretKey(secretId), again.isSpeechToken(generatedToken)]).toEqual([[], [], undefined, false]);
  await expect(again.calls['accounts.removeKey']({ secretId }, context)).rejects.toMatchObject({ code: 'not-found' });
  await bench.store.close();
  const file = readFileSync(bench.path);
  expect([file.includes(generatedSecretKey), file.includes(generatedToken)]).toEqual([false, false]);
  await bench.reopen();
});

test('a typed pair replaces the one of its id; app ids are the account’s own and the listed', async () => {
  const { accounts } = await open();
  await accounts.calls['accounts.addKey']({ secretId: 'AKIDmine', secretKey: 'first', note: '' }, context);
  const { account, ...rest } = await accounts.calls['accounts.addKey']({ secretId: 'AKIDmine', secretKey: 'second', note: '' }, context);
  expect([account.keys.length, rest, accounts.secretKey('AKIDmine')]).toEqual([1, { secretId: 'AKIDmine' }, 'second']);
  await accounts.calls['accounts.update']({ appId: '1300000001', allowedAppIds: ['1300000002', '1300000002'] }, context);
  expect(['1300000001', '1300000002', '1250000000'].map((appId) => accounts.isAppIdAllowed(appId))).toEqual([true, true, false]);
  expect(accounts.appId()).toBe('1300000001');
});

test('a new token of the broker’s questions is another one, and its password can be forgotten', async () => {
  const { accounts, secrets } = await open();
  const before = await accounts.calls['broker.access']({}, context);
  expect(before.paths.emqxAuthentication).toBe(`/broker/${before.token}/emqx/auth`);
  const after = await accounts.calls['broker.newToken']({}, context);
  expect(after.token).not.toBe(before.token);
  await accounts.calls['broker.setPassword']({ password: 'typed' }, context);
  expect([accounts.brokerPassword(), await secrets.get('broker/password')]).toEqual(['typed', 'typed']);
  expect(await accounts.calls['broker.setPassword']({ password: null }, context)).toMatchObject({ hasPassword: false });
});
