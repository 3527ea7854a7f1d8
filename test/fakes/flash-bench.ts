import { createServer } from 'node:net';
import { createPortOpener } from '../../main/core/devices/open.ts';
import type { BytePort } from '../../main/core/devices/port.ts';
import { createFlashJobs, type FlashJobs, type FlashJobsDeps } from '../../main/core/flash/jobs.ts';
import { createLog } from '../../main/core/log.ts';
import { createVirtualBoard, type VirtualBoard } from '../../pipeline/boards/esp/board.ts';
import type { EspChipOptions } from '../../pipeline/boards/esp/chip.ts';
import { joinWithoutLines } from '../../pipeline/boards/esp/without-lines.ts';
import { systemClock } from '../../pipeline/clock.ts';
import { TalkError } from '../../preload/contract/errors.ts';
import type { Firmware, FlashJob, FlashTask } from '../../preload/contract/flash.ts';
import { type PortInfo, portOptions } from '../../preload/contract/ports.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface FlashBench {
  board: VirtualBoard;
  jobs: FlashJobs;
  recorded: FlashJob[];
  /** Every state of every job, in order. */
  published: FlashJob[];
  /** What `keepPrivate` was set to, in order. */
  privacy: boolean[];
  open(address: string): Promise<BytePort>;
  /** Starts a job and resolves with its last state. */
  run(address: string, task: FlashTask): Promise<FlashJob>;
  /** Writes these files. */
  write(address: string, files: Firmware['files'], options?: Firmware['options']): Promise<FlashJob>;
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

export interface FlashBenchOptions extends Partial<EspChipOptions> {
  withPty?: boolean;
  /** Spoils the port on the host's side; what is wrong with the board is `faults`. */
  wrap?: (port: BytePort) => BytePort;
  /** What the host's USB says of the port. */
  usb?: { vendorId: string; productId: string };
  /** Of jobs that provision; without one they fail. */
  provisioner?: FlashJobsDeps['provisioner'];
}

/** A virtual board named 'bench' (an ESP32-S3, or of `kind`) and the flashing service, with real ports between them. */
export async function createFlashBench(options: FlashBenchOptions = {}): Promise<FlashBench> {
  const clock = options.clock ?? systemClock;
  const board = await createVirtualBoard({ name: 'bench', withPty: false, ...options, clock });
  const open = createPortOpener({ clock, virtualBoards: new Map([['bench', board.uart]]) });
  const recorded: FlashJob[] = [];
  const published: FlashJob[] = [];
  const privacy: boolean[] = [];
  const held = new Set<string>();
  const closers: (() => Promise<void>)[] = [];

  const jobs = createFlashJobs({
    clock,
    log: createLog({ level: 'silent' }),
    recorder: {
      ensureSession: () => ({ id: 'session', startedUs: clock.nowUs(), startedWallMs: clock.wallMs() }),
      flash: (job) => recorded.push(job),
    },
    ports: { borrow, list },
    provisioner:
      options.provisioner ??
      (() => {
        throw new Error('this bench provisions nothing');
      }),
  });

  async function list(): Promise<PortInfo[]> {
    const isThere = board.uart.presence?.isPresent() !== false;
    return isThere ? [{ address: 'virtual://bench', kind: 'virtual', label: 'bench', ...board.chip.usb, ...options.usb }] : [];
  }

  async function borrow(address: string) {
    if (held.has(address)) throw new TalkError('flash/busy', { address });
    held.add(address);
    try {
      const opened = await open(address, portOptions.parse({}));
      const port = options.wrap?.(opened) ?? opened;
      return {
        port,
        keepPrivate: (isPrivate: boolean) => void privacy.push(isPrivate),
        async giveBack() {
          held.delete(address);
          await port.close();
        },
      };
    } catch (error) {
      held.delete(address);
      throw error;
    }
  }

  const { topic } = jobs.streams['flash.jobs']({});
  topic.listen((job) => published.push(job));

  function ended(jobId: string): Promise<FlashJob> {
    return new Promise((resolve) => {
      const last = published.findLast((job) => job.jobId === jobId);
      if (last !== undefined && last.state !== 'running') return resolve(last);
      const stop = topic.listen((job) => {
        if (job.jobId !== jobId || job.state === 'running') return;
        stop();
        resolve(job);
      });
    });
  }

  async function run(address: string, task: FlashTask): Promise<FlashJob> {
    const context = { signal: new AbortController().signal, role: 'operator' } as const;
    const { jobId } = await jobs.calls['flash.start']({ address, task }, context);
    return ended(jobId);
  }

  return {
    board,
    jobs,
    recorded,
    published,
    privacy,
    run,
    write: (address, files, requested = {}) => run(address, { kind: 'write', files, options: requested }),
    ended,
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
