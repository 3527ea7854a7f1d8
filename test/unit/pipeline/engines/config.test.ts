import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkedConfig, filledConfig } from '../../../../pipeline/engines/config.ts';
import type { EngineField } from '../../../../preload/contract/engines.ts';
import { isTalkError } from '../../../../preload/contract/errors.ts';

const fields: EngineField[] = [
  { name: 'apiUrl', kind: 'url', isRequired: true, default: 'https://service.example/v1' },
  { name: 'apiKey', kind: 'secret', isRequired: true },
  { name: 'model', kind: 'text', isRequired: true },
  { name: 'speed', kind: 'number', isRequired: false, min: 0.5, max: 2, default: 1 },
  { name: 'region', kind: 'choice', isRequired: false, options: ['cn', 'intl'] },
  { name: 'isFast', kind: 'switch', isRequired: false },
  { name: 'body', kind: 'json', isRequired: false },
];
const good = { model: 'm' };

function refusal(config: Record<string, unknown>): unknown {
  try {
    checkedConfig(fields, config);
    return 'taken';
  } catch (error) {
    if (isTalkError(error, 'engine/bad-config')) return error.value.data;
    throw error;
  }
}

describe('configuration of a profile', () => {
  test.each(['evil.example/', 'eastasia.evil.example', 'x@y', 'a/../b'])('a region %j leads no key to another host', (region) => {
    const check = () => checkedConfig([{ name: 'region', kind: 'text', isRequired: true }], { region });
    expect(check).toThrow('engine/bad-config');
    expect(checkedConfig([{ name: 'region', kind: 'text', isRequired: true }], { region: 'ap-southeast-1' })).toHaveProperty('region');
  });

  test.each([
    [{}, { field: 'model', reason: 'missing' }],
    [{ model: 3 }, { field: 'model', reason: 'not-text' }],
    [
      { ...good, apiKey: 'sk-secret' },
      { field: 'apiKey', reason: 'is-a-secret' },
    ],
    [
      { ...good, temperature: 1 },
      { field: 'temperature', reason: 'unknown-field' },
    ],
    [
      { ...good, speed: '1' },
      { field: 'speed', reason: 'not-a-number' },
    ],
    [
      { ...good, speed: 3 },
      { field: 'speed', reason: 'out-of-range', least: 0.5, greatest: 2 },
    ],
    [
      { ...good, region: 'mars' },
      { field: 'region', reason: 'not-an-option', options: 'cn, intl' },
    ],
    [
      { ...good, isFast: 'yes' },
      { field: 'isFast', reason: 'not-yes-or-no' },
    ],
    [
      { ...good, apiUrl: 'ftp://service.example' },
      { field: 'apiUrl', reason: 'not-an-address' },
    ],
    [
      { ...good, apiUrl: 'https://user:sk-secret@service.example' },
      { field: 'apiUrl', reason: 'not-an-address' },
    ],
    [
      { ...good, body: '{' },
      { field: 'body', reason: 'not-json' },
    ],
  ])('%j is refused', (config, data) => {
    expect(refusal(config)).toEqual(data);
  });

  test('an emptied input is as if it had never been filled in, and JSON may be text', () => {
    expect(checkedConfig(fields, { model: 'm', apiUrl: '', region: null, body: '{"a":1}' })).toEqual({ model: 'm', body: { a: 1 } });
  });

  test('defaults are filled in when an engine is made, not when the profile is stored', () => {
    const stored = checkedConfig(fields, good);
    expect(stored).toEqual(good);
    expect(filledConfig(fields, stored, new Map([['apiKey', 'sk-secret']]))).toEqual({
      apiUrl: 'https://service.example/v1',
      apiKey: 'sk-secret',
      model: 'm',
      speed: 1,
    });
  });

  test('whatever is given, it is taken or refused as a bad configuration, and no refusal has the value in it', () => {
    const names = fc.constantFrom(...fields.map(({ name }) => name), 'other');
    fc.assert(
      fc.property(fc.dictionary(names, fc.oneof(fc.jsonValue(), fc.constant('sk-very-secret'))), (config) => {
        expect(JSON.stringify(refusal(config))).not.toContain('sk-very-secret');
      }),
    );
  });
});
