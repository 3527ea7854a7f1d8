import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authenticate } from '../../../../../pipeline/gateways/cloud/authenticate.ts';
import { expectedOf, parseAuthorization, sha256, sign } from '../../../../../pipeline/gateways/cloud/tc3.ts';

/** The official document's own example (reference/providers.md §2.1). */
const secretKey = 'Gu5t9xGARNpq86cd98joQYCN3EXAMPLE';
const secretId = 'AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE';
const atS = 1551113065;
const body = Buffer.from(String.raw`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`);
const headers = {
  host: 'cvm.tencentcloudapi.com',
  'content-type': 'application/json; charset=utf-8',
  'x-tc-action': 'DescribeInstances',
};
const request = { method: 'POST', query: '', headers, body, timestamp: String(atS) };
const scope = { date: '2019-02-25', service: 'cvm' };
const withAuthorization = (signature: string, signedHeaders = 'content-type;host', more: Record<string, string> = {}) => ({
  ...request,
  headers: {
    ...headers,
    ...more,
    authorization: `TC3-HMAC-SHA256 Credential=${secretId}/2019-02-25/cvm/tc3_request, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  },
});
const keys = (id: string) => (id === secretId ? secretKey : undefined);
const good = '72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168';
const goodWithAction = '644be983de9a8a3f00db8eadaba61467c3b429e2215758ba897b738ca469fd26';

describe('the document’s example', () => {
  test('hashes and signature, with two signed headers', () => {
    expect(sha256(body)).toBe('35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064');
    const { canonicalRequest, stringToSign } = expectedOf(request, { ...scope, signedHeaders: ['content-type', 'host'] });
    expect(sha256(canonicalRequest)).toBe('5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031');
    expect(sign(stringToSign, { secretKey, ...scope })).toBe(good);
  });

  test('with the action signed too, its value in lower case', () => {
    const { stringToSign } = expectedOf(request, { ...scope, signedHeaders: ['content-type', 'host', 'x-tc-action'] });
    expect(sign(stringToSign, { secretKey, ...scope })).toBe(goodWithAction);
  });
});

describe('judging a request', () => {
  test('lets the document’s example in, with either set of headers', () => {
    expect(authenticate(withAuthorization(good), atS, keys)).toMatchObject({ secretId });
    expect(authenticate(withAuthorization(goodWithAction, 'content-type;host;x-tc-action'), atS, keys)).toMatchObject({ secretId });
  });

  test('a host signed without the port it was sent with is as good', () => {
    expect(authenticate(withAuthorization(good, 'content-type;host', { host: 'cvm.tencentcloudapi.com:8787' }), atS, keys)).toMatchObject({
      secretId,
    });
  });

  test.each([
    ['a second over five minutes late', withAuthorization(good), atS + 301, 'AuthFailure.SignatureExpire'],
    ['a second over five minutes early', withAuthorization(good), atS - 301, 'AuthFailure.SignatureExpire'],
    ['another signature', withAuthorization(good.replace('7', '8')), atS, 'AuthFailure.SignatureFailure'],
    ['another body', { ...withAuthorization(good), body: Buffer.from('{}') }, atS, 'AuthFailure.SignatureFailure'],
    ['host not signed', withAuthorization(good, 'content-type'), atS, 'AuthFailure.InvalidAuthorization'],
    ['no authorization', request, atS, 'AuthFailure.InvalidAuthorization'],
    ['no timestamp', { ...withAuthorization(good), timestamp: '' }, atS, 'MissingParameter'],
    [
      'a timestamp of another day than the scope',
      { ...withAuthorization(good), timestamp: String(atS + 86_400) },
      atS + 86_400,
      'AuthFailure.SignatureFailure',
    ],
  ])('refuses %s', (_what, signed, nowS, code) => {
    const verdict = authenticate(signed, nowS, keys);
    expect('refusal' in verdict ? verdict.refusal.code : 'let in').toBe(code);
  });

  test('a SecretId nobody registered', () => {
    const verdict = authenticate(withAuthorization(good), atS, () => undefined);
    expect('refusal' in verdict ? verdict.refusal.code : '').toBe('AuthFailure.SecretIdNotFound');
  });

  test('shows what should have been signed, and never the key', () => {
    const verdict = authenticate(withAuthorization('0'.repeat(64)), atS, keys);
    expect(verdict.facts?.expected[0]?.canonicalRequest).toContain(
      'content-type:application/json; charset=utf-8\nhost:cvm.tencentcloudapi.com\n',
    );
    expect(verdict.facts?.expected[0]?.stringToSign).toContain('2019-02-25/cvm/tc3_request');
    expect(JSON.stringify(verdict)).not.toContain(secretKey);
  });

  test.each([
    [
      'the hash of an empty body',
      (): string =>
        sign(expectedOf({ ...request, body: Buffer.alloc(0) }, { ...scope, signedHeaders: ['content-type', 'host'] }).stringToSign, {
          secretKey,
          ...scope,
        }),
      'empty-body',
    ],
    [
      'a key without TC3',
      (): string =>
        sign(expectedOf(request, { ...scope, signedHeaders: ['content-type', 'host'] }).stringToSign, { secretKey, ...scope, prefix: '' }),
      'no-tc3',
    ],
    [
      'values as they are written',
      (): string =>
        sign(
          expectedOf(request, { ...scope, signedHeaders: ['content-type', 'host', 'x-tc-action'] }, (_name, value) => value).stringToSign,
          { secretKey, ...scope },
        ),
      'header-values',
    ],
  ])('says that a client signed %s', (what, made, mistake) => {
    const names = what === 'values as they are written' ? 'content-type;host;x-tc-action' : 'content-type;host';
    const verdict = authenticate(withAuthorization(made(), names), atS, keys);
    expect(verdict.facts?.mistake).toBe(mistake);
  });
});

test('no header makes the reader of Authorization throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const parsed = parseAuthorization(`TC3-HMAC-SHA256 ${text}`);
      return parsed === null || parsed.signature.length === 64;
    }),
  );
});
