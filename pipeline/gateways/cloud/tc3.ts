import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * TC3-HMAC-SHA256, the signature of Tencent Cloud API v3 (reference/providers.md §2.1). The key never leaves this file's functions; the
 * canonical request and the string to sign hold none.
 */
export const ALGORITHM = 'TC3-HMAC-SHA256';

export interface Authorization {
  secretId: string;
  /** YYYY-MM-DD, UTC. */
  date: string;
  /** Of the scope: on a loopback address the SDKs write '127' or 'localhost:8787' here, and sign that. */
  service: string;
  /** Lower case, in their order. */
  signedHeaders: readonly string[];
  signature: string;
}

/** Parsed; null for anything else. */
export function parseAuthorization(header: string): Authorization | null {
  const match =
    /^TC3-HMAC-SHA256\s+Credential=([\w-]{1,128})\/(\d{4}-\d{2}-\d{2})\/([\w.:-]{1,128})\/tc3_request,\s*SignedHeaders=([\w;-]{1,1024}),\s*Signature=([0-9a-fA-F]{64})$/u.exec(
      header.trim(),
    );
  if (match === null) return null;
  const [, secretId = '', date = '', service = '', headers = '', signature = ''] = match;
  const signedHeaders = headers.toLowerCase().split(';');
  // Each once: with one of 15 KB named 500 times, what is signed would be megabytes.
  if (new Set(signedHeaders).size < signedHeaders.length) return null;
  return { secretId, date, service, signedHeaders, signature: signature.toLowerCase() };
}

export interface SignedRequest {
  method: string;
  /** As it came, without the question mark. */
  query: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  /** X-TC-Timestamp as it came. */
  timestamp: string;
}

export interface Expected {
  canonicalRequest: string;
  stringToSign: string;
}

/** What the client should have signed. `headerValue` says how a signed header is written. */
export function expectedOf(
  request: SignedRequest,
  { date, service, signedHeaders }: Pick<Authorization, 'date' | 'service' | 'signedHeaders'>,
  headerValue: (name: string, value: string) => string = (_name, value) => value.trim().toLowerCase(),
): Expected {
  const headers = signedHeaders.map((name) => `${name}:${headerValue(name, headerOf(request.headers, name))}\n`).join('');
  const canonicalRequest = [request.method, '/', request.query, headers, signedHeaders.join(';'), sha256(request.body)].join('\n');
  return { canonicalRequest, stringToSign: stringToSign(request.timestamp, `${date}/${service}/tc3_request`, canonicalRequest) };
}

/** Names are the client's: none of them is a member that every object has. */
export function headerOf(headers: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(headers, name) ? (headers[name] ?? '') : '';
}

export function stringToSign(timestamp: string, scope: string, canonicalRequest: string): string {
  return [ALGORITHM, timestamp, scope, sha256(canonicalRequest)].join('\n');
}

export interface SigningKey {
  secretKey: string;
  date: string;
  service: string;
  /** Only to find out that a client left it out. */
  prefix?: string;
}

export function sign(text: string, key: SigningKey): string {
  return signerOf(key)(text);
}

/** For several texts under one key: to derive it is most of the work. */
export function signerOf({ secretKey, date, service, prefix = 'TC3' }: SigningKey): (text: string) => string {
  const key = hmac(hmac(hmac(prefix + secretKey, date), service), 'tc3_request');
  return (text) => hmac(key, text).toString('hex');
}

/** In constant time for signatures of the same length. */
export function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The day a Unix time is in, UTC. */
export function dateOf(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().slice(0, 10);
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
