import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { BytePort } from '../../../../../../main/core/devices/port.ts';
import { chips } from '../../../../../../main/core/flash/esp/chips.ts';
import { readPartitionTable, writePartitionTable } from '../../../../../../main/core/flash/image/partition-table.ts';
import { buildNvs } from '../../../../../../main/core/flash/nvs/build.ts';
import { readNvs } from '../../../../../../main/core/flash/nvs/read.ts';
import type { Provisioner } from '../../../../../../main/core/flash/tool.ts';
import { espKinds } from '../../../../../../pipeline/boards/esp/chips.ts';
import { buildDemoImages } from '../../../../../../pipeline/boards/esp/demo-images.ts';
import { sleepUntil } from '../../../../../../pipeline/clock.ts';
import { TalkError } from '../../../../../../preload/contract/errors.ts';
import type { MonoUs } from '../../../../../../preload/contract/time.ts';
import { incompressible } from '../../../../../fakes/esp-data.ts';
import { createEspBench, type EspBench, type EspRunOptions } from '../../../../../fakes/esp-run.ts';
import { inTime } from '../../../../../fakes/flash-bench.ts';
import type { VirtualClock } from '../../../../../fakes/virtual-clock.ts';

const demo = buildDemoImages();
const table = readPartitionTable(demo.files.find(({ offset }) => offset === 0x8000)?.data ?? new Uint8Array());
const partition = (name: string) => {
  const found = table.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no ${name} in the demo's table`);
  return found;
};

let bench: EspBench;
afterEach(() => bench.close());

async function open(options: EspRunOptions = {}): Promise<void> {
  bench = await createEspBench(options);
}

function expectOnBoard(files: readonly { offset: number; data: Uint8Array }[]): void {
  for (const { offset, data } of files) expect(Buffer.from(bench.board.chip.flash.read(offset, data.length)).equals(data)).toBe(true);
}

const notes = () => bench.job.notes.map(({ code }) => code);

describe('flashing', () => {
  it.each(espKinds)('writes, verifies and starts an %s', async (kind) => {
    await open({ kind });
    const { files } = buildDemoImages({ kind });
    expect(await bench.write(files)).toBeNull();
    expect(bench.job.chip?.chip).toBe(kind);
    expect(bench.job.chip?.mac).toBe(bench.board.chip.mac);
    expect(bench.job.boardState).toBe('running');
    expect(bench.job.files.every(({ verified }) => verified === true)).toBe(true);
    expectOnBoard(files);
    await bench.clock.advance(2_000_000);
    expect(bench.board.chip.state).toBe('running');
  });

  it.each(espKinds)('does so by the ROM of an %s alone', async (kind) => {
    await open({ kind });
    const { files } = buildDemoImages({ kind });
    expect(await bench.write(files, { useStub: false })).toBeNull();
    expectOnBoard(files);
    expect(notes()).toEqual([]);
  });

  it('goes through its stages in order, and tells what each took', async () => {
    await open();
    expect(await bench.write(demo.files)).toBeNull();
    expect(bench.job.stage).toBe('reset');
    expect(bench.job.stages.map(({ stage }) => stage)).toEqual(['connect', 'identify', 'stub', 'baud', 'compare', 'write', 'verify']);
  });
});

