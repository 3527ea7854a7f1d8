import { createServer } from 'node:net';
import { createPortOpener } from '../../main/core/devices/open.ts';
import type { BytePort } from '../../main/core/devices/port.ts';
import { createFlashJobs, type FlashJobs } from '../../main/core/flash/jobs.ts';
import { createLog } from '../../main/core/log.ts';
import { createVirtualBoard, type VirtualBoard } from '../../pipeline/boards/esp/board.ts';
import type { EspChipOptions } from '../../pipeline/boards/esp/chip.ts';
import { joinWithoutLines } from '../../pipeline/boards/esp/without-lines.ts';
import { systemClock } from '../../pipeline/clock.ts';
import { TalkError } from '../../preload/contract/errors.ts';
import type { FlashJob } from '../../preload/contract/flash.ts';
import { portOptions } from '../../preload/contract/ports.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface FlashBench {
  board: VirtualBoard;
  jobs: FlashJobs;
  recorded: FlashJob[];
  /** Every state of every job, in order. */
  published: FlashJob[];
  open(address: string): Promise<BytePort>;
  /** Puts the board on a TCP port; its `socket://` address. */
  serveSocket(): Promise<string>;
  /** Resolves when the job is over, with its last state. */
  ended(jobId: string): Promise<FlashJob>;
  /** The application is up. */
  running(): Promise<void>;
  close(): Promise<void>;
}

/** Lets virtual time pass until the promise is settled. */
export async function inTime<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = work.finally(() => {
    isSettled = true;
  });
  settled.catch(() => {});
  while (!isSettled) await clock.advance(10_000);
  return settled;
}

/** A virtual ESP32-S3 named 'bench' and the flashing service, with real ports between them. */
export async function createFlashBench(
  options: Partial<EspChipOptions> & { withPty?: boolean /** Spoils the line. */; wrap?: (port: BytePort) => BytePort } = {},
): Promise<FlashBench> {
  const clock = options.clock ?? systemClock;
  const board = await createVirtualBoard({ name: 'bench', withPty: false, ...options, clock });
  const open = createPortOpener({ clock, virtualBoards: new Map([['bench', board.uart]]) });
  const recorded: FlashJob[] = [];
  const published: FlashJob[] = [];
  const held = new Set<string>();
  const closers: (() => Promise<void>)[] = [];

  const jobs = createFlashJobs({
    clock,
    log: createLog({ level: 'silent' }),
    recorder: {
      ensureSession: () => ({ id: 'session', startedUs: clock.nowUs(), startedWallMs: clock.wallMs() }),
      flash: (job) => recorded.push(job),
    },
    async borrow(address) {
      if (held.has(address)) throw new TalkError('flash/busy', { address });
      held.add(address);
      try {
        const opened = await open(address, portOptions.parse({}));
        const port = options.wrap?.(opened) ?? opened;
        return {
          port,
          async giveBack() {
            held.delete(address);
            await port.close();
          },
        };
      } catch (error) {
        held.delete(address);
        throw error;
      }
    },
  });
  const { topic } = jobs.streams['flash.jobs']({});
  topic.listen((job) => published.push(job));

  return {
    board,
    jobs,
    recorded,
    published,
    open: (address) => open(address, portOptions.parse({})),
    async serveSocket() {
      const server = createServer((socket) => {
        socket.setNoDelay(true);
        const line = joinWithoutLines(board.chip, (data) => socket.write(data));
        socket.on('data', (data) => line.receive(data));
        socket.on('error', () => {});
        socket.on('close', () => {
          line.closed();
          line.leave();
        });
        closers.push(async () => void socket.destroy());
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      closers.push(() => new Promise((resolve) => server.close(() => resolve())));
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no TCP port');
      return `socket://127.0.0.1:${address.port}`;
    },
    ended(jobId) {
      return new Promise((resolve) => {
        const last = published.findLast((job) => job.jobId === jobId);
        if (last !== undefined && last.state !== 'running') return resolve(last);
        const stop = topic.listen((job) => {
          if (job.jobId !== jobId || job.state === 'running') return;
          stop();
          resolve(job);
        });
      });
    },
    running() {
      if (board.chip.state === 'running') return Promise.resolve();
      return new Promise((resolve) => {
        const stop = board.chip.onState((state) => {
          if (state !== 'running') return;
          stop();
          resolve();
        });
      });
    },
    async close() {
      await jobs.close();
      for (const close of closers.reverse()) await close();
      await board.close();
    },
  };
}
