import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BytePort } from '../../../../../main/core/devices/port.ts';
import { buildDemoImages } from '../../../../../pipeline/boards/esp/demo-images.ts';
import { sleepUntil } from '../../../../../pipeline/clock.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import type { FlashFile, FlashJob, FlashOptions } from '../../../../../preload/contract/flash.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { createFlashBench, type FlashBench, inTime } from '../../../../fakes/flash-bench.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const address = 'virtual://bench';
const demo = buildDemoImages();
const demoFiles: FlashFile[] = demo.files.map(({ offset, name, data }) => ({ offset, name, source: { data } }));
const context = { signal: new AbortController().signal, role: 'operator' } as const;

let clock: VirtualClock;
let bench: FlashBench;
beforeEach(() => {
  clock = new VirtualClock();
});
afterEach(() => bench.close());

/** A board with an application in its flash, on a line that does as `wrap` says. */
async function board(wrap?: (port: BytePort) => BytePort): Promise<void> {
  bench = await createFlashBench({ clock, flash: demo.files, ...(wrap === undefined ? {} : { wrap }) });
}

async function start(options: Partial<FlashOptions> = {}, files = demoFiles): Promise<string> {
  return (await bench.jobs.calls['flash.start']({ address, files, options }, context)).jobId;
}

async function flash(options?: Partial<FlashOptions>, files?: FlashFile[]): Promise<FlashJob> {
  return inTime(clock, bench.ended(await start(options, files)));
}

async function expectRunning(): Promise<void> {
  await clock.advance(1_000_000);
  expect(bench.board.chip.state).toBe('running');
}

/** Changes what the board says, chunk by chunk. */
function hearing(change: (data: Uint8Array) => readonly Uint8Array[]) {
  return (port: BytePort): BytePort => ({
    ...port,
    onData: (listener) =>
      port.onData((data, atUs) => {
        for (const chunk of change(data)) listener(chunk, atUs);
      }),
  });
}

/** A byte takes its 10 bits at 1 Mbaud. */
function slow(port: BytePort): BytePort {
  return {
    ...port,
    async write(data) {
      await sleepUntil(clock, (clock.nowUs() + data.length * 10) as MonoUs);
      await port.write(data);
    },
  };
}

describe('a line that', () => {
  it('carries text and noise between the frames costs nothing', async () => {
    const noise = Uint8Array.from([...Buffer.from('I (12) app: hello\r\n'), 0xdb, 0x00, 0x01]);
    await board(hearing((data) => [noise, data]));
    expect(await flash()).toMatchObject({ state: 'done', error: null });
  });

  it.each([{}, { compress: false }, { useStub: false }])('loses an answer now and then has blocks sent again: %j', async (options) => {
    let answers = 0;
    await board(
      hearing((data) => {
        const isBlockAnswer = data[1] === 0x01 && (data[2] === 0x03 || data[2] === 0x11);
        return isBlockAnswer && ++answers % 5 === 2 ? [] : [data];
      }),
    );
    expect(await flash(options)).toMatchObject({ state: 'done', boardState: 'running', error: null });
    expect(answers).toBeGreaterThan(5);
  });

  it('hides the stub’s greeting is left to the ROM', async () => {
    let greetings = 0;
    await board(
      hearing((data) => {
        if (!Buffer.from(data).includes('OHAI')) return [data];
        greetings++;
        return [];
      }),
    );
    expect(await flash()).toMatchObject({ state: 'done', boardState: 'running', error: null });
    expect(greetings).toBe(1);
  });

  it('cannot go faster is flashed at the ROM’s rate', async () => {
    const rates: number[] = [];
    await board((port) => ({
      ...port,
      async setBaudRate(rate) {
        rates.push(rate);
        await port.setBaudRate(Math.min(rate, 230400));
      },
    }));
    expect(await flash({ baudRate: 921600 })).toMatchObject({ state: 'done', boardState: 'running', error: null });
    expect(rates).toEqual([115200, 921600, 115200, 115200]);
  });

  it('knows no such rate is flashed at the ROM’s', async () => {
    await board((port) => ({
      ...port,
      setBaudRate: (rate) =>
        rate > 115200 ? Promise.reject(new TalkError('port/unsupported', { address, feature: 'baudRate' })) : port.setBaudRate(rate),
    }));
    expect(await flash()).toMatchObject({ state: 'done', boardState: 'running', error: null });
  });

  it('takes no more bytes can still be cancelled', async () => {
    let isStuck = false;
    await board((port) => ({ ...slow(port), write: (data) => (isStuck ? new Promise(() => {}) : slow(port).write(data)) }));
    const jobId = await start({ useStub: false });
    while ((bench.published.at(-1)?.writtenBytes ?? 0) === 0) await clock.advance(10_000);
    isStuck = true;
    await clock.advance(1_000_000);
    await inTime(clock, bench.jobs.calls['flash.cancel']({ jobId }, context));
    expect(bench.recorded[0]).toMatchObject({ state: 'cancelled', boardState: 'partially-written' });
  });

  it.each([
    ['write', 'partially-written'],
    ['identify', 'unknown'],
  ] as const)('is pulled out in %s leaves the board %s', async (stage, boardState) => {
    let pull = () => {};
    await board((port) => {
      let isGone = false;
      return {
        ...slow(port),
        write: (data) => (isGone ? Promise.reject(new TalkError('port/lost', { address, reason: 'EIO' })) : slow(port).write(data)),
        setSignals: (lines) => (isGone ? Promise.reject(new TalkError('port/closed', { address })) : port.setSignals(lines)),
        onClose(listener) {
          pull = () => {
            isGone = true;
            listener(new TalkError('port/lost', { address, reason: 'EIO' }));
          };
        },
      };
    });
    const jobId = await start({ useStub: false });
    const hasBegun = (job: FlashJob | undefined) => job?.stage === stage && (stage !== 'write' || job.writtenBytes > 0);
    while (!hasBegun(bench.published.at(-1))) await clock.advance(500);
    pull();
    expect(await inTime(clock, bench.ended(jobId))).toMatchObject({
      state: 'failed',
      stage,
      boardState,
      error: { code: 'port/lost', data: { reason: 'EIO' } },
    });
  });
});

