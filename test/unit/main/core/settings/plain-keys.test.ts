// biome-ignore-all lint/suspicious/noTemplateCurlyInString: secrets are named like that
import { expect, test } from 'vitest';
import { validLayer } from '../../../../../main/core/agents/layers.ts';
import { refusePlainKeys } from '../../../../../main/core/settings/plain-keys.ts';
import { agentTool } from '../../../../../preload/contract/agents.ts';
import { TalkError } from '../../../../../preload/contract/talk-error.ts';

const http = { source: 'http', name: 'h', description: 'd', parameters: {}, url: 'https://a.example/x' };
const refuse = (tool: object) => () => refusePlainKeys([agentTool.parse(tool)]);

test.each([
  [{ ...http, headers: { Authorization: 'Bearer HIDDEN' } }, 'h: Authorization'],
  [{ ...http, headers: { 'X-Api-Key': 'HIDDEN' } }, 'h: X-Api-Key'],
  [{ ...http, url: 'https://a.example/x?q=1&api_key=HIDDEN' }, 'h: ?api_key='],
  [{ ...http, url: 'https://user:HIDDEN@a.example/x' }, 'h: https://…@'],
  [{ source: 'weather', url: 'https://a.example/w?key=HIDDEN' }, 'get_weather: ?key='],
])('a key typed into a tool is refused and not repeated: %#', (tool, where) => {
  const error = new TalkError('agent/plain-secret', { where });
  expect(refuse(tool)).toThrow(error);
  expect(() => validLayer({ agent: { tools: [tool] } })).toThrow(error);
});

test.each([
  { ...http, headers: { Authorization: 'Bearer ${secret:KEY}', Accept: 'application/json', 'X-Empty-Key': '' } },
  { ...http, url: 'https://a.example/x?keyword=rain&author=me&key=${secret:KEY}&token={token}' },
  { source: 'weather', url: 'https://a.example/w?key=${secret:W}&city={city}' },
  { source: 'music' },
])('named secrets, places and words that only look like keys stay: %#', (tool) => {
  expect(refuse(tool)).not.toThrow();
});
