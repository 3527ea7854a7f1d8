import { afterEach, describe, expect, it } from 'vitest';
import { chips } from '../../../../../../main/core/flash/esp/chips.ts';
import { buildDemoImages } from '../../../../../../pipeline/boards/esp/demo-images.ts';
import { incompressible } from '../../../../../fakes/esp-data.ts';
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

describe('a board', () => {
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
