import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createRedact } from '../../../../../main/core/store/redact.ts';
import { findSecrets, findWords } from '../../../../../main/core/store/secret-finder.ts';

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

/** Every way in which programs write a text, once and one in another. */
const spellings: Readonly<Record<string, (text: string) => string>> = {
  json: (text) => JSON.stringify(text).slice(1, -1),
  'json of ASCII': (text) => text.replace(/[^a-z]/gi, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'json of .NET': (text) =>
    JSON.stringify(text)
      .slice(1, -1)
      .replace(/[&+'<>]/g, (character) => `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`),
  'json of PHP': (text) => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'),
  form: (text) => new URLSearchParams({ '': text }).toString().slice(1),
  address: encodeURIComponent,
  'address in small letters': (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
  'address with slashes': (text) => encodeURIComponent(text).replaceAll('%2F', '/'),
  C: (text) => text.replace(/[^a-z0-9]/gi, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`),
};

test('a secret is found in every spelling, and in one within another', () => {
  const secrets = ["Pa!ss~w(or)d's", 'ab/cdEFgh12+xyz==', 'a "quoted" \\ one', '100%25 sure\\no', 'line one\nline & two'];
  for (const secret of secrets) {
    const redact = createRedact({ includeIdentities: true, secrets: [secret] });
    const ways = Object.entries(spellings);
    for (const [name, write] of [
      ...ways,
      ...ways.flatMap(([outer, of]) => ways.map(([inner, its]) => [`${inner} in ${outer}`, (text: string) => of(its(text))] as const)),
    ]) {
      const written = write(secret);
      const told = redact(`(${written}) left\n(${written})`);
      expect([name, secret, told.replace(/\*+/g, '*')]).toEqual([name, secret, '(*) left\n(*)']);
      expect(told).toHaveLength(written.length * 2 + 10);
    }
  }
});

test('the bytes of a secret beyond ASCII are found as an address has them', () => {
  const redact = createRedact({ includeIdentities: true, secrets: ['口令是芝麻开门'] });
  const written = encodeURIComponent('口令是芝麻开门');
  expect(redact(`psk=${written}!`)).toBe(`psk=${'*'.repeat(written.length)}!`);
});

test('a secret is found in base64 wherever it begins in it, and in hexadecimal', () => {
  const secret = 'swordfish?>';
  const redact = createRedact({ includeIdentities: true, secrets: [secret] });
  for (const user of ['u', 'me', 'you', 'root']) {
    for (const encoding of ['base64', 'base64url'] as const) {
      const told = redact(`Authorization: Basic ${Buffer.from(`${user}:${secret}`).toString(encoding)}`);
      // What is left of it says nothing but a few bits of its first and its last character.
      const left = Buffer.from(told.replace(/^.* /, '').replace(/\*+/g, 'AAAA'), encoding).toString('latin1');
      expect([user, encoding, left.includes('word'), /\*{13,}/.test(told)]).toEqual([user, encoding, false, true]);
    }
  }
  const hex = Buffer.from(secret).toString('hex');
  expect(redact(`${hex} ${hex.toUpperCase()} ${hex.replace(/..(?=.)/g, '$& ')}`)).toMatch(/^\*{22} \*{22} \*{32}$/);
  const escaped = encodeURIComponent(Buffer.from('ab>cdEF?h12~xyz').toString('base64'));
  expect(createRedact({ includeIdentities: true, secrets: ['ab>cdEF?h12~xyz'] })(escaped)).toBe('*'.repeat(escaped.length));
});

test('a text full of escapes is read in one walk, and stays as it is', () => {
  const redact = createRedact({ includeIdentities: true, secrets: ['secret-one'] });
  for (const text of ['\\'.repeat(200_000), '%25'.repeat(100_000), '\\u005c'.repeat(50_000), '\\n%41\n'.repeat(50_000)])
    expect(redact(text)).toBe(text);
});

test('thousands of secrets are looked for together', () => {
  const secrets = Array.from({ length: 5000 }, () => randomBytes(16).toString('base64'));
  const text = secrets.map((secret, index) => `I (${index}) app: ${secret}\n`).join('');
  const redacted = createRedact({ includeIdentities: true, secrets })(text);
  expect(redacted).toHaveLength(text.length);
  expect(redacted.match(/\*{24}/g)).toHaveLength(5000);
});

test('of words that begin alike the longest is found, among thousands too', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 6, maxLength: 14 });
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 40 }), key, (secrets, after) => {
      const [first = ''] = secrets;
      const text = `${first}${after}`;
      const hidden = Array.from(text, (_, at) =>
        secrets.some((secret) => {
          for (let from = text.indexOf(secret); from >= 0; from = text.indexOf(secret, from + 1))
            if (from <= at && at < from + secret.length) return true;
          return false;
        }),
      );
      const expected = Array.from(text, (character, at) => (hidden[at] === true ? '*' : character)).join('');
      expect(createRedact({ includeIdentities: true, secrets })(text)).toBe(expected);
    }),
    { numRuns: 300 },
  );
});

test('secrets that begin alike are not tried one after the other', () => {
  const find = findSecrets(Array.from({ length: 500 }, () => `sk-${randomBytes(16).toString('hex')}`));
  const startsWith = vi.spyOn(String.prototype, 'startsWith');
  try {
    expect(find('73 6b 2d 41 42 43 44 45 46 47 48 49 736b2d414243\n'.repeat(100))).toEqual([]);
    // Each place looked at costs some, not as many as there are secrets.
    expect(startsWith.mock.calls.length).toBeLessThan(100 * 2 * 4 * 10);
  } finally {
    startsWith.mockRestore();
  }
});

test('short words are found in any case, those that overlap too, and in escapes', () => {
  const find = findWords(['你好吗', '吗我们', 'Yes!', '你好', 'aβγd']);
  expect(find('你好吗我们')).toEqual([[0, 5]]);
  expect(find('oh yes! 你')).toEqual([[3, 7]]);
  expect(find('AΒΓD')).toEqual([[0, 4]]);
  expect(find('\\u4f60\\u597d.')).toEqual([[0, 12]]);
  expect(find(Buffer.from('你好').toString('latin1'))).toEqual([[0, 6]]);
  expect(find('yes 好你 YES')).toEqual([]);
});

test('short words are found as an expression that ignores case finds each of them', () => {
  const unit = fc.constantFrom('a', 'A', 'ß', 'µ', 'Μ', 'ſ', 's', 'K', 'K', 'ς', 'Σ', '测');
  const word = fc.string({ unit, minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), fc.string({ unit, maxLength: 40 }), (words, text) => {
      const hidden = new Set<number>();
      for (const each of words) {
        const expression = new RegExp(`(?=${each})`, 'gi');
        for (const { index } of text.matchAll(expression)) for (let at = index; at < index + each.length; at++) hidden.add(at);
      }
      const found = new Set(findWords(words)(text).flatMap(([start, end]) => Array.from({ length: end - start }, (_, at) => start + at)));
      expect(found).toEqual(hidden);
    }),
    { numRuns: 300 },
  );
});

test('words may be as many as were said in days', () => {
  const words = Array.from({ length: 150_000 }, (_, at) => String.fromCharCode(0x4e00 + (at % 20_000), 0x4e00 + Math.floor(at / 20_000)));
  expect(findWords(words)(`a ${words[149_999]} b`)).toEqual([[2, 4]]);
});
