// biome-ignore-all lint/suspicious/noTemplateCurlyInString: secrets are named like that
import { expect, test } from 'vitest';
import { recordableAgent, recordableSetting } from '../../../../pipeline/agent/recordable.ts';
import { settingsSchema } from '../../../../preload/contract/settings.ts';

test('what may be a key does not reach a recording, whatever it was written into', () => {
  const { agent } = settingsSchema.parse({
    agent: {
      historyRounds: 3,
      tools: [
        {
          ...{ source: 'http', name: 'h', description: 'd', parameters: {}, url: 'http://a.example/x?k=HIDDEN' },
          headers: { Authorization: 'Bearer HIDDEN', 'X-Key': '${secret:KEY}' },
        },
        { source: 'weather', url: 'http://a.example/w?appid=HIDDEN' },
        { source: 'music' },
      ],
      metaInfo: { apiKey: 'HIDDEN', user: { accessToken: 'HIDDEN', name: 'Bo' }, list: [{ password: 'HIDDEN' }], max_tokens: 5 },
    },
  });
  const recorded = recordableAgent(agent);
  expect(JSON.stringify(recorded)).not.toContain('HIDDEN');
  expect(recorded.historyRounds).toBe(3);
  expect(recorded.tools[0]).toMatchObject({ url: 'http://a.example/x?***', headers: { 'X-Key': '${secret:KEY}' } });
  expect(recorded.metaInfo).toMatchObject({ user: { name: 'Bo' }, max_tokens: 5 });
  expect(recordableSetting('agent.tools', agent.tools)).toEqual(recorded.tools);
  expect(recordableSetting('agent.metaInfo', agent.metaInfo)).toEqual(recorded.metaInfo);
  expect(recordableSetting('agent.historyRounds', 3)).toBe(3);
});
