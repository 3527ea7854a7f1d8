import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bundledSettings } from '../../../../../../../main/core/flash/cat1/package/baseini.ts';
import { isBinpkg, readBinpkg } from '../../../../../../../main/core/flash/cat1/package/binpkg.ts';
import { TalkError } from '../../../../../../../preload/contract/errors.ts';
import { madeBinpkg, madeEc718Binpkg, madeImage } from '../../../../../../fakes/module-package.ts';

const two = [
  { name: 'ap_bootloader', type: 'BL', address: 0, data: madeImage(500, 1) },
  { name: 'ap', type: 'AP', address: 0x824000, data: madeImage(3000, 2), roomBytes: 0x200000 },
];

function reasonFor(bytes: Uint8Array): unknown {
  try {
    readBinpkg(bytes, 'a.binpkg');
    return null;
  } catch (error) {
    if (!(error instanceof TalkError)) throw error;
    expect(error.code).toBe('flash/bad-file');
    return error.value.data.reason;
  }
}

describe('a .binpkg is read', () => {
  test('in the older format', () => {
    const { product, entries } = readBinpkg(madeBinpkg(two), 'a.binpkg');
    expect(product).toBeNull();
    expect(entries.map(({ name, type, address, roomBytes, data }) => [name, type, address, roomBytes, data.length])).toEqual([
      ['ap_bootloader', 'BL', 0, 0, 500],
      ['ap', 'AP', 0x824000, 0x200000, 3000],
    ]);
    expect(entries[1]?.data).toEqual(two[1]?.data);
  });

  test('in the newer one, which names its product', () => {
    expect(readBinpkg(madeEc718Binpkg('EC718PM_PRD'), 'a.binpkg')).toMatchObject({
      product: 'EC718PM_PRD',
      entries: [{ type: 'BL' }, { type: 'CP' }, { type: 'AP' }, { type: 'CFG' }, { type: 'CFG' }],
    });
  });

  test('with padding behind it, and without hashes', () => {
    const padded = Buffer.concat([
      madeBinpkg(two.map((entry, at) => ({ ...entry, sha256: ['', 'none'][at] ?? '' }))),
      Buffer.alloc(1000, 0xff),
    ]);
    expect(readBinpkg(padded, 'a.binpkg').entries).toHaveLength(2);
  });

  test('by its name or by its mark', () => {
    expect(isBinpkg(new Uint8Array(10), 'EC618.BINPKG')).toBe(true);
    expect(isBinpkg(new Uint8Array(10), 'quectel.hbinpkg')).toBe(true);
    expect(isBinpkg(madeBinpkg(two, { product: 'X' }), 'firmware.bin')).toBe(true);
    expect(isBinpkg(madeBinpkg(two), 'firmware.bin')).toBe(false);
  });
});

describe('what is no whole package is refused', () => {
  test('cut anywhere', () => {
    const whole = madeBinpkg(two);
    fc.assert(fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => reasonFor(whole.subarray(0, length)) !== null));
    expect(reasonFor(whole.subarray(0, 0x34 + 364 + 500))).toBe('truncated: 1 of 2 files');
    expect(reasonFor(whole.subarray(0, whole.length - 1))).toBe('truncated in ap');
    expect(reasonFor(whole.subarray(0, 10))).toBe('truncated: no whole header');
  });

  test('with a bit changed in a file', () => {
    const spoilt = Uint8Array.from(madeBinpkg(two));
    spoilt[spoilt.length - 5] = (spoilt[spoilt.length - 5] ?? 0) ^ 1;
    expect(reasonFor(spoilt)).toBe('ap does not match its SHA-256');
  });

  test('a size that reaches beyond the file, or around 32 bits', () => {
    for (const size of [3001, 0x7fffffff, 0xffffffff]) {
      const hostile = Buffer.from(madeBinpkg(two));
      hostile.writeUInt32LE(size, 0x34 + 364 + 500 + 76);
      expect(reasonFor(hostile)).toBe('truncated in ap');
    }
  });

  test('more files than any package has', () => {
    const many = Array.from({ length: 65 }, (_, at) => ({ name: `f${at}`, type: 'AP', address: 0, data: new Uint8Array(1) }));
    expect(reasonFor(madeBinpkg(many))).toBe('more than 64 files');
  });

  test('anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(reasonFor(bytes)).not.toBeNull();
      }),
    );
  });
});

describe('settings that a package brings', () => {
  const withIni = (text: string) =>
    readBinpkg(madeBinpkg([...two, { name: 'x_USB.baseini', type: 'CFG', address: 0, data: Buffer.from(text) }]), 'a.binpkg');

  test('of the transport that is used, in any case, with comments', () => {
    expect(
      bundledSettings(withIni('[config]\r\nAgBaud = 460800 ; fast\r\n[control]\nPULLUP_QSPI=0\nDribble_Dld_En=1 # odd\n'), 'usb', 'a'),
    ).toEqual({
      agentBaudRate: 460_800,
      pullUpQspi: false,
      dribble: true,
    });
    expect(bundledSettings(withIni('agbaud=460800'), 'uart', 'a')).toEqual({ agentBaudRate: null, pullUpQspi: null, dribble: null });
  });

  test.each(['agbaud=0', 'agbaud=fast', 'pullup_qspi=2'])('%s makes no sense', (line) => {
    expect(() => bundledSettings(withIni(line), 'usb', 'a')).toThrow('flash/bad-file');
  });
});
