import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../preload/contract/time.ts';
import { type DeviceName, deviceId } from '../devices.ts';

const KEPT_PER_DEVICE = 4;

/**
 * Tokens that `query_websocket_url` hands out for the WebSocket: 32 lower-case hex digits (reference/twetalk.md §3.2),
 * each good for one device, for as long and as many connections as the settings say: what the real cloud does is not known.
 */
export class Tokens {
  readonly #clock: Clock;
  readonly #policy: () => { tokenLifetimeS: number; isTokenSingleUse: boolean };
  readonly #issued = new Map<string, { device: DeviceName; expiresUs: number }>();

  constructor(clock: Clock, policy: () => { tokenLifetimeS: number; isTokenSingleUse: boolean }) {
    this.#clock = clock;
    this.#policy = policy;
  }

  issue({ productId, deviceName }: DeviceName): string {
    // Of a registered device no more than its name: what is known of it besides is nobody's behind this point.
    const device = { productId, deviceName };
    const nowUs = this.#clock.nowUs();
    for (const [token, { expiresUs }] of this.#issued) if (expiresUs <= nowUs) this.#issued.delete(token);
    const own = [...this.#issued].filter(([, entry]) => deviceId(entry.device) === deviceId(device));
    for (const [token] of own.slice(0, Math.max(0, own.length - KEPT_PER_DEVICE + 1))) this.#issued.delete(token);
    const token = randomBytes(16).toString('hex');
    this.#issued.set(token, { device, expiresUs: nowUs + this.#policy().tokenLifetimeS * 1_000_000 });
    return token;
  }

  /** Those of the device are good for nobody any more. */
  revoke(device: DeviceName): void {
    for (const [token, entry] of this.#issued) if (deviceId(entry.device) === deviceId(device)) this.#issued.delete(token);
  }

  /** A connection was opened with it. */
  used(token: string): void {
    if (this.#policy().isTokenSingleUse) this.#issued.delete(token);
  }

  /** The device a token was given to, or why it is good for nobody. */
  check(token: string): DeviceName | 'unknown' | 'expired' {
    const entry = this.#issued.get(token);
    if (entry === undefined) return 'unknown';
    return entry.expiresUs <= this.#clock.nowUs() ? 'expired' : entry.device;
  }
}
