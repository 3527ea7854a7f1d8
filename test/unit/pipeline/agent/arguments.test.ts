import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkArguments } from '../../../../pipeline/agent/arguments.ts';

const schema = {
  type: 'object',
  properties: {
    level: { type: 'integer', minimum: 0, maximum: 100 },
    action: { type: 'string', enum: ['set', 'increase', 'decrease'] },
    isLoud: { type: 'boolean' },
    power: { type: 'integer', enum: [0, 1] },
    times: { type: 'array', items: { type: 'object', properties: { hour: { type: 'number' } }, required: ['hour'] }, maxItems: 2 },
    note: { type: ['string', 'null'], maxLength: 5 },
  },
  required: ['action'],
};

describe('what a model gets nearly right is put right', () => {
  test.each([
    [{ level: '30' }, { level: 30 }],
    [{ level: 30.0 }, { level: 30 }],
    [{ level: ' 7 ' }, { level: 7 }],
    [{ action: 'SET ' }, { action: 'set' }],
    [{ isLoud: 'true' }, { isLoud: true }],
    [{ isLoud: 0 }, { isLoud: false }],
    [{ power: true }, { power: 1 }],
    [{ power: '0' }, { power: 0 }],
    [{ power: 'True' }, { power: 1 }],
    [{ note: 12 }, { note: '12' }],
    [{ note: null }, { note: null }],
    [{ level: null }, {}],
    [{ times: '[{"hour":"8"}]' }, { times: [{ hour: 8 }] }],
    [{ volume: 3 }, {}],
  ])('%j', (given, expected) => {
    expect(checkArguments(schema, { action: 'set', ...given })).toEqual({ isOk: true, value: { action: 'set', ...expected } });
  });
});

describe('what cannot be what was meant is an issue that says what would be', () => {
  test.each([
    [{}, { path: 'action', reason: 'missing', expected: ['set', 'increase', 'decrease'] }],
    [{ action: 'louder' }, { path: 'action', reason: 'not-allowed', expected: ['set', 'increase', 'decrease'] }],
    [
      { action: 'set', level: 130 },
      { path: 'level', reason: 'too-large', expected: 100 },
    ],
    [
      { action: 'set', level: '-1' },
      { path: 'level', reason: 'too-small', expected: 0 },
    ],
    [
      { action: 'set', level: 30.5 },
      { path: 'level', reason: 'wrong-type', expected: 'integer' },
    ],
    [
      { action: 'set', level: 'loud' },
      { path: 'level', reason: 'wrong-type', expected: 'integer' },
    ],
    [
      { action: 'set', level: '' },
      { path: 'level', reason: 'wrong-type', expected: 'integer' },
    ],
    [
      { action: 'set', note: 'too long' },
      { path: 'note', reason: 'too-long', expected: 5 },
    ],
    [
      { action: 'set', times: [{}] },
      { path: 'times[0].hour', reason: 'missing', expected: 'number' },
    ],
  ])('%j', (given, issue) => {
    expect(checkArguments(schema, given)).toEqual({ isOk: false, issues: [issue] });
  });
});

test('a schema that names nothing lets everything through, one that allows more keeps it', () => {
  expect(checkArguments({ type: 'object' }, { a: 1 })).toEqual({ isOk: true, value: { a: 1 } });
  expect(checkArguments({ properties: {} }, { a: 1 })).toEqual({ isOk: true, value: {} });
  expect(checkArguments({ properties: {}, additionalProperties: true }, { a: 1 })).toEqual({ isOk: true, value: { a: 1 } });
});

test('either of two forms is taken', () => {
  const either = { properties: { at: { anyOf: [{ type: 'integer' }, { type: 'string', enum: ['now'] }] } } };
  expect(checkArguments(either, { at: 'now' })).toEqual({ isOk: true, value: { at: 'now' } });
  expect(checkArguments(either, { at: 'later' })).toMatchObject({ isOk: false, issues: [{ path: 'at', reason: 'not-allowed' }] });
});

test('whatever a model says: no fault, no foreign key, and what is accepted is accepted again as it is', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('level', 'action', 'isLoud', 'power', 'times', 'note', '__proto__', 'x'), fc.jsonValue()),
      (given) => {
        const checked = checkArguments(schema, given);
        if (!checked.isOk) {
          expect(checked.issues.length).toBeGreaterThan(0);
          return;
        }
        for (const name of Object.keys(checked.value)) expect(Object.keys(schema.properties)).toContain(name);
        expect(checkArguments(schema, checked.value)).toEqual(checked);
      },
    ),
  );
});

test('whatever the schema: no fault', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()), (properties, given) => {
      checkArguments({ type: 'object', properties }, given);
    }),
  );
});
