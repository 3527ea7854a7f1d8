import { afterEach, describe, expect, it } from 'vitest';
import { espKinds } from '../../../../../../pipeline/boards/esp/chips.ts';
import { buildDemoImages } from '../../../../../../pipeline/boards/esp/demo-images.ts';
import { createEspBench, type EspBench, type EspRunOptions } from '../../../../../fakes/esp-run.ts';

const demo = buildDemoImages();

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
