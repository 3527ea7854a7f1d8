import { expect, test } from 'vitest';
import { createAgentRig } from '../rig.ts';

const call = (name: string, parameters: Record<string, unknown>) => ({ id: name, name, arguments: parameters });

test('music and calls are told to the board as intents', async () => {
  const { agent, peer } = createAgentRig({ settings: { agent: { tools: [{ source: 'music' }, { source: 'call' }] } } });
  agent.request({ round: agent.draft('q') });
  const run = agent.runTool(1);
  await Promise.all([
    run(call('play_music', { query: '周杰伦 稻香' })).settled,
    run(call('make_call', { contact: '妈妈' })).settled,
    run(call('make_call', {})).settled,
  ]);
  expect(peer.messages).toMatchObject([
    { kind: 'intent', intent: { kind: 'music', query: '周杰伦 稻香' } },
    { kind: 'intent', intent: { kind: 'call', contact: '妈妈' } },
  ]);
});

test('a reminder is said when it is due, and not after the conversation', async () => {
  const said: string[] = [];
  const rig = createAgentRig({
    settings: { agent: { tools: [{ source: 'reminder' }] } },
    deps: { onDue: (text) => said.push(text), language: 'zh' },
  });
  rig.agent.request({ round: rig.agent.draft('q') });
  const run = rig.agent.runTool(1);
  const answer = run(call('set_reminder', { text: '关火', delay_seconds: '60' }));
  await answer.settled;
  expect(JSON.parse(answer.content)).toEqual({ status: 'ok', dueInSeconds: 60 });
  await run(call('set_reminder', { text: '睡觉', delay_seconds: 3600 })).settled;
  await rig.clock.advance(59_000_000);
  expect(said).toEqual([]);
  await rig.clock.advance(1_000_000);
  expect(said).toEqual(['提醒你：关火']);
  rig.session.abort();
  expect(rig.clock.pendingTimers).toBe(0);
});

test('without anybody to say them there are no reminders', () => {
  const { agent } = createAgentRig({ settings: { agent: { tools: [{ source: 'reminder' }] } } });
  expect(agent.request({ round: agent.draft('q') }).tools).toEqual([]);
});
