import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX } from '../../preload/contract/transports/websocket.ts';

export type Role = 'operator' | 'viewer';

const loopbackNames = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Whether the request was addressed to this machine by a name only this machine has. A page of another site can point its own
 * name at 127.0.0.1 (DNS rebinding) but cannot change what the browser then sends as Host. Any port will do: an SSH tunnel
 * has its own.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const url = URL.parse(`http://${host}`);
  return url !== null && url.host === host.toLowerCase().replace(/:80$/, '') && loopbackNames.has(url.hostname);
}

/** Browsers always send Origin on a WebSocket; other programs do not, and are not what it guards against. */
export function isOwnOrigin({ origin, host }: IncomingMessage['headers']): boolean {
  return origin === undefined || origin === `http://${host}`;
}

/** The token among the offered sub-protocols; null when it, or our protocol, is missing. */
export function offeredToken(header: string | undefined): string | null {
  const offered = (header ?? '').split(',').map((name) => name.trim());
  const token = offered.find((name) => name.startsWith(TOKEN_SUBPROTOCOL_PREFIX));
  return token !== undefined && offered.includes(SUBPROTOCOL) ? token.slice(TOKEN_SUBPROTOCOL_PREFIX.length) : null;
}

/** Compares digests, which have one length, so the time taken tells nothing about the token. */
function isSame(first: string, second: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(first), digest(second));
}

export function roleOf(token: string | null, tokens: Readonly<Record<Role, string | null>>): Role | null {
  if (token === null) return null;
  if (tokens.operator !== null && isSame(token, tokens.operator)) return 'operator';
  if (tokens.viewer !== null && isSame(token, tokens.viewer)) return 'viewer';
  return null;
}

/**
 * Counts bad tokens: after `limit` of them in `windowMs`, further ones are cut off without an answer. A good token always gets
 * in, because every client has the same address here and one stale tab must not lock the user out; 192 bits are not guessed.
 */
export class BadTokens {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #nowMs: () => number;
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(options: { limit?: number; windowMs?: number; nowMs?: () => number } = {}) {
    this.#limit = options.limit ?? 10;
    this.#windowMs = options.windowMs ?? 60_000;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Notes one; returns whether it is still to be answered. */
  note(): boolean {
    const nowMs = this.#nowMs();
    if (nowMs - this.#windowStartMs >= this.#windowMs) {
      this.#windowStartMs = nowMs;
      this.#count = 0;
    }
    this.#count++;
    return this.#count <= this.#limit;
  }
}
