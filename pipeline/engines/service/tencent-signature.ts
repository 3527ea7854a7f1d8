import { createHmac } from 'node:crypto';

/**
 * The query of a Tencent speech WebSocket, signed (reference/providers.md §3.1 and §5.1): Base64(HMAC-SHA1(SecretKey, `source` + '?' +
 * the sorted parameters, not encoded)); on the wire everything is encoded. The `source` names the service's own host, wherever the
 * connection goes. To be kept out of logs and errors.
 */
export function signedQuery(
  source: string,
  parameters: Readonly<Record<string, string | number>>,
  secretKey: string,
  signatureName: 'signature' | 'Signature',
): string {
  const sorted = Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const plain = sorted.map(([key, value]) => `${key}=${value}`).join('&');
  const signature = createHmac('sha1', secretKey).update(`${source}?${plain}`).digest('base64');
  const encoded = [...sorted, [signatureName, signature] as const].map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`);
  return `?${encoded.join('&')}`;
}
