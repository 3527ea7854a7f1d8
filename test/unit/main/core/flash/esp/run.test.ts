import { afterEach, describe, expect, it } from 'vitest';
import type { BytePort } from '../../../../../../main/core/devices/port.ts';
import { chips } from '../../../../../../main/core/flash/esp/chips.ts';
import { readPartitionTable, writePartitionTable } from '../../../../../../main/core/flash/image/partition-table.ts';
import { espKinds } from '../../../../../../pipeline/boards/esp/chips.ts';
import { buildDemoImages } from '../../../../../../pipeline/boards/esp/demo-images.ts';
import { sleepUntil } from '../../../../../../pipeline/clock.ts';
import type { MonoUs } from '../../../../../../preload/contract/time.ts';
import { incompressible } from '../../../../../fakes/esp-data.ts';
import { createEspBench, type EspBench, type EspRunOptions } from '../../../../../fakes/esp-run.ts';
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
      const other = buildDemoImages({ version: '2.0.0' }).files.slice(2);
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
    expect(await bench.write(files, { force: true, after: 'stay' })).toBeNull();
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
    for (const options of [{ force: true }, { eraseAll: true }])
      expect(await bench.write([guess], { ...options, after: 'stay' })).toBeNull();
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
