// biome-ignore-all lint/suspicious/noTemplateCurlyInString: secrets are named like that
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AgentService, createAgents } from '../../../../../main/core/agents/agents.ts';
import { openSecretFile, type SecretStore } from '../../../../../main/core/settings/secrets.ts';
import { createSettings, type SettingsService } from '../../../../../main/core/settings/settings.ts';
import type { AgentAssignment } from '../../../../../preload/contract/agents.ts';
import { openTestBench, silentLog, type TestBench } from '../../../../fakes/store.ts';

let bench: TestBench;
let settings: SettingsService;
let secrets: SecretStore;
let agents: AgentService;
const device = { productId: 'P', deviceName: 'd' };
const signal = new AbortController().signal;
const context = { signal } as never;

const engines = {
  take: async () => ({ engines: { llm: 'openai-llm' }, notes: ['of the engines'] }),
  describe: () => null,
};

async function open(): Promise<AgentService> {
  settings = await createSettings({ store: bench.store, log: silentLog });
  secrets = await openSecretFile(join(bench.folder, 'secrets.json'));
  return createAgents({ store: bench.store, secrets, settings, engines, clock: bench.clock, log: silentLog });
}

beforeEach(async () => {
  bench = await openTestBench();
  agents = await open();
});
afterEach(() => bench.close());

const put = (id: string, layer: Record<string, Record<string, unknown>>) => agents.calls['agents.put']({ id, name: id, layer }, context);
const assign = (given: Partial<AgentAssignment>) =>
  agents.calls['agents.assign']({ productId: 'P', deviceName: null, language: null, agentId: null, layer: {}, ...given }, context);
const state = () => agents.streams['agents.state']({}).topic.snapshot();

describe('agents', () => {
  test('are kept, and a conversation’s settings follow them as they change', async () => {
    const live = agents.conversationSettings(device, 'zh');
    expect(live()).toMatchObject({ turns: { vadSilenceMs: 500 } });
    await settings.set({ turns: { vadSilenceMs: 600 } });
    expect(live().turns.vadSilenceMs).toBe(600);
    await put('toy', { turns: { vadSilenceMs: 700 } });
    await assign({ agentId: 'toy' });
    expect(live().turns.vadSilenceMs).toBe(700);
    expect(live()).toBe(live());
    await bench.reopen();
    agents = await open();
    expect(agents.conversationSettings(device, 'zh')().turns.vadSilenceMs).toBe(700);
    expect(agents.conversationSettings({ productId: 'X', deviceName: 'd' }, 'zh')().turns.vadSilenceMs).toBe(600);
    expect(state()).toMatchObject({ agents: [{ id: 'toy' }], assignments: [{ productId: 'P', agentId: 'toy' }] });
    const { origins } = await agents.calls['agents.effective']({ ...device, language: 'zh' }, context);
    expect(origins['turns.vadSilenceMs']).toBe('agent');
  });

  test('that somebody uses are not removed; an assignment without anything is', async () => {
    await put('toy', {});
    await assign({ agentId: 'toy', deviceName: 'd', language: 'zh' });
    await expect(agents.calls['agents.remove']({ id: 'toy' }, context)).rejects.toMatchObject({
      value: { code: 'agent/in-use', data: { id: 'toy', by: 'P/d (zh)' } },
    });
    await assign({ deviceName: 'd', language: 'zh' });
    await agents.calls['agents.remove']({ id: 'toy' }, context);
    expect(state()).toEqual({ agents: [], assignments: [] });
    await expect(agents.calls['agents.remove']({ id: 'toy' }, context)).rejects.toMatchObject({ code: 'not-found' });
    await expect(assign({ agentId: 'toy' })).rejects.toMatchObject({ code: 'not-found' });
  });

  test('with a setting that is none, or does not fit, are refused', async () => {
    await expect(put('bad', { turns: { vadSilenceMs: 1 } })).rejects.toMatchObject({ code: 'settings/invalid' });
    await expect(assign({ layer: { agent: { nothing: 1 } } })).rejects.toMatchObject({ code: 'settings/invalid' });
    expect(state()).toEqual({ agents: [], assignments: [] });
  });

  test('that are stored with a leaf that is no longer valid are used without it', async () => {
    const body = { id: 'old', name: 'Old', layer: { turns: { vadSilenceMs: 1, prerollMs: 100 } } };
    await bench.store.write('document.save', { kind: 'agent', id: 'old', body, wallMs: 0 });
    await bench.store.write('document.save', { kind: 'agent', id: 'broken', body: 3, wallMs: 0 });
    agents = await open();
    expect(state().agents).toEqual([{ id: 'old', name: 'Old', layer: { turns: { prerollMs: 100 } } }]);
  });

  test('come from a configuration, with its engines', async () => {
    const json = '{"BasicConfig":{"SystemPrompt":"p","Odd":1}}';
    const { agent, notes } = await agents.calls['agents.import']({ id: 'imported', name: '小兵', json }, context);
    expect(agent.layer).toEqual({ agent: { systemPrompt: 'p' }, engines: { llm: 'openai-llm' } });
    expect(notes).toEqual(['BasicConfig: not understood: Odd', 'of the engines']);
    await assign({ agentId: 'imported' });
    const { json: exported } = await agents.calls['agents.export']({ ...device, language: 'zh', format: 'twetalk' }, context);
    expect(JSON.parse(exported)).toMatchObject({ ProductId: 'P', ConfigName: '小兵', BasicConfig: { SystemPrompt: 'p' } });
    expect(agents.twetalkConfig(device, 'zh')).toEqual(JSON.parse(exported));
  });
});

