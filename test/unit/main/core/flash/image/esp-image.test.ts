import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chipByImageId, chips, flashBytesOf } from '../../../../../../main/core/flash/esp/chips.ts';
import { type ImageInfo, readImage } from '../../../../../../main/core/flash/image/esp-image.ts';
import { patchHeader } from '../../../../../../main/core/flash/image/header.ts';
import { buildDemoImages } from '../../../../../../pipeline/boards/esp/demo-images.ts';

const [bootloader = new Uint8Array(), table = new Uint8Array(), app = new Uint8Array()] = buildDemoImages({ version: '1.2.3' }).files.map(
  ({ data }) => data,
);
const esp32s3 = chipByImageId(9);
if (esp32s3 === undefined) throw new Error('no ESP32-S3');

function soundImage(data: Uint8Array): ImageInfo {
  const image = readImage(data);
  if (image === null || typeof image === 'string') throw new Error(`not a sound image: ${image}`);
  return image;
}

describe('an ESP image', () => {
  it('tells its chip, its segments and its application', () => {
    expect(readImage(app)).toMatchObject({
      chipId: 9,
      bodyBytes: app.length - 32,
      app: { project: 'talkbench-demo', version: '1.2.3', idfVersion: 'v5.3.1' },
    });
    expect(soundImage(app).segments).toHaveLength(4);
    expect(soundImage(bootloader).app).toBeNull();
    expect(readImage(table)).toBeNull();
  });

  it.each([
    ['truncated', (data: Uint8Array) => data.subarray(0, -1)],
    ['truncated', (data: Uint8Array) => data.subarray(0, 30)],
    ['bad checksum', (data: Uint8Array) => data.with(1000, (data[1000] ?? 0) ^ 1)],
    ['bad digest', (data: Uint8Array) => data.with(-1, (data.at(-1) ?? 0) ^ 1)],
  ])('that is damaged is told: %s', (problem, damage) => {
    expect(readImage(damage(app))).toBe(problem);
  });

  it('may be padded, or followed by other images', () => {
    expect(soundImage(Buffer.concat([bootloader, new Uint8Array(100)])).bodyBytes).toBe(bootloader.length - 32);
  });

  it('is not found in arbitrary bytes, and reading those never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (data) => void readImage(data)));
    fc.assert(fc.property(fc.uint8Array({ minLength: 23, maxLength: 200 }), (tail) => void readImage(Uint8Array.of(0xe9, ...tail))));
  });
});

describe('patching a bootloader’s header', () => {
  it('sets mode, frequency and size and makes the appended SHA-256 anew', () => {
    const patched = patchHeader(bootloader, { mode: 'qio', frequency: '40m', size: '16MB' }, esp32s3);
    expect([patched[2], patched[3]]).toEqual([0, 0x40]);
    expect(soundImage(patched).chipId).toBe(9);
    expect(Buffer.from(patched.subarray(-32))).toEqual(createHash('sha256').update(patched.subarray(0, -32)).digest());
    expect([...patched.subarray(4, -32)]).toEqual([...bootloader.subarray(4, -32)]);
  });

  it('leaves the image as built when nothing is asked or nothing changes', () => {
    expect(patchHeader(bootloader, { mode: 'keep', frequency: 'keep', size: 'keep' }, esp32s3)).toBe(bootloader);
    expect(patchHeader(bootloader, { mode: 'dio', frequency: '80m', size: '8MB' }, esp32s3)).toBe(bootloader);
    expect(patchHeader(table, { mode: 'qio', frequency: '40m', size: '4MB' }, esp32s3)).toBe(table);
  });

  it('takes the size that the board told for “detect”, and leaves it where the board told none', () => {
    const detect = { mode: 'keep', frequency: 'keep', size: 'detect' };
    expect(patchHeader(bootloader, detect, esp32s3, 16 * 1024 * 1024)[3]).toBe(0x4f);
    expect(patchHeader(bootloader, detect, esp32s3, null)).toBe(bootloader);
    expect(patchHeader(bootloader, detect, esp32s3, 3 * 1024 * 1024)).toBe(bootloader);
  });

  it('leaves a signed one alone: its signature would not hold', () => {
    const image = Buffer.alloc(Math.ceil(bootloader.length / 0x1000) * 0x1000, 0xff);
    image.set(bootloader);
    const signature = Uint8Array.of(0xe7, 0x02, 0, 0, ...createHash('sha256').update(image).digest());
    const signed = Buffer.concat([image, signature, Buffer.alloc(0x1000, 0xff)]);
    expect(soundImage(signed).isSigned).toBe(true);
    expect(patchHeader(signed, { mode: 'qio', frequency: '40m', size: '4MB' }, esp32s3)).toBe(signed);
    expect(soundImage(signed.fill(0, image.length + 4, image.length + 5)).isSigned).toBe(false);
  });

  it('refuses a frequency the chip does not have', () => {
    expect(() => patchHeader(bootloader, { mode: 'keep', frequency: '48m', size: 'keep' }, esp32s3)).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
  });

  it('knows every chip’s frequencies from its own table', () => {
    const code = (name: string, frequency: string) => chips.find((chip) => chip.name === name)?.frequencies[frequency];
    expect([code('esp32c2', '60m'), code('esp32h2', '48m'), code('esp32c6', '80m'), code('esp32', '26m')]).toEqual([0xf, 0xf, 0, 1]);
  });
});

describe('a flash’s JEDEC id', () => {
  it.each([
    [0x1640c8, 4],
    [0x1740c8, 8],
    [0x2040ef, 64],
    [0x3980c2, 32],
  ])('%i is %i MB', (id, megabytes) => {
    expect(flashBytesOf(id)).toBe(megabytes * 1024 * 1024);
  });

  it('of a flash that does not answer has no size', () => {
    expect([flashBytesOf(0xffffff), flashBytesOf(0)]).toEqual([null, null]);
  });
});
