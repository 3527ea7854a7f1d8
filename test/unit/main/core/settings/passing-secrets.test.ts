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
  expect(await secrets.values()).toEqual(['another', 'hunter22']);
});
