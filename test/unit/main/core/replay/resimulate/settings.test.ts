import { expect, test } from 'vitest';
import { simulationSettings, validChanges, withSetting } from '../../../../../../main/core/replay/resimulate/settings.ts';
import { leafSchemas } from '../../../../../../main/core/settings/settings.ts';
import { resimulatedSettings } from '../../../../../../preload/contract/replay.ts';
import { recordConversation } from './recording.ts';

test('every setting that can be tried is one, and of turn-taking only the button cannot', () => {
  expect(resimulatedSettings.filter((key) => !leafSchemas.has(key))).toEqual([]);
  const turns = [...leafSchemas.keys()].filter((key) => key.startsWith('turns.'));
  expect(turns.filter((key) => !(resimulatedSettings as readonly string[]).includes(key))).toEqual(['turns.input']);
});

test('what was recorded stands until it was changed, and what is tried stands over both', async () => {
  const recorded = await recordConversation({ turns: { vadSilenceMs: 700, interruptionMs: 400 } }, (rig) => rig.hear('silence', 40));
  const own = simulationSettings(recorded, {});
  const tried = simulationSettings(recorded, validChanges({ turns: { vadSilenceMs: 900 } }));
  for (const settings of [own, tried]) settings.changed({ 'turns.vadSilenceMs': 300, 'turns.nonsense': 1, 'engines.stt': 'other' });
  expect(own.current().turns).toMatchObject({ vadSilenceMs: 300, interruptionMs: 400 });
  expect(tried.current().turns).toMatchObject({ vadSilenceMs: 900, interruptionMs: 400 });
});

test('no tool of the recorded agent is there to be run: its board answers for all of them', async () => {
  const tools = [{ source: 'http', name: 'ask', description: 'd', parameters: {}, url: 'http://192.0.2.1/' }];
  const recorded = await recordConversation({ settings: { agent: { tools } } }, (rig) => rig.hear('silence', 40));
  expect(recorded.opened.settings.agent).toHaveProperty('tools.0.name', 'ask');
  expect(simulationSettings(recorded, {}).current().agent.tools).toEqual([]);
});

test('one more setting goes over the others and leaves them', () => {
  expect(withSetting({ turns: { vadSilenceMs: 1, prerollMs: 2 } }, 'turns.vadSilenceMs', 3)).toEqual({
    turns: { vadSilenceMs: 3, prerollMs: 2 },
  });
});
