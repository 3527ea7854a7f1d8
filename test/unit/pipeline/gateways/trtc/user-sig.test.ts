import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkUserSig, makeUserSig } from '../../../../../pipeline/gateways/trtc/user-sig.ts';

const key = '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e';
const facts = { sdkAppId: 1_400_000_000, userId: 'user', atS: 1_700_000_000, expiresAfterS: 86_400 };
const expected = { sdkAppId: facts.sdkAppId, userId: 'user', nowS: facts.atS + 10 };

test('is what TLSSigAPIv2 makes: deflated JSON whose signature is of four lines', () => {
  const sig = makeUserSig(key, facts);
  expect(sig).toMatch(/^[\w*-]+$/);
  const json = JSON.parse(
    inflateSync(Buffer.from(sig.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '='), 'base64')).toString(),
  );
  expect(json).toMatchObject({
    'TLS.ver': '2.0',
    'TLS.identifier': 'user',
    'TLS.sdkappid': 1_400_000_000,
    'TLS.expire': 86_400,
    'TLS.time': 1_700_000_000,
  });
  // printf 'TLS.identifier:user\nTLS.sdkappid:1400000000\nTLS.time:1700000000\nTLS.expire:86400\n' | openssl sha256 -hmac KEY -binary | base64
  expect(json['TLS.sig']).toBe('r8CpFcm2WT+WoPa1mAmBVbmlXsNsdVWWjx4dTy0oMnU=');
});

test.each([
  ['good', {}, key, 'ok'],
  ['at its last second', { nowS: facts.atS + 86_400 }, key, 'ok'],
  ['a second later', { nowS: facts.atS + 86_401 }, key, 'expired'],
  ['for another user', { userId: 'other' }, key, 'wrong-user'],
  ['for another application', { sdkAppId: 1 }, key, 'wrong-user'],
  ['of another key', {}, 'another', 'wrong-signature'],
])('%s', (_what, more, withKey, verdict) => {
  expect(checkUserSig(makeUserSig(withKey, facts), key, { ...expected, ...more })).toBe(verdict);
});

test('what unfolds without end is not unfolded', () => {
  const bomb = deflateSync(Buffer.alloc(1_000_000, 0x20)).toString('base64').replaceAll('+', '*').replaceAll('/', '-').replaceAll('=', '_');
  expect(checkUserSig(bomb, key, expected)).toBe('malformed');
});

test('nothing that a stranger sends makes it throw, or lets him in', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.uint8Array().map((bytes) => deflateSync(bytes).toString('base64')),
        fc.json().map((json) => deflateSync(json).toString('base64')),
      ),
      (sig) => {
        return checkUserSig(sig, key, expected) !== 'ok';
      },
    ),
  );
});
