import type { Clock } from '../../../preload/contract/time.ts';
import { fakeCoze } from '../../fakes/services/coze.ts';
import { fakeDify } from '../../fakes/services/dify.ts';
import type { FakeHttpService } from '../../fakes/services/http-service.ts';
import { fakeOpenAi } from '../../fakes/services/openai.ts';
import { noService } from './guarder.ts';
import { guardLlm } from './guarder-llm.ts';
import { profileEngine } from './profile-engine.ts';
import { serviceRig } from './service-rig.ts';

const KEY = 'sk-guarder-0123456789';

const answers: Record<string, readonly string[]> = {
  数到三: ['一，', '二，', '三', '。'],
  'say that the bench is ready': ['The ', 'bench ', 'is ', 'ready', '.'],
};
const questions = Object.entries(answers).map(([text, parts]) => ({ text, answer: parts.join('') })) as [
  { text: string; answer: string },
  { text: string; answer: string },
];
const reply = (text: string) => answers[text] ?? ['?'];

function onService(kind: string, service: FakeHttpService, config: Record<string, unknown>, clock: Clock) {
  return serviceRig(profileEngine('llm', kind, config, clock), service, [KEY]);
}

guardLlm({
  engine: 'openai',
  questions,
  async start(clock) {
    const service = await fakeOpenAi({ key: KEY, reply });
    return onService('openai', service, { apiUrl: `${service.origin}/v1`, apiKey: KEY, model: 'm', isUsageAsked: true, body: {} }, clock);
  },
});

guardLlm({
  engine: 'coze',
  questions,
  async start(clock) {
    const service = await fakeCoze({ key: KEY, botId: 'b1', reply });
    return onService('coze', service, { apiUrl: `${service.origin}/v3/chat`, apiKey: KEY, botId: 'b1', userId: 'u1' }, clock);
  },
});

guardLlm({
  engine: 'dify',
  questions,
  async start(clock) {
    const service = await fakeDify({ key: KEY, reply });
    return onService('dify', service, { apiUrl: `${service.origin}/v1`, apiKey: KEY, user: 'u1', inputs: {} }, clock);
  },
});

guardLlm({
  engine: 'script',
  questions,
  without: noService,
  start: async (clock) => ({
    engine: profileEngine(
      'llm',
      'script',
      {
        script: `tokensPerSecond: 1000
replies:
  - when: 数到三
    say: 一，二，三。
  - when: bench is ready
    say: The bench is ready.
`,
      },
      clock,
    ),
    close: async () => {},
  }),
});
