import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byteSum, crc8Maxim, encodeRequest, encodeWord, type Request, syncWords } from '../../../../../../main/core/flash/cat1/frames.ts';
import { baudControl, HEADER_BYTES, imageHeader } from '../../../../../../main/core/flash/cat1/header.ts';
import { RequestReader } from '../../../../../../pipeline/boards/cat1/loader-frames.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
const u32 = (...values: number[]) => Uint8Array.from(values.flatMap((value) => [...encodeWord(value)]));

/** reference/cat1.md §3.8; the DL lines are also in the capture of an EC618. */
const golden: [string, Request, string][] = [
  ['DL GET_VERSION', { phase: 'DL', command: 'GET_VERSION' }, '2000cd3200000000'],
  ['DL SEL_IMAGE', { phase: 'DL', command: 'SEL_IMAGE' }, '2100cd3200000000'],
  ['DL VERIFY_IMAGE', { phase: 'DL', command: 'VERIFY_IMAGE' }, '2200cd3200000000'],
  ['DL DONE', { phase: 'DL', command: 'DONE' }, '3a00cd3200000000'],
  ['DL DATA_HEAD(272)', { phase: 'DL', command: 'DATA_HEAD', data: u32(272) }, '3100cd320400000010010000'],
  ['DL DATA idx3 [AA55]', { phase: 'DL', command: 'DOWNLOAD_DATA', index: 3, data: hex('aa55') }, '3203cd3202000000aa5535020000'],
  ['AG GET_VERSION', { phase: 'AG', command: 'GET_VERSION' }, '2000cd3200000000b35bc3ea'],
  ['AG SEL_IMAGE', { phase: 'AG', command: 'SEL_IMAGE' }, '2100cd32000000002d5b6926'],
  ['AG VERIFY', { phase: 'AG', command: 'VERIFY_IMAGE' }, '2200cd3200000000ce5ce6a8'],
  ['AG DONE', { phase: 'AG', command: 'DONE' }, '3a00cd32000000005076b807'],
  ['AG DATA_HEAD(64K)', { phase: 'AG', command: 'DATA_HEAD', data: u32(0x10000) }, '3100cd320400009e00000100faee8ee4'],
  ['LPC BURN BL', { phase: 'LPC', command: 'BURN_ONE', data: u32(0x4f424d49) }, '42004cb30400009e494d424f2e82da6c'],
  ['LPC BURN AP', { phase: 'LPC', command: 'BURN_ONE', data: u32(0x444b4249) }, '42004cb30400009e49424b44d2a79621'],
  ['LPC BURN CP (EC7xx)', { phase: 'LPC', command: 'BURN_ONE', data: u32(0x43504249) }, '42004cb30400009e49425043ebf9c416'],
  ['LPC BURN CP (EC618)', { phase: 'LPC', command: 'BURN_ONE', data: hex('4942504301e1') }, '42004cb3060000d14942504301e13657d1f2'],
  ['LPC BURN FLEX', { phase: 'LPC', command: 'BURN_ONE', data: u32(0x464c5849) }, '42004cb30400009e49584c469f766891'],
  ['LPC STATUS', { phase: 'LPC', command: 'GET_BURN_STATUS' }, '44004cb300000000adab08e7'],
  ['LPC RESET', { phase: 'LPC', command: 'SYS_RST' }, 'aa004cb300000000fe9c5271'],
  [
    'LPC ERASE 1000@800000',
    { phase: 'LPC', command: 'FLASH_ERASE', data: u32(0x1000, 0x800000) },
    '10004cb30800002500100000000080009ac55821',
  ],
  [
    'LPC ERASE 400@824000',
    { phase: 'LPC', command: 'FLASH_ERASE', data: u32(0x400, 0x824000) },
    '10004cb3080000250004000000408200059265f0',
  ],
];

describe('requests are those of the known tools, byte for byte', () => {
  test.each(golden)('%s', (_name, request, expected) => {
    expect(Buffer.from(encodeRequest(request)).toString('hex')).toBe(expected);
  });

  test('the words that wake each part', () => {
    expect(Object.values(syncWords).map((word) => Buffer.from(encodeWord(word)).toString('hex'))).toEqual([
      '00d3022b',
      'aad3022b',
      'cdd3022b',
    ]);
  });

  test('CRC-8/MAXIM, and the length bytes it makes', () => {
    expect(crc8Maxim(Buffer.from('123456789'))).toBe(0xa1);
    const lengths: [string, number][] = [
      ['000000', 0x00],
      ['040000', 0x9e],
      ['060000', 0xd1],
      ['080000', 0x25],
      ['100100', 0x8e],
      ['004000', 0x9b],
      ['000001', 0x5e],
      ['fe1000', 0x95],
      ['0c3300', 0xc3],
    ];
    for (const [length, check] of lengths) expect(crc8Maxim(hex(length))).toBe(check);
  });

  test('more than 64 KiB in one frame is nobody’s request', () => {
    expect(() => encodeRequest({ phase: 'AG', command: 'DOWNLOAD_DATA', data: new Uint8Array(0x10001) })).toThrow('65537');
  });
});

