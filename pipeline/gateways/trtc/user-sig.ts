import { createHmac, timingSafeEqual } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';

/**
 * UserSig, the password with which a user enters a room: TLSSigAPIv2, HMAC-SHA256 of four facts with the application's SDKSecretKey, as
 * JSON, deflated, in a base64 of its own alphabet (`*-_` for `+/=`).
 */
export interface UserSigFacts {
  sdkAppId: number;
  userId: string;
  /** Unix seconds it was made at, and how long it is good for. */
  atS: number;
  expiresAfterS: number;
}

/** A UserSig is some 300 characters; what unfolds to more is none. */
const MOST_CHARACTERS = 4096;
const MOST_BYTES = 8192;

export function makeUserSig(key: string, facts: UserSigFacts): string {
  const body = {
    'TLS.ver': '2.0',
    'TLS.identifier': facts.userId,
    'TLS.sdkappid': facts.sdkAppId,
    'TLS.expire': facts.expiresAfterS,
    'TLS.time': facts.atS,
    'TLS.sig': signature(key, facts),
  };
  return deflateSync(JSON.stringify(body)).toString('base64').replaceAll('+', '*').replaceAll('/', '-').replaceAll('=', '_');
}

/** 'ok', or why it is none: for another user or application, too old, or not signed with the key. */
export function checkUserSig(
  userSig: string,
  key: string,
  expected: { sdkAppId: number; userId: string; nowS: number },
): 'ok' | 'malformed' | 'wrong-user' | 'expired' | 'wrong-signature' {
  const facts = factsIn(userSig);
  if (facts === null) return 'malformed';
  const isSigned = isSame(facts.signature, signature(key, facts));
  if (!isSigned) return 'wrong-signature';
  if (facts.userId !== expected.userId || facts.sdkAppId !== expected.sdkAppId) return 'wrong-user';
  return expected.nowS > facts.atS + facts.expiresAfterS ? 'expired' : 'ok';
}

function factsIn(userSig: string): (UserSigFacts & { signature: string }) | null {
  if (userSig.length > MOST_CHARACTERS) return null;
  try {
    const packed = Buffer.from(userSig.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '='), 'base64');
    const body = JSON.parse(inflateSync(packed, { maxOutputLength: MOST_BYTES }).toString('utf8'));
    const facts = {
      userId: String(body['TLS.identifier']),
      sdkAppId: Number(body['TLS.sdkappid']),
      atS: Number(body['TLS.time']),
      expiresAfterS: Number(body['TLS.expire']),
    };
    return [facts.sdkAppId, facts.atS, facts.expiresAfterS].every(Number.isFinite)
      ? { ...facts, signature: String(body['TLS.sig']) }
      : null;
  } catch {
    return null;
  }
}

function signature(key: string, { userId, sdkAppId, atS, expiresAfterS }: UserSigFacts): string {
  const text = `TLS.identifier:${userId}\nTLS.sdkappid:${sdkAppId}\nTLS.time:${atS}\nTLS.expire:${expiresAfterS}\n`;
  return createHmac('sha256', key).update(text).digest('base64');
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
