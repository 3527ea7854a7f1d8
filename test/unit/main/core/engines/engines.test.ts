import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createEngines, type EngineService } from '../../../../../main/core/engines/engines.ts';
import { openSecretFile, type SecretStore } from '../../../../../main/core/settings/secrets.ts';
import { createSettings, type SettingsService } from '../../../../../main/core/settings/settings.ts';
import type { EngineCatalogue } from '../../../../../pipeline/engines/catalogue.ts';
import type { LlmKind, TtsKind } from '../../../../../pipeline/engines/kind.ts';
import type { EngineProfile } from '../../../../../preload/contract/engines.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import { FakeLlm, FakeStt, FakeTts, FakeVad } from '../../../../fakes/engines.ts';
import { openTestBench, silentLog, type TestBench } from '../../../../fakes/store.ts';

const KEY = 'sk-0123456789-very-secret';
const context = { signal: new AbortController().signal, role: 'operator' as const };
let bench: TestBench;
let secrets: SecretStore;
let settings: SettingsService;
let service: EngineService;
let llms: { config: Readonly<Record<string, unknown>>; engine: FakeLlm }[];

const llmKind: LlmKind = {
  kind: 'openai',
  stage: 'llm',
  title: 'OpenAI-compatible',
  languages: ['zh', 'en'],
  presets: [],
  fields: [
    { name: 'apiUrl', kind: 'url', isRequired: true, default: 'https://service.example/v1' },
    { name: 'apiKey', kind: 'secret', isRequired: true },
    { name: 'model', kind: 'text', isRequired: true },
  ],
  spellings: { apikey: 'apiKey', apiurl: 'apiUrl' },
  create({ config }) {
    const engine = new FakeLlm(bench.clock);
    llms.push({ config, engine });
    return engine;
  },
};
const otherKind: LlmKind = { ...llmKind, kind: 'other', fields: llmKind.fields.filter(({ kind }) => kind === 'secret') };
const ttsKind: TtsKind = {
  ...{ kind: 'voice', stage: 'tts', title: 'Voice', languages: ['zh'], presets: [], fields: [], spellings: {} },
  create: () => new FakeTts(bench.clock),
};

function catalogue(): EngineCatalogue {
  const unavailable = async (id: string) => {
    throw new TalkError('engine/unavailable', { stage: 'tts', engine: id, missing: id });
  };
  return {
    list: async () => [{ id: 'flite', stage: 'tts', isAvailable: true, languages: ['en'] }],
    vad: async () => new FakeVad(),
    stt: async () => new FakeStt(bench.clock),
    tts: async (id) => (id === 'auto' || id === 'flite' ? new FakeTts(bench.clock) : unavailable(id)),
    warmUp: async () => {},
    phraseStt: undefined as never,
    noise: undefined as never,
    close: async () => {},
  };
}

async function open(): Promise<void> {
  secrets = await openSecretFile(join(bench.folder, 'secrets.json'));
  settings = await createSettings({ store: bench.store, log: silentLog });
  service = await createEngines({
    ...{ catalogue: catalogue(), scripted: new FakeLlm(bench.clock), kinds: { llm: [llmKind, otherKind], stt: [], tts: [ttsKind] } },
    ...{ store: bench.store, secrets, settings, clock: bench.clock, log: silentLog },
  });
}

// One library for all: opening one takes longer than all the rest.
beforeAll(async () => {
  bench = await openTestBench();
});
beforeEach(async () => {
  llms = [];
  await open();
});
afterEach(async () => {
  await settings.set({ engines: { llm: 'scripted' } });
  await service.close();
  for (const { id } of await bench.store.read('document.list', { kind: 'engine' }))
    await bench.store.write('document.remove', { kind: 'engine', id });
  rmSync(join(bench.folder, 'secrets.json'), { force: true });
});
afterAll(() => bench.close());

const profile = { id: 'deepseek', stage: 'llm', kind: 'openai', name: 'DeepSeek', config: { model: 'chat' } } as const;
const put = (change: object = {}, given: Record<string, string | null> = { apiKey: KEY }) =>
  service.calls['engines.put']({ profile: { ...profile, ...change }, secrets: given }, context);
const listed = (): EngineProfile[] => service.streams['engines.profiles']({}).topic.snapshot();

/** Events up to the first failure or the end. */
async function answer(): Promise<void> {
  const engines = service.for('zh', { ...settings.get().engines, llm: 'deepseek' });
  for await (const _ of engines.llm.respond({ model: '', language: 'zh', messages: [], tools: [] }, context.signal)) break;
}

