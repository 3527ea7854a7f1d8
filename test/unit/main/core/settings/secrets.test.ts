import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSecretFile } from '../../../../../main/core/settings/secrets.ts';

function secretPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'secrets.json');
}

test('thousands of secrets are kept and removed in one write each', async () => {
  const path = secretPath();
  const secrets = await openSecretFile(path);
  await secrets.set('other', 'stays');
  const names = Array.from({ length: 3000 }, (_, index) => `device-list/P/dev-${index}`);
  await secrets.setAll(new Map(names.map((name) => [name, `secret of ${name}`])));
  const { ino } = statSync(path);
  const again = await openSecretFile(path);
  expect(await again.get('device-list/P/dev-2999')).toBe('secret of device-list/P/dev-2999');
  expect(await again.values()).toHaveLength(3001);

  await secrets.setAll(new Map());
  await secrets.removeAll(['none of them']);
  // Nothing to do writes nothing: each write replaces the file.
  expect(statSync(path).ino).toBe(ino);
  await secrets.removeAll(names);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ other: 'stays' });
});

test('the list of secrets is one and the same until they change', async () => {
  const secrets = await openSecretFile(secretPath());
  await secrets.set('a', 'one');
  const values = await secrets.values();
  expect(await secrets.values()).toBe(values);
  await secrets.set('a', 'two');
  expect(values).toEqual(['one']);
  expect(await secrets.values()).toEqual(['two']);
  await secrets.remove('a');
  expect(await secrets.values()).toEqual([]);
});

test('what comes and what goes is one write, and what cannot be written has not changed', async () => {
  const path = secretPath();
  const secrets = await openSecretFile(path);
  await secrets.setAll(new Map(Object.entries({ a: 'one', b: 'two' })));
  const before = await secrets.values();
  await secrets.change(new Map(), ['none of them']);
  expect(await secrets.values()).toBe(before);
  // In the place of the file that is written first.
  mkdirSync(`${path}.new`);
  const change = () => secrets.change(new Map([['c', 'three']]), ['a']);
  await expect(change()).rejects.toThrow();
  expect([await secrets.get('a'), await secrets.get('c'), await secrets.values()]).toEqual(['one', null, before]);
  rmSync(`${path}.new`, { recursive: true });
  await change();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ b: 'two', c: 'three' });
});
