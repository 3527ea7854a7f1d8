import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { readPartitionTable, writePartitionTable } from '../../../../../../main/core/flash/image/partition-table.ts';
import { buildNvs } from '../../../../../../main/core/flash/nvs/build.ts';
import { buildDemoImages } from '../../../../../../pipeline/boards/esp/demo-images.ts';
import { createEspBench, type EspBench, type EspRunOptions } from '../../../../../fakes/esp-run.ts';

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
  bench = await createEspBench({ flash: demo.files, ...options });
}

function range(offset: number, sizeBytes: number) {
  return Buffer.from(bench.board.chip.flash.read(offset, sizeBytes));
}

describe('info', () => {
  it('tells chip, flash, security, partitions and the applications in them, and starts the board again', async () => {
    await open();
    expect(await bench.task({ kind: 'info', family: 'esp', options: {} })).toEqual({ error: null });
    expect(bench.job.chip).toMatchObject({
      chip: 'esp32s3',
      flashBytes: bench.board.chip.flash.sizeBytes,
      security: { secureBoot: false, flashEncryption: false, secureDownload: false, jtagDisabled: false, flags: 0 },
    });
    expect(bench.job.partitions).toEqual(table);
    expect(bench.job.apps).toMatchObject([{ app: { project: 'talkbench-demo' } }]);
    expect(bench.job.boardState).toBe('running');
  });

  it('of a blank board is what there is', async () => {
    await open({ flash: [] });
    expect(await bench.task({ kind: 'info', family: 'esp', options: {} })).toEqual({ error: null });
    expect(bench.job).toMatchObject({ partitions: null, apps: [] });
  });

  it('passes over applications that a table made for a larger flash has where this one ends', async () => {
    const far = {
      name: 'far',
      type: 'app',
      subtype: 'ota_5',
      offset: 0xa00000,
      sizeBytes: 0x100000,
      isEncrypted: false,
      isReadOnly: false,
    };
    const data = writePartitionTable([...table, far]);
    const flash = demo.files.map((file) => (file.offset === 0x8000 ? { ...file, data } : file));
    await open({ flash, flashBytes: 4 * 1024 * 1024 });
    expect(await bench.task({ kind: 'info', family: 'esp', options: {} })).toEqual({ error: null });
    expect(bench.job.partitions).toContainEqual(far);
    expect(bench.job.apps).toMatchObject([{ app: { project: 'talkbench-demo' } }]);
    expect(bench.job.notes).toEqual([]);
  });

  it.each(['esp32', 'esp32s2', 'esp32c3'] as const)('tells how an %s is locked', async (kind) => {
    await open({ kind, flash: [], security: { secureBoot: true, flashEncryption: true } });
    await bench.task({ kind: 'info', family: 'esp', options: {} });
    expect(bench.job.chip?.security).toMatchObject({ secureBoot: true, flashEncryption: true, secureDownload: false });
  });

  it('of a board in secure download mode is who it is, and no more', async () => {
    await open({ security: { secureDownload: true } });
    expect(await bench.task({ kind: 'info', family: 'esp', options: {} })).toEqual({ error: null });
    expect(bench.job.chip).toMatchObject({ chip: 'esp32s3', mac: null, flashBytes: null, security: { secureDownload: true } });
    expect(bench.job.partitions).toBeNull();
  });
});

describe('read', () => {
  it.each([true, false])('brings a partition as it is, by the stub: %s', async (useStub) => {
    await open();
    const { offset, sizeBytes } = partition('nvs');
    const { error, data } = await bench.task({ kind: 'read', what: { partition: 'nvs' }, options: { useStub } });
    expect(error).toBeNull();
    expect(range(offset, sizeBytes).equals(data ?? Buffer.of())).toBe(true);
    expect(bench.job).toMatchObject({ writtenBytes: sizeBytes, totalBytes: sizeBytes, boardState: 'running' });
    expect(bench.privacy).toEqual([true, false]);
  });

  it('brings all of it', async () => {
    await open();
    const { data } = await bench.task({ kind: 'read', what: 'all', options: {} });
    expect(data?.length).toBe(bench.board.chip.flash.sizeBytes);
    expect(
      createHash('md5')
        .update(data ?? '')
        .digest('hex'),
    ).toBe(createHash('md5').update(range(0, bench.board.chip.flash.sizeBytes)).digest('hex'));
  });

  it('reads again what a bad line spoiled', async () => {
    await open({ faults: { noise: { kind: 'flip', rate: 0.00002, aboveBaud: 230400, seed: 3 } } });
    const { error, data } = await bench.task({ kind: 'read', what: { offset: 0, sizeBytes: 300_000 }, options: { baudRate: 921600 } });
    expect(error).toBeNull();
    expect(range(0, 300_000).equals(data ?? Buffer.of())).toBe(true);
    expect(bench.job.notes.map(({ code }) => code)).toContain('baud-reduced');
  });

  it('of a partition that is not there says so, and of what is beyond the flash', async () => {
    await open();
    expect((await bench.task({ kind: 'read', what: { partition: 'none' }, options: {} })).error).toMatchObject({
      code: 'flash/no-partition',
    });
    expect(bench.job.boardState).toBe('running');
    const beyond = { offset: bench.board.chip.flash.sizeBytes - 16, sizeBytes: 32 };
    expect((await bench.task({ kind: 'read', what: beyond, options: {} })).error).toMatchObject({ code: 'flash/too-big' });
  });

  it('is refused in secure download mode', async () => {
    await open({ security: { secureDownload: true } });
    expect((await bench.task({ kind: 'read', what: 'all', options: {} })).error).toMatchObject({ code: 'flash/secured' });
  });
});