describe('engine profiles', () => {
  test('a profile is listed with its secrets’ names only; its engine gets the values', async () => {
    expect(await put()).toEqual({ ...profile, secrets: ['apiKey'] });
    expect(JSON.stringify(listed())).not.toContain(KEY);
    await answer();
    expect(llms[0]?.config).toEqual({ apiUrl: 'https://service.example/v1', apiKey: KEY, model: 'chat' });
    expect(await secrets.values()).toEqual([KEY]);
  });

  test('no secret is in the library', async () => {
    await put();
    await bench.store.flush();
    const files = readdirSync(bench.folder).filter((name) => name.startsWith('library'));
    const holds = (text: string) => files.some((name) => readFileSync(join(bench.folder, name)).includes(text));
    expect(holds('DeepSeek')).toBe(true);
    expect(holds(KEY)).toBe(false);
  });

  test('profiles and their secrets are there again after a restart', async () => {
    await put();
    await service.close();
    await bench.reopen();
    await open();
    expect(listed()).toEqual([{ ...profile, secrets: ['apiKey'] }]);
    await answer();
    expect(llms[0]?.config).toMatchObject({ apiKey: KEY });
  });

  test('a secret that is left out stays, null removes it, and one that is wanted cannot be removed', async () => {
    await put();
    await put({ config: { model: 'reasoner' } }, {});
    await answer();
    expect(llms[0]?.config).toMatchObject({ apiKey: KEY, model: 'reasoner' });
    await expect(put({}, { apiKey: null })).rejects.toMatchObject({
      value: { code: 'engine/bad-config', data: { field: 'apiKey', reason: 'missing' } },
    });
    expect(await secrets.get('engine/deepseek/apiKey')).toBe(KEY);
  });

  test('blanks and line ends around a copied key are no part of it', async () => {
    await put({}, { apiKey: ` ${KEY}\n` });
    expect(await secrets.get('engine/deepseek/apiKey')).toBe(KEY);
  });

  test.each([
    ['a key in two lines', {}, { apiKey: `${KEY}\n${KEY}` }, { field: 'apiKey', reason: 'not-a-key' }],
    ['a key with an invisible character', {}, { apiKey: `${KEY}\u200b!` }, { field: 'apiKey', reason: 'not-a-key' }],
    ['the key in the configuration', { config: { model: 'm', apiKey: KEY } }, {}, { field: 'apiKey', reason: 'is-a-secret' }],
    ['a field among the secrets', {}, { model: 'm' }, { field: 'model', reason: 'no-secret' }],
    ['a kind that is not there', { kind: 'mystery' }, {}, { field: 'kind', reason: 'unknown-kind', kind: 'mystery', stage: 'llm' }],
    ['the name of an embedded engine', { id: 'flite' }, {}, { field: 'id', reason: 'embedded-id', id: 'flite' }],
    ['the name of a choice', { id: 'auto' }, {}, { field: 'id', reason: 'embedded-id', id: 'auto' }],
  ])('%s is refused, without the value', async (_, change, given, data) => {
    const error = await put(change, given).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ value: { code: 'engine/bad-config', data } });
    expect(JSON.stringify(error)).not.toContain(KEY);
    expect(listed()).toEqual([]);
  });

  test('a key is not handed on to a service of another kind', async () => {
    await put();
    const other = { kind: 'other', config: {} };
    await expect(put(other, {})).rejects.toMatchObject({ value: { data: { field: 'apiKey', reason: 'missing' } } });
    await put(other, { apiKey: 'sk-other' });
    expect(await secrets.values()).toEqual(['sk-other']);
  });

  test.each([
    ['another host', 'https://api.example.com/v1', 'https://evil.example/v1'],
    ['another port', 'http://127.0.0.1:8080/v1', 'http://127.0.0.1:8081/v1'],
    ['the same host without encryption', 'https://api.example.com/v1', 'http://api.example.com/v1'],
    ['a host in place of the usual one', undefined, 'https://evil.example/v1'],
  ])('a kept key does not follow the address to %s', async (_, before, after) => {
    const at = (apiUrl: string | undefined) => ({ config: { model: 'm', ...(apiUrl !== undefined && { apiUrl }) } });
    await put(at(before));
    await expect(put(at(after), {})).rejects.toMatchObject({
      value: { code: 'engine/bad-config', data: { field: 'apiKey', reason: 'other-address' } },
    });
    expect(listed()).toMatchObject([at(before)]);
    await put(at(after), { apiKey: 'sk-of-the-other-host' });
    expect(await secrets.values()).toEqual(['sk-of-the-other-host']);
  });

  test('a kept key stays with another path of its host', async () => {
    await put({ config: { model: 'm', apiUrl: 'https://api.example.com/v1' } });
    await put({ config: { model: 'm', apiUrl: 'https://api.example.com/v2/chat/completions' } }, {});
    expect(await secrets.values()).toEqual([KEY]);
  });

  test('a profile whose key was lost is listed as lacking it', async () => {
    await put();
    await service.close();
    rmSync(join(bench.folder, 'secrets.json'));
    await open();
    const { engines } = await service.calls['pipeline.engines']({}, context);
    expect(engines).toContainEqual({ id: 'deepseek', stage: 'llm', isAvailable: false, languages: ['zh', 'en'], missing: 'apiKey' });
  });

  test('a profile keeps its stage', async () => {
    await put();
    await expect(put({ stage: 'tts', kind: 'voice', config: {} }, {})).rejects.toMatchObject({
      value: { data: { field: 'stage', reason: 'other-stage' } },
    });
  });

  test('what the settings or an agent name cannot be removed; with the profile its secrets go', async () => {
    await put();
    const remove = () => service.calls['engines.remove']({ id: 'deepseek' }, context);
    await settings.set({ engines: { llm: 'deepseek' } });
    await expect(remove()).rejects.toMatchObject({
      value: { code: 'engine/in-use', data: { id: 'deepseek', by: 'settings engines.llm' } },
    });
    await settings.set({ engines: { llm: 'scripted' } });
    const body = { id: 'shop', name: 'Shop', layer: { engines: { llm: 'deepseek' } } };
    await bench.store.write('document.save', { kind: 'agent', id: 'shop', body, wallMs: 0 });
    await expect(remove()).rejects.toMatchObject({ value: { data: { by: 'agent Shop' } } });
    await bench.store.write('document.remove', { kind: 'agent', id: 'shop' });
    await remove();
    expect(listed()).toEqual([]);
    expect(await secrets.values()).toEqual([]);
    await expect(remove()).rejects.toMatchObject({ value: { code: 'not-found' } });
  });

  test('an engine that nobody has says so when it is used, and the conversation starts', async () => {
    const engines = service.for('zh', { vad: 'auto', stt: 'nothing', llm: 'gone', tts: 'voice-9' });
    await expect(
      Array.fromAsync(engines.llm.respond({ model: '', language: 'zh', messages: [], tools: [] }, context.signal)),
    ).rejects.toMatchObject({
      value: { code: 'engine/unavailable', data: { stage: 'llm', engine: 'gone' } },
    });
    await expect(Array.fromAsync(engines.tts.synthesize({ text: '', language: 'zh' }, context.signal))).rejects.toMatchObject({
      value: { code: 'engine/unavailable' },
    });
  });

  test('a changed profile is used from the next turn on', async () => {
    await put();
    const before = service.for('zh', { ...settings.get().engines, llm: 'deepseek' }).llm;
    expect(service.for('zh', { ...settings.get().engines, llm: 'deepseek' }).llm).toBe(before);
    await put({ config: { model: 'reasoner' } }, {});
    expect(service.for('zh', { ...settings.get().engines, llm: 'deepseek' }).llm).not.toBe(before);
  });

  test('profiles are among the engines to choose from, and kinds are told as data', async () => {
    await put();
    const { engines } = await service.calls['pipeline.engines']({}, context);
    expect(engines).toContainEqual({ id: 'deepseek', stage: 'llm', isAvailable: true, languages: ['zh', 'en'] });
    await put({ id: 'speaker', stage: 'tts', kind: 'voice', config: {} }, {});
    const { engines: withVoice } = await service.calls['pipeline.engines']({}, context);
    expect(withVoice.find(({ id }) => id === 'speaker')?.voices).toEqual([{ id: 'fake', language: 'zh', label: 'Fake' }]);
    const { kinds } = await service.calls['engines.kinds']({}, context);
    expect(kinds.map(({ kind }) => kind)).toEqual(['openai', 'other', 'voice']);
    expect(() => structuredClone(kinds)).not.toThrow();
  });
});

