import { createPortOpener } from '../../main/core/devices/open.ts';
import type { BytePort } from '../../main/core/devices/port.ts';
import { JobProgress } from '../../main/core/flash/progress.ts';
import type { FlashRun, PreparedFlash } from '../../main/core/flash/tool.ts';
import { Trace } from '../../main/core/flash/trace.ts';
import { type Bk7258Board, type Bk7258Options, createBk7258Board } from '../../pipeline/boards/bk7258/board.ts';
import { TalkError } from '../../preload/contract/errors.ts';
import type { FlashJob, FlashNote } from '../../preload/contract/flash.ts';
import { portOptions } from '../../preload/contract/ports.ts';
import { madeArchive, madeImage, madeScript } from './module-package.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface Bk7258Bench {
  clock: VirtualClock;
  board: Bk7258Board;
  /** Of the next run; replaced by the test for another. */
  abort: AbortController;
  /** Of the last run. */
  notes: { code: FlashNote['code']; data: FlashNote['data'] }[];
  trace(): string[];
  job(): FlashJob;
  /** Between the job and the board: a line that echoes, or is pulled out. */
  wrap: (port: BytePort) => BytePort;
  /** Called at every change of the job. */
  onJob: (job: FlashJob) => void;
  run(work: (run: FlashRun) => Promise<unknown>, prepared?: PreparedFlash): Promise<void>;
  /** The whole of a flash, and what it failed with. */
  flash(prepared: PreparedFlash): Promise<TalkError | null>;
  holds(address: number, data: Uint8Array): boolean;
  close(): Promise<void>;
}

/** A virtual BK7258 named 'beken' on a clock that the test moves, and the port between it and a job. */
export async function createBk7258Bench(options: Partial<Bk7258Options> = {}): Promise<Bk7258Bench> {
  const clock = new VirtualClock(1_000_000);
  const board = await createBk7258Board({ withPty: false, ...options, clock });
  const open = createPortOpener({ clock, virtualBoards: new Map([['beken', board.uart]]) });
  const address = 'virtual://beken';
  const notes: Bk7258Bench['notes'] = [];
  let trace = new Trace(clock);
  let progress: JobProgress | null = null;

  const bench: Bk7258Bench = {
    clock,
    board,
    abort: new AbortController(),
    notes,
    wrap: (port) => port,
    onJob: () => {},
    trace: () => trace.snapshot.lines.map(({ direction, text }) => `${{ sent: '>', received: '<', note: '-' }[direction]} ${text}`),
    job() {
      if (progress === null) throw new Error('no job yet');
      return progress.job;
    },
    async run(work, prepared) {
      const port = bench.wrap(await open(address, portOptions.parse({})));
      notes.length = 0;
      trace = new Trace(clock);
      progress = new JobProgress({
        job: {
          jobId: 'job',
          kind: 'write',
          family: 'bk7258',
          address,
          label: null,
          batchId: null,
          commands: [],
          plan: prepared?.plan ?? null,
        },
        clock,
        publish: (job) => bench.onJob(job),
      });
      let isSettled = false;
      const done = work({
        port,
        clock,
        signal: bench.abort.signal,
        progress,
        trace,
        provisioner: null,
        portInfo: async () => null,
        keepPrivate: () => {},
        note: (code, data = {}) => void notes.push({ code, data }),
        oneAtATime: (move) => move(),
        awaitPort: () => Promise.reject(new Error('it has one port')),
      }).finally(() => {
        isSettled = true;
      });
      done.catch(() => {});
      try {
        for (let passes = 0; !isSettled; passes++) {
          if (passes > 100_000) throw new Error('this takes for ever');
          await clock.advance(50_000);
        }
        await done;
      } finally {
        await port.close();
      }
    },
    async flash(prepared) {
      try {
        await bench.run((run) => prepared.write(run), prepared);
        return null;
      } catch (error) {
        if (error instanceof TalkError) return error;
        throw error;
      }
    },
    holds: (at, data) => Buffer.from(board.flash.read(at, data.length)).equals(data),
    close: () => board.close(),
  };
  return bench;
}

/** A small Air8101 as LuatOS packs it. */
export const madeAir8101 = {
  rom: madeImage(0x21234, 11, 'LuatOS@Air8101_V2013'),
  script: madeScript({ 'main.lua': "log.info('main', 'hello')\n" }),
};

export function madeAir8101Soc(
  change: { chip?: string; bkcrc?: boolean; sizeKb?: number; script?: Uint8Array | null; download?: object; kind?: 'zip' | '7z' } = {},
): Promise<Uint8Array> {
  const { chip = 'bk72xx', bkcrc = true, sizeKb = 512, script = madeAir8101.script, download = {}, kind = 'zip' } = change;
  const info = {
    version: 2013,
    chip: { type: chip },
    rom: { file: 'luatos.bin', 'version-bsp': 'V2013', fs: { script: { size: sizeKb, bkcrc } } },
    script: { file: 'script.bin', bitw: 32 },
    download: { bl_addr: '0x0', script_addr: '0x200000', force_br: '2000000', ...download },
    user: { project: 'demo', version: '1.0.0', log_br: '921600' },
  };
  return madeArchive(kind, {
    'info.json': JSON.stringify(info),
    'luatos.bin': madeAir8101.rom,
    ...(script === null ? {} : { 'script.bin': script }),
    'air602_flash.exe': madeImage(500, 12),
  });
}
