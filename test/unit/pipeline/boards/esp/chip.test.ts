import { describe, expect, it } from 'vitest';
import { type BootedApp, createEspChip, type EspChipOptions } from '../../../../../pipeline/boards/esp/chip.ts';
import { chipFacts, espKinds } from '../../../../../pipeline/boards/esp/chips.ts';
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

describe('every chip of the family', () => {
  it.each(espKinds)('%s boots its own demo images, in its own words', async (kind) => {
    const { clock, chip, said, booted } = build({ kind, flash: buildDemoImages({ kind }).files });
    chip.powerOn();
    await clock.advance(second);
    expect(chip.state).toBe('running');
    expect(booted[0]?.descriptor?.projectName).toBe('talkbench-demo');
    const { boot, revision, cores, bootloaderOffset } = chipFacts[kind];
    expect(said().startsWith(`${boot.rom.join('\r\n')}\r\nrst:`)).toBe(true);
    expect(said()).toContain(`boot: chip revision: ${revision}`);
    expect(said().includes('Multicore app')).toBe(cores === 2);
    expect(said()).toMatch(/segment 0: .* map\b/);
    expect(said().match(/segment \d: .* map\b/g)).toHaveLength(2);
    chip.flash.erase(bootloaderOffset, 0x1000);
    chip.pressReset('run');
    await clock.advance(second / 10);
    expect(said()).toMatch(/invalid header: 0xffffffff\r\n$/);
  });

  it.each(espKinds.filter((kind) => kind !== 'esp32s3'))('%s does not run what was built for an ESP32-S3', async (kind) => {
    const { bootloaderOffset } = chipFacts[kind];
    const alien = buildDemoImages().files.map((file) => (file.offset === 0 ? { ...file, offset: bootloaderOffset } : file));
    const { clock, chip, booted } = build({ kind, flash: alien });
    chip.powerOn();
    await clock.advance(second);
    expect([chip.state, booted]).toEqual(['booting', []]);
  });

  it('has a MAC of its own by its name, the same each time', () => {
    const macOf = (name: string) => build({ name }).chip.mac;
    expect(macOf('one')).toBe(macOf('one'));
    expect(macOf('one')).not.toBe(macOf('two'));
    expect(macOf('one')).toMatch(/^7c:df:a1(:[0-9a-f]{2}){3}$/);
  });

  it('lets its application read a partition by its name, as the flash has it', async () => {
    const nvs = { offset: 0x9000, data: Uint8Array.of(1, 2, 3) };
    const { clock, chip, booted } = build({ flash: [...flash, nvs] });
    chip.powerOn();
    await clock.advance(second);
    expect(booted[0]?.partition('nvs')?.length).toBe(0x6000);
    expect(booted[0]?.partition('nvs')?.subarray(0, 4)).toEqual(Uint8Array.of(1, 2, 3, 0xff));
    expect(booted[0]?.partition('attic')).toBeNull();
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
