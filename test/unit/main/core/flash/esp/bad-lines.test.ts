import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { BytePort } from '../../../../../../main/core/devices/port.ts';
import { encodeSlip } from '../../../../../../main/core/flash/esp/slip.ts';
import { buildDemoImages } from '../../../../../../pipeline/boards/esp/demo-images.ts';
import { sleepUntil } from '../../../../../../pipeline/clock.ts';
import { TalkError } from '../../../../../../preload/contract/errors.ts';
import type { FlashJob } from '../../../../../../preload/contract/flash.ts';
import type { MonoUs } from '../../../../../../preload/contract/time.ts';
import { codeLike, incompressible, likeImage } from '../../../../../fakes/esp-data.ts';
import { createEspBench, type EspBench, type EspFile, type EspRunOptions } from '../../../../../fakes/esp-run.ts';
import { inTime } from '../../../../../fakes/flash-bench.ts';
import type { VirtualClock } from '../../../../../fakes/virtual-clock.ts';

const address = 'virtual://bench';
const demo = buildDemoImages();
const large: EspFile[] = [{ offset: 0x10000, name: 'large', data: likeImage(codeLike(300_000)) }];

let bench: EspBench;
afterEach(() => bench.close());

async function open(options: EspRunOptions = {}): Promise<void> {
  bench = await createEspBench({ flash: demo.files, ...options });
}

const notes = () => bench.job.notes.map(({ code }) => code);