describe('a board on which nothing was written', () => {
  it.each([
    ['flash/wrong-chip', { offset: 0x9000, name: 'nvs', source: { data: Uint8Array.of(1) } }, { expectChip: 'esp32' }],
    ['flash/too-big', { offset: 0x7ff000, name: 'last', source: { data: new Uint8Array(4097) } }, {}],
  ])('because of %s runs its application again', async (code, file, options) => {
    await board();
    expect(await flash(options, [file])).toMatchObject({ state: 'failed', boardState: 'running', error: { code } });
    await expectRunning();
  });

  it('because the job was cancelled runs its application again', async () => {
    await board(slow);
    const jobId = await start();
    while (bench.published.at(-1)?.stage !== 'stub') await clock.advance(500);
    await inTime(clock, bench.jobs.calls['flash.cancel']({ jobId }, context));
    expect(bench.recorded[0]).toMatchObject({
      state: 'cancelled',
      boardState: 'running',
      error: { code: 'flash/cancelled', data: { stage: 'stub', boardState: 'running' } },
    });
    await expectRunning();
  });

  it('because its RX is cut is let go, after saying what was seen', async () => {
    await board((port) => ({ ...port, write: async () => {} }));
    expect(await flash()).toMatchObject({
      state: 'failed',
      stage: 'connect',
      boardState: 'unknown',
      error: { code: 'flash/sync-timeout', data: { address, attempts: 7, seen: 'download-mode' }, retryable: true },
    });
    await expectRunning();
  });

  it('because its reset lines are not wired keeps running, and is heard', async () => {
    await board((port) => ({ ...port, setSignals: async () => true }));
    expect((await flash()).error).toMatchObject({ code: 'flash/sync-timeout', data: { seen: 'application' } });
  });
});

describe('a job', () => {
  it('that reads back something else fails with both digests', async () => {
    await board();
    bench.jobs.streams['flash.jobs']({}).topic.listen((job) => job.stage === 'verify' && bench.board.chip.flash.erase(0x10000, 0x1000));
    const job = await flash();
    expect(job).toMatchObject({
      state: 'failed',
      boardState: 'partially-written',
      error: { code: 'flash/verify-mismatch', data: { offset: 0x10000 } },
    });
    expect(job.files.map(({ verified }) => verified)).toEqual([true, true, false]);
  });

  it('writes the bootloader header asked for, and the board boots it', async () => {
    await board();
    expect(await flash({ flashMode: 'qio', flashFrequency: '40m', flashSize: '4MB' })).toMatchObject({ state: 'done' });
    expect([...bench.board.chip.flash.read(2, 2)]).toEqual([0, 0x20]);
    await expectRunning();
  });

  it('tells the MD5 of the file, not of what pads it', async () => {
    await board();
    const data = Uint8Array.of(1, 2, 3, 4, 5);
    const job = await flash({}, [{ offset: 0x9000, name: 'five', source: { data } }]);
    expect(job.files[0]).toMatchObject({ md5: createHash('md5').update(data).digest('hex'), verified: true, writtenBytes: 5 });
  });

  it('is cancelled when the service closes, and none starts after', async () => {
    await board(slow);
    const jobId = await start({ useStub: false });
    while (bench.published.at(-1)?.stage !== 'write') await clock.advance(500);
    await inTime(clock, bench.jobs.close());
    expect(await bench.ended(jobId)).toMatchObject({ state: 'cancelled', boardState: 'partially-written' });
    await expect(start()).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('fails as its port does', async () => {
    await board();
    const { jobId } = await bench.jobs.calls['flash.start']({ address: 'virtual://none', files: demoFiles, options: {} }, context);
    expect(await bench.ended(jobId)).toMatchObject({ state: 'failed', boardState: 'unknown', error: { code: 'port/not-found' } });
  });
});
