import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRedact } from '../../../../../main/core/store/redact.ts';
import { findSecrets } from '../../../../../main/core/store/secret-finder.ts';

test('secrets are found wherever they stand, each as a whole', () => {
  const find = findSecrets(['secret-one', 'secret-one-more', 'two-two-two', 'short', '密码密码密码']);
  expect(find('secret-one, secret-one-more')).toEqual([
    [0, 10],
    [12, 27],
  ]);
  expect(find('xtwo-two-two-twox')).toEqual([[1, 16]]);
  expect(find('short secret-on')).toEqual([]);
  expect(find('a密码密码密码')).toEqual([[1, 7]]);
  expect(find(Buffer.from('a密码密码密码b').toString('latin1'))).toEqual([[1, 19]]);
  expect(findSecrets([])('secret-one')).toEqual([]);
});

test('secrets that overlap leave nothing of either', () => {
  const redact = createRedact({ includeIdentities: true, secrets: ['abcdefgh', 'efghijkl', 'abcdef'] });
  expect(redact('(abcdefghijkl abcdef)')).toBe('(************ ******)');
});

test('what is found is all that looking for one after the other finds', () => {
  const secret = fc.string({ unit: fc.constantFrom('a', 'b', '测'), minLength: 6, maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '测'), maxLength: 60 });
  fc.assert(
    fc.property(fc.array(secret, { maxLength: 12 }), text, (secrets, around) => {
      const hidden = new Set<number>();
      for (const each of secrets) {
        for (let at = around.indexOf(each); at >= 0; at = around.indexOf(each, at + 1)) {
          for (let place = at; place < at + each.length; place++) hidden.add(place);
        }
      }
      const expected = Array.from(around, (character, place) => (hidden.has(place) ? '*' : character)).join('');
      expect(createRedact({ includeIdentities: true, secrets })(around)).toBe(expected);
    }),
    { numRuns: 300 },
  );
});

test('thousands of secrets are looked for together', () => {
  const secrets = Array.from({ length: 5000 }, () => randomBytes(16).toString('base64'));
  const text = secrets.map((secret, index) => `I (${index}) app: ${secret}\n`).join('');
  const redacted = createRedact({ includeIdentities: true, secrets })(text);
  expect(redacted).toHaveLength(text.length);
  expect(redacted.match(/\*{24}/g)).toHaveLength(5000);
});
