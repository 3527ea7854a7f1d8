import { expect, it } from 'vitest';
import { chips } from '../../../../../../main/core/flash/esp/chips.ts';

const hex = (value: number) => `0x${value.toString(16)}`;

/** What esptool 5 writes to over a chip's own USB, and which chips it resets by their watchdog: recorded from it. */
it.each([
  ['esp32s3', '0x600080b0', '0x60008098', '0x600080b8', '0x600080b4', '0x8f1d312a', '0x80000000', true],
  ['esp32c3', '0x600080a8', '0x60008090', '0x600080b0', '0x600080ac', '0x8f1d312a', '0x80000000', true],
  ['esp32c5', '0x600b1c18', '0x600b1c00', '0x600b1c20', '0x600b1c1c', '0x50d83aa1', '0x40000', true],
  ['esp32c6', '0x600b1c18', '0x600b1c00', '0x600b1c20', '0x600b1c1c', '0x50d83aa1', '0x40000', false],
  ['esp32c61', '0x600b1c18', '0x600b1c00', '0x600b1c20', '0x600b1c1c', '0x50d83aa1', '0x40000', true],
  ['esp32h2', '0x600b1c1c', '0x600b1c00', '0x600b1c24', '0x600b1c20', '0x50d83aa1', '0x40000', false],
  ['esp32p4', '0x50116018', '0x50116000', '0x50116020', '0x5011601c', '0x50d83aa1', '0x40000', true],
] as const)(
  'the watchdogs of an %s are where esptool looks for them',
  (name, protect, config, superProtect, superConfig, key, feed, resets) => {
    const watchdogs = chips.find((chip) => chip.name === name)?.watchdogs;
    if (watchdogs === undefined) throw new Error('none');
    expect(hex(watchdogs.protect)).toBe(protect);
    expect(hex(watchdogs.config)).toBe(config);
    expect(hex(watchdogs.superProtect)).toBe(superProtect);
    expect(hex(watchdogs.superConfig)).toBe(superConfig);
    expect(hex(watchdogs.superKey)).toBe(key);
    expect(hex(watchdogs.superAutoFeed)).toBe(feed);
    expect(watchdogs.resets).toBe(resets);
  },
);
