import { systemClock } from '../../pipeline/clock.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';

/** The system's clock, so many times as fast: for benches that would take hours. Its timers are as much later as it is faster. */
export function fasterClock(speed: number): Clock {
  return {
    nowUs: () => Math.round(systemClock.nowUs() * speed) as MonoUs,
    wallMs: () => systemClock.wallMs(),
    at: (atUs, callback) => systemClock.at(Math.round(atUs / speed) as MonoUs, callback),
  };
}
