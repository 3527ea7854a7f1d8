import { createHash } from 'node:crypto';
import { createPortOpener } from '../../main/core/devices/open.ts';
import type { BytePort } from '../../main/core/devices/port.ts';
import { writeEsp } from '../../main/core/flash/esp/run.ts';
import { runEspTask } from '../../main/core/flash/esp/tasks.ts';
import type { EspFlash, Region } from '../../main/core/flash/image/region.ts';
import { JobProgress } from '../../main/core/flash/progress.ts';
import type { FlashRun, Provisioner } from '../../main/core/flash/tool.ts';
import { Trace } from '../../main/core/flash/trace.ts';
import { createVirtualBoard, type VirtualBoard } from '../../pipeline/boards/esp/board.ts';
import type { EspChipOptions } from '../../pipeline/boards/esp/chip.ts';
import { isTalkError, TalkError, type TalkErrorValue } from '../../preload/contract/errors.ts';
import { type FlashJob, type FlashTask, flashOptions, type Partition, type RequestedFlashOptions } from '../../preload/contract/flash.ts';
import { type PortInfo, portOptions } from '../../preload/contract/ports.ts';
import { inTime } from './flash-bench.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface EspRunOptions extends Partial<EspChipOptions> {
  /** Spoils the port on the host's side. */
  wrap?: (port: BytePort, clock: VirtualClock) => BytePort;
  provisioner?: Provisioner;
  /** What goes away with a reset comes back. */
  comesBack?: boolean;
  /** Another far end than the virtual board. */
  port?: (clock: VirtualClock) => BytePort;
  portInfo?: PortInfo;
}

export interface EspBench {
  clock: VirtualClock;
  board: VirtualBoard;
  /** Of the run under way; the next one has another. */
  readonly abort: AbortController;
  /** Of the run under way, or the last one. */
  readonly job: FlashJob;
  readonly trace: string[];
  readonly privacy: boolean[];
  /** Every state, in order. */
  readonly published: FlashJob[];
  /** Null for one that went well; a bug is thrown. */
  write(files: readonly EspFile[], options?: RequestedFlashOptions & { table?: Partition[] }): Promise<TalkErrorValue | null>;
  task(task: Exclude<FlashTask, { kind: 'write' }>): Promise<{ error: TalkErrorValue | null; data?: Uint8Array }>;
  /** Starts without waiting: virtual time is the caller's to move. */
  begin(files: readonly EspFile[], options?: RequestedFlashOptions & { table?: Partition[] }): Promise<TalkErrorValue | null>;
  /** Moves time until the job is as it says. */
  until(is: (job: FlashJob) => boolean, stepUs?: number): Promise<void>;
  close(): Promise<void>;
}

export interface EspFile {
  offset: number;
  name: string;
  data: Uint8Array;
  isEncrypted?: boolean;
  isGuessed?: boolean;
  kind?: Region['kind'];
}

/** The ESP runner on a virtual board and virtual time, without the flashing service about it. */
export async function createEspBench(options: EspRunOptions = {}): Promise<EspBench> {
  const clock = new VirtualClock();
  const { wrap, provisioner = null, port: otherPort, portInfo, comesBack = false, ...chip } = options;
  const board = await createVirtualBoard({ name: 'bench', withPty: false, ...chip, clock });
  const open = createPortOpener({ clock, virtualBoards: new Map([['bench', board.uart]]) });
  let abort = new AbortController();
  const published: FlashJob[] = [];
  const trace: string[] = [];
  const privacy: boolean[] = [];
  let progress: JobProgress | undefined;
  const ports: BytePort[] = [];

  async function run(kind: FlashTask['kind'], plan: EspFlash['plan'] | null): Promise<FlashRun> {
    if (abort.signal.aborted) abort = new AbortController();
    const opened = otherPort?.(clock) ?? (await open('virtual://bench', portOptions.parse({})));
    ports.push(opened);
    const port = wrap?.(opened, clock) ?? opened;
    const current = new JobProgress({
      job: { jobId: 'job', kind, family: 'esp', address: port.address, label: null, batchId: null, commands: [], plan },
      clock,
      publish: (job) => published.push(job),
    });
    progress = current;
    return {
      port,
      clock,
      signal: abort.signal,
      progress: current,
      trace: new Trace(clock, (lines) => trace.push(...lines.map(({ direction, text }) => `${direction}: ${text}`))),
      note: (code, data) => current.note(code, data),
      keepPrivate: (isPrivate) => void privacy.push(isPrivate),
      oneAtATime: (move) => move(),
      async awaitPort() {
        if (!comesBack) throw new TalkError('timeout', { operation: 'a port to appear', timeoutMs: 0 });
        const back = await open('virtual://bench', portOptions.parse({}));
        ports.push(back);
        return wrap?.(back, clock) ?? back;
      },
      provisioner,
      portInfo: async () => portInfo ?? null,
    };
  }

  async function outcome(work: Promise<unknown>): Promise<TalkErrorValue | null> {
    try {
      await work;
      return null;
    } catch (error) {
      if (isTalkError(error)) return error.value;
      if (abort.signal.aborted && error === abort.signal.reason) return { code: 'cancelled', data: {}, retryable: false };
      throw error;
    }
  }

  const bench: EspBench = {
    clock,
    board,
    get abort() {
      return abort;
    },
    get job() {
      if (progress === undefined) throw new Error('nothing was run');
      return progress.job;
    },
    trace,
    privacy,
    published,
    async begin(files, { table, ...requested } = {}) {
      const flash = espFlashOf(files, requested, table ?? null);
      return outcome(writeEsp(flash, await run('write', flash.plan)));
    },
    write: (files, requested) => inTime(clock, bench.begin(files, requested)),
    async task(task) {
      let data: Uint8Array | undefined;
      const work = run(task.kind, null).then(async (on) => {
        data = (await runEspTask(task, on)).data;
      });
      const error = await inTime(clock, outcome(work));
      return { error, ...(data === undefined ? {} : { data }) };
    },
    async until(is, stepUs = 500) {
      while (progress === undefined || !is(progress.job)) await clock.advance(stepUs);
    },
    async close() {
      for (const port of ports) await port.close();
      await board.close();
    },
  };
  return bench;
}

/** A plan without the planner: what is given, where it is given. */
function espFlashOf(files: readonly EspFile[], requested: RequestedFlashOptions, table: Partition[] | null): EspFlash {
  const { agentboot: _, ...options } = flashOptions.parse(requested);
  const regions: Region[] = files.map(({ offset, name, data, isEncrypted = false, isGuessed = false, kind = 'data' }) => {
    const padded = new Uint8Array(Math.ceil(data.length / 4) * 4).fill(0xff);
    padded.set(data);
    const sha256 = createHash('sha256').update(data).digest('hex');
    const image = { chip: null, revisions: null, app: null, partition: null, isSigned: false, path: null };
    return { offset, name, sizeBytes: data.length, data: padded, sha256, kind, isEncrypted, isGuessed, ...image };
  });
  const planned = regions.map(({ offset, name, sizeBytes, sha256, kind, chip, app, partition }) => ({
    offset,
    name,
    sizeBytes,
    sha256,
    kind,
    chip,
    app,
    partition,
  }));
  return {
    plan: {
      family: 'esp',
      title: null,
      files: planned,
      totalBytes: planned.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      expectChip: requested.expectChip ?? null,
      options,
      partitions: table,
      flashBytes: null,
      warnings: [],
      commands: [],
    },
    regions,
    table,
  };
}