describe('what the board has already', () => {
  const data = incompressible(400_000);
  const file = { offset: 0x20000, name: 'large', data };

  it('is left alone when it is all the same, and that is told', async () => {
    await open({ flash: [file] });
    expect(await bench.write([file])).toBeNull();
    expect(bench.job.files[0]).toMatchObject({ unchangedBytes: data.length, writtenBytes: data.length, verified: true });
    expect(bench.job.notes).toMatchObject([{ code: 'unchanged', data: { sizeBytes: data.length, ofBytes: data.length } }]);
    expect(bench.trace.filter((line) => line.includes('FLASH_BEGIN') || line.includes('DEFL_BEGIN'))).toEqual([]);
    // Nothing was written: at no moment was it half of something.
    expect(bench.published.map(({ boardState }) => boardState)).not.toContain('partially-written');
  });

  it('is left alone in blocks of 64 KiB, and the rest is written', async () => {
    await open({ flash: [file] });
    const changed = data.slice();
    changed.fill(0x55, 3 * 0x10000 + 10, 3 * 0x10000 + 20);
    changed.fill(0x55, 5 * 0x10000 + 10, 5 * 0x10000 + 20);
    expect(await bench.write([{ ...file, data: changed }])).toBeNull();
    expectOnBoard([{ ...file, data: changed }]);
    expect(bench.job.files[0]).toMatchObject({ unchangedBytes: data.length - 2 * 0x10000, writtenBytes: data.length, verified: true });
    const begun = bench.trace.filter((line) => /sent: FLASH_(DEFL_)?BEGIN/.test(line)).map((line) => /0x[0-9a-f]+/.exec(line)?.[0]);
    expect(begun).toEqual(['0x00050000', '0x00070000']);
  });

  it('is not looked at when not asked to, when all is erased first, nor by the ROM', async () => {
    for (const options of [{ skipUnchanged: false }, { eraseAll: true }, { useStub: false }]) {
      await open({ flash: [file] });
      expect(await bench.write([file], options)).toBeNull();
      expect(bench.job.files[0]?.unchangedBytes).toBe(0);
      expect(bench.job.stages.map(({ stage }) => stage)).not.toContain('compare');
      await bench.close();
    }
    await open();
  });

  it('is nothing on a blank board, which is asked once', async () => {
    await open();
    expect(await bench.write([file], { verify: false })).toBeNull();
    expect(bench.trace.filter((line) => line.startsWith('sent: SPI_FLASH_MD5 0x00020000'))).toHaveLength(1);
  });

  it('is not looked at where that would take longer than writing it', async () => {
    await open({ flash: [{ ...file, data: new Uint8Array(400_000) }] });
    // Deflates to nothing.
    expect(await bench.write([{ ...file, data: new Uint8Array(400_000) }])).toBeNull();
    expect(bench.job.files[0]?.unchangedBytes).toBe(0);
  });

  it('costs a bounded part of the writing where nothing is the same and digests are slow', async () => {
    await open({ wrap: slowDigests(40), flash: [{ ...file, data: incompressible(400_000, 'other') }] });
    expect(await bench.write([file], { baudRate: 921600 })).toBeNull();
    // All of it takes 244 ms of the 271 that may be spent in vain; one block more is over. And then what verifies.
    expect(bench.trace.filter((line) => line.startsWith('sent: SPI_FLASH_MD5 0x00020000'))).toHaveLength(3);
  });
});

/** A chip digests 64 KiB in so many milliseconds. */
function slowDigests(msPerBlock: number) {
  return (port: BytePort, clock: VirtualClock): BytePort => ({
    ...port,
    async write(data) {
      const isMd5 = data[2] === 0x13;
      if (isMd5) {
        const sizeBytes = Buffer.from(data).readUInt32LE(13);
        await sleepUntil(clock, (clock.nowUs() + (sizeBytes / 0x10000) * msPerBlock * 1000) as MonoUs);
      }
      await port.write(data);
    },
  });
}

