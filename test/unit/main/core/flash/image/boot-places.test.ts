import { describe, expect, it } from 'vitest';
import { incompressible } from '../../../../../fakes/esp-data.ts';
import { app, bootloader, demoTable, mergedDemo, otaTable, prepare, upload } from './esp-files.ts';

const noise = (offset: number, sizeBytes = 0x2000) => upload('noise.bin', incompressible(sizeBytes), offset);
const text = (offset: number) => upload('readme.txt', Uint8Array.from(Buffer.from('hello\n')), offset);
const table = upload('t.bin', demoTable);
const told = async (...args: Parameters<typeof prepare>) =>
  (await prepare(...args)).plan.warnings.filter(({ code }) => code === 'no-image').map(({ data }) => data);
const refusal = (data: object) => ({ value: { code: 'flash/no-image', data } });

describe('what is no image', () => {
  it('is refused in an application’s place of the table that goes with it, unless forced', async () => {
    const data = { name: 'readme.txt', offset: 0x10000, place: 'factory' };
    await expect(prepare([table, text(0x10000)])).rejects.toMatchObject(refusal(data));
    expect(await told([table, text(0x10000)], { force: true })).toEqual([data]);
    await expect(prepare([upload('t.bin', otaTable), noise(0x110000)])).rejects.toMatchObject(refusal({ place: 'app1' }));
  });

  it('is refused in the bootloader’s place of a chip that is known, and told of one that is not', async () => {
    const data = { name: 'noise.bin', offset: 0, place: 'bootloader' };
    await expect(prepare([noise(0)], { expectChip: 'esp32s3' })).rejects.toMatchObject(refusal(data));
    await expect(prepare([noise(0), upload('app.bin', app)])).rejects.toMatchObject(refusal(data));
    expect(await told([noise(0)])).toEqual([data]);
    // Of an ESP32 it is not the place: it has one a sector on, which this runs over.
    expect(await told([noise(0)], { expectChip: 'esp32' })).toEqual([{ ...data, offset: 0x1000 }]);
    expect(await told([noise(0, 0x1000)], { expectChip: 'esp32' })).toEqual([]);
  });

  it('is told where applications usually are, as long as no table says', async () => {
    expect(await told([text(0x10000)])).toEqual([{ name: 'readme.txt', offset: 0x10000, place: 'application' }]);
    expect(await told([text(0x20000)])).toEqual([]);
    expect(await told([table, text(0x310000)])).toEqual([]);
  });

  it('is only told when it is blank: that empties the place', async () => {
    const blank = upload('blank.bin', new Uint8Array(0x1000).fill(0xff), 0x10000);
    expect(await told([table, blank])).toEqual([{ name: 'blank.bin', offset: 0x10000, place: 'factory' }]);
  });

  it('is no image that stands there', async () => {
    const whole = [upload('b.bin', bootloader), table, upload('app.bin', app)];
    expect(await told(whole)).toEqual([]);
    expect(await told([upload('merged.bin', mergedDemo)])).toEqual([]);
    expect(await told([upload('read-back.bin', mergedDemo.slice(0, 0x9000))])).toEqual([]);
  });
});