function isOnBoard(files: readonly EspFile[]): boolean {
  return files.every(({ offset, data }) => Buffer.from(bench.board.chip.flash.read(offset, data.length)).equals(data));
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

/** Something that looks like packets comes in all the time, and `change` happens to what the board says. */
function chattering(change: (data: Uint8Array) => readonly Uint8Array[] = (data) => [data]) {
  return (port: BytePort, clock: VirtualClock): BytePort => ({
    ...hearing(change)(port),
    onData(listener) {
      const chatter = () => {
        listener(Uint8Array.of(0xc0, 0x55, 0xaa, 0xc0), clock.nowUs());
        clock.at((clock.nowUs() + 200_000) as MonoUs, chatter);
      };
      chatter();
      hearing(change)(port).onData(listener);
    },
  });
}

/** A byte takes its 10 bits at 1 Mbaud. */
function slow(port: BytePort, clock: VirtualClock): BytePort {
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
    await open({ wrap: hearing((data) => [noise, data]) });
    expect(await bench.write(large)).toBeNull();
    expect(notes()).toEqual([]);
  });

  it.each([{}, { compress: false }, { useStub: false }])('loses an answer now and then has blocks sent again: %j', async (options) => {
    let answers = 0;
    await open({
      wrap: hearing((data) => {
        const isBlockAnswer = data[1] === 0x01 && (data[2] === 0x03 || data[2] === 0x11);
        return isBlockAnswer && ++answers % 5 === 2 ? [] : [data];
      }),
    });
    expect(await bench.write(large, options)).toBeNull();
    expect(answers).toBeGreaterThan(5);
    expect(notes()).toContain('block-repeated');
    expect(isOnBoard(large)).toBe(true);
  });

  it('cannot go so fast is tried at each slower rate, and that is told', async () => {
    const rates: number[] = [];
    await open({
      wrap: (port) => ({
        ...port,
        async setBaudRate(rate) {
          rates.push(rate);
          await port.setBaudRate(Math.min(rate, 230400));
        },
      }),
    });
    expect(await bench.write(large, { baudRate: 921600 })).toBeNull();
    expect(rates.filter((rate) => rate !== 115200)).toEqual([921600, 460800, 230400]);
    expect(bench.job.notes.map(({ code, data }) => [code, data.from, data.to])).toEqual([
      ['baud-reduced', 921600, 460800],
      ['baud-reduced', 460800, 230400],
    ]);
    expect(isOnBoard(large)).toBe(true);
  });

  it('knows no such rate is flashed at the ROM’s', async () => {
    await open({
      wrap: (port) => ({
        ...port,
        setBaudRate: (rate) =>
          rate > 115200
            ? Promise.reject(new TalkError('port/unsupported', { address, feature: `baudRate ${rate}` }))
            : port.setBaudRate(rate),
      }),
    });
    expect(await bench.write(large)).toBeNull();
    expect(notes()).toEqual(['baud-reduced', 'baud-reduced']);
  });

  it.each(['flip', 'drop', 'insert'] as const)('%ss bytes at a high rate only ends up at one where it does not', async (kind) => {
    await open({ faults: { noise: { kind, rate: 0.0005, aboveBaud: 230400, seed: 7 } } });
    expect(await bench.write(large, { baudRate: 921600 })).toBeNull();
    expect(notes()).toContain('baud-reduced');
    expect(isOnBoard(large)).toBe(true);
  });

  it('spoils bytes at any rate never ends in silent success', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('flip' as const, 'drop' as const, 'insert' as const),
        fc.constantFrom(0.00003, 0.0003, 0.01),
        fc.nat(1_000_000),
        async (kind, rate, seed) => {
          await open({ faults: { noise: { kind, rate, seed } } });
          const files = [{ offset: 0x10000, name: 'data', data: likeImage(codeLike(100_000, `${seed}`)) }];
          const error = await bench.write(files);
          if (error === null) expect(isOnBoard(files)).toBe(true);
          else expect(error.code).toMatch(/^flash\//);
          await bench.close();
        },
      ),
      { numRuns: 8 },
    );
  });

  it('is late with every answer is waited for', async () => {
    await open({ faults: { lateAnswersMs: 80 } });
    expect(await bench.write(large)).toBeNull();
    expect(notes()).toEqual([]);
  });

  it('gives back what is sent costs nothing', async () => {
    await open({ faults: { echo: true } });
    expect(await bench.write(large)).toBeNull();
    expect(notes()).toEqual([]);
  });

  it('brings answers of other commands first is not misled', async () => {
    const stray = Uint8Array.from([0xc0, 0x01, 0x0b, 0x02, 0x00, 0, 0, 0, 0, 0, 0, 0xc0]);
    await open({ wrap: hearing((data) => [stray, data, stray]) });
    expect(await bench.write(large)).toBeNull();
    expect(isOnBoard(large)).toBe(true);
  });

  it('is never silent is waited at no longer: for a stub that does not start, and for the rest of a read', async () => {
    await open({ faults: { stubStarts: false }, wrap: chattering() });
    const wroteUs = bench.clock.nowUs();
    expect(await bench.write(demo.files)).toBeNull();
    expect(notes()).toEqual(['rom-only']);
    expect(bench.clock.nowUs() - wroteUs).toBeLessThan(60_000_000);
    await bench.close();
    // Every packet of a read is one byte short.
    await open({ wrap: chattering((data) => (data.length > 4000 ? [data.subarray(0, -2), data.subarray(-1)] : [data])) });
    const range = { offset: 0x8000, sizeBytes: 0x2000 };
    expect((await bench.task({ kind: 'read', what: range, options: {} })).error).toMatchObject({ code: 'flash/protocol' });
  });

  it('takes no more bytes can still be cancelled', async () => {
    let isStuck = false;
    await open({
      wrap: (port, clock) => ({ ...slow(port, clock), write: (data) => (isStuck ? new Promise(() => {}) : slow(port, clock).write(data)) }),
    });
    const done = bench.begin(large, { useStub: false });
    await bench.until((job) => job.writtenBytes > 0);
    isStuck = true;
    await bench.clock.advance(1_000_000);
    bench.abort.abort();
    expect(await inTime(bench.clock, done)).toMatchObject({ code: 'cancelled' });
    expect(bench.job.boardState).toBe('partially-written');
  });
});

