import { expect, test, vi } from 'vitest';
import { createRedact, type RedactOptions } from '../../../../../main/core/store/redact.ts';
import { redactAlike } from '../../../../../main/core/store/redact-crossing.ts';

const redact = createRedact({ includeIdentities: false, secrets: [] });

test.each([
  ['+CGSN: "862288081583054"', '+CGSN: "***************"'],
  ['460041234567890', '***************'],
  ['+ICCID: 89860855102480513401', '+ICCID: ********************'],
  ['an ICCID with letters in its middle: 898604981022C0254186', 'an ICCID with letters in its middle: ********************'],
  ['+ICCID: 8986011884330053489', '+ICCID: *******************'],
])('%s', (text, expected) => {
  expect(redact(text)).toBe(expected);
});

test.each(['1763712000000000 µs', 'sha 8986c6a1f0b2d3e4f5a6b7c8d9e0f1a2', 'load:0x3fce3818,len:0x109c'])(
  'is nobody’s identity: %s',
  (text) => {
    expect(redact(text)).toBe(text);
  },
);

test('a text’s escapes are read once, however much is looked for', () => {
  const text = 'I (1) mcp: {"text":"\\u4f60\\u597d hello"}\nplain\n'.repeat(50);
  const looksOf = (options: Partial<RedactOptions>) => {
    const redactAll = createRedact({ includeIdentities: false, secrets: ['a-secret'], ...options });
    const indexOf = vi.spyOn(String.prototype, 'indexOf');
    try {
      redactAll(text);
      return indexOf.mock.calls.filter(([what]) => what === '\\').length;
    } finally {
      indexOf.mockRestore();
    }
  };
  const said = Array.from({ length: 300 }, (_, at) => `你好${at.toString(36)}`);
  const once = looksOf({});
  expect(once).toBeGreaterThan(0);
  expect(looksOf({ said: [...said, 'a longer text'], redactions: ['one', 'two'] })).toBe(once);
});

test('what was said goes wherever it is told again, in any spelling', () => {
  const redactSaid = createRedact({ includeIdentities: true, secrets: [], said: ['你好', 'Sure', 'ok', 'a whole sentence'] });
  expect(redactSaid('app: "\\u4f60\\u597d" 你好 SURE ok + a%20whole+sentence')).toBe('app: "************" ** **** ok + ******************');
});

test('a short piece goes only where a value begins or ends with it, as the text does, and from no key', () => {
  const text = 'I (1) app: {"a":"banana","t":12} pa';
  const alike = (redacted: string, value: unknown) => redactAlike(text, redacted, value);
  const end = text.replace(/a$/, '*');
  expect(alike(end, { a: 'banana', app: ['a', 'an'], t: 12 })).toEqual({ a: 'banan*', app: ['*', '*n'], t: 12 });
  expect(alike(end, 'spa***')).toBe('sp****');
  const begin = text.replace(/^I \(/, '***');
  expect(alike(begin, ['I (1) I (', 'x I ( y'])).toEqual(['***1) ***', 'x I ( y']);
  expect(alike(text.replace('banana', '******'), { banana: 'a banana!' })).toEqual({ '******': 'a ******!' });
});
