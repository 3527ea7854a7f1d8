import { afterEach, describe, expect, it } from 'vitest';
import { buildDemoImages } from '../../../../../../pipeline/boards/esp/demo-images.ts';
import { createEspBench, type EspBench, type EspRunOptions } from '../../../../../fakes/esp-run.ts';

const { files } = buildDemoImages({ kind: 'esp32p4' });
const registers = ['0x5011010c', '0x501151b8', '0x501151bc', '0x501153fc'];

let bench: EspBench;
afterEach(() => bench.close());

async function open(options: EspRunOptions): Promise<void> {
  bench = await createEspBench({ kind: 'esp32p4', ...options });
}

/** Of the supply's registers, in order: 'WRITE_REG 0x501151bc = 0x08b00000'. */
const supplyWrites = () => bench.trace.filter((line) => line.includes('WRITE_REG') && registers.some((each) => line.includes(each)));

function expectOnBoard(): void {
  for (const { offset, data } of files) expect(Buffer.from(bench.board.chip.flash.read(offset, data.length)).equals(data)).toBe(true);
}

describe('an ESP32-P4 from v3.1 on, whose flash has no power in download mode', () => {
  const switched = { revision: 301 };

  it.each([301, 302])('v%s/100 is given it in the one order that there is, and then written, verified and started', async (revision) => {
    await open({ revision });
    expect(await bench.write(files)).toBeNull();
    expect(bench.job.chip).toMatchObject({ revision, flashBytes: 16 * 1024 * 1024, flashId: 'c84018' });
    expect(bench.job).toMatchObject({ boardState: 'running' });
    expect(bench.job.notes).toEqual([]);
    expectOnBoard();
    // What the registers held besides stays as it was.
    expect(supplyWrites().map((line) => line.slice(line.indexOf('0x')))).toEqual([
      '0x5011010c = 0x00000001',
      '0x501151bc = 0x08b00000',
      '0x501151b8 = 0x2a000098',
      '0x501153fc = 0x02012083',
      '0x501151bc = 0x00b00000',
      '0x501151b8 = 0x00000098',
      '0x501151b8 = 0x00000098',
      '0x501151b8 = 0x00000018',
    ]);
  });

  it('is written by its ROM alone as well', async () => {
    await open(switched);
    expect(await bench.write(files, { useStub: false })).toBeNull();
    expectOnBoard();
    expect(supplyWrites()).toHaveLength(8);
  });

  it('is given it again after every reset of its loader', async () => {
    // What is too fast for the cable fails, and the loader begins anew at half the rate.
    await open({ ...switched, faults: { noise: { kind: 'flip', rate: 0.05, aboveBaud: 460800, seed: 7 } } });
    expect(await bench.write(files, { baudRate: 921600 })).toBeNull();
    expect(bench.job.notes.map(({ code }) => code)).toContain('baud-reduced');
    expectOnBoard();
    expect(supplyWrites()).toHaveLength(16);
  });

  it('is found powered by the stub that an earlier job left', async () => {
    await open(switched);
    expect(await bench.write(files, { after: 'stay' })).toBeNull();
    expect(await bench.write(files, { before: 'no-reset' })).toBeNull();
    expect(bench.job.notes.map(({ code }) => code)).toContain('stub-resident');
    expect(bench.job.files.every(({ verified }) => verified === true)).toBe(true);
  });

  it('is not there for a loader that does not do so', async () => {
    await open({ ...switched, wrap: withoutWritesTo(0x501151b8) });
    await bench.task({ kind: 'info', family: 'esp', options: { useStub: false } });
    expect(bench.job.chip).toMatchObject({ chip: 'esp32p4', flashId: null, flashBytes: null });
    expect(await bench.write(files)).not.toBeNull();
    expect(Buffer.from(bench.board.chip.flash.read(0x2000, 4)).toString('hex')).toBe('ffffffff');
  });

  it('has it by its own ROM where an eFuse says so: only the switch that the ROM left on is released', async () => {
    await open({ revision: 302, powersFlash: true });
    expect(await bench.write(files)).toBeNull();
    expectOnBoard();
    expect(supplyWrites().map((line) => line.slice(line.indexOf('0x')))).toEqual(['0x501153fc = 0x02012080']);
  });

  it('cannot be given it in secure download mode, and is not asked', async () => {
    await open({ ...switched, security: { secureDownload: true } });
    await bench.task({ kind: 'info', family: 'esp', options: {} });
    expect(supplyWrites()).toEqual([]);
  });
});

describe('an ESP32-P4 before that', () => {
  it.each([1, 103, 300])('v%s/100 has its flash, and its own stub', async (revision) => {
    await open({ revision });
    expect(await bench.write(files)).toBeNull();
    expect(bench.job.chip).toMatchObject({ revision, flashId: 'c84018' });
    expect(bench.job.notes).toEqual([]);
    expect(supplyWrites()).toEqual([]);
    expectOnBoard();
    const run = bench.trace.find((line) => line.includes('MEM_END'));
    expect(run).toContain(revision < 300 ? 'run 0x4ff11' : 'run 0x4ff51');
  });
});

/** A host that leaves the writes to one register out, and is told that they were done. */
function withoutWritesTo(address: number): NonNullable<EspRunOptions['wrap']> {
  return (port) => ({
    ...port,
    address: port.address,
    async write(data) {
      const isIt = data[2] === 0x09 && Buffer.from(data).readUInt32LE(9) === address;
      // Another one of no consequence in its place.
      if (isIt) Buffer.from(data.buffer, data.byteOffset).writeUInt32LE(0x5011_0ff0, 9);
      await port.write(data);
    },
    setSignals: (lines) => port.setSignals(lines),
    setBaudRate: (baudRate) => port.setBaudRate(baudRate),
    onData: (listener) => port.onData(listener),
    onClose: (listener) => port.onClose(listener),
    close: () => port.close(),
  });
}
