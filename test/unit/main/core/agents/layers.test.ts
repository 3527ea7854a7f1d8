import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agentFor, checkedLayer, layersFor, resolved, validLayer } from '../../../../../main/core/agents/layers.ts';
import type { AgentAssignment, AgentDocument, AgentLayer } from '../../../../../preload/contract/agents.ts';
import { settingsSchema } from '../../../../../preload/contract/settings.ts';

const bench = settingsSchema.parse({ agent: { historyRounds: 7 } });
const device = { productId: 'P', deviceName: 'd' };

const layer = (values: Partial<Record<'silence' | 'rounds' | 'voice', number>>): AgentLayer => ({
  ...(values.silence !== undefined && { turns: { vadSilenceMs: values.silence } }),
  ...(values.rounds !== undefined && { agent: { historyRounds: values.rounds } }),
  ...(values.voice !== undefined && { voice: { speed: values.voice } }),
});

test('what comes later lies over what came before, leaf by leaf, and says where it is from', () => {
  const agents = new Map<string, AgentDocument>([['a', { id: 'a', name: 'A', layer: layer({ silence: 300, rounds: 1, voice: 2 }) }]]);
  const assignments: AgentAssignment[] = [
    { ...device, language: 'zh', agentId: null, layer: layer({ rounds: 5 }) },
    { productId: 'P', deviceName: null, language: null, agentId: 'a', layer: layer({ rounds: 2, voice: 3 }) },
    { ...device, language: null, agentId: null, layer: layer({ rounds: 4 }) },
    { productId: 'P', deviceName: null, language: 'en', agentId: null, layer: layer({ rounds: 3 }) },
    { productId: 'Q', deviceName: null, language: null, agentId: null, layer: layer({ rounds: 9 }) },
  ];
  const effective = (language: 'zh' | 'en', who = device) => resolved(bench, layersFor(who, language, { agents, assignments }));
  const zh = effective('zh');
  expect([zh.settings.turns.vadSilenceMs, zh.settings.agent.historyRounds, zh.settings.voice.speed]).toEqual([300, 5, 3]);
  expect(zh.origins).toMatchObject({
    'turns.vadSilenceMs': 'agent',
    'agent.historyRounds': 'device',
    'voice.speed': 'product',
    'turns.prerollMs': 'default',
  });
  expect(effective('en').settings.agent.historyRounds).toBe(4);
  expect(effective('en', { productId: 'P', deviceName: 'other' }).settings.agent.historyRounds).toBe(3);
  const stranger = effective('en', { productId: '', deviceName: '' });
  expect(stranger.settings.agent).toEqual(bench.agent);
  expect(stranger.origins['agent.historyRounds']).toBe('bench');
});

test('the agent is that of the strongest assignment that names one', () => {
  const agents = new Map(['a', 'b', 'c'].map((id) => [id, { id, name: id, layer: {} }]));
  const assign = (deviceName: string | null, language: 'zh' | null, agentId: string | null) => ({
    ...{ productId: 'P', deviceName, language, agentId, layer: {} },
  });
  const assignments = [assign('d', null, null), assign(null, 'zh', 'b'), assign(null, null, 'a')];
  expect(agentFor(device, 'zh', { agents, assignments })?.id).toBe('b');
  expect(agentFor(device, 'en', { agents, assignments })?.id).toBe('a');
  expect(agentFor(device, 'zh', { agents, assignments: [...assignments, assign('d', null, 'c')] })?.id).toBe('c');
});

test('a layer is checked as the settings are', () => {
  expect(validLayer({ turns: { vadSilenceMs: 400 }, agent: { tools: [{ source: 'music' }] } })).toEqual({
    turns: { vadSilenceMs: 400 },
    agent: { tools: [{ source: 'music', name: 'play_music' }] },
  });
  const { layer: usable, problems } = checkedLayer({
    turns: { vadSilenceMs: 9, prerollMs: 100, nothing: 1 },
    listeners: { mqttPort: 1 },
    agent: 3,
  });
  expect(usable).toEqual({ turns: { prerollMs: 100 } });
  expect(problems.map(({ key }) => key)).toEqual(['turns.vadSilenceMs', 'turns.nothing', 'listeners', 'agent']);
  expect(() => validLayer({ turns: { nothing: 1 } })).toThrow(expect.objectContaining({ code: 'settings/invalid' }));
});

test('whatever is assigned: each leaf is what the strongest layer that says it says, and its origin says so', () => {
  const values = fc.record({ silence: fc.integer({ min: 240, max: 2000 }), rounds: fc.integer({ min: 0, max: 50 }) }, { requiredKeys: [] });
  const scope = fc.record({
    isDevice: fc.boolean(),
    language: fc.constantFrom('zh' as const, 'en' as const, null),
    isMine: fc.boolean(),
    values,
  });
  fc.assert(
    fc.property(
      values,
      fc.uniqueArray(scope, { maxLength: 12, selector: (s) => `${s.isDevice}${s.language}${s.isMine}` }),
      (ofAgent, scopes) => {
        const agents = new Map<string, AgentDocument>([['a', { id: 'a', name: 'A', layer: layer(ofAgent) }]]);
        const assignments = scopes.map(({ isDevice, language, isMine, values }) => ({
          productId: isMine ? 'P' : 'Q',
          deviceName: isDevice ? 'd' : null,
          language,
          agentId: 'a',
          layer: layer(values),
        }));
        const { settings, origins } = resolved(bench, layersFor(device, 'zh', { agents, assignments }));
        const mine = scopes.filter((one) => one.isMine && one.language !== 'en');
        // The order of the documents, written out.
        const strongest = [
          mine.find((one) => one.isDevice && one.language === 'zh'),
          mine.find((one) => one.isDevice && one.language === null),
          mine.find((one) => !one.isDevice && one.language === 'zh'),
          mine.find((one) => !one.isDevice && one.language === null),
        ].filter((one) => one !== undefined);
        const winner = strongest.find((one) => one.values.silence !== undefined);
        const agentSays = mine.length > 0 ? ofAgent.silence : undefined;
        expect(settings.turns.vadSilenceMs).toBe(winner?.values.silence ?? agentSays ?? bench.turns.vadSilenceMs);
        const origin = winner ? (winner.isDevice ? 'device' : 'product') : agentSays !== undefined ? 'agent' : 'default';
        expect(origins['turns.vadSilenceMs']).toBe(origin);
        expect(settings.turns.prerollMs).toBe(bench.turns.prerollMs);
      },
    ),
  );
});
