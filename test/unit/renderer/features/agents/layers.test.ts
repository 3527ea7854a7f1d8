import { expect, test } from 'vitest';
import { assignmentOf, freeAgentId, ownKeys, withLeaf, withoutLeaf } from '../../../../../renderer/features/agents/layers.ts';

test('a leaf is said and inherited again, and nothing is left of its section', () => {
  const said = withLeaf(withLeaf({}, 'turns', 'vadSilenceMs', 400), 'turns', 'prerollMs', 100);
  expect(ownKeys(said)).toEqual(['turns.vadSilenceMs', 'turns.prerollMs']);
  expect(withoutLeaf(withoutLeaf(said, 'turns', 'vadSilenceMs'), 'turns', 'prerollMs')).toEqual({});
});

test('a product’s assignment is not that of its device or of one language', () => {
  const own = { productId: 'P', deviceName: null, language: null, agentId: 'a', layer: {} };
  const others = [
    { ...own, deviceName: 'd', agentId: 'b' },
    { ...own, language: 'zh' as const, agentId: 'c' },
  ];
  expect(assignmentOf([...others, own], { productId: 'P', deviceName: null, language: null })).toBe(own);
  expect(assignmentOf(others, { productId: 'P', deviceName: 'x', language: null })).toMatchObject({ agentId: null, layer: {} });
});

test('an agent’s id is free and of the letters ids have, also for a Chinese name', () => {
  expect(freeAgentId('My Agent!', new Set(['my-agent']))).toBe('my-agent-2');
  expect(freeAgentId('小智', new Set())).toBe('agent');
});
