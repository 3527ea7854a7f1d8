import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * `Sign` of a server callback (seed 002 计算签名; reference/providers.md §1.1): Base64(HMAC-SHA256(key, body)), over the bytes as they are sent:
 * JSON that was written anew has another one.
 */
export function serverSign(key: string, body: string | Uint8Array): string {
  return createHmac('sha256', key).update(body).digest('base64');
}

/** `Sign` of a subtitle (seed 000 签名校验): over body, `X-Timestamp` and `X-Request-Id`, run together. */
export function subtitleSign(key: string, body: string | Uint8Array, timestamp: string, requestId: string): string {
  return createHmac('sha256', key).update(body).update(timestamp).update(requestId).digest('base64');
}

/** Takes as long for any two signatures of the same length. */
export function isSameSign(received: string, expected: string): boolean {
  const [one, other] = [Buffer.from(received), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
