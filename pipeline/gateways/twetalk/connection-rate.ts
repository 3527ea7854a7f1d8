import type { Clock } from '../../../preload/contract/time.ts';
import { type DeviceName, deviceId } from '../devices.ts';

const MINUTE_US = 60_000_000;

/** How often each board connected in the last minute: one in a loop of connecting takes nothing from the others. */
export class ConnectionRate {
  readonly #clock: Clock;
  readonly #times = new Map<string, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one more, unless there were `limit` in the last minute; 0 any number. */
  admits(device: DeviceName, limit: number): boolean {
    const nowUs = this.#clock.nowUs();
    for (const [id, times] of this.#times) if ((times.at(-1) ?? 0) <= nowUs - MINUTE_US) this.#times.delete(id);
    const recent = (this.#times.get(deviceId(device)) ?? []).filter((atUs) => atUs > nowUs - MINUTE_US);
    if (limit > 0 && recent.length >= limit) return false;
    this.#times.set(deviceId(device), [...recent, nowUs].slice(-Math.max(1, limit)));
    return true;
  }
}
