import { describe, expect, it } from 'vitest';
import { openVirtual } from '../../../../../../main/core/devices/virtual.ts';
import { connectLoader, whatWasSeen } from '../../../../../../main/core/flash/esp/connect.ts';
import { LoaderLink } from '../../../../../../main/core/flash/esp/link.ts';
import { createEspChip } from '../../../../../../pipeline/boards/esp/chip.ts';
import { buildDemoImages } from '../../../../../../pipeline/boards/esp/demo-images.ts';
import { isTalkError } from '../../../../../../preload/contract/errors.ts';
import { portOptions } from '../../../../../../preload/contract/ports.ts';
import { inTime } from '../../../../../fakes/flash-bench.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';

async function bench(options: { isOn?: boolean; baudRate?: number; print?: string } = {}) {
  const clock = new VirtualClock();
  const chip = createEspChip({
    name: 'bench',
    clock,
    flash: buildDemoImages().files,
    onBoot: (app) => {
      app.print(options.print ?? '');
      return { receive() {}, stop() {} };
    },
  });
  if (options.isOn !== false) chip.powerOn();
  await clock.advance(500_000);
  const port = await openVirtual('virtual://bench', chip.uart, portOptions.parse({ baudRate: options.baudRate }), clock);
  const abort = new AbortController();
  return { clock, chip, abort, link: new LoaderLink({ port, clock, signal: abort.signal }) };
}

async function failure(work: Promise<unknown>): Promise<{ code: string; data: Record<string, unknown> }> {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!isTalkError(error)) throw new Error('it did not fail as expected');
  return error.value;
}

describe('connecting to the loader', () => {
  it('resets the running application into download mode through DTR and RTS', async () => {
    const { clock, chip, link } = await bench();
    expect(chip.state).toBe('running');
    expect(await inTime(clock, connectLoader(link, 'default-reset'))).toEqual({ isStub: false, reset: 'unixTight' });
    expect(chip.state).toBe('download');
  });

  it('says that nothing was heard from a board without power', async () => {
    const { clock, link } = await bench({ isOn: false });
    const { code, data } = await failure(inTime(clock, connectLoader(link, 'default-reset')));
    expect({ code, data }).toEqual({ code: 'flash/sync-timeout', data: { address: 'virtual://bench', attempts: 7, seen: 'nothing' } });
    expect(clock.pendingTimers).toBe(0);
  });

  it('says that an application is running when nobody resets it', async () => {
    const { clock, chip, link } = await bench();
    const connecting = failure(inTime(clock, connectLoader(link, 'no-reset')));
    await clock.settle();
    chip.pressReset('run'); // its boot log is what is seen
    expect((await connecting).data.seen).toBe('application');
  });

  it('says that download mode was seen when the board waits but does not hear us', async () => {
    const { clock, chip, link } = await bench({ baudRate: 115200 });
    const receive = chip.uart.receive.bind(chip.uart);
    chip.uart.receive = () => {}; // the TX wire is broken
    const { data } = await failure(inTime(clock, connectLoader(link, 'default-reset')));
    chip.uart.receive = receive;
    expect(data.seen).toBe('download-mode');
  });

  it('goes by the last banner: a board that waited and then ran is running', () => {
    const boot = 'rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n';
    const wait = 'rst:0x1 (POWERON),boot:0x0 (DOWNLOAD(USB/UART0))\r\nwaiting for download\r\n';
    expect(whatWasSeen(Buffer.from(wait + boot))).toBe('application');
    expect(whatWasSeen(Buffer.from(boot + wait))).toBe('download-mode');
  });

  it('calls bytes of another baud rate noise', async () => {
    const { clock, chip, link } = await bench({ baudRate: 74880 });
    const connecting = failure(inTime(clock, connectLoader(link, 'no-reset')));
    await clock.settle();
    chip.pressReset('run');
    expect((await connecting).data.seen).toBe('noise');
  });

  it('ends at once when cancelled and lets the lines go', async () => {
    const { clock, chip, abort, link } = await bench({ isOn: true });
    const connecting = connectLoader(link, 'default-reset').catch((error: unknown) => error);
    await clock.advance(50_000);
    expect(chip.state).toBe('off'); // EN is low
    abort.abort();
    expect(await connecting).toBe(abort.signal.reason);
    await clock.advance(500_000);
    expect(chip.state).toBe('running');
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
});
