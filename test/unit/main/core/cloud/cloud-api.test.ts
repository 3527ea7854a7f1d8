import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAgents } from '../../../../../main/core/agents/agents.ts';
import { openActivations } from '../../../../../main/core/cloud/cloud-api/activations.ts';
import { labConfigs } from '../../../../../main/core/cloud/cloud-api/product-configs.ts';
import type { SecretStore } from '../../../../../main/core/settings/secrets.ts';
import { createSettings } from '../../../../../main/core/settings/settings.ts';
import { ttsKinds } from '../../../../../pipeline/engines/tts/kinds.ts';
import { openTestBench, silentLog, type TestBench } from '../../../../fakes/store.ts';

let bench: TestBench;
beforeEach(async () => {
  bench = await openTestBench();
});
afterEach(() => bench.close());

const devices = {
  list: () => [{ productId: 'P', deviceName: 'd' }],
  find: (productId: string, deviceName: string) => (productId === 'P' && deviceName === 'd' ? {} : undefined),
} as never;

test('activations outlive the bench’s restart, and say why a device has none', async () => {
  const open = () => openActivations({ store: bench.store, clock: bench.clock, devices, log: silentLog });
  const activation = { sn: 'P_d', service: 'twecall', type: 1, activatedWallMs: 1, expiresWallMs: 2 } as const;
  await (await open()).put(activation);
  await bench.reopen();
  const again = await open();
  expect([again.of('P_d', 'twecall'), again.of('P_d', 'twetalk')]).toEqual([activation, undefined]);
  expect([again.obstacle('P', 'd'), again.obstacle('P', 'x'), again.obstacle('X', 'd')]).toEqual([undefined, 'no-device', 'no-product']);
});

describe('configurations of products', () => {
  const kind = ttsKinds.find((candidate) => candidate.kind === 'minimax');
  if (kind === undefined) throw new Error('there is no such kind');
  const profile = { id: 'voice', stage: 'tts', kind: 'minimax', name: 'voice', config: {}, secrets: ['apiKey'] } as const;
  const describeEngine = (id: string) => (id === 'voice' ? { profile: { ...profile, secrets: [...profile.secrets] }, kind } : null);
  const secrets = { get: async (name: string) => (name === 'engine/voice/apiKey' ? 'the-key' : null) } as SecretStore;

  async function configs(changes: Record<string, Record<string, unknown>> = {}) {
    const settings = await createSettings({ store: bench.store, log: silentLog });
    await settings.set({ engines: { tts: 'voice' }, ...changes });
    const engines = { take: async () => ({ engines: {}, notes: [] }), describe: describeEngine };
    const agents = await createAgents({ ...{ store: bench.store, secrets, settings, engines }, clock: bench.clock, log: silentLog });
    await agents.calls['agents.assign'](
      { productId: 'Q', deviceName: 'own', language: null, agentId: null, layer: { agent: { greetingZh: '你好' } } },
      { signal: new AbortController().signal, role: 'operator' },
    );
    const accounts = { appId: () => '125' } as never;
    return labConfigs({ devices, agents, accounts, settings, engines: engines as never, secrets });
  }
  const keyOf = (config: Record<string, unknown>) => JSON.parse((config.TTSConfig as { Config: string }).Config).ApiKey;

  test('products are those with a device or an agent of their own', async () => {
    const lab = await configs();
    expect([lab.isProduct('P'), lab.isProduct('Q'), lab.isProduct('R'), lab.devices('P'), lab.devices('Q')]).toEqual([
      true,
      true,
      false,
      [],
      ['own'],
    ]);
    const config = await lab.config({ productId: 'Q', deviceName: 'own' }, 'zh', false);
    expect(config).toMatchObject({ ProductId: 'Q', DeviceName: 'own', BasicConfig: { GreetingMessage: '你好' } });
  });

  test('credentials are masked, also for who asks for them', async () => {
    const lab = await configs();
    expect(keyOf(await lab.config({ productId: 'P', deviceName: '' }, 'zh', true))).toBe('******');
  });

  test('where the lab gives them, who asks has them; nobody without a checked signature has', async () => {
    const lab = await configs({ cloudApi: { credentials: 'given' } });
    const ask = async (from: typeof lab, withCredentials: boolean) =>
      keyOf(await from.config({ productId: 'P', deviceName: '' }, 'zh', withCredentials));
    expect([await ask(lab, true), await ask(lab, false)]).toEqual(['the-key', '******']);
    expect(await ask(await configs({ cloudApi: { credentials: 'given', signature: 'any' } }), true)).toBe('******');
  });
});