describe('a board', () => {
  it('is erased first where that is asked for', async () => {
    await open({ flash: [{ offset: 0x300000, data: Uint8Array.of(1, 2, 3) }] });
    expect(await bench.write(demo.files, { eraseAll: true })).toBeNull();
    expect([...bench.board.chip.flash.read(0x300000, 3)]).toEqual([0xff, 0xff, 0xff]);
    expect(bench.job.stages.map(({ stage }) => stage)).toContain('erase');
    expect(bench.published.map(({ boardState }) => boardState)).toContain('erased');
    expectOnBoard(demo.files);
  });

  it.each([
    ['does not tell its size', { faults: { flashTellsSize: false } }],
    ['goes further than its ROM reaches', { flashBytes: 32 * 1024 * 1024 }],
  ])('whose flash %s is not said to be half erased where its ROM cannot erase all of it', async (_, board) => {
    await open({ flash: demo.files, ...board });
    expect(await bench.write(demo.files, { eraseAll: true, useStub: false })).toMatchObject({ code: 'unsupported' });
    expectOnBoard(demo.files);
    expect(bench.published.map(({ boardState }) => boardState)).not.toContain('partially-written');
    expect(bench.job.boardState).toBe('running');
  });

  it.each([{ secureBoot: true }, { flashEncryption: true }])(
    'with %j is refused before a byte is written, unless it is said so',
    async (security) => {
      await open({ flash: demo.files, security });
      const other = [{ offset: 0x10000, name: 'app', data: incompressible(5000) }];
      expect(await bench.write(other)).toMatchObject({ code: 'flash/secured', data: security });
      expect(bench.job.boardState).toBe('running');
      expectOnBoard(demo.files);
      expect(await bench.write(other, { force: true })).toBeNull();
      expect(notes()).toContain('security');
      expectOnBoard(other);
    },
  );

  it.each([
    ['esp32s3', true],
    ['esp32', true],
    ['esp32', false],
  ] as const)('without flash encryption gets what a build marks for it in the clear: an %s, with a stub %s', async (kind, useStub) => {
    await open({ kind });
    const { files } = buildDemoImages({ kind });
    const marked = files.map((file) => ({ ...file, isEncrypted: true }));
    expect(await bench.write(marked, { useStub })).toBeNull();
    expect(bench.trace.filter((line) => line.includes('encrypted'))).toEqual([]);
    expect(bench.job.files.map(({ verified }) => verified)).toEqual(files.map(() => true));
    expectOnBoard(files);
  });

  it('with flash encryption encrypts what a build marks for it, in whole units, and nothing else', async () => {
    await open({ security: { flashEncryption: true } });
    const files = [
      { offset: 0x10000, name: 'app', data: incompressible(5008), isEncrypted: true },
      { offset: 0x20000, name: 'plain', data: incompressible(5008) },
    ];
    expect(await bench.write(files, { force: true })).toBeNull();
    const begun = bench.trace.filter((line) => line.includes('FLASH_BEGIN') || line.includes('DEFL_BEGIN'));
    expect(begun).toEqual([
      'sent: FLASH_BEGIN 0x00010000, 5024 bytes in 1 blocks of 16384, encrypted',
      'sent: FLASH_BEGIN 0x00020000, 5008 bytes in 1 blocks of 16384',
    ]);
    expect(bench.job.files.map(({ verified, writtenBytes }) => [verified, writtenBytes])).toEqual([
      [null, 5008],
      [true, 5008],
    ]);
  });

  it('in secure download mode is written by its ROM, which cannot tell what it holds then', async () => {
    await open({ security: { secureDownload: true } });
    expect(await bench.write(demo.files)).toBeNull();
    expect(notes()).toEqual(['rom-only']);
    expect(bench.job.files.map(({ verified }) => verified)).toEqual(demo.files.map(() => null));
    expectOnBoard(demo.files);
  });

  it('that is another chip than the one expected keeps what it has', async () => {
    await open({ flash: demo.files });
    expect(await bench.write(demo.files, { expectChip: 'esp32c3' })).toMatchObject({ code: 'flash/wrong-chip' });
    await bench.clock.advance(2_000_000);
    expect(bench.board.chip.state).toBe('running');
  });

  it('whose own partition table has no room for a file keeps what it has', async () => {
    await open({ flash: demo.files });
    const { offset, sizeBytes } = partition('nvs');
    const file = { offset, name: 'values', data: incompressible(sizeBytes + 4096) };
    expect(await bench.write([file])).toMatchObject({ code: 'flash/does-not-fit', data: { partition: 'nvs' } });
    expect(bench.job.boardState).toBe('running');
    expectOnBoard(demo.files);
  });

  it('whose table is elsewhere keeps what stands where an application usually is', async () => {
    const long = { offset: 0, data: incompressible(0xa000) };
    const moved = { offset: 0x10000, data: writePartitionTable(table) };
    await open({ flash: [long, moved] });
    const guess = { offset: 0x10000, name: 'app.bin', data: incompressible(5000), isGuessed: true, kind: 'app' as const };
    expect(await bench.write([guess])).toMatchObject({ code: 'flash/no-offset', data: { name: 'app.bin', reason: 'unconfirmed' } });
    expectOnBoard([moved]);
    expect(bench.job.boardState).not.toBe('partially-written');
    for (const options of [{ force: true }, { eraseAll: true }]) expect(await bench.write([guess], options)).toBeNull();
    expect(await bench.write([{ ...guess, isGuessed: false }])).toBeNull();
    // A blank one has none anywhere.
    await bench.close();
    await open();
    expect(await bench.write([guess])).toBeNull();
  });

  it('that is an ESP8266 is said to be one', async () => {
    let isAsked = false;
    await open({
      wrap: (port) => ({
        ...port,
        write(data) {
          isAsked = data[2] === 0x0a && Buffer.from(data).readUInt32LE(9) === 0x40001000;
          return port.write(data);
        },
        onData: (listener) => port.onData((data, atUs) => listener(isAsked ? Buffer.from('c0010a020001c1f0ff0000c0', 'hex') : data, atUs)),
      }),
    });
    expect(await bench.write(demo.files)).toMatchObject({ code: 'flash/wrong-chip', data: { actual: 'esp8266' } });
    expect(bench.trace.some((line) => line.includes('GET_SECURITY_INFO'))).toBe(false);
  });

  it.each(['00', 'ff'])('whose eFuses hold no address (%s) is not taken for another such', async (byte) => {
    const first = chips.find(({ name }) => name === 'esp32s3')?.macAddress ?? 0;
    const answer = Buffer.from(`c0010a0400${byte.repeat(4)}00000000c0`, 'hex');
    let isAsked = false;
    await open({
      wrap: (port) => ({
        ...port,
        write(data) {
          isAsked = data[2] === 0x0a && [first, first + 4].includes(Buffer.from(data).readUInt32LE(9));
          return port.write(data);
        },
        onData: (listener) => port.onData((data, atUs) => listener(isAsked ? answer : data, atUs)),
      }),
    });
    expect((await bench.task({ kind: 'info', family: 'esp', options: {} })).error).toBeNull();
    expect(bench.job.chip).toMatchObject({ chip: 'esp32s3', mac: null });
  });

  it('that is told to forget its partitions is said to', async () => {
    await open({ flash: demo.files });
    const moved = table.map((each) => (each.name === 'nvs' ? { ...each, sizeBytes: each.sizeBytes - 0x1000 } : each));
    const files = demo.files.filter(({ offset }) => offset === 0x8000).map((file) => ({ ...file, kind: 'partition-table' as const }));
    expect(await bench.write(files, { table: moved })).toBeNull();
    expect(bench.job.warnings?.map(({ code }) => code)).toEqual(['table-replaced']);
    expect(await bench.write(files, { table })).toBeNull();
    expect(bench.job.warnings).toBeUndefined();
  });

  it('whose flash is worn says which file, and where it begins to differ', async () => {
    await open({ faults: { wornFlash: { offset: 0x54000, sizeBytes: 0x1000 } } });
    const file = { offset: 0x20000, name: 'large', data: incompressible(400_000) };
    expect(await bench.write([file])).toMatchObject({
      code: 'flash/verify-mismatch',
      data: { file: 'large', offset: 0x50000, expected: expect.stringMatching(/^[0-9a-f]{32}$/), actual: expect.any(String) },
    });
    expect(bench.job.files[0]?.verified).toBe(false);
    expect(bench.job.boardState).toBe('partially-written');
  });

  it('whose flash does not tell its size is written all the same', async () => {
    await open({ faults: { flashTellsSize: false } });
    expect(await bench.write(demo.files)).toBeNull();
    expect(bench.job.chip).toMatchObject({ flashBytes: null, flashId: expect.stringMatching(/^[0-9a-f]{6}$/) });
  });

  it.each([4, 16, 32])('with %i MiB of flash is written up to its end', async (megabytes) => {
    await open({ flashBytes: megabytes * 1024 * 1024 });
    const file = { offset: megabytes * 1024 * 1024 - 0x2000, name: 'end', data: incompressible(0x2000) };
    expect(await bench.write([file])).toBeNull();
    expectOnBoard([file]);
    expect(await bench.write([{ ...file, data: incompressible(0x2001) }])).toMatchObject({ code: 'flash/too-big' });
  });

  it('gets the flash’s mode, frequency and size into its bootloader’s header, and boots it', async () => {
    await open();
    expect(await bench.write(demo.files, { flashMode: 'qio', flashFrequency: '40m', flashSize: 'detect' })).toBeNull();
    expect([...bench.board.chip.flash.read(2, 2)]).toEqual([0, 0x30]);
    await bench.clock.advance(2_000_000);
    expect(bench.board.chip.state).toBe('running');
  });

  it('stays in its loader when asked to, at the ROM’s rate, and is found there by the next job', async () => {
    await open();
    expect(await bench.write(demo.files, { after: 'stay' })).toBeNull();
    expect(bench.job.boardState).toBe('download-mode');
    expect(bench.board.chip.state).toBe('download');
    expect(await bench.write(demo.files, { before: 'no-reset' })).toBeNull();
    expect(notes()).toContain('stub-resident');
  });

  it('whose ROM does not reach all of its flash is not written around to its beginning', async () => {
    const file = { offset: 0x1000000, name: 'far', data: incompressible(4096) };
    await open({ flashBytes: 32 * 1024 * 1024 });
    expect(await bench.write([file], { useStub: false })).toMatchObject({ code: 'unsupported', data: { feature: 'flash beyond 16 MB' } });
    expect(bench.job.boardState).toBe('erased');
    expect(await bench.write([file])).toBeNull();
    expectOnBoard([file]);
  });

  it('without lines is rebooted by its loader', async () => {
    await open({ wrap: (port) => ({ ...port, setSignals: async () => false }) });
    bench.board.chip.pressReset('download');
    expect(await bench.write(demo.files)).toBeNull();
    expect(notes()).toEqual(['rebooted-by-loader']);
    expect(bench.job.boardState).toBe('running');
    await bench.clock.advance(2_000_000);
    expect(bench.board.chip.state).toBe('running');
  });

  it('without lines whose loader cannot reboot it is said to be where it is', async () => {
    // As newer stubs do: taken, and nothing done. The chip's watchdog is not there either.
    const deaf = (data: Uint8Array) => bench.job.stage === 'reset' && (data[2] === 0x04 || data[2] === 0x09);
    await open({
      wrap: (port) => ({
        ...port,
        setSignals: async () => false,
        write: (data) => (deaf(data) ? Promise.resolve() : port.write(data)),
      }),
    });
    bench.board.chip.pressReset('download');
    expect(await bench.write(demo.files)).toBeNull();
    expect(notes()).toEqual(['not-reset']);
    expect(bench.job.boardState).toBe('download-mode');
  });

  it('behind lines that nobody wired to it is rebooted by its loader', async () => {
    await open({ wiring: 'none' });
    bench.board.chip.pressReset('download');
    expect(await bench.write(demo.files)).toBeNull();
    expect(notes()).toEqual(['rebooted-by-loader']);
    expect(bench.job.boardState).toBe('running');
    await bench.clock.advance(2_000_000);
    expect(bench.board.chip.state).toBe('running');
  });

  it('behind lines that nobody wired is found in the stub that a cancelled job left at its rate', async () => {
    await open({ wiring: 'none', uartBaudLimit: 921600 });
    bench.board.chip.pressReset('download');
    const file = { offset: 0x20000, name: 'large', data: incompressible(200_000) };
    const first = bench.begin([file]);
    await bench.until(({ writtenBytes }) => writtenBytes > 50_000);
    bench.abort.abort(new Error('cancelled by the test'));
    await inTime(bench.clock, first);
    expect(bench.job.boardState).toBe('partially-written');
    expect(await bench.write([file])).toBeNull();
    expect(notes()).toContain('stub-resident');
    expectOnBoard([file]);
  });

  it('whose USB goes with the last reset has been reset', async () => {
    await open({
      wrap: (port) => ({
        ...port,
        address: '/dev/ttyACM0',
        async setSignals(lines) {
          if (bench.job.stage === 'reset' && lines.rts) await port.close();
          return true;
        },
      }),
    });
    bench.board.chip.pressReset('download');
    expect(await bench.write(demo.files)).toBeNull();
    expect(bench.job.boardState).toBe('running');
  });

  it('whose USB goes before the lines are let go has been reset, whichever way it came into its loader', async () => {
    let isGone = false;
    await open({
      wrap: (port) => ({
        ...port,
        address: '/dev/ttyACM0',
        async setSignals(lines) {
          if (isGone) throw new TalkError('port/lost', { address: '/dev/ttyACM0', reason: 'gone' });
          if (bench.job.stage === 'reset' && lines.rts) {
            isGone = true;
            await port.close();
          }
          return true;
        },
      }),
    });
    bench.board.chip.pressReset('download');
    expect(await bench.write(demo.files)).toBeNull();
    expect(bench.job.boardState).toBe('running');
  });

  it('whose loader comes back in its loader, because the straps were kept, is not said to run', async () => {
    let isLeaving = false;
    await open({
      wrap: (port) => ({
        ...port,
        setSignals: async () => false,
        async setBaudRate(baudRate) {
          await port.setBaudRate(baudRate);
          if (isLeaving) bench.board.chip.pressReset('download');
        },
        async write(data) {
          isLeaving ||= bench.job.stage === 'reset' && data[2] === 0x04;
          if (!isLeaving) await port.write(data);
        },
      }),
    });
    bench.board.chip.pressReset('download');
    expect(await bench.write(demo.files)).toBeNull();
    expect(notes()).toEqual(['not-reset']);
    expect(bench.job.boardState).toBe('download-mode');
  });

  it('whose BOOT is still held when it is reset is not said to run', async () => {
    await open({
      wrap: (port) => ({
        ...port,
        async setSignals(lines) {
          if (bench.job.stage !== 'reset') return port.setSignals(lines);
          if (lines.rts) bench.board.chip.pressReset('download');
          return true;
        },
      }),
    });
    expect(await bench.write(demo.files)).toBeNull();
    expect(notes()).toEqual(['not-reset']);
    expect(bench.job.boardState).toBe('download-mode');
  });

  it('on its own USB is not bitten by a watchdog that ran on, whichever way it was reset', async () => {
    await open({
      kind: 'esp32c3',
      wiring: 'usb-serial-jtag',
      wrap: (port) => ({ ...port, address: '/dev/ttyACM0' }),
      portInfo: { address: '/dev/ttyACM0', kind: 'serial', label: 'ESP32 USB Serial/JTAG', vendorId: '303a', productId: '1001' },
    });
    const before = 'R0|D0|W0.1|D1|R0|W0.1|R1|D0|R1|W0.1|D0|R0';
    expect(await bench.write(demo.files.slice(1, 2), { before })).toBeNull();
    expect(bench.trace).toContain('note: reset: custom');
    const { protect = 0, config = 0 } = chips.find(({ name }) => name === 'esp32c3')?.watchdogs ?? {};
    const written = (address: number, value: number) =>
      `sent: WRITE_REG 0x${address.toString(16)} = 0x${value.toString(16).padStart(8, '0')}`;
    expect(bench.trace).toEqual(expect.arrayContaining([written(protect, 0x50d83aa1), written(config, 0)]));
  });

  it('on its own USB is reset the way that takes, at once where the system knows the port', async () => {
    await open({
      wiring: 'usb-serial-jtag',
      wrap: (port) => ({ ...port, address: '/dev/ttyACM0' }),
      portInfo: { address: '/dev/ttyACM0', kind: 'serial', label: 'ESP32 USB Serial/JTAG', vendorId: '303a', productId: '1001' },
    });
    expect(await bench.write(demo.files)).toBeNull();
    expect(bench.trace.filter((line) => line.startsWith('note: reset'))).toEqual(['note: reset: usbJtag', 'note: reset: hard']);
    await bench.clock.advance(2_000_000);
    expect(bench.board.chip.state).toBe('running');
  });
});