describe('trying an engine', () => {
  test('a language model is asked once and measured', async () => {
    await put();
    const testing = service.calls['engines.test']({ stage: 'llm', id: 'deepseek', language: 'zh' }, context);
    await bench.clock.settle();
    llms[0]?.engine.add({ tokens: [] }); // the next one's, never asked for
    await bench.clock.runUntilIdle();
    // The fake answers nothing to what it was not told, which is no success.
    expect(await testing).toMatchObject({
      stage: 'llm',
      engine: 'deepseek',
      connectMs: 0,
      totalMs: 100,
      error: { code: 'engine/failed', data: { reason: 'it answered nothing' } },
    });
  });

  test('a voice’s first audio, length and real-time factor', async () => {
    await service.calls['engines.put'](
      { profile: { ...profile, id: 'voice', stage: 'tts', kind: 'voice', config: {} }, secrets: {} },
      context,
    );
    const testing = service.calls['engines.test']({ stage: 'tts', id: 'voice', language: 'zh', text: '你好你好' }, context);
    await bench.clock.settle();
    await bench.clock.runUntilIdle();
    // 100 ms a character, made ten times as fast as it is spoken, the first piece after 100 ms.
    expect(await testing).toEqual({
      ...{ stage: 'tts', engine: 'voice', connectMs: 50, firstMs: 100, totalMs: 130, finalMs: null, audioMs: 400 },
      ...{ realTimeFactor: 0.325, text: null, expected: null, error: null },
    });
  });

  test('an engine that is not there is said before anything is tried', async () => {
    await expect(service.calls['engines.test']({ stage: 'tts', id: 'nobody', language: 'zh' }, context)).rejects.toMatchObject({
      value: { code: 'not-found' },
    });
  });
});
