import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { BytePort } from '../../../../../main/core/devices/port.ts';
import { createFlashJobs } from '../../../../../main/core/flash/jobs.ts';
import { buildNvs } from '../../../../../main/core/flash/nvs/build.ts';
import type { Provisioner } from '../../../../../main/core/flash/tool.ts';
import { createLog } from '../../../../../main/core/log.ts';
import type { BootedApp } from '../../../../../pipeline/boards/esp/chip.ts';
import { buildDemoImages } from '../../../../../pipeline/boards/esp/demo-images.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import type { FlashFile, RequestedFlashOptions } from '../../../../../preload/contract/flash.ts';
import { provisioning } from '../../../../../preload/contract/provisioning.ts';
import { createFlashBench, type FlashBench, inTime } from '../../../../fakes/flash-bench.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const demo = buildDemoImages();
const demoFiles: FlashFile[] = demo.files.map(({ offset, name, data }) => ({ offset, name, source: { data } }));
const context = { signal: new AbortController().signal, role: 'operator' } as const;
const md5 = (data: Uint8Array) => createHash('md5').update(data).digest('hex');

let bench: FlashBench | null = null;
afterEach(async () => {
  await bench?.close();
  bench = null;
});

async function open(options: Parameters<typeof createFlashBench>[0] = {}): Promise<{ bench: FlashBench; booted: BootedApp[] }> {
  const booted: BootedApp[] = [];
  bench = await createFlashBench({
    onBoot(app) {
      booted.push(app);
      return { receive() {}, stop() {} };
    },
    ...options,
  });
  return { bench, booted };
}

function flash(on: FlashBench, address: string, options: RequestedFlashOptions = {}, files = demoFiles) {
  return on.write(address, files, options);
}

function expectFlashed(on: FlashBench): void {
  for (const { offset, data } of demo.files) expect(md5(on.board.chip.flash.read(offset, data.length))).toBe(md5(data));
}

