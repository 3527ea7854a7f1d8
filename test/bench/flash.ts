import { createHash } from 'node:crypto';
import type { FlashJob } from '../../preload/contract/flash.ts';
import { createFlashBench } from '../fakes/flash-bench.ts';

const SIZE_BYTES = 1024 * 1024;
const RUNS = 5;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Half of it repeats, as in machine code. */
function image(): Uint8Array {
  const out = new Uint8Array(SIZE_BYTES);
  for (let at = 0; at < SIZE_BYTES; at += 64) out.set(createHash('sha256').update(`${at}`).digest(), at);
  return out;
}

/**
 * 1 MiB written and its MD5 compared, by our loader, on a virtual board that is not paced to any baud rate: what the protocol and
 * the transport cost, not what a serial line does. Medians of five.
 */
export async function run(): Promise<void> {
  const data = image();
  for (const [transport, isPty] of [
    ['virtual://', false],
    ['PTY', true],
  ] as const) {
    for (const useStub of [true, false]) {
      const jobs: FlashJob[] = [];
      for (let count = 0; count < RUNS; count++) {
        const bench = await createFlashBench({ withPty: isPty });
        try {
          const address = isPty ? (bench.board.ptyPath ?? '') : 'virtual://bench';
          const files = [{ offset: 0x10000, name: '1 MiB', source: { data } }];
          const context = { signal: new AbortController().signal, role: 'operator' } as const;
          const { jobId } = await bench.jobs.calls['flash.start']({ address, files, options: { useStub } }, context);
          const job = await bench.ended(jobId);
          if (job.state !== 'done') throw new Error(`not flashed: ${JSON.stringify(job.error)}`);
          jobs.push(job);
        } finally {
          await bench.close();
        }
      }
      report(`flash 1 MiB, ${transport}, ${useStub ? 'stub' : 'ROM'}`, jobs);
    }
  }
}

function report(title: string, jobs: readonly FlashJob[]): void {
  const stages = jobs[0]?.stages.map(({ stage }) => stage) ?? [];
  const times = stages.map(
    (stage) => [stage, median(jobs.map((job) => job.stages.find((done) => done.stage === stage)?.elapsedMs ?? 0))] as const,
  );
  const total = median(jobs.map((job) => job.stages.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0)));
  console.log(
    `${title.padEnd(44)} ${total.toFixed(0).padStart(8)} ms   ${times.map(([stage, ms]) => `${stage} ${ms.toFixed(0)}`).join(' · ')}`,
  );
}
