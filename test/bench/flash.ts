import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { FlashJob } from '../../preload/contract/flash.ts';
import { startBoardProcess } from '../fakes/board-process.ts';
import { callEsptool, hasEsptool } from '../fakes/esptool.ts';
import { createFlashBench, type FlashBench } from '../fakes/flash-bench.ts';

const MEBIBYTE = 1024 * 1024;
const OFFSET = 0x10000;
const BAUD_RATE = 921_600;
/** Start bit, eight bits, stop bit. */
const BITS_PER_BYTE = 10;
const BOARDS = 8;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Half of it repeats, as in machine code. */
function codeLike(sizeBytes: number): Uint8Array {
  const out = new Uint8Array(sizeBytes);
  for (let at = 0; at < sizeBytes; at += 64) out.set(createHash('sha256').update(`${at}`).digest(), at);
  return out;
}

/** Another one for each seed, so that no run finds what the one before it wrote. */
function incompressible(sizeBytes: number, seed: number): Uint8Array {
  const out = new Uint8Array(sizeBytes);
  for (let at = 0; at < sizeBytes; at += 32) out.set(createHash('sha256').update(`${seed} ${at}`).digest(), at);
  return out;
}

export async function run(): Promise<void> {
  await unpaced();
  if (process.platform === 'win32') return; // no PTYs
  await againstTheWire();
  await manyAtOnce();
}

/**
 * 1 MiB written and its MD5 compared, by our loader, on a virtual board in this process that is not paced to any baud rate: what
 * the protocol and the transport cost, not what a serial line does. Medians of five.
 */
async function unpaced(): Promise<void> {
  const data = codeLike(MEBIBYTE);
  for (const [transport, isPty] of [
    ['virtual://', false],
    ['PTY', true],
  ] as const) {
    for (const useStub of [true, false]) {
      const jobs: FlashJob[] = [];
      for (let count = 0; count < 5; count++) {
        const bench = await createFlashBench({ withPty: isPty });
        try {
          jobs.push(await flash(bench, isPty ? (bench.board.ptyPath ?? '') : 'virtual://bench', data, { useStub }));
        } finally {
          await bench.close();
        }
      }
      const total = median(jobs.map(elapsedMs));
      print(`flash 1 MiB, ${transport}, ${useStub ? 'stub' : 'ROM'}`, `${total.toFixed(0)} ms`, stagesOf(jobs));
    }
  }
}

/**
 * 1 MiB that does not compress to an ESP32-S3 behind a UART of 921,600 baud on a PTY. The board runs in a process of its own, as a
 * board does; the flasher in this one, as it does in the core; esptool is a process too, and its time is that process's, from its
 * start to its end, as ours is the job's from its start to its end. Both write at 921,600 baud, compare the MD5 and leave the board
 * in its loader. They take turns on one port. Medians of three.
 */
async function againstTheWire(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'talkbench-flash-'));
  const bench = await createFlashBench();
  await using boards = await startBoardProcess([{ name: 'wire', uartBaudLimit: BAUD_RATE }]);
  try {
    const port = boards.ptyPaths[0] ?? '';
    const jobs: FlashJob[] = [];
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < 3; round++) {
      const data = incompressible(MEBIBYTE, round);
      const startedMs = performance.now();
      jobs.push(await flash(bench, port, data, { baudRate: BAUD_RATE, after: 'stay' }));
      ours.push(performance.now() - startedMs);
      if (!hasEsptool) continue;
      const path = join(folder, `${round}.bin`);
      await writeFile(path, incompressible(MEBIBYTE, 100 + round));
      const theirStartMs = performance.now();
      await callEsptool(port, '--baud', String(BAUD_RATE), 'write_flash', `0x${OFFSET.toString(16)}`, path);
      theirs.push(performance.now() - theirStartMs);
    }
    const wireMs = (MEBIBYTE * BITS_PER_BYTE * 1000) / BAUD_RATE;
    const writeMs = median(jobs.map((job) => stageMs(job, 'write')));
    print('payload speed / what 921,600 baud carry', (wireMs / writeMs).toFixed(3), stagesOf(jobs));
    const whole = `ours ${(median(ours) / 1000).toFixed(2)} s`;
    if (theirs.length === 0) print('whole time / esptool', '–', `${whole}; esptool: missing (TALKBENCH_ESPTOOL)`);
    else
      print(
        'whole time / esptool',
        (median(ours) / median(theirs)).toFixed(3),
        `${whole}, esptool ${(median(theirs) / 1000).toFixed(2)} s`,
      );
  } finally {
    await bench.close();
    await rm(folder, { recursive: true });
  }
}

/** 512 KiB to one such board, and to eight at once by the same flasher; the boards share one process of their own. Medians of three. */
async function manyAtOnce(): Promise<void> {
  const bench = await createFlashBench();
  await using boards = await startBoardProcess(
    Array.from({ length: BOARDS }, (_, index) => ({ name: `board-${index}`, uartBaudLimit: BAUD_RATE })),
  );
  try {
    const alone: number[] = [];
    const together: number[] = [];
    for (let round = 0; round < 3; round++) {
      for (const [times, ports] of [
        [alone, boards.ptyPaths.slice(0, 1)],
        [together, boards.ptyPaths],
      ] as const) {
        const startedMs = performance.now();
        await Promise.all(
          ports.map((port, index) => {
            const data = incompressible(MEBIBYTE / 2, round * 1000 + times.length * 100 + ports.length * 10 + index);
            return flash(bench, port, data, { baudRate: BAUD_RATE, after: 'stay' });
          }),
        );
        times.push(performance.now() - startedMs);
      }
    }
    const seconds = (values: readonly number[]) => `${(median(values) / 1000).toFixed(2)} s`;
    print(
      `${BOARDS} boards at once / one`,
      (median(together) / median(alone)).toFixed(3),
      `one ${seconds(alone)}, ${BOARDS} ${seconds(together)}`,
    );
  } finally {
    await bench.close();
  }
}

async function flash(bench: FlashBench, address: string, data: Uint8Array, options: Parameters<FlashBench['write']>[2]): Promise<FlashJob> {
  const job = await bench.write(address, [{ offset: OFFSET, name: 'data.bin', source: { data } }], options);
  if (job.state !== 'done') throw new Error(`not flashed: ${JSON.stringify(job.error)}`);
  return job;
}

function stageMs(job: FlashJob, wanted: string): number {
  return job.stages.reduce((sum, { stage, elapsedMs: ms }) => (stage === wanted ? sum + ms : sum), 0);
}

function elapsedMs(job: FlashJob): number {
  return job.stages.reduce((sum, stage) => sum + stage.elapsedMs, 0);
}

function stagesOf(jobs: readonly FlashJob[]): string {
  const names = [...new Set(jobs.flatMap((job) => job.stages.map(({ stage }) => stage)))];
  return names.map((name) => `${name} ${median(jobs.map((job) => stageMs(job, name))).toFixed(0)}`).join(' · ');
}

function print(title: string, figure: string, details: string): void {
  console.log(`${title.padEnd(44)} ${figure.padStart(10)}   ${details}`);
}