describe('a loader on USB-OTG', () => {
  it.each(['esp32s2', 'esp32s3', 'esp32p4'] as const)('of an %s gets no block that its buffer cannot take', async (kind) => {
    for (const options of [{}, { compress: false }, { useStub: false }]) {
      const imageChipId = chips.find(({ name }) => name === kind)?.imageChipId ?? 0;
      const productId = imageChipId.toString(16).padStart(4, '0');
      const portInfo = { address: '/dev/ttyACM0', kind: 'serial', label: 'ROM', vendorId: '303a', productId } as const;
      await open({ kind, wiring: 'usb-otg', portInfo });
      bench.board.chip.pressReset('download');
      const { files } = buildDemoImages({ kind });
      expect(await bench.write(files, { ...options, after: 'stay' })).toBeNull();
      expect(notes()).toEqual([]);
      expectOnBoard(files);
      await bench.close();
    }
    await open();
  });
});

describe('the stub', () => {
  it.each([
    ['esp32s3', true],
    ['esp32', false],
  ] as const)('of an %s is sent at the high rate: %s', async (kind, isFast) => {
    await open({ kind });
    expect(await bench.write([{ offset: 0x10000, name: 'x', data: incompressible(4096) }])).toBeNull();
    const at = (word: string) => bench.trace.findIndex((line) => line.includes(word));
    expect(at('CHANGE_BAUDRATE') < at('MEM_BEGIN')).toBe(isFast);
    expect(notes()).toEqual([]);
  });

  it('that is not heard at the high rate is sent again at the ROM’s', async () => {
    let greetings = 0;
    await open({
      wrap: (port) => ({
        ...port,
        onData: (listener) =>
          port.onData((data, atUs) => {
            const isGreeting = Buffer.from(data).includes('OHAI');
            if (!isGreeting || ++greetings > 1) listener(data, atUs);
          }),
      }),
    });
    expect(await bench.write([{ offset: 0x10000, name: 'x', data: incompressible(4096) }])).toBeNull();
    expect(greetings).toBe(2);
    expect(notes()).toEqual([]);
    expect(bench.trace).toContain('sent: CHANGE_BAUDRATE 460800 from 115200');
  });
});

