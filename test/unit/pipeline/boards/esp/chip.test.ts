import { describe, expect, it } from 'vitest';
import { type BootedApp, createEspChip, type EspChipOptions } from '../../../../../pipeline/boards/esp/chip.ts';
import { buildDemoImages } from '../../../../../pipeline/boards/esp/demo-images.ts';
import { encodeSlip } from '../../../../../pipeline/boards/esp/slip.ts';
import { joinWithoutLines } from '../../../../../pipeline/boards/esp/without-lines.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

function build(options: Partial<EspChipOptions> = {}) {
  const clock = new VirtualClock();
  const booted: BootedApp[] = [];
  const events: string[] = [];
  const chip = createEspChip({
    name: 'bench',
    clock,
    onBoot(app) {
      booted.push(app);
      return { receive: (data) => events.push(`in ${Buffer.from(data).toString()}`), stop: () => events.push('stop') };
    },
    ...options,
  });
  let text = '';
  chip.uart.onTransmit((data) => {
    text += Buffer.from(data).toString('latin1');
  });
  return { clock, chip, booted, events, said: () => text, clear: () => (text = '') };
}

const flash = buildDemoImages({ version: '1.2.3' }).files;
const second = 1_000_000;

describe('the virtual ESP32-S3 boots', () => {
  it('from a blank flash into the ROM’s complaint, again and again', async () => {
    const { clock, chip, said, booted } = build();
    chip.powerOn();
    await clock.advance(second);
    expect(said()).toMatch(
      /^ESP-ROM:esp32s3-20210327\r\nBuild:Mar 27 2021\r\nrst:0x1 \(POWERON\),boot:0x8 \(SPI_FAST_FLASH_BOOT\)\r\ninvalid header: 0xffffffff\r\n/,
    );
    expect(said().match(/rst:0x7 \(TG0WDT_SYS_RST\)/g)?.length).toBe(3);
    expect(booted).toEqual([]);
    chip.powerOff();
    expect(clock.pendingTimers).toBe(0);
  });

  it('into the flashed application, saying what the flash holds', async () => {
    const { clock, chip, said, booted } = build({ flash });
    chip.powerOn();
    await clock.advance(second);
    expect(chip.state).toBe('running');
    expect(said()).toContain('I (163) boot: Loaded app from partition at offset 0x10000');
    expect(said()).toContain('app_init: Project name:     talkbench-demo');
    expect(said()).toContain('app_init: App version:      1.2.3');
    expect(said()).toContain('boot:  2 factory          factory app      00 00 00010000 00300000');
    expect(booted[0]?.descriptor?.version).toBe('1.2.3');
  });

  it.each([
    ['no partition table', 0x8000, 'flash_parts: partition 0 invalid magic number 0xffff'],
    ['no application', 0x10000, 'esp_image: image at 0x10000 has invalid magic byte (nothing flashed here?)'],
  ])('not at all with %s, and says so', async (_what, offset, complaint) => {
    const { clock, chip, said, booted } = build({ flash: flash.filter((file) => file.offset !== offset) });
    chip.powerOn();
    await clock.advance(second / 4);
    expect(said()).toContain(complaint);
    expect(booted).toEqual([]);
  });

  it('not a damaged application: its checksum is looked at', async () => {
    const damaged = flash.map((file) => ({ ...file, data: file.data.slice() }));
    const app = damaged[2]?.data;
    if (app !== undefined) app[5000] = (app[5000] ?? 0) ^ 0x10;
    const { clock, chip, said, booted } = build({ flash: damaged });
    chip.powerOn();
    await clock.advance(second / 4);
    expect(said()).toContain('esp_image: image at 0x10000 has invalid checksum');
    expect(booted).toEqual([]);
  });
});

describe('its reset lines', () => {
  it.each([
    // EN = !(RTS && !DTR), IO0 = !(DTR && !RTS)
    ['RTS alone holds it in reset', { dtr: false, rts: true }, 'off'],
    ['both together do nothing', { dtr: true, rts: true }, 'running'],
    ['DTR alone does nothing to a chip that runs', { dtr: true, rts: false }, 'running'],
  ] as const)('%s', async (_what, lines, state) => {
    const { clock, chip } = build({ flash });
    chip.powerOn();
    await clock.advance(second);
    chip.uart.setLines(lines);
    await clock.advance(second);
    expect(chip.state).toBe(state);
  });

  it('read the strap when EN has risen: IO0 low then is download mode', async () => {
    const { clock, chip, said, events } = build({ flash });
    chip.powerOn();
    await clock.advance(second);
    chip.uart.setLines({ dtr: false, rts: true });
    expect(events).toEqual(['stop']);
    await clock.advance(100_000);
    chip.uart.setLines({ dtr: true, rts: false });
    await clock.advance(50_000);
    expect(chip.state).toBe('download');
    expect(said()).toMatch(/boot:0x0 \(DOWNLOAD\(USB\/UART0\)\)\r\nwaiting for download\r\n$/);
  });

  it('miss the strap when DTR follows RTS too late, as a slow bridge makes it', async () => {
    const { clock, chip } = build({ flash });
    chip.powerOn();
    chip.uart.setLines({ dtr: false, rts: true });
    await clock.advance(100_000);
    chip.uart.setLines({ dtr: false, rts: false });
    await clock.advance(100_000);
    chip.uart.setLines({ dtr: true, rts: false });
    await clock.advance(second);
    expect(chip.state).toBe('running');
  });
});

describe('its console', () => {
  it('carries input to the application and nothing after it was stopped', async () => {
    const { clock, chip, booted, events, said, clear } = build({ flash });
    chip.powerOn();
    await clock.advance(second);
    chip.uart.receive(Buffer.from('talk'));
    expect(events).toEqual(['in talk']);
    chip.powerOff();
    clear();
    booted[0]?.print('a ghost');
    expect(said()).toBe('');
  });

  it('is garbage at another baud rate', async () => {
    const { clock, chip, said } = build({ flash });
    chip.uart.setBaudRate(9600);
    chip.powerOn();
    await clock.advance(second);
    expect(said()).not.toContain('ESP-ROM');
    expect(said().length).toBeGreaterThan(1000);
  });
});

describe('a line without DTR and RTS', () => {
  const sync = encodeSlip(Buffer.from(`00082400000000000707122${'0'}${'55'.repeat(32)}`, 'hex'));

  it('takes a SYNC for the buttons, even cut in two, and its end for the reset', async () => {
    const { clock, chip, events } = build({ flash });
    const line = joinWithoutLines(chip, () => {});
    chip.powerOn();
    await clock.advance(second);
    line.receive(Buffer.from('help\r\n'));
    expect(events).toEqual(['in help\r\n']);
    line.receive(sync.subarray(0, 5));
    line.receive(sync.subarray(5));
    expect(chip.state).toBe('download');
    line.closed();
    await clock.advance(second);
    expect(chip.state).toBe('running');
  });
});
