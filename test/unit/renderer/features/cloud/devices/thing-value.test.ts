import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  choicesOf,
  draftOf,
  limitsOf,
  readDraft,
  type ThingDefine,
  valueText,
} from '../../../../../../renderer/features/cloud/devices/thing-value.ts';

const percent: ThingDefine = { type: 'int', min: '0', max: '100', step: '1', unit: '%' };
const mode: ThingDefine = { type: 'enum', mapping: { 0: 'warm', 1: '' } };

describe('values of a thing model', () => {
  test('limits come as text or as numbers, and what is no number is none', () => {
    expect(limitsOf(percent)).toEqual({ min: 0, max: 100, step: 1 });
    expect(limitsOf({ type: 'float', min: -1.5, max: '' })).toEqual({ min: -1.5 });
  });

  test.each<[string, ThingDefine, string, unknown]>([
    ['an int within its limits', percent, ' 35 ', { value: 35 }],
    ['an int beyond them', percent, '101', { problem: 'range' }],
    ['an int with a fraction', percent, '3.5', { problem: 'whole' }],
    ['a float with one', { type: 'float' }, '3.5', { value: 3.5 }],
    ['no number', percent, 'loud', { problem: 'number' }],
    ['nothing', percent, ' ', { problem: 'empty' }],
    ['a bool is 0 or 1 on the wire', { type: 'bool' }, 'true', { value: 1 }],
    ['an enum is its number', mode, '1', { value: 1 }],
    ['an enum’s name is not it', mode, 'warm', { problem: 'choice' }],
    ['what every object has is no member of an enum', mode, 'toString', { problem: 'choice' }],
    ['a stringenum stays text', { type: 'stringenum', mapping: { set: '设置' } }, 'set', { value: 'set' }],
    ['a string keeps its blanks', { type: 'string', max: '5' }, ' a b ', { value: ' a b ' }],
    ['a string that is too long', { type: 'string', max: '5' }, 'abcdef', { problem: 'long' }],
    ['an array', { type: 'array' }, '[1]', { value: [1] }],
    ['an object where an array is meant', { type: 'array' }, '{}', { problem: 'json' }],
    ['a half-typed struct', { type: 'struct' }, '{"a":', { problem: 'json' }],
  ])('%s', (_name, define, draft, read) => {
    expect(readDraft(define, draft)).toEqual(read);
  });

  test('what a board says can be put back as it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), (value) => {
        expect(readDraft(percent, draftOf(percent, value))).toEqual({ value });
      }),
    );
    const json = fc.dictionary(fc.string(), fc.integer());
    fc.assert(
      fc.property(json, (value) => {
        expect(readDraft({ type: 'struct' }, draftOf({ type: 'struct' }, value))).toEqual({ value });
      }),
    );
  });

  test('boards send a bool as a number, a text or a bool', () => {
    const drafts = [true, 1, '1', 'true', false, 0, '0', undefined].map((value) => draftOf({ type: 'bool' }, value));
    expect(drafts).toEqual(['1', '1', '1', '1', '0', '0', '0', '']);
  });

  test('a value is read with its unit, or in the words of its enum', () => {
    expect([
      valueText(percent, 80),
      valueText(mode, 0),
      valueText(mode, 1),
      valueText({ type: 'bool', mapping: { 0: 'off', 1: 'on' } }, true),
      valueText(undefined, { a: 1 }),
      valueText(percent, undefined),
    ]).toEqual(['80 %', 'warm (0)', '1', 'on (true)', '{"a":1}', '—']);
    expect(choicesOf(mode)).toEqual([
      { value: '0', label: 'warm (0)' },
      { value: '1', label: '1' },
    ]);
  });
});