describe('a board whose USB goes away with each reset', () => {
  it('is followed to where it comes back, written, and let go', async () => {
    await open({ wiring: 'usb-serial-jtag', usbGoneMs: 300, comesBack: true, flash: demo.files });
    await bench.clock.advance(1_000_000);
    const file = { offset: 0x200000, name: 'more', data: incompressible(50_000) };
    expect(await bench.write([file])).toBeNull();
    expect(bench.job.boardState).toBe('running');
    expectOnBoard([file]);
    await bench.clock.advance(3_000_000);
    expect(bench.board.chip.state).toBe('running');
  });

  it('is known for one by a link to its port, too', async () => {
    await open({
      wiring: 'usb-serial-jtag',
      usbGoneMs: 300,
      comesBack: true,
      flash: demo.files,
      wrap: (port) => ({ ...port, address: '/dev/serial/by-id/usb-Espressif_USB_JTAG_serial_debug_unit-if00' }),
      portInfo: { address: '/dev/ttyACM0', kind: 'serial', label: 'ESP32 USB Serial/JTAG', vendorId: '303a', productId: '1001' },
    });
    await bench.clock.advance(1_000_000);
    const file = { offset: 0x200000, name: 'more', data: incompressible(5000) };
    expect(await bench.write([file])).toBeNull();
    expect(bench.trace.find((line) => line.startsWith('note: reset'))).toBe('note: reset: usbJtag');
    expect(bench.job.boardState).toBe('running');
  });
});

