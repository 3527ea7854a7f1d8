import { afterEach, describe, expect, it } from 'vitest';
import { openVirtual } from '../../../../../../main/core/devices/virtual.ts';
import { type ConnectOptions, connectLoader } from '../../../../../../main/core/flash/esp/connect.ts';
import { LoaderLink } from '../../../../../../main/core/flash/esp/link.ts';
import { bootModeOf, whatWasSeen } from '../../../../../../main/core/flash/esp/seen.ts';
import { Trace } from '../../../../../../main/core/flash/trace.ts';
import { createEspChip, type EspChip } from '../../../../../../pipeline/boards/esp/chip.ts';
import { buildDemoImages } from '../../../../../../pipeline/boards/esp/demo-images.ts';
import type { Wiring } from '../../../../../../pipeline/boards/esp/strapping.ts';
import { isTalkError } from '../../../../../../preload/contract/errors.ts';
import { portOptions } from '../../../../../../preload/contract/ports.ts';
import { inTime } from '../../../../../fakes/flash-bench.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';

let chip: EspChip | null = null;
afterEach(() => chip?.powerOff());

async function bench(options: { isOn?: boolean; print?: string; wiring?: Wiring } = {}) {
  const clock = new VirtualClock();
  const on = createEspChip({
    name: 'bench',
    clock,
    flash: buildDemoImages().files,
    wiring: options.wiring ?? 'auto',
    onBoot: (app) => {
      app.print(options.print ?? '');
      return { receive() {}, stop() {} };
    },
  });
  chip = on;
  if (options.isOn !== false) on.powerOn();
  await clock.advance(500_000);
  const port = await openVirtual('virtual://bench', on.uart, portOptions.parse({}), clock);
  const abort = new AbortController();
  const trace = new Trace(clock);
  const link = new LoaderLink({ port, clock, signal: abort.signal, trace });
  const connect = (change: Partial<ConnectOptions> = {}) =>
    connectLoader(link, { before: 'default-reset', baudRates: [115200], ...change });
  return { clock, chip: on, abort, link, trace, connect };
}

async function failure(work: Promise<unknown>): Promise<{ code: string; data: Record<string, unknown> }> {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!isTalkError(error)) throw new Error('it did not fail as expected');
  return error.value;
}

describe('connecting to the loader', () => {
  it('resets the running application into download mode through DTR and RTS', async () => {
    const { clock, chip: on, connect } = await bench();
    expect(on.state).toBe('running');
    expect(await inTime(clock, connect())).toEqual({ isStub: false, reset: 'unixTight', baudRate: 115200 });
    expect(on.state).toBe('download');
  });

  it('walks the chip’s own USB into it first where the port is that, and finds the way itself where that is not known', async () => {
    const first = await bench({ wiring: 'usb-serial-jtag' });
    const startedUs = first.clock.nowUs();
    expect(await inTime(first.clock, first.connect({ isUsbJtag: true }))).toMatchObject({ reset: 'usbJtag' });
    expect(first.clock.nowUs() - startedUs).toBeLessThan(500_000);
    const second = await bench({ wiring: 'usb-serial-jtag' });
    expect(await inTime(second.clock, second.connect())).toMatchObject({ reset: 'usbJtag' });
  });

  it('takes a sequence of the user’s own', async () => {
    const { clock, chip: on, connect } = await bench();
    expect(await inTime(clock, connect({ before: 'D0|R1|W0.1|D1|R0|W0.05|D0' }))).toMatchObject({ reset: 'custom' });
    expect(on.state).toBe('download');
  });

  it('says that nothing was heard from a board without power', async () => {
    const { clock, connect } = await bench({ isOn: false });
    const { code, data } = await failure(inTime(clock, connect()));
    expect({ code, data }).toEqual({ code: 'flash/sync-timeout', data: { address: 'virtual://bench', attempts: 7, seen: 'nothing' } });
    expect(clock.pendingTimers).toBe(0);
  });

  it('says that an application is running when nobody resets it', async () => {
    const { clock, chip: on, connect } = await bench();
    const connecting = failure(inTime(clock, connect({ before: 'no-reset' })));
    await clock.settle();
    on.pressReset('run'); // its boot log is what is seen
    const { data } = await connecting;
    expect(data).toMatchObject({ seen: 'application', bootMode: '0x8' });
  });

  it('names the boot mode of a board whose BOOT line does not reach it', async () => {
    const { clock, connect } = await bench({ wiring: 'no-io0' });
    expect((await failure(inTime(clock, connect()))).data).toMatchObject({ seen: 'application', bootMode: '0x8' });
  });

  it('finds the stub of a job that was killed, at the rate it was left at', async () => {
    const { clock, chip: on, link, connect } = await bench({ wiring: 'none' });
    on.pressReset('download');
    await inTime(clock, connect());
    // As the killed job did.
    await inTime(clock, link.command('changeBaudRate', Uint8Array.from([0x00, 0x10, 0x0e, 0x00, 0, 0, 0, 0])));
    expect(await inTime(clock, connect({ before: 'no-reset', baudRates: [115200, 460800, 921600] }))).toMatchObject({ baudRate: 921600 });
  });

  it('ends at once when cancelled and lets the lines go', async () => {
    const { clock, chip: on, abort, connect } = await bench();
    const connecting = connect().catch((error: unknown) => error);
    await clock.advance(50_000);
    expect(on.state).toBe('off'); // EN is low
    abort.abort();
    expect(await connecting).toBe(abort.signal.reason);
    await clock.advance(500_000);
    expect(on.state).toBe('running');
  });

  it('tells every step in the trace', async () => {
    const { clock, trace, connect } = await bench();
    await inTime(clock, connect());
    expect(trace.snapshot.lines.map(({ direction, text }) => `${direction} ${text}`)).toEqual([
      'note reset: unixTight',
      'sent SYNC',
      'received 0x20120707',
    ]);
  });
});

describe('what was seen', () => {
  it('knows the words of every ROM that waits', () => {
    expect(
      whatWasSeen(Buffer.from('rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\nwaiting for download\r\n')),
    ).toBe('download-mode');
    expect(whatWasSeen(Buffer.from('rst:0x1 (POWERON),boot:0x0 (DOWNLOAD(USB/UART0))'))).toBe('download-mode');
    expect(whatWasSeen(Buffer.from('\x1b[0;32mI (186) cpu_start: Multicore app\x1b[0m\r\n'))).toBe('application');
    expect(whatWasSeen(Buffer.from('I (1201) 语音: 连接服务器成功，等待唤醒\r\n'))).toBe('application');
    expect(whatWasSeen(Uint8Array.of(0x80, 0xff, 0xe2, 0x00, 0xf0))).toBe('noise');
    expect(whatWasSeen(new Uint8Array())).toBe('nothing');
  });

  it('goes by the last banner: a board that waited and then ran is running', () => {
    const boot = 'rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n';
    const wait = 'rst:0x1 (POWERON),boot:0x0 (DOWNLOAD(USB/UART0))\r\nwaiting for download\r\n';
    expect(whatWasSeen(Buffer.from(wait + boot))).toBe('application');
    expect(whatWasSeen(Buffer.from(boot + wait))).toBe('download-mode');
    expect(bootModeOf(Buffer.from(wait + boot))).toBe('0x8');
    expect(bootModeOf(Buffer.from('no banner'))).toBeUndefined();
  });
});
