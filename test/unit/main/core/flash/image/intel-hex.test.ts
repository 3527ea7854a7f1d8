import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isIntelHex, readIntelHex } from '../../../../../../main/core/flash/image/intel-hex.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

function record(type: number, address: number, payload: readonly number[]): string {
  const bytes = [payload.length, address >> 8, address & 0xff, type, ...payload];
  const checksum = -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
  return `:${Buffer.from([...bytes, checksum])
    .toString('hex')
    .toUpperCase()}`;
}
const END = record(1, 0, []);

/** As a linker writes it: sixteen bytes a line, the upper half of the address where it changes. */
function writeHex(pieces: readonly { address: number; data: Uint8Array }[]): string {
  const lines: string[] = [];
  for (const { address, data } of pieces)
    for (let at = 0; at < data.length; ) {
      const from = address + at;
      const length = Math.min(16, data.length - at, 0x10000 - (from & 0xffff));
      lines.push(record(4, 0, [from >>> 24, (from >>> 16) & 0xff]));
      lines.push(record(0, from & 0xffff, [...data.subarray(at, at + length)]));
      at += length;
    }
  return [...lines, END, ''].join('\r\n');
}

const read = (...lines: string[]) => readIntelHex(bytesOf(lines.join('\n')), 'it.hex');
const reasonOf = (...lines: string[]) => {
  try {
    read(...lines);
  } catch (error) {
    return (error as { value: { data: { reason: string } } }).value.data.reason;
  }
  return 'taken';
};

describe('an Intel HEX file', () => {
  it('is taken apart into what was written', () => {
    const piece = fc.record({ gap: fc.integer({ min: 1, max: 0x40000 }), data: fc.uint8Array({ minLength: 1, maxLength: 300 }) });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (drawn) => {
        let address = 0;
        const pieces = drawn.map(({ gap, data }) => {
          address += gap;
          const one = { address, data };
          address += data.length;
          return one;
        });
        const flash = new Map<number, number>();
        for (const { address: at, data } of readIntelHex(bytesOf(writeHex(pieces)), 'it')) {
          expect(at % 0x1000).toBe(0);
          data.forEach((byte, index) => void flash.set(at + index, byte));
        }
        for (const { address: at, data } of pieces)
          data.forEach((byte, index) => {
            expect(flash.get(at + index)).toBe(byte);
            flash.delete(at + index);
          });
        expect([...flash.values()].every((byte) => byte === 0xff)).toBe(true);
      }),
    );
  });

  it('keeps what follows each other together and what is in other sectors apart', () => {
    const pieces = read(record(0, 0x10, [1]), record(0, 0x1000, [2]), record(0, 0xfff, [3]), record(0, 0x3000, [4]), END);
    expect(pieces.map(({ address, data }) => [address, data.length])).toEqual([
      [0, 0x1001],
      [0x3000, 1],
    ]);
  });

  it('wraps inside a segment, and goes on over 64 KiB with linear addresses', () => {
    const segmented = read(record(2, 0, [0x10, 0x00]), record(0, 0xffff, [0xaa, 0xbb]), END);
    expect(segmented.map(({ address, data }) => [address, data[0], data.at(-1)])).toEqual([
      [0x10000, 0xbb, 0xbb],
      [0x1f000, 0xff, 0xaa],
    ]);
    const linear = read(record(4, 0, [0, 1]), record(0, 0xffff, [0xaa, 0xbb]), END);
    expect(linear.map(({ address, data }) => [address, data.length])).toEqual([[0x1f000, 0x1001]]);
  });

  it('may say where to start, end in blanks, and have small letters', () => {
    const lines = [record(3, 0, [0, 0, 0, 0]), record(5, 0, [0, 0, 0, 0]), record(0, 0, [0xab]).toLowerCase(), `${END}  `, '', ' '];
    expect(read(...lines)[0]?.data[0]).toBe(0xab);
  });

  it.each([
    ['line 1: bad checksum', [':0100000000FE', END]],
    ['line 1: no colon at its start', ['0100000000FF', END]],
    ['line 2: not hexadecimal', [record(0, 0, [1]), ':01000000zzFF', END]],
    ['line 1: its length is not what it says', [':02000000FFFF', END]],
    ['line 1: cut off', [':0100000', END]],
    ['line 1: record type 6', [record(6, 0, []), END]],
    ['line 1: its length is not that of its type', [record(4, 0, [1]), END]],
    ['line 2: something after the end record', [END, record(0, 0, [1])]],
    ['line 2: ends without an end record', [record(0, 0, [1])]],
  ])('is refused with its line: %s', (reason, lines) => {
    expect(reasonOf(...lines)).toBe(`Intel HEX, ${reason}`);
  });

  it('that says a byte twice is refused', () => {
    expect(reasonOf(record(0, 0x10, [1, 2]), record(0, 0x11, [3]), END)).toBe('0x11 stands in it twice');
  });

  it('with a byte in every corner of 4 GiB takes no more memory than it has sectors', () => {
    const lines = Array.from({ length: 200 }, (_, index) => [record(4, 0, [index, 0]), record(0, 0, [index])]).flat();
    expect(read(...lines, END)).toHaveLength(200);
  });

  it('scattered over more places than a firmware has is refused', () => {
    const scattered = Array.from({ length: 2000 }, (_, index) => {
      const at = index * 0x2000 + 0xfff;
      return `${record(4, 0, [at >>> 24, (at >>> 16) & 0xff])}\n${record(0, at & 0xffff, [1])}`;
    });
    expect(reasonOf(...scattered, END)).toBe('scattered over too many places');
  });

  it('is known by its first record, and arbitrary bytes crash nothing', () => {
    expect([isIntelHex(bytesOf(END)), isIntelHex(bytesOf(':hello')), isIntelHex(new Uint8Array())]).toEqual([true, false, false]);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(':', '0', '1', 'F', '\n', 'g') }), (text) => {
        expect(typeof reasonOf(text)).toBe('string');
        void isIntelHex(bytesOf(text));
      }),
    );
  });
});
