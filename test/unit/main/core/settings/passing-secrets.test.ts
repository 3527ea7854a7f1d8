import { expect, it } from 'vitest';
import { PassingSecrets } from '../../../../../main/core/settings/passing-secrets.ts';

it('gives the kept and the passing ones, as the same array until either changes', async () => {
  let kept: readonly string[] = ['device-secret'];
  const secrets = new PassingSecrets(async () => kept);
  expect(await secrets.values()).toBe(kept);
  secrets.add('hunter22');
  secrets.add('');
  const both = await secrets.values();
  expect(both).toEqual(['device-secret', 'hunter22']);
  secrets.add('hunter22');
  expect(await secrets.values()).toBe(both);
  kept = ['another'];
  expect(await secrets.values()).toEqual(['another', 'hunter22', 'device-secret']);
});

it('goes on knowing a kept one that was replaced or removed', async () => {
  let kept: readonly string[] = ['first-key', 'second-key'];
  const secrets = new PassingSecrets(async () => kept);
  await secrets.values();
  kept = ['new-key', 'second-key'];
  expect(await secrets.values()).toEqual(['new-key', 'second-key', 'first-key']);
  kept = [];
  const all = await secrets.values();
  expect(all).toEqual(['first-key', 'new-key', 'second-key']);
  expect(await secrets.values()).toBe(all);
});

it('forgets the oldest of more than a thousand that pass through, and none of the kept', async () => {
  const secrets = new PassingSecrets(async () => ['device-secret']);
  for (let index = 0; index <= 1000; index++) secrets.add(`passing-${index}`);
  const values = await secrets.values();
  expect(values).toHaveLength(1001);
  expect(values).toContain('device-secret');
  expect(values).not.toContain('passing-0');
  expect(values).toContain('passing-1000');
});
