import type { HealthNotice } from '../../../../preload/contract/device-state.ts';

/** One notice a kind (and what it is about): seen again, it is counted. */
export class Notices {
  readonly #notices = new Map<string, HealthNotice>();

  raise(
    kind: HealthNotice['kind'],
    severity: HealthNotice['severity'],
    row: { atUs: number; seq: number },
    data: HealthNotice['data'] = {},
    about = '',
  ): void {
    const key = `${kind} ${about}`;
    const known = this.#notices.get(key);
    if (known === undefined) {
      const { atUs, seq } = row;
      this.#notices.set(key, { kind, severity, firstUs: atUs, lastUs: atUs, count: 1, firstSeq: seq, lastSeq: seq, data });
      return;
    }
    this.#notices.delete(key);
    this.#notices.set(key, { ...known, severity, data, lastUs: row.atUs, lastSeq: row.seq, count: known.count + 1 });
  }

  /** Newest last. */
  list(): HealthNotice[] {
    return [...this.#notices.values()];
  }
}

/** Tells when something has happened so many times within so long. */
export class Storm {
  readonly #times: number[] = [];
  readonly #count: number;
  readonly #spanUs: number;

  constructor(count: number, spanUs: number) {
    this.#count = count;
    this.#spanUs = spanUs;
  }

  /** How many within the span, and over how long, once there are enough; else null. */
  add(atUs: number): { count: number; spanMs: number } | null {
    this.#times.push(atUs);
    while ((this.#times[0] ?? atUs) < atUs - this.#spanUs) this.#times.shift();
    if (this.#times.length < this.#count) return null;
    return { count: this.#times.length, spanMs: Math.round((atUs - (this.#times[0] ?? atUs)) / 1000) };
  }
}

export interface HeapSample {
  atUs: number;
  freeBytes: number;
}

const MINIMUM_SAMPLES = 8;
const MINIMUM_SPAN_US = 60_000_000;
/** Less than this a minute is not worth a notice. */
const MINIMUM_FALL_BYTES_PER_MINUTE = 512;
/** How many standard errors the slope must be below zero: once in thousands of healthy boards. */
const CERTAINTY = 4;

/** Slope of free heap in bytes a minute when it falls for certain (least squares, against the spread about the line), else null. */
export function heapFall(samples: readonly HeapSample[]): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || samples.length < MINIMUM_SAMPLES || last.atUs - first.atUs < MINIMUM_SPAN_US)
    return null;
  const minutes = samples.map(({ atUs }) => (atUs - first.atUs) / 60e6);
  const bytes = samples.map(({ freeBytes }) => freeBytes);
  const meanX = mean(minutes);
  const meanY = mean(bytes);
  const spread = minutes.reduce((sum, x) => sum + (x - meanX) ** 2, 0);
  if (spread === 0) return null;
  const slope = minutes.reduce((sum, x, index) => sum + (x - meanX) * ((bytes[index] ?? 0) - meanY), 0) / spread;
  const residual = minutes.reduce((sum, x, index) => sum + ((bytes[index] ?? 0) - meanY - slope * (x - meanX)) ** 2, 0);
  const error = Math.sqrt(residual / (samples.length - 2) / spread);
  return slope < -MINIMUM_FALL_BYTES_PER_MINUTE && slope < -CERTAINTY * error ? slope : null;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
