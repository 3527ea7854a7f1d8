import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../preload/contract/time.ts';
import { type DeviceName, deviceId } from '../devices.ts';

/** Long enough for a board on a bad network to come back with it; the SDK asks for a new one before every connection. */
const LIFETIME_US = 300_000_000;
const KEPT_PER_DEVICE = 4;

/**
 * Tokens that `query_websocket_url` hands out for the WebSocket: 32 lower-case hex digits (reference/twetalk.md §3.2),
 * each good for one device, for five minutes, and for as many connections as it tries meanwhile.
 */
export class Tokens {
  readonly #clock: Clock;
  readonly #issued = new Map<string, { device: DeviceName; expiresUs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(device: DeviceName): string {
    const nowUs = this.#clock.nowUs();
    for (const [token, { expiresUs }] of this.#issued) if (expiresUs <= nowUs) this.#issued.delete(token);
    const own = [...this.#issued].filter(([, entry]) => deviceId(entry.device) === deviceId(device));
    for (const [token] of own.slice(0, Math.max(0, own.length - KEPT_PER_DEVICE + 1))) this.#issued.delete(token);
    const token = randomBytes(16).toString('hex');
    this.#issued.set(token, { device, expiresUs: nowUs + LIFETIME_US });
    return token;
  }

  /** The device a token was given to, or why it is good for nobody. */
  check(token: string): DeviceName | 'unknown' | 'expired' {
    const entry = this.#issued.get(token);
    if (entry === undefined) return 'unknown';
    return entry.expiresUs <= this.#clock.nowUs() ? 'expired' : entry.device;
  }
}
