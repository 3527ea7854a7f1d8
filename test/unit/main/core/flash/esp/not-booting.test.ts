import { afterEach, describe, expect, it } from 'vitest';
import { buildDemoImages } from '../../../../../../pipeline/boards/esp/demo-images.ts';
import { incompressible } from '../../../../../fakes/esp-data.ts';
import { createEspBench, type EspBench, type EspRunOptions } from '../../../../../fakes/esp-run.ts';

const demo = buildDemoImages();
const [bootloader, table, app] = demo.files;
if (bootloader === undefined || table === undefined || app === undefined) throw new Error('no demo images');
const text = { offset: 0x10000, name: 'readme.txt', data: Uint8Array.from(Buffer.from('hello\n')) };
const noise = { offset: 0, name: 'noise.bin', data: incompressible(0x4000) };

let bench: EspBench;
afterEach(() => bench.close());

async function open(options: EspRunOptions = {}): Promise<void> {
  bench = await createEspBench({ flash: demo.files, ...options });
}

const notes = () => bench.job.notes.map(({ code }) => code);

function expectOnBoard(files: readonly { offset: number; data: Uint8Array }[]): void {
  for (const { offset, data } of files) expect(Buffer.from(bench.board.chip.flash.read(offset, data.length)).equals(data)).toBe(true);
}

describe('what is no image, where a chip starts from', () => {
  it.each([
    [noise, { name: 'noise.bin', offset: 0, place: 'bootloader' }],
    [text, { name: 'readme.txt', offset: 0x10000, place: 'factory' }],
  ])('is refused before a byte of it is written: $name', async (file, data) => {
    await open();
    expect(await bench.write([file])).toMatchObject({ code: 'flash/no-image', data });
    expect(bench.job.boardState).toBe('running');
    expectOnBoard(demo.files);
  });

  it.each([
    [noise, /^invalid header: 0x/],
    [text, /No bootable app/],
  ])('is written when that is insisted on, and its end is no success: %o', async (file, said) => {
    await open();
    const error = await bench.write([file], { force: true });
    expect(error).toMatchObject({ code: 'flash/not-booting', data: { said: expect.stringMatching(said) } });
    expect(bench.job.boardState).toBe('not-booting');
    expectOnBoard([file]);
    expect(notes()).not.toContain('not-reset');
    // Whole again, it is so at once.
    expect(await bench.write(demo.files)).toBeNull();
    expect(bench.job.boardState).toBe('running');
  });

  it('is only blank: it is written, and the board found not to start', async () => {
    await open();
    const blank = { offset: 0x10000, name: 'blank.bin', data: new Uint8Array(0x1000).fill(0xff) };
    expect(await bench.write([blank])).toMatchObject({ code: 'flash/not-booting' });
    expect(bench.job.warnings).toMatchObject([{ code: 'no-image', data: { name: 'blank.bin', place: 'factory' } }]);
  });

  it('may be encrypted already, on a chip that decrypts', async () => {
    await open({ security: { flashEncryption: true } });
    expect(await bench.write([text], { force: true })).toMatchObject({ code: 'flash/not-booting' });
    expect(bench.job.warnings).toBeUndefined();
  });
});

describe('a board that says that it does not start', () => {
  it('does so whatever was written, for want of a partition table', async () => {
    await open({ flash: [bootloader] });
    const failure = { code: 'flash/not-booting', data: { said: expect.stringContaining('load partition table error') } };
    expect(await bench.write([app])).toMatchObject(failure);
    expect(await bench.write([table])).toBeNull();
    expect(bench.job.boardState).toBe('running');
  });

  it('has the bootloader of before to blame, which an application alone does not mend', async () => {
    await open({ flash: [noise, table] });
    expect(await bench.write([app])).toMatchObject({ code: 'flash/not-booting', data: { said: expect.stringMatching(/^invalid header/) } });
  });

  it('is told so by a job that only looks, which did what it was asked for', async () => {
    await open({ flash: [noise] });
    expect((await bench.task({ kind: 'info', family: 'esp', options: {} })).error).toBeNull();
    expect(bench.job.boardState).toBe('not-booting');
  });

  it('is blank, and encrypts: nobody can read that it is', async () => {
    await open({ flash: [], security: { flashEncryption: true } });
    expect((await bench.task({ kind: 'info', family: 'esp', options: {} })).error).toBeNull();
    expect(bench.job.boardState).toBe('not-booting');
  });

  it('on its own USB says so at a port that stays, and is believed to run at one that goes', async () => {
    const usb = { address: '/dev/ttyACM0', kind: 'serial', label: 'ESP32 USB Serial/JTAG', vendorId: '303a', productId: '1001' } as const;
    for (const isGone of [false, true]) {
      await open({
        wiring: 'usb-serial-jtag',
        portInfo: usb,
        wrap: (port) => ({
          ...port,
          address: usb.address,
          async setSignals(lines) {
            const isMoved = await port.setSignals(lines);
            if (isGone && bench.job.stage === 'reset' && lines.rts === true) await port.close();
            return isMoved;
          },
        }),
      });
      const error = await bench.write([text], { force: true });
      expect([error?.code, bench.job.boardState]).toEqual(isGone ? [undefined, 'running'] : ['flash/not-booting', 'not-booting']);
      await bench.close();
    }
    await open();
  });

  it('without lines, is told so by its loader’s reboot', async () => {
    await open({ flash: [noise, table], wrap: (port) => ({ ...port, setSignals: async () => false }) });
    bench.board.chip.pressReset('download');
    expect(await bench.write([app])).toMatchObject({ code: 'flash/not-booting' });
    expect(notes()).toEqual(['rebooted-by-loader']);
  });
});

describe('how long a board is listened to', () => {
  it('is as long as its first words take, and longer only where it is in doubt', async () => {
    let saidUs = Number.NaN;
    await open({
      wrap: (port) => ({
        ...port,
        onData: (listener) =>
          port.onData((data, atUs) => {
            if (bench.job.stage === 'reset' && Number.isNaN(saidUs) && Buffer.from(data).includes('rst:')) saidUs = bench.clock.nowUs();
            listener(data, atUs);
          }),
      }),
    });
    const listenedMs = async (...args: Parameters<EspBench['begin']>) => {
      let isOver = false;
      saidUs = Number.NaN;
      void bench.begin(...args).finally(() => {
        isOver = true;
      });
      while (!isOver) await bench.clock.advance(1000);
      return (bench.clock.nowUs() - saidUs) / 1000;
    };
    expect(await listenedMs([app])).toBeLessThan(30);
    expect(bench.job.boardState).toBe('running');
    const blank = { ...text, data: new Uint8Array(4096).fill(0xff) };
    expect(await listenedMs([blank])).toBeGreaterThan(150);
    expect(bench.job.boardState).toBe('not-booting');
  });

  it('one that says nothing, or at another rate, is not called broken for it', async () => {
    for (const deafen of [() => new Uint8Array(), (data: Uint8Array) => data.map((byte) => byte ^ 0xa5)]) {
      await open({
        wrap: (port) => ({
          ...port,
          onData: (listener) =>
            port.onData((data, atUs) => listener(bench.job.stage === 'reset' && data[0] !== 0xc0 ? deafen(data) : data, atUs)),
        }),
      });
      expect(await bench.write([text], { force: true })).toBeNull();
      expect(bench.job.boardState).toBe('running');
      await bench.close();
    }
    await open();
  });
});