describe('erase', () => {
  it.each([true, false])('takes a partition and nothing else, by the stub: %s', async (useStub) => {
    await open();
    const { offset, sizeBytes } = partition('nvs');
    bench.board.chip.flash.program(offset, Uint8Array.of(1, 2, 3));
    const before = range(offset + sizeBytes, 0x20000);
    expect((await bench.task({ kind: 'erase', what: { partition: 'nvs' }, confirm: 'erase', options: { useStub } })).error).toBeNull();
    expect(range(offset, sizeBytes).every((byte) => byte === 0xff)).toBe(true);
    expect(range(offset + sizeBytes, 0x20000).equals(before)).toBe(true);
    expect(bench.job.boardState).toBe('running');
  });

  it.each([true, false])('takes all, by the stub: %s', async (useStub) => {
    await open();
    expect((await bench.task({ kind: 'erase', what: 'all', confirm: 'erase', options: { useStub } })).error).toBeNull();
    expect(range(0, bench.board.chip.flash.sizeBytes).every((byte) => byte === 0xff)).toBe(true);
    expect(bench.job.boardState).toBe('erased');
  });

  it.each([
    ['behind a UART', {}],
    ['with a USB of its own', { wiring: 'usb-serial-jtag' }],
  ] as const)('of all is what later jobs find too: reset, and nothing to start, %s', async (_, options) => {
    await open(options);
    await bench.task({ kind: 'info', family: 'esp', options: {} });
    expect(bench.job.boardState).toBe('running');
    await bench.task({ kind: 'erase', what: 'all', confirm: 'erase', options: {} });
    for (const useStub of [true, false]) {
      expect((await bench.task({ kind: 'info', family: 'esp', options: { useStub } })).error).toBeNull();
      expect(bench.job).toMatchObject({ boardState: 'erased', notes: [] });
    }
  });

  it('does not take half a sector, nor a secured board', async () => {
    await open();
    const half = { offset: 0x10000, sizeBytes: 100 };
    expect((await bench.task({ kind: 'erase', what: half, confirm: 'erase', options: {} })).error).toMatchObject({
      code: 'flash/bad-offset',
    });
    expect(bench.job.boardState).toBe('running');
    await bench.close();
    await open({ security: { flashEncryption: true } });
    expect((await bench.task({ kind: 'erase', what: 'all', confirm: 'erase', options: {} })).error).toMatchObject({
      code: 'flash/secured',
      data: { kind: 'erase' },
    });
    expect(range(0, 4096).equals(demo.files[0]?.data.subarray(0, 4096) ?? Buffer.of())).toBe(true);
  });
});

describe('nvs', () => {
  it('shows what a board keeps, without its secrets, and keeps them out of the recording', async () => {
    await open();
    const { offset, sizeBytes } = partition('nvs');
    const entries = [
      { namespace: 'wifi', key: 'ssid', type: 'string', value: 'lab' },
      { namespace: 'wifi', key: 'password', type: 'string', value: 'do not tell' },
    ] as const;
    bench.board.chip.flash.program(offset, buildNvs([...entries], sizeBytes).data);
    expect((await bench.task({ kind: 'nvs', partition: 'nvs', options: {} })).error).toBeNull();
    const values = bench.job.nvs?.values.map(({ key, value }) => [key, value]);
    expect(values).toEqual([
      ['ssid', 'lab'],
      ['password', null],
    ]);
    expect(JSON.stringify([bench.job, bench.trace])).not.toContain('do not tell');
    expect(bench.privacy).toEqual([true, false]);
  });
});
