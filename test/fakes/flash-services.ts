import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPortOpener } from '../../main/core/devices/open.ts';
import { createPorts, type Ports } from '../../main/core/devices/ports.ts';
import { Devices, memoryDeviceStore } from '../../main/core/devices/registry.ts';
import { createVirtualBoards, type VirtualBoards } from '../../main/core/devices/virtual-boards.ts';
import { createFlashJobs, type FlashJobs } from '../../main/core/flash/jobs.ts';
import { LogBook } from '../../main/core/logs/log-book.ts';
import type { BoardUart } from '../../pipeline/boards/uart.ts';
import type { FlashJob, FlashTask } from '../../preload/contract/flash.ts';
import type { CallBody } from '../../preload/contract/index.ts';
import type { PortInfo } from '../../preload/contract/ports.ts';
import { createFakeRecorder } from './recorder.ts';
import { silentLog } from './store.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface FlashServices {
  /** For files of the test. */
  readonly folder: string;
  readonly clock: VirtualClock;
  readonly boards: VirtualBoards;
  readonly ports: Ports;
  readonly jobs: FlashJobs;
  /** A virtual board, with what every request has to say. */
  start(request: Partial<CallBody<'boards.start'>> & Pick<CallBody<'boards.start'>, 'kind' | 'name'>): Promise<unknown>;
  open(address: string): Promise<unknown>;
  write(address: string, data: Uint8Array): Promise<unknown>;
  /** Its number. What it is given is read in real time; the board is written in the test's. */
  begin(address: string, task: FlashTask): Promise<string>;
  ended(jobId: string): Promise<FlashJob>;
  /** From its beginning to its end. */
  run(address: string, task: FlashTask): Promise<FlashJob>;
  /** Lets time pass until it is settled. */
  inTime<T>(work: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const context = { signal: new AbortController().signal, role: 'operator' } as const;

/** The core's boards, ports and flashing service, on a clock that the test moves. `told`: what a system says of a port. */
export async function createFlashServices(told: (info: PortInfo) => PortInfo = (info) => info): Promise<FlashServices> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-flash-'));
  const clock = new VirtualClock(5_000_000);
  const uarts = new Map<string, BoardUart>();
  const recorder = createFakeRecorder(clock);
  const onStoreFault = (error: unknown) => {
    throw error;
  };
  const boards: VirtualBoards = createVirtualBoards({
    clock,
    devices: await Devices.open({ store: memoryDeviceStore(), wallMs: () => clock.wallMs(), onStoreFault }),
    uarts,
    broker: () => null,
    synthesize: () => Promise.reject(new Error('not asked to speak')),
    playout: () => {},
    openAudio: () => Promise.reject(new Error('no board of these tests has real audio')),
    onGone: (address) => ports.release(address),
    ptyDirectory: join(folder, 'ptys'),
    log: silentLog,
  });
  const ports: Ports = createPorts({
    openPort: createPortOpener({ clock, virtualBoards: uarts }),
    clock,
    recorder,
    book: new LogBook({ clock, recorder }),
    virtualPorts: () => boards.ports().map(told),
    list: async (others) => ({ ports: [...others] }),
  });
  const provisioner = () => {
    throw new Error('nothing is provisioned here');
  };
  const jobs = createFlashJobs({ ports, clock, recorder, log: silentLog, provisioner });

  async function inTime<T>(work: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = work.finally(() => {
      isSettled = true;
    });
    settled.catch(() => {});
    for (let passes = 0; !isSettled; passes++) {
      if (passes > 10_000) throw new Error('this takes for ever');
      await clock.advance(100_000);
    }
    return settled;
  }

  async function begin(address: string, task: FlashTask): Promise<string> {
    return (await jobs.calls['flash.start']({ address, task }, context)).jobId;
  }

  function ended(jobId: string): Promise<FlashJob> {
    return new Promise((resolve) => {
      const stop = jobs.listen((job) => {
        if (job.jobId !== jobId || job.state === 'running') return;
        stop();
        resolve(job);
      });
    });
  }

  return {
    folder,
    clock,
    boards,
    ports,
    jobs,
    start: (request) => boards.start({ firmware: 'installed', language: 'en', audioType: 'opus', audioInterval: 60, ...request }),
    open: (address) => ports.handlers['ports.open']({ address, options: {} }, context),
    write: (address, data) => ports.handlers['ports.write']({ address, data }, context),
    begin,
    ended,
    run: async (address, task) => inTime(ended(await begin(address, task))),
    inTime,
    async close() {
      await jobs.close();
      await boards.close();
      await ports.close();
      rmSync(folder, { recursive: true });
    },
  };
}
