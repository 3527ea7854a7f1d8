import { z } from 'zod';
import type { LogRow } from '../../../../../preload/contract/logs.ts';
import { check } from '../../check.ts';
import { fact, sinceLastBoot } from '../power/boots.ts';
import { type HeapSample, heapSamples } from './heap-samples.ts';

/** What the vendor's suitability list asks for the SDK (seed 000 §4): 80 KB of heap, 20 KB of stack, 100 KB of RAM together. */
const SDK_HEAP_BYTES = 80 * 1024;
const SDK_STACK_BYTES = 20 * 1024;
const SDK_RAM_BYTES = 100 * 1024;

/** ESP-IDF: `At 3FC94D50 len 000549C0 (338 KiB): RAM`. */
const region = /^At [0-9A-F]{8} len ([0-9A-F]{8}) \(\d+ KiB\): (\S+)/;

/** Whether the SDK has the memory it needs, and something is left while it runs. */
export const heap = check({
  name: 'memory.heap',
  group: 'memory',
  needs: [],
  parameters: z.strictObject({
    /** For the board to tell of its heap, where it has not yet. */
    waitS: z.number().min(0).max(600).default(20),
  }),
  values: [
    { name: 'ramForSdkBytes', unit: 'bytes', limit: { min: SDK_RAM_BYTES }, next: 'more-ram' },
    { name: 'heapForSdkBytes', unit: 'bytes', limit: { min: SDK_HEAP_BYTES }, next: 'more-ram' },
    { name: 'lowestFreeBytes', unit: 'bytes', limit: { min: 20 * 1024 }, next: 'low-reserve' },
    { name: 'stackBytes', unit: 'bytes', limit: { min: SDK_STACK_BYTES }, isOptional: true, next: 'more-stack' },
    { name: 'stackOverflows', unit: 'count', limit: { max: 0 }, next: 'more-stack' },
    { name: 'failedAllocations', unit: 'count', limit: { max: 0 }, next: 'low-reserve' },
    { name: 'freeBytes', unit: 'bytes' },
    { name: 'ramAtStartBytes', unit: 'bytes' },
  ],
  nexts: ['more-ram', 'low-reserve', 'more-stack'],
  async measure(bench, { waitS }) {
    const { port } = bench;
    for (let waited = 0; waited < waitS && heapSamples(bench, 0).length === 0; waited++) {
      await bench.sleep(1000);
      bench.progress(waited / waitS);
    }
    const rows = port === null ? [] : sinceLastBoot(port);
    const firstUs = rows[0]?.atUs ?? 0;
    const samples = heapSamples(bench, firstUs);
    const regions = rows.filter(({ tag, message }) => tag === 'heap_init' && region.test(message));
    const last = samples.at(-1);
    if (last === undefined) {
      if (port === null) return { skipped: 'no-port' };
      return { skipped: 'not-in-log', ...(regions.length > 0 && { evidence: [port.evidence(regions)] }) };
    }
    const sdk = rows.find(isSdk);
    const before = sdk === undefined ? undefined : samples.findLast(({ atUs }) => atUs < sdk.atUs);
    const running = sdk === undefined ? samples : samples.filter(({ atUs }) => atUs >= sdk.atUs);
    const lowest = lowestOf(running.length === 0 ? samples : running);
    const ramAtStart = regions.length === 0 ? null : regions.reduce((sum, { message }) => sum + bytesOf(message), 0);
    // With the SDK in memory, what it takes is taken: by the vendor's own figures there was so much more before it began.
    const isRunning = sdk !== undefined || bench.device()?.conversationId() != null;
    const [heapTaken, ramTaken] = isRunning ? [SDK_HEAP_BYTES, SDK_RAM_BYTES] : [0, 0];
    const stacks = rows.flatMap((row) => (row.event === 'twetalk.task' ? (stackOf(row) ?? []) : []));
    const stackBytes = stacks.length === 0 ? null : stacks.reduce((most, bytes) => Math.max(most, bytes));
    const failures = rows.filter(({ event }) => event === 'out-of-memory');
    const overflows = rows.filter((row) => row.event === 'panic' && fact(row.payload, 'reason') === 'stack-overflow');
    const shown = [...regions, ...(lowest.row === null ? [] : [lowest.row]), ...failures, ...overflows];
    return {
      values: {
        ramForSdkBytes: ramAtStart ?? before?.freeBytes ?? lowest.bytes + ramTaken,
        heapForSdkBytes: before?.freeBytes ?? lowest.bytes + heapTaken,
        lowestFreeBytes: lowest.bytes,
        ...(stackBytes !== null && { stackBytes }),
        stackOverflows: overflows.length,
        failedAllocations: failures.length,
        freeBytes: last.freeBytes,
        ...(ramAtStart !== null && { ramAtStartBytes: ramAtStart }),
      },
      evidence: port === null ? [] : shown.map((row) => port.evidence([row])).slice(0, 10),
    };
  },
});

function isSdk({ event }: LogRow): boolean {
  return event === 'twetalk.sdk' || event === 'twetalk.banner' || event === 'twetalk.task' || event === 'tuya.client-ready';
}

function lowestOf(samples: readonly HeapSample[]): { bytes: number; row: LogRow | null } {
  let lowest = { bytes: Number.POSITIVE_INFINITY, row: null as LogRow | null };
  for (const { freeBytes, minimumBytes, row } of samples) {
    const bytes = Math.min(freeBytes, minimumBytes ?? freeBytes);
    if (bytes < lowest.bytes) lowest = { bytes, row };
  }
  return lowest;
}

function bytesOf(message: string): number {
  return Number.parseInt(region.exec(message)?.[1] ?? '0', 16);
}

function stackOf({ payload }: LogRow): number | null {
  const kilobytes = fact(payload, 'stackKbytes');
  return typeof kilobytes === 'number' ? kilobytes * 1024 : null;
}
