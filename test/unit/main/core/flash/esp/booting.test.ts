import { describe, expect, test } from 'vitest';
import { bootingOf } from '../../../../../../main/core/flash/esp/booting.ts';

const banner = (cause = 'POWERON') => `ESP-ROM:esp32s3-20210327\r\nrst:0x1 (${cause}),boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n`;
const load = 'load:0x3fce2820,len:0x15b0\r\nentry 0x403c8924\r\n';
const loaded = '\x1b[0;32mI (163) boot: Loaded app from partition at offset 0x10000\x1b[0m\r\n';
const heard = (...parts: string[]) => bootingOf(Buffer.from(parts.join('')));

describe('of what a board says', () => {
  test('its bootloader’s first words are enough for it to be under way, and its banner is not', () => {
    expect(heard(banner())).toEqual({ isLoaded: false, isStarted: false, said: null, isOver: false });
    expect(heard(banner(), load)).toEqual({ isLoaded: true, isStarted: false, said: null, isOver: false });
    // A ROM may be told to say nothing.
    expect(heard('I (26) boot: ESP-IDF v5.3.1 2nd stage bootloader\r\n')).toMatchObject({ isLoaded: true });
    expect(heard(banner(), load, loaded)).toEqual({ isLoaded: true, isStarted: true, said: null, isOver: false });
  });

  test.each([
    ['invalid header: 0xf0609931'],
    ['flash read err, 1000'],
    ['E (110) boot: No bootable app partitions in the partition table'],
    ['E (63) boot: load partition table error!'],
    ["Guru Meditation Error: Core  0 panic'ed (IllegalInstruction). Exception was unhandled."],
  ])('a word of failure is kept: %s', (said) => {
    const before = said.startsWith('E') || said.startsWith('G') ? load : '';
    expect(heard(banner(), before, `${said}\r\n`)).toMatchObject({ said, isOver: false });
    // Also when the next try has begun.
    expect(heard(banner(), before, `${said}\r\n`, banner('TG0WDT_SYS_RST'), before)).toMatchObject({ said, isOver: true });
    // A line that is not whole may say anything yet.
    expect(heard(banner(), said).said).toBeNull();
  });

  test('what starts after all has not failed: another bootloader, another slot', () => {
    expect(heard(banner(), 'invalid header: 0xffffffff\r\n', load)).toMatchObject({ isLoaded: true, said: null });
    const slot = 'E (100) esp_image: image at 0x10000 has invalid magic byte (nothing flashed here?)\r\n';
    expect(heard(banner(), load, slot)).toMatchObject({ isStarted: false, said: expect.stringContaining('invalid magic') });
    expect(heard(banner(), load, slot, loaded)).toMatchObject({ isStarted: true, said: null, isOver: false });
  });

  test('a watchdog that bites again and again is a failure without words; a reset by the firmware is none', () => {
    const bitten = banner('TG0WDT_SYS_RST');
    expect(heard(banner(), load, bitten, load).said).toBeNull();
    expect(heard(banner(), bitten, bitten, bitten).said).toMatch(/^rst:0x1 \(TG0WDT/);
    expect(heard(banner(), load, loaded, banner('SW_CPU'), load, banner('SW_CPU'), banner('SW_CPU')).said).toBeNull();
  });

  test('what is no text of theirs says nothing, and what is shown of it is plain', () => {
    expect(bootingOf(Uint8Array.of(0x80, 0xff, 0x0a, 0x1b, 0x0a))).toEqual({
      isLoaded: false,
      isStarted: false,
      said: null,
      isOver: false,
    });
    expect(heard('csum err:\x1b]0;x\x07<b>\xe9\r\n').said).toMatch(/^csum err:[\x20-\x7e\ufffd]*$/);
  });
});
