import { expect, test } from 'vitest';
import { decodeWav } from '../../../../../pipeline/audio/wav.ts';
import type { EngineField } from '../../../../../preload/contract/engines.ts';
import { configOf, idOf, secretChanges, valuesOf } from '../../../../../renderer/features/engines/profile-draft.ts';
import { wavOf } from '../../../../../renderer/features/engines/recording.ts';

const fields: EngineField[] = [
  { name: 'apiUrl', kind: 'url', isRequired: true, default: 'https://a.example' },
  { name: 'apiKey', kind: 'secret', isRequired: true },
  { name: 'body', kind: 'json', isRequired: false, default: {} },
  { name: 'isOn', kind: 'switch', isRequired: false },
  { name: 'rate', kind: 'number', isRequired: false },
];

test('what the form holds is the configuration it was made of; empty fields are left out', () => {
  const config = { apiUrl: 'https://b.example', body: { thinking: { type: 'disabled' } }, isOn: true, rate: 2 };
  expect(configOf(fields, valuesOf(fields, config))).toEqual({ config, badJson: [] });
  expect(configOf(fields, valuesOf(fields, {})).config).toEqual({ apiUrl: 'https://a.example', body: {}, isOn: false });
});

test('a secret is no part of the configuration, and JSON that is none is named', () => {
  expect(configOf(fields, { apiKey: 'sk', body: '{"a":', apiUrl: '' })).toEqual({ config: {}, badJson: ['body'] });
});

test('a secret that was not typed is left as it is, one to be forgotten is said', () => {
  expect(secretChanges({ apiKey: '', old: null, other: 'new' })).toEqual({ old: null, other: 'new' });
});

test('an id comes of the name, of the kind where the name has no letters for it, and is free', () => {
  expect(idOf('DeepSeek V3', 'openai', new Set())).toBe('deepseek-v3');
  expect(idOf('混元', 'openai', new Set(['openai']))).toBe('openai-2');
});

test('a recording is a WAV the core reads', () => {
  const { sampleRate, channels } = decodeWav(wavOf(Float32Array.of(0, 1, -1, 2)));
  expect(sampleRate).toBe(16000);
  expect([...(channels[0] ?? [])]).toEqual([0, 32767, -32767, 32767]);
});