describe('answers', () => {
  it('with the digest in the other form are understood', async () => {
    await open({
      // The ROM's 32 digits as the stub's 16 bytes.
      wrap: hearing((data) => {
        const at = data.indexOf(0x13);
        if (at !== 2 || data.length !== 8 + 32 + 4 + 2) return [data];
        const digest = Buffer.from(Buffer.from(data.subarray(9, 41)).toString('latin1'), 'hex');
        return [encodeSlip(Buffer.concat([Buffer.from([0x01, 0x13, 20, 0, 0, 0, 0, 0]), digest, Buffer.alloc(4)]))];
      }),
    });
    const files = [{ offset: 0x10000, name: 'small', data: likeImage(incompressible(5000)) }];
    expect(await bench.write(files, { useStub: false })).toBeNull();
    expect(bench.job.files[0]?.verified).toBe(true);
  });

  it('that are cut short are a failure that says so', async () => {
    await open({
      wrap: hearing((data) => (data[2] === 0x13 ? [Uint8Array.from([0xc0, 0x01, 0x13, 2, 0, 0, 0, 0, 0, 0, 0, 0xc0])] : [data])),
    });
    expect(await bench.write(large, { skipUnchanged: false })).toMatchObject({ code: 'flash/protocol', data: { reason: 'short answer' } });
    expect(bench.job.boardState).toBe('partially-written');
  });

  it('that refuse a block name the status', async () => {
    await open({
      wrap: hearing((data) =>
        data[1] === 1 && (data[2] === 0x11 || data[2] === 0x03)
          ? [Uint8Array.from([0xc0, 0x01, data[2], 2, 0, 0, 0, 0, 0, 0xc4, 0, 0xc0])]
          : [data],
      ),
    });
    expect(await bench.write(large)).toMatchObject({ code: 'flash/protocol', data: { status: '0xc400', reason: 'SPI operation failed' } });
    expect(bench.job.boardState).toBe('partially-written');
    expect(notes().filter((code) => code === 'baud-reduced').length).toBeGreaterThan(0);
  });
});

describe('a board', () => {
  it('whose stub does not start is left to its ROM', async () => {
    await open({ faults: { stubStarts: false } });
    expect(await bench.write(demo.files, { compress: false })).toBeNull();
    expect(bench.job.notes).toMatchObject([{ code: 'rom-only', data: { reason: 'the stub did not start' } }]);
    expect(isOnBoard(demo.files)).toBe(true);
  });

  it('that is not there says so', async () => {
    await open({ wrap: hearing(() => []) });
    expect(await bench.write(large)).toMatchObject({
      code: 'flash/sync-timeout',
      data: { address, attempts: 7, seen: 'nothing' },
      retryable: true,
    });
    expect(bench.job).toMatchObject({ stage: 'connect', boardState: 'unknown' });
  });

  it('that only echoes is told from one that is silent', async () => {
    await open({ faults: { echo: true }, wrap: hearing((data) => (data[1] === 0x00 ? [data] : [])) });
    expect(await bench.write(large)).toMatchObject({ code: 'flash/sync-timeout', data: { echo: true } });
  });

  it('whose RX is cut waits for a download, and its mode is told', async () => {
    await open({ wrap: (port) => ({ ...port, write: async () => {} }) });
    expect(await bench.write(large)).toMatchObject({
      code: 'flash/sync-timeout',
      data: { seen: 'download-mode', bootMode: expect.stringMatching(/^0x/) },
    });
    await bench.clock.advance(1_000_000);
    expect(bench.board.chip.state).toBe('running');
  });

  it('whose reset lines are not wired keeps running, and is heard', async () => {
    await open({ wiring: 'none', onBoot: chatter });
    expect(await bench.write(large)).toMatchObject({ code: 'flash/sync-timeout', data: { seen: 'application' } });
  });

  it.each([
    ['connect', { afterCommands: 1 }],
    ['identify', { afterCommands: 5 }],
    ['stub', { afterCommands: 28 }],
    ['write', { afterBytes: 60_000 }],
  ] as const)('that loses its power in %s is told as what it is', async (stage, powerCut) => {
    await open({ faults: { powerCut } });
    const error = await bench.write(large, { skipUnchanged: false });
    expect(error?.code).toMatch(/^flash\/(sync-timeout|protocol)$/);
    expect(bench.job.stage).toBe(stage);
    expect(bench.job.boardState).toBe(stage === 'write' ? 'partially-written' : 'unknown');
  });

  it('whose power comes back is written on from where it was', async () => {
    await open({ faults: { powerCut: { afterBytes: 90_000 } }, powerBackMs: 10 });
    expect(await bench.write(large, { compress: false })).toBeNull();
    expect(notes()).toContain('block-repeated');
    expect(isOnBoard(large)).toBe(true);
  });

  it('that is another one after its reset is not written on', async () => {
    await open({
      faults: { powerCut: { afterBytes: 90_000 } },
      powerBackMs: 10,
      wrap: hearing((data) => {
        // Its MAC's first word, changed once writing has begun.
        const isMac = bench.job.stage === 'write' && data[2] === 0x0a;
        return isMac ? [Uint8Array.from(data, (byte, index) => (index === 5 ? byte ^ 1 : byte))] : [data];
      }),
    });
    expect(await bench.write(large, { compress: false })).toMatchObject({ code: 'flash/protocol' });
    expect(bench.job.boardState).toBe('partially-written');
  });
});

