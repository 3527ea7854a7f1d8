import { describe, expect, it } from 'vitest';
import { chips } from '../../../../../../main/core/flash/esp/chips.ts';
import { isNewer } from '../../../../../../main/core/flash/esp/installed-stub.ts';
import { loadStub } from '../../../../../../main/core/flash/esp/stub.ts';

describe('the stub', () => {
  it.each(chips)('there is one for the $name, whose entry lies in what is sent', async ({ name }) => {
    const { entry, segments } = await loadStub(name, 300);
    const isInside = segments.some(({ address, data }) => entry >= address && entry < address + data.length);
    expect(isInside).toBe(true);
  });

  it('of an ESP32-P4 before its revision 3 is another one', async () => {
    expect((await loadStub('esp32p4', 1)).entry).not.toBe((await loadStub('esp32p4', 300)).entry);
    expect((await loadStub('esp32p4', null)).entry).toBe((await loadStub('esp32p4', 300)).entry);
  });

  it('does not run on the first ESP32-C2', async () => {
    await expect(loadStub('esp32c2', 0)).rejects.toMatchObject({ value: { code: 'flash/no-stub', data: { chip: 'esp32c2' } } });
    await expect(loadStub('esp32c2', 100)).resolves.toBeDefined();
  });

  it('of no such chip is missed by name', async () => {
    await expect(loadStub('esp8285', null)).rejects.toMatchObject({ value: { code: 'flash/no-stub', data: { chip: 'esp8285' } } });
  });

  it('of a machine’s esptool counts when its version is higher', () => {
    expect(isNewer([1, 3, 0], [1, 2, 2])).toBe(true);
    expect(isNewer([1, 2, 10], [1, 2, 2])).toBe(true);
    expect(isNewer([1, 2, 2], [1, 2, 2])).toBe(false);
    expect(isNewer([0, 9, 9], [1, 2, 2])).toBe(false);
  });
});
