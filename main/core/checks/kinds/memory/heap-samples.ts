import type { LogRow } from '../../../../../preload/contract/logs.ts';
import type { Bench } from '../../bench.ts';
import { fact } from '../power/boots.ts';

/** Free memory of the system heap as the board told it. */
export interface HeapSample {
  atUs: number;
  freeBytes: number;
  /** The lowest there ever was, where it says so. */
  minimumBytes: number | null;
  row: LogRow | null;
}

/** Names under which firmware reports it as a property; compared without case and underscores. */
const freeNames: ReadonlySet<string> = new Set([
  'freeheap',
  'heapfree',
  'heap',
  'freemem',
  'memfree',
  'freeram',
  'freeheapsize',
  'heapfreebytes',
]);
const minimumNames: ReadonlySet<string> = new Set([
  'minfreeheap',
  'minimumfreeheap',
  'heapmin',
  'minheap',
  'minimumfreeheapsize',
  'heapminimum',
]);

/** From the log and from reported properties, oldest first. */
export function heapSamples(bench: Bench, sinceUs: number): HeapSample[] {
  const logged = (bench.port?.rows(sinceUs) ?? []).flatMap((row) =>
    row.event === 'heap' ? (sampleOf(row.atUs, row.payload, row) ?? []) : [],
  );
  const reported = (bench.device()?.events(sinceUs) ?? []).flatMap((event) =>
    event.kind === 'device.property' ? (reportedSample(event.atUs, event.properties) ?? []) : [],
  );
  return [...logged, ...reported].sort((first, second) => first.atUs - second.atUs);
}

function sampleOf(atUs: number, payload: unknown, row: LogRow | null): HeapSample | null {
  const free = numberOf(fact(payload, 'freeBytes'));
  const minimumBytes = numberOf(fact(payload, 'minimumBytes'));
  const freeBytes = free ?? minimumBytes;
  return freeBytes === null ? null : { atUs, freeBytes, minimumBytes, row };
}

function reportedSample(atUs: number, properties: Record<string, unknown>): HeapSample | null {
  const named = (names: ReadonlySet<string>) =>
    numberOf(Object.entries(properties).find(([name]) => names.has(name.toLowerCase().replaceAll('_', '')))?.[1]);
  return sampleOf(atUs, { freeBytes: named(freeNames), minimumBytes: named(minimumNames) }, null);
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
