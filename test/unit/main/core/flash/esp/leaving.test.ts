import { afterEach, describe, expect, it } from 'vitest';
import { buildDemoImages } from '../../../../../../pipeline/boards/esp/demo-images.ts';
import { TalkError } from '../../../../../../preload/contract/errors.ts';
import { incompressible } from '../../../../../fakes/esp-data.ts';
import { createEspBench, type EspBench, type EspRunOptions } from '../../../../../fakes/esp-run.ts';
import { inTime } from '../../../../../fakes/flash-bench.ts';

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

describe('a board', () => {
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
});