/**
 * Of a real EC618's download: beanjs/beanio-ec618-downloader @ 751a56a (Apache-2.0), DOWNLOAD_DATA of the header of an agentboot of
 * 0x8AF0 bytes.
 */
const captured = hex(`
  3200cd3210010000 01000010484d495407051820 0000000001000000ee0000a40100000000000000
  6112d1350735dd55328caeccc44cff7f2be289f3add8bc29b3a2c37ff1083757 494d424f0000000000000104f08a0000
  00000000000000000000000000000000 0bd2f394b9acb1f4ae7eee70b8774e457bbf7bd2a0ea70fc6ea32f92fc1e98e7
  ${'00'.repeat(144)} 632b0000`);
const capturedHeader = captured.subarray(8, 8 + HEADER_BYTES);

describe('the image header', () => {
  test('of the capture: its sum and its hash are as our rules have them', () => {
    expect(captured.length).toBe(284);
    expect(encodeRequest({ phase: 'DL', command: 'DOWNLOAD_DATA', data: capturedHeader })).toEqual(captured);
    expect(byteSum(captured.subarray(0, 280))).toBe(0x2b63);
    const unhashed = Uint8Array.from(capturedHeader).fill(0, 32, 64);
    expect(createHash('sha256').update(unhashed).digest()).toEqual(Buffer.from(capturedHeader.subarray(32, 64)));
  });

  test('made for an image of that size it differs from the capture in the two hashes only', () => {
    const made = imageHeader({ kind: 'boot', address: 0, image: new Uint8Array(0x8af0), baudRate: 921_600, pullUpQspi: true });
    const same = [...made.keys()].filter((at) => made[at] === capturedHeader[at]);
    const hashes = new Set([...Array.from({ length: 32 }, (_, at) => 32 + at), ...Array.from({ length: 32 }, (_, at) => 96 + at)]);
    expect([...made.keys()].filter((at) => !hashes.has(at)).every((at) => same.includes(at))).toBe(true);
  });

  test('its hash covers everything else: with the real image hash put in, the real header hash comes out', () => {
    const made = Buffer.from(imageHeader({ kind: 'boot', address: 0, image: new Uint8Array(0x8af0), baudRate: 921_600, pullUpQspi: true }));
    made.set(capturedHeader.subarray(96, 128), 96);
    made.fill(0, 32, 64);
    expect(createHash('sha256').update(made).digest('hex')).toBe(Buffer.from(capturedHeader.subarray(32, 64)).toString('hex'));
  });

  test('baud control', () => {
    expect(baudControl(921_600)).toBe(0xa400);
    expect(baudControl(0)).toBe(0);
  });

  test('dribble bits: over a UART and not at zero', () => {
    const bits = (address: number, dribble: { isOn: boolean } | null) =>
      Buffer.from(imageHeader({ kind: 'ap', address, image: new Uint8Array(4), dribble })).readUInt32LE(24);
    expect(bits(0x1000, null)).toBe(0);
    expect(bits(0, { isOn: true })).toBe(0);
    expect(bits(0x1000, { isOn: false })).toBe(0b100);
    expect(bits(0x1000, { isOn: true })).toBe(0b010);
  });
});

test('the module’s own reader takes every request apart again, however it is cut', () => {
  const data = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(
      data,
      fc.nat(255),
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 40 }),
      (bytes, index, isRom, cuts) => {
        const wire = encodeRequest({ phase: isRom ? 'DL' : 'AG', command: 'DOWNLOAD_DATA', index, data: bytes });
        const reader = new RequestReader();
        reader.isChecked = !isRom;
        const found = [];
        let at = 0;
        for (const cut of [...cuts, wire.length]) {
          reader.push(wire.subarray(at, at + cut));
          at += cut;
          for (let heard = reader.next(); heard !== null; heard = reader.next()) found.push(heard);
        }
        expect(found).toEqual([
          { kind: 'frame', frame: expect.objectContaining({ name: 'DOWNLOAD_DATA', index, data: bytes, isSound: true }) },
        ]);
      },
    ),
  );
});
