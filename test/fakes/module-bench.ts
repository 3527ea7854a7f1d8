import { createPortOpener } from '../../main/core/devices/open.ts';
import type { BytePort } from '../../main/core/devices/port.ts';
import { JobProgress, type NewJob } from '../../main/core/flash/progress.ts';
import type { FlashRun, PreparedFlash } from '../../main/core/flash/tool.ts';
import { Trace } from '../../main/core/flash/trace.ts';
import { type Cat1Board, type Cat1BoardOptions, createCat1Board } from '../../pipeline/boards/cat1/board.ts';
import { ModuleLoader, type ModuleLoaderOptions } from '../../pipeline/boards/cat1/module-loader.ts';
import { sleepUntil } from '../../pipeline/clock.ts';
import { TalkError } from '../../preload/contract/errors.ts';
import type { FlashJob, FlashNote } from '../../preload/contract/flash.ts';
import { type PortInfo, portOptions } from '../../preload/contract/ports.ts';
import type { MonoUs } from '../../preload/contract/time.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface ModuleBench {
  clock: VirtualClock;
  board: Cat1Board;
  abort: AbortController;
  /** Of the last run. */
  notes: { code: FlashNote['code']; data: FlashNote['data'] }[];
  trace(): string[];
  job(): FlashJob;
  /** Lets time pass until it is settled. */
  inTime<T>(work: Promise<T>): Promise<T>;
  /** One job on the port it is started with: the running module's, unless it is given. */
  run(work: (run: FlashRun) => Promise<unknown>, options?: { address?: string; prepared?: PreparedFlash }): Promise<void>;
  /** The whole of a flash, and what it failed with. */
  flash(prepared: PreparedFlash, options?: { address?: string }): Promise<TalkError | null>;
  /** What the AT port says to this. */
  ask(line: string): Promise<string>;
  ports(): PortInfo[];
  close(): Promise<void>;
}

/** A virtual module named 'module', booted, on a clock that the test moves, and the ports between it and a job. */
export async function createModuleBench(
  options: Partial<Cat1BoardOptions> & {
    /** Its loader waits behind a UART instead, which nobody knows anything of. */
    uart?: Partial<ModuleLoaderOptions>;
    /** Of another maker, when it runs. */
    runVendorId?: string;
  } = {},
): Promise<ModuleBench> {
  const clock = new VirtualClock(1_000_000);
  const board = await createCat1Board({ family: 'airm2m', isBooted: true, withPty: false, ...options, clock });
  const uarts = new Map([
    ['module', board.uart],
    ['module-download', board.downloadUart],
  ]);
  if (options.uart !== undefined) {
    const hooks = { began: () => {}, finished: () => {}, gone: () => {} };
    uarts.set('module', new ModuleLoader({ clock, chip: 'ec718', flash: board.flash, transport: 'uart', ...options.uart }, hooks).uart);
  }
  const open = createPortOpener({ clock, virtualBoards: uarts });
  const abort = new AbortController();
  const notes: ModuleBench['notes'] = [];
  let trace = new Trace(clock);
  let progress: JobProgress | null = null;

  const ports = (): PortInfo[] =>
    options.uart === undefined ? usbPorts() : [{ address: 'virtual://module', kind: 'virtual', label: 'a UART' }];
  const usbPorts = (): PortInfo[] => [
    ...(board.uart.presence?.isPresent() ? [{ ...infoOf('virtual://module', options.runVendorId ?? '19d1'), interface: 2 }] : []),
    ...(board.downloadUart.presence?.isPresent() ? [infoOf('virtual://module-download', '17d1')] : []),
  ];

  async function inTime<T>(work: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = work.finally(() => {
      isSettled = true;
    });
    settled.catch(() => {});
    for (let passes = 0; !isSettled; passes++) {
      if (passes > 100_000) throw new Error('this takes for ever');
      await clock.advance(50_000);
    }
    return settled;
  }

  async function run(
    work: (run: FlashRun) => Promise<unknown>,
    { address = 'virtual://module', prepared }: { address?: string; prepared?: PreparedFlash } = {},
  ): Promise<void> {
    const opened: BytePort[] = [];
    const borrow = async (at: string) => {
      const port = await open(at, portOptions.parse({}));
      opened.push(port);
      return port;
    };
    notes.length = 0;
    trace = new Trace(clock);
    const job: Omit<NewJob, 'plan'> = { jobId: 'job', kind: 'write', family: 'cat1', address, label: null, batchId: null, commands: [] };
    progress = new JobProgress({ job: { ...job, plan: prepared?.plan ?? null }, clock, publish: () => {} });
    try {
      await inTime(
        borrow(address).then((port) =>
          work({
            port,
            clock,
            signal: abort.signal,
            progress: progress as JobProgress,
            trace,
            provisioner: null,
            portInfo: async () => ports().find((info) => info.address === address) ?? null,
            keepPrivate: () => {},
            note: (code, data = {}) => void notes.push({ code, data }),
            oneAtATime: (move) => move(),
            async awaitPort(isIt, timeoutMs) {
              const deadlineUs = clock.nowUs() + timeoutMs * 1000;
              for (;;) {
                abort.signal.throwIfAborted();
                const found = ports().find((info, _, all) => isIt(info, all));
                if (found !== undefined) return borrow(found.address);
                if (clock.nowUs() >= deadlineUs) throw new TalkError('timeout', { operation: 'a port to appear', timeoutMs });
                await sleepUntil(clock, (clock.nowUs() + 100_000) as MonoUs, abort.signal);
              }
            },
          }),
        ),
      );
    } finally {
      for (const port of opened) await port.close();
    }
  }

  return {
    clock,
    board,
    abort,
    notes,
    trace: () => trace.snapshot.lines.map(({ direction, text }) => `${{ sent: '>', received: '<', note: '-' }[direction]} ${text}`),
    job() {
      if (progress === null) throw new Error('no job yet');
      return progress.job;
    },
    inTime,
    run,
    async flash(prepared, { address = 'virtual://module' } = {}) {
      try {
        await run((job) => prepared.write(job), { address, prepared });
        return null;
      } catch (error) {
        if (error instanceof TalkError) return error;
        throw error;
      }
    },
    async ask(line) {
      const heard: Uint8Array[] = [];
      const stop = board.uart.onTransmit((data) => void heard.push(data));
      await clock.advance(3_000_000);
      heard.length = 0;
      board.uart.receive(Buffer.from(`${line}\r`));
      await clock.advance(100_000);
      stop();
      return Buffer.concat(heard).toString('latin1');
    },
    ports,
    close: () => board.close(),
  };
}

function infoOf(address: string, vendorId: string): PortInfo {
  return { address, kind: 'virtual', label: address, vendorId, productId: '0001', location: '1-1' };
}