describe('flashing a board', () => {
  it('writes, verifies, resets and names every stage over the control lines of virtual://', async () => {
    const { bench: on, booted } = await open();
    const job = await flash(on, 'virtual://bench');
    expect(job.error).toBeNull();
    expect(job.chip).toMatchObject({
      chip: 'esp32s3',
      description: 'ESP32-S3 (revision v0.2)',
      mac: on.board.chip.mac,
      flashBytes: 8 * 1024 * 1024,
      flashId: 'c84017',
    });
    expect(job.files.map(({ verified, md5: digest }) => [verified, digest])).toEqual(demo.files.map(({ data }) => [true, md5(data)]));
    expect(job.stages.map(({ stage }) => stage)).toEqual(['connect', 'identify', 'stub', 'baud', 'compare', 'write', 'verify', 'reset']);
    expect(job).toMatchObject({ state: 'done', boardState: 'running', writtenBytes: job.totalBytes });
    expectFlashed(on);
    expect(on.recorded).toEqual([job]);
    await on.running();
    expect(booted[0]?.descriptor?.projectName).toBe('talkbench-demo');
  });

  it('does so with the ROM loader alone', async () => {
    const { bench: on } = await open();
    const job = await flash(on, 'virtual://bench', { useStub: false });
    expect(job.error).toBeNull();
    expect(job.stages.map(({ stage }) => stage)).not.toContain('stub');
    expect(job.files.every(({ verified }) => verified === true)).toBe(true);
    expectFlashed(on);
  });

  it('does so uncompressed, and leaves the chip in its loader when asked to stay', async () => {
    const { bench: on } = await open();
    const job = await flash(on, 'virtual://bench', { compress: false, after: 'stay' });
    expect(job).toMatchObject({ state: 'done', boardState: 'download-mode', error: null });
    expect(on.board.chip.state).toBe('download');
    expectFlashed(on);
  });

  it.skipIf(process.platform === 'win32')('reboots a board without control lines through the loader: a real PTY', async () => {
    const { bench: on, booted } = await open({ withPty: true });
    const job = await flash(on, on.board.ptyPath ?? '');
    expect(job).toMatchObject({ state: 'done', boardState: 'running', error: null });
    expectFlashed(on);
    await on.running();
    expect(booted).toHaveLength(1);
  });

  it('does the same over a TCP stream, whose baud rate is not ours to change', async () => {
    const { bench: on, booted } = await open();
    const job = await flash(on, await on.serveSocket());
    expect(job).toMatchObject({ state: 'done', boardState: 'running', error: null });
    expectFlashed(on);
    await on.running();
    expect(booted).toHaveLength(1);
  });

  it('replaces an application that runs, on every kind of line', async () => {
    const { bench: on } = await open({ flash: demo.files });
    await on.running();
    const next = buildDemoImages({ version: '2.0.0' }).files.map(({ offset, name, data }) => ({ offset, name, source: { data } }));
    for (const address of ['virtual://bench', await on.serveSocket()]) {
      const job = await flash(on, address, {}, next);
      expect(job).toMatchObject({ state: 'done', error: null });
      await on.running();
    }
  });

  it('refuses an image for another chip before a byte is written', async () => {
    const { bench: on } = await open();
    const alien = Uint8Array.from(demo.files[0]?.data ?? []);
    alien[12] = 5; // ESP32-C3
    alien.set(createHash('sha256').update(alien.subarray(0, -32)).digest(), alien.length - 32);
    const job = await flash(on, 'virtual://bench', {}, [{ offset: 0, name: 'c3.bin', source: { data: alien } }]);
    expect(job).toMatchObject({
      state: 'failed',
      boardState: 'erased',
      error: { code: 'flash/wrong-chip', data: { expected: 'esp32c3', actual: 'esp32s3' } },
    });
    expect(on.board.chip.flash.read(0, 4)).toEqual(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
  });

  it('refuses what does not fit the flash that answered', async () => {
    const { bench: on } = await open();
    const job = await flash(on, 'virtual://bench', {}, [{ offset: 0x7ff000, name: 'big.bin', source: { data: new Uint8Array(0x2000) } }]);
    expect(job.error).toMatchObject({ code: 'flash/too-big', data: { offset: 0x7ff000, flashBytes: 0x800000 } });
  });

  /** A job long enough to be in the middle of it. */
  async function midWrite(on: FlashBench): Promise<string> {
    const files = [{ offset: 0x10000, name: 'noise', source: { data: noise(2 * 1024 * 1024) } }];
    const { jobId } = await on.jobs.calls['flash.start'](
      { address: 'virtual://bench', task: { kind: 'write', files, options: { useStub: false } } },
      context,
    );
    await new Promise<void>((resolve) => {
      on.jobs.streams['flash.jobs']({}).topic.listen((job) => job.writtenBytes > 0 && resolve());
    });
    return jobId;
  }

  it('stops where it is told to and names what the board was left with', async () => {
    const { bench: on } = await open();
    const jobId = await midWrite(on);
    await on.jobs.calls['flash.cancel']({ jobId }, context);
    const job = await on.ended(jobId);
    expect(job).toMatchObject({
      state: 'cancelled',
      boardState: 'partially-written',
      error: { code: 'flash/cancelled', data: { stage: 'write' } },
    });
    // The port is free again.
    expect((await flash(on, 'virtual://bench')).error).toBeNull();
  });

  it('fails a second job on a port that one holds', async () => {
    const { bench: on } = await open();
    const jobId = await midWrite(on);
    expect((await flash(on, 'virtual://bench')).error?.code).toBe('flash/busy');
    await on.jobs.calls['flash.cancel']({ jobId }, context);
    expect((await on.ended(jobId)).state).toBe('cancelled');
  });

  describe('on a port that is another kind of board by its USB ids', () => {
    const lte = { vendorId: '19d1', productId: '0001' };

    /** A host side that notes whatever is done to the port. */
    function watched() {
      const done: string[] = [];
      const wrap = (port: BytePort): BytePort => {
        done.push('open');
        return port;
      };
      return { done, wrap };
    }

    it('touches nothing, whatever the job is', async () => {
      const { done, wrap } = watched();
      const { bench: on } = await open({ usb: lte, wrap });
      const refused = {
        state: 'failed',
        boardState: 'unknown',
        error: { code: 'flash/wrong-port', data: { actual: 'LTE module', expected: 'ESP32' } },
      };
      expect(await flash(on, 'virtual://bench')).toMatchObject(refused);
      expect(await on.run('virtual://bench', { kind: 'info', family: 'esp', options: {} })).toMatchObject(refused);
      expect(await on.run('virtual://bench', { kind: 'erase', what: 'all', confirm: 'erase', options: {} })).toMatchObject(refused);
      expect(done).toEqual([]);
    });

    it('asks no ESP32 whether it is an LTE module', async () => {
      const { done, wrap } = watched();
      const { bench: on } = await open({ usb: { vendorId: '303a', productId: '1001' }, wrap });
      const job = await on.run('virtual://bench', { kind: 'info', family: 'cat1', options: {} });
      expect(job.error).toMatchObject({ code: 'flash/wrong-port', data: { actual: 'ESP32', expected: 'LTE module' } });
      expect(done).toEqual([]);
    });

    it('goes on when forced, and behind a bridge', async () => {
      const { bench: on } = await open({ usb: lte });
      expect(await flash(on, 'virtual://bench', { force: true })).toMatchObject({ state: 'done', boardState: 'running' });
      await on.close();
      const { bench: behind } = await open({ usb: { vendorId: '1a86', productId: '7523' } });
      expect(await flash(behind, 'virtual://bench')).toMatchObject({ state: 'done' });
    });
  });

  it('writes only what was shown: a file that was built anew since is refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'talkbench-flash-'));
    try {
      const { bench: on } = await open();
      const path = join(folder, 'data.bin');
      await writeFile(path, 'as shown');
      const firmware = { files: [{ offset: 0x20000, name: 'data.bin', source: { path } }], options: {} };
      const planned = (await on.jobs.calls['flash.plan'](firmware, context)).files;
      const request = { address: 'virtual://bench', task: { kind: 'write' as const, ...firmware }, planned };
      await writeFile(path, 'built anew');
      await expect(on.jobs.calls['flash.start'](request, context)).rejects.toMatchObject({
        value: { code: 'flash/files-changed', data: { names: ['data.bin'] } },
      });
      expect(on.published).toEqual([]);
      await writeFile(path, 'as shown');
      const { jobId } = await on.jobs.calls['flash.start'](request, context);
      expect(await on.ended(jobId)).toMatchObject({ state: 'done' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('tells its progress in order and never more than ten times a second while bytes flow', async () => {
    const { bench: on } = await open();
    const job = await flash(on, 'virtual://bench');
    const written = on.published.map(({ writtenBytes }) => writtenBytes);
    expect(written).toEqual(written.toSorted((a, b) => a - b));
    const seconds = job.stages.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0) / 1000;
    const stageChanges = 25;
    expect(on.published.length).toBeLessThan(stageChanges + seconds * 10);
  });
});

describe('what a job leaves to look at', () => {
  it('is what it read, in pieces', async () => {
    const { bench: on } = await open({ flash: demo.files });
    const job = await on.run('virtual://bench', { kind: 'read', what: { offset: 0x8000, sizeBytes: 0x1000 }, options: {} });
    expect(job).toMatchObject({ state: 'done', kind: 'read', boardState: 'running' });
    const whole = on.board.chip.flash.read(0x8000, 0x1000);
    expect(job.result).toEqual({
      name: expect.stringMatching(/^esp32s3-[0-9a-f]{6}-0x8000\.bin$/),
      sizeBytes: 0x1000,
      sha256: createHash('sha256').update(whole).digest('hex'),
    });
    const piece = await on.jobs.calls['flash.result']({ jobId: job.jobId, offset: 0x800, sizeBytes: 0x1000 }, context);
    expect(Buffer.from(piece.data)).toEqual(Buffer.from(whole.subarray(0x800)));
    expect(piece.data.buffer.byteLength, 'what is sent with it').toBe(0x800);
  });

  it('is its protocol in words, without a byte of what was written', async () => {
    const { bench: on } = await open();
    const secret = new Uint8Array(Buffer.from('a secret that stands in a file '.repeat(200)));
    const job = await on.write('virtual://bench', [{ offset: 0x9000, name: 'nvs.bin', source: { data: secret } }], { compress: false });
    expect(job.error).toBeNull();
    const { lines } = on.jobs.streams['flash.trace']({ jobId: job.jobId }).topic.snapshot();
    expect(lines.length).toBeGreaterThan(20);
    const text = lines.map((line) => line.text).join('\n');
    expect(text).toContain('FLASH_DATA');
    expect(text).not.toContain('secret');
    expect(text).not.toContain(Buffer.from('a secret').toString('hex'));
  });

  it('is nothing of a job that is not known', async () => {
    const { bench: on } = await open();
    expect(() => on.jobs.streams['flash.trace']({ jobId: 'none' })).toThrow(expect.objectContaining({ code: 'not-found' }));
    await expect(on.jobs.calls['flash.result']({ jobId: 'none', offset: 0, sizeBytes: 1 }, context)).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('a board whose values are read', () => {
  // A certificate's key was kept in the session in hex, where an export does not find it.
  it('is in the session with what its blobs are called, and not with what they hold', async () => {
    const { data } = buildNvs(
      [
        { namespace: 'app', key: 'calibration', type: 'hex', value: 'c0ffee' },
        { namespace: 'app', key: 'host', type: 'string', value: 'bench' },
      ],
      0x6000,
    );
    const { bench: on } = await open({ flash: [...demo.files, { offset: 0x9000, data }] });
    const job = await on.run('virtual://bench', { kind: 'nvs', partition: 'nvs', options: {} });
    expect(job.nvs?.values).toMatchObject([{ value: 'c0ffee' }, { value: 'bench' }]);
    expect(on.recorded[0]?.nvs?.values).toMatchObject([{ key: 'calibration', value: null, sizeBytes: 3 }, { value: 'bench' }]);
    expect(JSON.stringify(on.recorded)).not.toContain('c0ffee');
  });
});

describe('a system that hangs over its list of ports', () => {
  function jobsWith(clock: VirtualClock) {
    const closed = async () => {
      throw new TalkError('port/not-found', { address: 'COM3' });
    };
    return createFlashJobs({
      ports: { list: () => new Promise(() => {}), borrow: closed },
      clock,
      recorder: { ensureSession: () => ({ id: 'session', startedUs: clock.nowUs(), startedWallMs: clock.wallMs() }), flash: () => {} },
      log: createLog({ level: 'silent' }),
      provisioner: () => {
        throw new Error('nothing is provisioned');
      },
    });
  }
  const info = { kind: 'task', task: { kind: 'info', family: 'esp', options: {} } } as const;

  it('holds no job up for long: what is not told stops nothing', async () => {
    const clock = new VirtualClock();
    const { ended } = jobsWith(clock).begin('COM3', info);
    let isOver = false;
    const over = ended.finally(() => {
      isOver = true;
    });
    // Time passes while something waits for it, not while a module is loaded.
    while (!isOver) await (clock.pendingTimers > 0 ? clock.advance(10_000) : wait(1));
    expect(await over).toMatchObject({ state: 'failed', error: { code: 'port/not-found' } });
    expect(clock.nowUs()).toBe(5_000_000);
  });

  it('does not keep a job from being cancelled, nor the core from closing', async () => {
    const jobs = jobsWith(new VirtualClock());
    const { job, ended } = jobs.begin('COM3', info);
    jobs.cancel(job.jobId);
    expect(await ended).toMatchObject({ state: 'cancelled' });
    jobs.begin('COM3', info);
    await jobs.close();
  });
});

describe('a board that is made a device', () => {
  /** A provisioner of one device, and what it was told. */
  function recordingProvisioner(image: (sizeBytes: number) => Uint8Array) {
    const told: string[] = [];
    const provisioner: Provisioner = {
      partition: 'nvs',
      forBoard: async (mac) => {
        told.push(`for ${mac}`);
        return { device: { productId: 'P', deviceName: 'D' }, image };
      },
      settle: async (outcome) => void told.push(outcome),
    };
    return { told, provisioner: () => provisioner };
  }
  const write = { kind: 'write', files: demoFiles, options: {}, provisioning: provisioning.parse({}) } as const;

  it('gets its values with the firmware, over a port that records none of them', async () => {
    const { told, provisioner } = recordingProvisioner((sizeBytes) => new Uint8Array(sizeBytes).fill(0x5a));
    const { bench: on } = await open({ provisioner });
    const job = await on.run('virtual://bench', write);
    expect(job).toMatchObject({ state: 'done', device: { productId: 'P', deviceName: 'D' } });
    expect(told).toEqual([`for ${on.board.chip.mac}`, 'burned']);
    const nvs = job.files.find(({ name }) => name === 'nvs');
    expect(nvs).toMatchObject({ verified: true, offset: 0x9000 });
    expect(on.board.chip.flash.read(0x9000, 4)).toEqual(Uint8Array.of(0x5a, 0x5a, 0x5a, 0x5a));
    expect(on.privacy).toContain(true);
    expect(on.privacy.at(-1)).toBe(false);
  });

  it('has its device for good once a byte of its values went out, though no answer came back', async () => {
    const { told, provisioner } = recordingProvisioner((sizeBytes) => new Uint8Array(sizeBytes).fill(0x5a));
    const clock = new VirtualClock();
    let isDeaf = false;
    const bench: FlashBench = (
      await open({
        clock,
        provisioner,
        wrap: (port) => ({
          address: port.address,
          async write(data) {
            isDeaf ||= bench.privacy.at(-1) === true && data.length > 60;
            await port.write(data);
          },
          setSignals: (lines) => port.setSignals(lines),
          setBaudRate: (baudRate) => port.setBaudRate(baudRate),
          onData: (listener) => port.onData((data, atUs) => isDeaf || listener(data, atUs)),
          onClose: (listener) => port.onClose(listener),
          close: () => port.close(),
        }),
      })
    ).bench;
    const files = demoFiles.filter(({ offset = 0 }) => offset < 0x10000);
    const job = await inTime(clock, bench.run('virtual://bench', { ...write, files }));
    expect(job).toMatchObject({ state: 'failed', boardState: 'partially-written' });
    expect(bench.board.chip.flash.read(0x9000, 1)[0]).toBe(0x5a);
    expect(told.at(-1)).toBe('doubtful');
  });

  it('may have its firmware already: its values go where its own table says', async () => {
    const { told, provisioner } = recordingProvisioner((sizeBytes) => new Uint8Array(sizeBytes).fill(0x5a));
    const { bench: on } = await open({ provisioner, flash: demo.files });
    const job = await on.run('virtual://bench', { ...write, files: [] });
    expect(job).toMatchObject({ state: 'done', boardState: 'running', files: [{ name: 'nvs', offset: 0x9000, verified: true }] });
    expect(told.at(-1)).toBe('burned');
    expectFlashed(on);
  });

  it('is settled after all when that failed at first, and its job is over all the same', async () => {
    const { told, provisioner } = recordingProvisioner((sizeBytes) => new Uint8Array(sizeBytes).fill(0x5a));
    let failures = 1;
    const forgetful: Provisioner = {
      ...provisioner(),
      async settle(outcome) {
        if (failures-- > 0) throw new TalkError('store/locked', { path: 'library.db' }, { retryable: true });
        await provisioner().settle(outcome);
      },
    };
    const { bench: on } = await open({ provisioner: () => forgetful });
    expect(await on.run('virtual://bench', write)).toMatchObject({ state: 'done' });
    await on.jobs.close();
    expect(told).toEqual([`for ${on.board.chip.mac}`, 'burned']);
  });

  it('keeps its device free when the board was not touched', async () => {
    const { told, provisioner } = recordingProvisioner(() => {
      throw new TalkError('nvs/too-big', { sizeBytes: 1, neededBytes: 2 });
    });
    const { bench: on } = await open({ provisioner });
    const job = await on.run('virtual://bench', write);
    expect(job).toMatchObject({ state: 'failed', boardState: 'erased', error: { code: 'nvs/too-big' } });
    expect(told.at(-1)).toBe('untouched');
  });
});

/** Does not compress. */
function noise(lengthBytes: number): Uint8Array {
  const out = new Uint8Array(lengthBytes);
  for (let at = 0, seed = 0; at < lengthBytes; at += 32, seed++)
    out.set(
      createHash('sha256')
        .update(`${seed}`)
        .digest()
        .subarray(0, Math.min(32, lengthBytes - at)),
      at,
    );
  return out;
}