describe('a board’s own values', () => {
  const secret = 'never to be told';

  function provisioner(): Provisioner & { asked: (string | null)[] } {
    const asked: (string | null)[] = [];
    return {
      asked,
      partition: 'nvs',
      async forBoard(mac) {
        asked.push(mac);
        return {
          device: { productId: 'p', deviceName: 'd' },
          image: (sizeBytes) => buildNvs([{ namespace: 'dev', key: 'device_secret', type: 'string', value: secret }], sizeBytes).data,
        };
      },
      settle: async () => {},
    };
  }

  it.each([true, false])('are burned into the partition the table names, the table among the files: %s', async (hasTable) => {
    const own = provisioner();
    await open({ provisioner: own, flash: hasTable ? [] : demo.files });
    expect(await bench.write(hasTable ? demo.files : demo.files.slice(-1), hasTable ? { table } : {})).toBeNull();
    expect(own.asked).toEqual([bench.board.chip.mac]);
    const { offset, sizeBytes } = partition('nvs');
    const values = readNvs(bench.board.chip.flash.read(offset, sizeBytes), { withSecrets: true }).values;
    expect(values).toMatchObject([{ key: 'device_secret', value: secret }]);
    expect(bench.job.files.at(-1)).toMatchObject({ name: 'nvs', offset, writtenBytes: sizeBytes, verified: true, md5: null });
    expect(bench.job.device).toEqual({ productId: 'p', deviceName: 'd' });
  });

  it('are private on the line, and never in the job nor its trace', async () => {
    await open({ provisioner: provisioner() });
    expect(await bench.write(demo.files, { table, compress: false })).toBeNull();
    expect(bench.privacy).toEqual([true, false, true, false]);
    const said = JSON.stringify([bench.published, bench.trace]);
    expect(said).not.toContain(secret);
    const { offset, sizeBytes } = partition('nvs');
    expect(said).not.toContain(createHash('md5').update(bench.board.chip.flash.read(offset, sizeBytes)).digest('hex'));
  });

  it('stay out of the trace on a port that came back in the middle of them', async () => {
    let opened = 0;
    let deafOn: number | null = null;
    await open({
      wiring: 'usb-serial-jtag',
      usbGoneMs: 300,
      comesBack: true,
      flash: demo.files,
      provisioner: provisioner(),
      wrap(port) {
        const nth = ++opened;
        const write = (data: Uint8Array) => {
          if (bench.job.stage !== 'verify' || data[2] !== 0x13) return port.write(data);
          deafOn ??= nth;
          return nth === deafOn ? Promise.resolve() : port.write(data);
        };
        return { ...port, write };
      },
    });
    await bench.clock.advance(1_000_000);
    expect(await bench.write([], { table })).toBeNull();
    expect(opened).toBeGreaterThan(deafOn ?? Number.POSITIVE_INFINITY);
    const { offset, sizeBytes } = partition('nvs');
    const digest = createHash('md5').update(bench.board.chip.flash.read(offset, sizeBytes)).digest('hex');
    expect(bench.trace.filter((line) => line.includes(digest))).toEqual([]);
  });

  it('in a file of their own, or inside a merged image, are not recorded either', async () => {
    for (const [file, isPrivate] of [
      [{ offset: partition('nvs').offset, name: 'nvs.bin', data: incompressible(4096) }, true],
      [{ offset: 0, name: 'merged.bin', data: incompressible(0x20000), kind: 'merged' }, true],
      [{ offset: 0x200000, name: 'else.bin', data: incompressible(4096) }, false],
    ] as const) {
      await open();
      expect(await bench.write([file], { table, verify: false })).toBeNull();
      expect(bench.privacy).toEqual(isPrivate ? [true, false] : []);
      await bench.close();
    }
    await open();
  });

  it('without a place for them touch nothing', async () => {
    await open({ provisioner: { ...provisioner(), partition: 'elsewhere' }, flash: demo.files });
    expect(await bench.write(demo.files.slice(-1))).toMatchObject({ code: 'flash/no-partition', data: { partition: 'elsewhere' } });
    expect(bench.job.boardState).toBe('running');
  });

  it.each(['factory', 'phy_init'])('named for %s, which no NVS is in, touch nothing', async (name) => {
    await open({ provisioner: { ...provisioner(), partition: partition(name).name }, flash: demo.files });
    expect(await bench.write([])).toMatchObject({ code: 'flash/no-partition', data: { partition: name } });
    expectOnBoard(demo.files);
    expect(bench.job.boardState).toBe('running');
  });

  it('under a file of the same place touch nothing', async () => {
    await open({ provisioner: provisioner(), flash: demo.files });
    const { offset } = partition('nvs');
    expect(await bench.write([{ offset, name: 'mine', data: incompressible(4096) }])).toMatchObject({ code: 'flash/overlap' });
    expect(bench.job.files.every(({ writtenBytes }) => writtenBytes === 0)).toBe(true);
  });
});
