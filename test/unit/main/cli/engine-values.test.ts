import { afterEach, describe, expect, test, vi } from 'vitest';
import { askSecrets, secretVariable, valuesOf } from '../../../../main/cli/engine-values.ts';
import type { EngineKind } from '../../../../preload/contract/engines.ts';

const kind: EngineKind = {
  ...{ kind: 'fake', stage: 'tts', title: 'Fake', languages: [], presets: [] },
  fields: [
    { name: 'apiUrl', kind: 'url', isRequired: true },
    { name: 'apiKey', kind: 'secret', isRequired: true },
    { name: 'token', kind: 'secret', isRequired: false },
    { name: 'speed', kind: 'number', isRequired: false },
    { name: 'isFast', kind: 'switch', isRequired: false },
  ],
};
afterEach(() => vi.unstubAllEnvs());

describe('values of a profile on the command line', () => {
  test('are typed as the kind’s fields are; what does not fit goes on as it is, and the core refuses it', () => {
    expect(valuesOf(kind, ['apiUrl=https://x.example/a?b=c', 'speed=1.5', 'isFast=yes'])).toEqual({
      apiUrl: 'https://x.example/a?b=c',
      speed: 1.5,
      isFast: true,
    });
    expect(valuesOf(kind, ['speed=fast', 'isFast=maybe', 'apiUrl='])).toEqual({ speed: 'fast', isFast: 'maybe', apiUrl: '' });
  });

  test.each([
    [['apiKey=sk-1'], 'apiKey'],
    [['nothing=1'], 'nothing'],
    [['speed'], 'speed'],
  ])('%j is a misuse', (pairs, path) => {
    expect(() => valuesOf(kind, pairs)).toThrow(
      expect.objectContaining({
        value: expect.objectContaining({ code: 'bad-request', data: { issues: [expect.objectContaining({ path })] } }),
      }),
    );
  });

  test('secrets come from the environment: those wanted and not stored, those asked for, and those that are set', async () => {
    expect(secretVariable('my-voice', 'apiKey')).toBe('TALKBENCH_ENGINE_MY_VOICE_APIKEY');
    await expect(askSecrets(kind, 'v', [], ['apiKey'])).resolves.toEqual({});
    vi.stubEnv('TALKBENCH_ENGINE_V_TOKEN', 't');
    await expect(askSecrets(kind, 'v', [], ['apiKey'])).resolves.toEqual({ token: 't' });
    vi.stubEnv('TALKBENCH_ENGINE_V_APIKEY', 'k');
    await expect(askSecrets(kind, 'v', ['apiKey'], ['apiKey'])).resolves.toEqual({ apiKey: 'k', token: 't' });
    await expect(askSecrets(kind, 'v', ['speed'], [])).rejects.toMatchObject({ code: 'bad-request' });
  });
});
