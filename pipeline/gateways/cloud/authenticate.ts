import type { SignatureMistake } from '../../../preload/contract/cloud/cloud-api.ts';
import { ApiError } from './action.ts';
import { mistakeIn } from './mistakes.ts';
import { type Authorization, dateOf, type Expected, expectedOf, isSame, parseAuthorization, type SignedRequest, signerOf } from './tc3.ts';

/** What the far end's clock may be off by (AuthFailure.SignatureExpire). */
const MOST_SKEW_S = 300;
/** Without them a signature proves nothing. */
const mustBeSigned = ['content-type', 'host'];

export interface SignatureFacts {
  claimed: Authorization & { timestamp: string };
  /** What should have been signed; one for each way the host may be written. */
  expected: readonly Expected[];
  /** What the client did instead, where that can be told. */
  mistake: SignatureMistake | null;
}

export type Verdict = { secretId: string; facts: SignatureFacts } | { refusal: ApiError; facts: SignatureFacts | null };

/**
 * Judges a request's signature. Any set of signed headers is honoured as long as Content-Type and Host are among them, and the Host may be
 * signed with or without its port, as the official SDKs differ in that. Comparisons take constant time.
 */
export function authenticate(request: SignedRequest, nowS: number, secretKeyOf: (secretId: string) => string | undefined): Verdict {
  const header = request.headers.authorization ?? '';
  if (header === '') return refused('AuthFailure.InvalidAuthorization', 'The request has no `Authorization` header.');
  const claimed = parseAuthorization(header);
  if (claimed === null) return refused('AuthFailure.InvalidAuthorization', 'The `Authorization` header is not of TC3-HMAC-SHA256.');
  const { secretId, date, service } = claimed;
  const expected = hostsOf(request.headers.host ?? '').map((host) =>
    expectedOf({ ...request, headers: { ...request.headers, host } }, claimed),
  );
  const facts: SignatureFacts = { claimed: { ...claimed, timestamp: request.timestamp }, expected, mistake: null };

  const missing = mustBeSigned.find((name) => !claimed.signedHeaders.includes(name));
  if (missing !== undefined) return refused('AuthFailure.InvalidAuthorization', `\`${missing}\` is not among the SignedHeaders.`, facts);
  if (!/^\d{1,12}$/u.test(request.timestamp))
    return refused('MissingParameter', 'The request is missing a required parameter `X-TC-Timestamp`.', facts);
  const atS = Number(request.timestamp);
  if (Math.abs(nowS - atS) > MOST_SKEW_S)
    return refused('AuthFailure.SignatureExpire', `Signature expired: the timestamp is ${Math.round(nowS - atS)} s off.`, facts);
  if (date !== dateOf(atS))
    return refused('AuthFailure.SignatureFailure', `The credential's date is ${date}; the timestamp's, in UTC, is ${dateOf(atS)}.`, facts);
  const secretKey = secretKeyOf(secretId);
  if (secretKey === undefined) return refused('AuthFailure.SecretIdNotFound', 'The SecretId is not found.', facts);
  const signed = signerOf({ secretKey, date, service });
  // No short cut: each is computed and compared.
  const matches = expected.filter(({ stringToSign }) => isSame(signed(stringToSign), claimed.signature));
  if (matches.length > 0) return { secretId, facts };
  const mistake = mistakeIn(request, claimed, secretKey);
  return refused('AuthFailure.SignatureFailure', 'The provided credentials could not be validated.', { ...facts, mistake });
}

function refused(code: string, message: string, facts: SignatureFacts | null = null): Verdict {
  return { refusal: new ApiError(code, message), facts };
}

/** As it came, and without its port. */
function hostsOf(host: string): string[] {
  const bare = host.replace(/:\d+$/u, '');
  return bare === host ? [host] : [host, bare];
}