test('a product has its own thing model, or the built-in one, and it is compared with the agent’s tools', async () => {
  expect(agents.thingModelOf('P').actions.map(({ id }) => id)).toContain('control_volume');
  const json = '{"actions":[{"id":"fly","name":"飞","desc":"x","output":[{"id":"r","name":"r","define":{"type":"bool"}}]}]}';
  await agents.calls['thingmodel.put']({ productId: 'P', json }, context);
  await put('toy', { agent: { tools: [{ source: 'action', name: 'swim' }] } });
  await assign({ agentId: 'toy' });
  await bench.reopen();
  agents = await open();
  expect(await agents.calls['thingmodel.get']({ productId: 'P' }, context)).toMatchObject({
    isBuiltIn: false,
    model: { actions: [{ id: 'fly' }] },
  });
  const { findings } = await agents.calls['thingmodel.lint']({ ...device, language: 'zh' }, context);
  expect(findings).toEqual([{ severity: 'error', where: 'tool swim', code: 'unknown-action', data: { name: 'swim', known: ['fly'] } }]);
  await expect(agents.calls['thingmodel.put']({ productId: 'P', json: '{}' }, context)).rejects.toMatchObject({
    code: 'agent/bad-thing-model',
  });
  await agents.calls['thingmodel.put']({ productId: 'P', json: null }, context);
  expect((await agents.calls['thingmodel.get']({ productId: 'P' }, context)).isBuiltIn).toBe(true);
});

describe('what is remembered of a device', () => {
  const resources = () => agents.resources;

  test('outlives the process, is bounded, and is seen and erased whole or by fact', async () => {
    await settings.set({ memory: { factLimit: 2 } });
    await resources().remember(device, { summary: 'They met.' });
    for (const fact of ['one', 'two', 'two', 'three']) await resources().remember(device, { fact });
    await bench.reopen();
    agents = await open();
    expect(await resources().recall(device)).toEqual({ summary: 'They met.', facts: ['two', 'three'] });
    const memory = await agents.calls['memory.get'](device, context);
    await agents.calls['memory.erase']({ ...device, factId: memory.facts[0]?.id ?? '' }, context);
    expect((await resources().recall(device)).facts).toEqual(['three']);
    await expect(agents.calls['memory.erase']({ ...device, factId: 'x' }, context)).rejects.toMatchObject({ code: 'not-found' });
    expect(await agents.calls['memory.erase'](device, context)).toEqual({ ...device, summary: '', facts: [], updatedWallMs: 0 });
    expect(await bench.store.read('document.list', { kind: 'memory' })).toEqual([]);
    expect(await resources().recall({ productId: 'P', deviceName: 'other' })).toEqual({ summary: '', facts: [] });
  });
});

test('secrets of tools are kept apart, and only their names come back', async () => {
  const tools = [
    { source: 'http', name: 'h', description: 'd', parameters: {}, url: 'http://a/', headers: { a: 'Bearer ${secret:WEATHER}' } },
  ];
  await put('toy', { agent: { tools } });
  expect(await agents.calls['agents.secrets']({}, context)).toEqual({ secrets: [{ name: 'WEATHER', isSet: false }] });
  await agents.calls['agents.putSecret']({ name: 'WEATHER', value: 'v' }, context);
  expect(await agents.calls['agents.secrets']({}, context)).toEqual({ secrets: [{ name: 'WEATHER', isSet: true }] });
  expect([await agents.resources.secret('WEATHER'), await agents.resources.secret('OTHER')]).toEqual(['v', null]);
  expect(await secrets.get('tool/WEATHER')).toBe('v');
  await agents.calls['agents.putSecret']({ name: 'WEATHER', value: null }, context);
  expect(await agents.resources.secret('WEATHER')).toBeNull();
});