function chatter(app: { print(text: string): void }) {
  app.print('I (1) app: hello from the application\r\n');
  return { receive: () => app.print('I (2) app: what?\r\n'), stop() {} };
}

const stages = ['connect', 'identify', 'stub', 'compare', 'write', 'verify'] as const;

/** What is true of the board when a job ends in that stage. */
const leftAs = (stage: (typeof stages)[number]) => (stage === 'write' || stage === 'verify' ? 'partially-written' : undefined);

describe('a board that went unnoticed', () => {
  it.each(['stay', 'hard-reset'] as const)('is in a state that nobody knows after a cancel (after: %s)', async (after) => {
    await open();
    const done = bench.begin(large, { after });
    await bench.until(({ stage }) => stage === 'compare');
    bench.board.chip.powerOff();
    bench.abort.abort();
    expect(await inTime(bench.clock, done)).toMatchObject({ code: 'cancelled' });
    expect(bench.job.boardState).toBe('unknown');
  });

  it('with its USB is in no loader, though it was to stay there', async () => {
    const portInfo = { address, kind: 'virtual', label: 'bench', vendorId: '303a', productId: '1001' } as const;
    await open({ wiring: 'usb-serial-jtag', portInfo, faults: { powerCut: { afterCommands: 16 } } });
    const { error } = await bench.task({ kind: 'info', family: 'esp', options: { after: 'stay', useStub: false } });
    expect(error?.code).toBe('port/lost');
    expect(bench.job.boardState).toBe('unknown');
  });

  it('is not said to run because it is silent after lines that nobody wired, as it was before', async () => {
    await open({ wiring: 'none', faults: { stubStarts: false } });
    bench.board.chip.pressReset('download');
    const done = bench.begin(large, { before: 'no-reset' });
    await bench.until(() => bench.trace.some((line) => line.includes('MEM_END')));
    await bench.clock.advance(500_000);
    bench.abort.abort();
    expect(await inTime(bench.clock, done)).toMatchObject({ code: 'cancelled' });
    expect(bench.job.boardState).toBe('unknown');
  });
});

describe('in each stage', () => {
  it.each(stages)('of %s a cancel leaves the board in a state with a name', async (stage) => {
    await open({ wrap: slow });
    const done = bench.begin(large);
    await bench.until((job) => isWithin(job, stage), stage === 'verify' ? 50 : 500);
    bench.abort.abort();
    expect(await inTime(bench.clock, done)).toMatchObject({ code: 'cancelled' });
    const { boardState } = bench.job;
    if (stage === 'connect') expect(boardState).toBe('unknown');
    else expect(boardState).toBe(leftAs(stage) ?? 'running');
    if (boardState !== 'partially-written') {
      await bench.clock.advance(2_000_000);
      expect(bench.board.chip.state).toBe('running');
    }
    expect(bench.clock.pendingTimers).toBeLessThan(3);
  });

  it.each(stages)('of %s a port that vanishes is told, and the board’s state with it', async (stage) => {
    let pull = () => {};
    await open({
      wrap(port, clock) {
        let isGone = false;
        return {
          ...slow(port, clock),
          write: (data) =>
            isGone ? Promise.reject(new TalkError('port/lost', { address, reason: 'EIO' })) : slow(port, clock).write(data),
          setSignals: (lines) => (isGone ? Promise.reject(new TalkError('port/closed', { address })) : port.setSignals(lines)),
          setBaudRate: (rate) => (isGone ? Promise.reject(new TalkError('port/closed', { address })) : port.setBaudRate(rate)),
          onData: (listener) => port.onData((data, atUs) => !isGone && listener(data, atUs)),
          onClose(listener) {
            pull = () => {
              isGone = true;
              listener(new TalkError('port/lost', { address, reason: 'EIO' }));
            };
          },
        };
      },
    });
    const done = bench.begin(large);
    await bench.until((job) => isWithin(job, stage), stage === 'verify' ? 50 : 500);
    pull();
    expect((await inTime(bench.clock, done))?.code).toMatch(/^port\/(lost|closed)$/);
    expect(bench.job).toMatchObject({ stage, boardState: leftAs(stage) ?? 'unknown' });
  });
});

function isWithin(job: FlashJob, stage: FlashJob['stage']): boolean {
  return job.stage === stage && (stage !== 'write' || job.boardState === 'partially-written');
}
