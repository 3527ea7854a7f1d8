import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc8 } from '../../../../../main/core/logs/framing/esp-binary.ts';
import { crc16 } from '../../../../../main/core/logs/framing/soc.ts';
import type { Framing } from '../../../../../main/core/logs/framing.ts';
import { createLogParser, type LogParserOptions, parseFile } from '../../../../../main/core/logs/parser.ts';
import type { ParsedRow } from '../../../../../main/core/logs/row.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';

const at = (us: number) => us as MonoUs;

/** Rows of a stream that came in these chunks. */
function rowsOf(chunks: readonly Uint8Array[], options: Partial<LogParserOptions> = {}): ParsedRow[] {
  const parser = createLogParser({ port: 'test', ...options });
  let offset = 0;
  const rows = chunks.flatMap((chunk, index) => {
    const found = parser.push(chunk, at(index), offset);
    offset += chunk.length;
    return found;
  });
  return [...rows, ...parser.flush()];
}

const bytewise = (bytes: Uint8Array) => Array.from(bytes, (byte) => Uint8Array.of(byte));
const shown = ({ grammar, level, deviceMs, tag, text }: ParsedRow) => ({ grammar, level, deviceMs, tag, text });

/** Frames that an EC718HM printed (reference/cat1.md §6.1), and what they say. */
const captured = [
  [
    '7E1000000000000000C320140A25732025643A696F20766F6C7420332E3376202564002573100000006273705F757365725F696E69745F696F89010000150000007E',
    16,
    'bsp_user_init_io 393:io volt 3.3v 21',
  ],
  [
    '7E0800000000000000C320140A25732025643A25782C25782C25782C25782C25642C25730010000000616D5F6765745F636869705F7479706561030000F6BE06001B00000064000000DB0000000A000000070000004543373138484D007E',
    8,
    'am_get_chip_type 865:6bef6,1b,64,db,10,EC718HM',
  ],
  [
    '7EA400000000000000C320140A442F6D61696E202573206C7561766D20256C6420256C6420256C6400080000006C6F61646C696273F8FF3F00983E0000983E00007E',
    164,
    'D/main loadlibs luavm 4194296 16024 16024',
  ],
  [
    '7E9B692500000000004C6AD2082B534F4343454C4C3A2025782C25782C25752C25752C2575002573206004000000F00000060E0000D70000008CCACB047E',
    2451867,
    '+SOCCELL: 460,f000,3590,215,80464524',
  ],
] as const;
const capturedBytes = captured.map(([hex]) => Buffer.from(hex, 'hex'));

/** A frame as the firmware's macros make it. */
function luatosFrame(ms: number, format: string, ...values: ReadonlyArray<number | string | Buffer>): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt32LE(ms, 0);
  header.writeUInt32LE(0x0a1420c3, 8);
  // Stale bytes stand in the padding, not zeros.
  const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3, 0x25)]);
  const parts = values.map((value) => {
    const word = Buffer.alloc(4);
    if (typeof value === 'number') {
      word.writeInt32LE(value);
      return word;
    }
    const text = Buffer.from(value);
    word.writeUInt32LE(text.length);
    return Buffer.concat([word, padded(text)]);
  });
  const body = Buffer.concat([header, padded(Buffer.from(`${format}\0`)), ...parts]);
  return Buffer.concat([Buffer.of(0x7e), escaped(body, 0x7d, 0x7d, 0x7e), Buffer.of(0x7e)]);
}

function escaped(body: Buffer, mark: number, one: number, two: number): Buffer {
  return Buffer.from([...body].flatMap((byte) => (byte === one ? [mark, 1] : byte === two ? [mark, 2] : [byte])));
}

describe('LuatOS frames', () => {
  test('that were captured say what they said, found by themselves, whole or byte by byte', () => {
    const stream = Buffer.concat(capturedBytes);
    for (const chunks of [[stream], bytewise(stream)]) {
      expect(rowsOf(chunks).map(({ deviceMs, text }) => [deviceMs, text])).toEqual(captured.map(([, ms, text]) => [ms, text]));
    }
  });

  test('hold text that the grammars read', () => {
    expect(rowsOf([luatosFrame(164, 'D/main %s %d', 'loadlibs', 7)]).map(shown)).toEqual([
      { grammar: 'luatos', level: 'debug', deviceMs: 164, tag: 'main', text: 'D/main loadlibs 7' },
    ]);
  });

  test('have their escapes undone: 7D 01 is 7D, 7D 02 is 7E', () => {
    expect(rowsOf([luatosFrame(0x7d7e, '%s %x', '}~}', 0x7e7d)])).toMatchObject([{ deviceMs: 0x7d7e, text: '}~} 7e7d' }]);
  });

  test('of several lines are rows of which the first has the bytes', () => {
    const frame = luatosFrame(5, '%s', 'stack traceback:\n\tmain.lua:3: in f\n');
    const rows = rowsOf([frame]);
    expect(rows.map(({ text, raw, offset }) => [text, raw.length, offset])).toEqual([
      ['stack traceback:', frame.length, 0],
      ['\tmain.lua:3: in f', 0, frame.length],
    ]);
    expect(rows[1]?.opener).toBe(rows[0]);
  });

  test('may be GBK', () => {
    expect(rowsOf([luatosFrame(1, '%s', Buffer.from('c4e3bac3', 'hex'))])).toMatchObject([{ text: '你好' }]);
  });

  test('are found again after bytes were lost, and an unreadable one is kept', () => {
    const [first, second, third] = capturedBytes as [Buffer, Buffer, Buffer];
    const rows = rowsOf([first, second.subarray(20), third]);
    expect(rows[0]?.text).toBe(captured[0][2]);
    expect(rows.at(-1)?.text).toBe(captured[2][2]);
    expect(Buffer.concat(rows.map(({ raw }) => raw))).toEqual(Buffer.concat([first, second.subarray(20), third]));
    const broken = Buffer.concat([Buffer.from('7e0100000000000000', 'hex'), Buffer.from([9, 8, 7, 6, 0, 1, 2, 3, 4]), Buffer.of(0x7e)]);
    expect(rowsOf([first, broken])[1]).toMatchObject({ grammar: 'luatos', payload: { bytes: broken.length } });
  });

  test('are not seen in a text with tildes, which goes out in a pause', () => {
    const parser = createLogParser({ port: 'test' });
    expect(parser.push(Buffer.from('cd ~/a~b\n~ # '), at(0), 0)).toMatchObject([{ text: 'cd ~/a~b' }]);
    expect(parser.flushPause()).toMatchObject([{ text: '~ # ' }]);
  });
});

/** A frame of the newer log as its description has it. */
function socFrame(ms: number, tag: string, level: number, body: Buffer): Buffer {
  const header = Buffer.alloc(24);
  header.writeBigUInt64LE(BigInt(ms), 0);
  const letters = Array.from(tag).reduce((bits, letter, index) => bits | (BigInt(letter.charCodeAt(0)) << BigInt(7 * index)), 0n);
  header.writeBigUInt64LE((letters << 8n) | BigInt(level), 8);
  const content = Buffer.concat([header, body]);
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(crc16(content));
  return Buffer.concat([Buffer.of(0xa5), escaped(Buffer.concat([content, sum]), 0xa6, 0xa6, 0xa5), Buffer.of(0xa5)]);
}

describe('SoC frames', () => {
  test('give tag, level, time and text', () => {
    const frames = Buffer.concat([
      socFrame(0xa5a6, 'user', 2, Buffer.from('started\0')),
      socFrame(9, 'wifi', 4, Buffer.from('失败 %d\0\0\0\x07\0\0\0')),
    ]);
    expect(rowsOf(bytewise(frames)).map(shown)).toEqual([
      { grammar: 'soc', level: 'info', deviceMs: 0xa5a6, tag: 'user', text: 'started' },
      { grammar: 'soc', level: 'error', deviceMs: 9, tag: 'wifi', text: '失败 7' },
    ]);
  });

  test('whose body is not text are rows of bytes', () => {
    const frame = socFrame(1, 'dump', 1, Buffer.of(0, 1, 2, 3, 0xff));
    expect(rowsOf([frame])).toMatchObject([
      { grammar: 'soc', tag: 'dump', payload: { type: 0, cpu: 0, bytes: 5 }, raw: new Uint8Array(frame) },
    ]);
  });

  test('are not looked for in Chinese text, whose characters hold A5', () => {
    const text = Buffer.from('它们的故事，好的，'.repeat(3));
    expect(text.includes(0xa5)).toBe(true);
    expect(rowsOf([Buffer.concat([text, Buffer.from('\n')])])).toHaveLength(1);
  });
});

/** Frames of ESP-IDF's binary log (espressif/esp-idf-monitor, host tests, Apache-2.0). */
const espFrames = {
  bootloader: '010c31000019440000 19c70000001fffe276362e302d6465762d3933372d67666336383565313262 39342d646972747990'.replaceAll(' ', ''),
  dump: '020c200000 1f103f4007dc000000893ffae6e0000019200000 00063f4008fc87'.replaceAll(' ', ''),
  embeddedTag: '020c200000cf60fff87370695f666c617368000000 98fffa67656e65726963f1'.replaceAll(' ', ''),
  doubles: '020c380000 86083f40099c000000bd3f400a1c00000fffc0518cccc0000000000023283ff99999a00000003ff99999a0000000000000419a'.replaceAll(
    ' ',
    '',
  ),
};
const espBytes = (name: keyof typeof espFrames) => Buffer.from(espFrames[name], 'hex');

/** Format, tag, time and arguments as an application's frame of level info. */
function espFrame(content: Buffer): Buffer {
  const control = Buffer.alloc(2);
  control.writeUInt16BE((3 << 10) | (content.length + 4));
  const frame = Buffer.concat([Buffer.of(2), control, content]);
  const sum = Array.from({ length: 256 }, (_, value) => value).find((value) => crc8(Buffer.concat([frame, Buffer.of(value)])) === 0);
  return Buffer.concat([frame, Buffer.of(sum ?? 0)]);
}

describe('ESP-IDF binary frames', () => {
  test('without the ELF file show addresses, arguments and the strings that are in them', () => {
    const rows = rowsOf(bytewise(Buffer.concat([Buffer.from('entry 0x4008069c\r\n'), espBytes('bootloader'), espBytes('embeddedTag')])));
    expect(rows.map(({ level, deviceMs, text }) => [level, deviceMs, text])).toEqual([
      [undefined, undefined, 'entry 0x4008069c'],
      ['info', 31, 'I (31) 0x000019c7: <0x00001944> "v6.0-dev-937-gfc685e12b94-dirty"'],
      ['info', 152, 'I (152) spi_flash: <0x0000cf60> "generic"'],
    ]);
    expect(rows[1]?.payload).toEqual({ image: 'bootloader', formatAddress: 0x1944, tagAddress: 0x19c7 });
  });

  test('with the ELF file say what the text log would', () => {
    const strings = new Map([
      [0x1f10, 'At %08X len %08X (%d KiB): %s'],
      [0x3f4007dc, 'heap_init'],
      [0x3f4008fc, 'DRAM'],
      [0x8608, 'int, double, var32, float, float, char %d %f %d %f %f %c'],
      [0x3f40099c, 'example'],
    ]);
    const rows = rowsOf([espBytes('dump')], { strings: (pointer) => strings.get(pointer) });
    expect(rows.map(shown)).toEqual([
      {
        grammar: 'esp-idf',
        level: 'info',
        deviceMs: 137,
        tag: 'heap_init',
        text: 'I (137) heap_init: At 3FFAE6E0 len 00001920 (6 KiB): DRAM',
      },
    ]);
  });

  test('of a dump are printed sixteen bytes a line', () => {
    const text = Buffer.from('The way to get started');
    const words = (...values: number[]) => Buffer.concat(values.map((value) => Buffer.from(value.toString(16).padStart(8, '0'), 'hex')));
    const inPlace = Buffer.alloc(2);
    inPlace.writeInt16BE(1 - text.length);
    const frame = espFrame(Buffer.concat([words(0x1d00, 0x1e00, 219, text.length), inPlace, text, words(0x3ffb32b4)]));
    const strings = (pointer: number) => (pointer === 0x1d00 ? '__ESP_BUFFER_HEXDUMP_FORMAT__%d%s%p' : 'example');
    expect(rowsOf([frame], { strings }).map(({ text: line }) => line)).toEqual([
      'I (219) example: 0x3ffb32b4   54 68 65 20 77 61 79 20  74 6f 20 67 65 74 20 73  |The way to get s|',
      'I (219) example: 0x3ffb32c4   74 61 72 74 65 64                                 |tarted|',
    ]);
  });

  test('with a wrong checksum are bytes among the lines', () => {
    const frame = espBytes('embeddedTag');
    frame[frame.length - 1] = (frame.at(-1) ?? 0) ^ 1;
    expect(rowsOf([Buffer.from('a\n'), frame, Buffer.from('\nb\n')]).map(({ grammar }) => grammar)).toEqual(['plain', 'plain', 'plain']);
  });
});

test('a frame in the middle of a line: the line goes on after it', () => {
  const rows = rowsOf([Buffer.concat([Buffer.from('I (1) tag: one '), espBytes('embeddedTag'), Buffer.from('two\n')])]);
  expect(rows.map(({ text }) => text)).toEqual(['I (1) tag: one ', 'I (152) spi_flash: <0x0000cf60> "generic"', 'two']);
  expect(rows[2]?.opener).toBe(rows[0]);
});

test('a UniLog stream is kept in pieces that begin at its filler', () => {
  const filler = Buffer.from('fffffffffe', 'hex');
  const noise = Buffer.from(Array.from({ length: 90 }, (_, index) => (index * 37) % 250));
  const stream = Buffer.concat([filler, noise, filler, noise, filler, noise]);
  const rows = rowsOf(bytewise(stream));
  expect(rows.map(({ grammar, raw }) => [grammar, raw.length])).toEqual([
    ['unilog', 95],
    ['unilog', 95],
    ['unilog', 95],
  ]);
});

test('a port can be said to have no frames, or no text', () => {
  const frame = capturedBytes[3] as Buffer;
  expect(rowsOf([frame], { framing: 'text' })).toMatchObject([{ grammar: 'plain' }]);
  expect(rowsOf([frame], { framing: 'none' })).toMatchObject([{ grammar: 'binary', text: expect.stringMatching(/^7e 9b 69 /) }]);
});

describe('whatever comes', () => {
  const format = fc
    .array(
      fc.oneof(
        fc.string({ maxLength: 6 }),
        fc.tuple(
          fc.constantFrom('%', '%-', '%0', '%#', '%+ '),
          fc.constantFrom('', '*', '9', '99999999999'),
          fc.constantFrom('', '.', '.*', '.3', '.99999999999'),
          fc.constantFrom(...'diouxXcspfFeEgGaAn%'.split('')),
        ),
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.flat().join(''));

  test('a frame that is right in its outer parts never breaks the decoder, whatever its format and arguments', () => {
    fc.assert(
      fc.property(format, fc.uint8Array({ maxLength: 120 }), (text, args) => {
        const aligned = Buffer.concat([Buffer.from(`${text}\0`), Buffer.alloc(-(Buffer.byteLength(text) + 1) & 3)]);
        const body = Buffer.concat([Buffer.alloc(12), aligned, args]);
        const luatos = Buffer.concat([Buffer.of(0x7e), escaped(body, 0x7d, 0x7d, 0x7e), Buffer.of(0x7e)]);
        const soc = socFrame(1, 'tag', 2, body);
        const esp = espFrame(Buffer.concat([Buffer.from('00001d0000001e0000000001', 'hex'), args]));
        const input = [luatos, soc, Buffer.from('\n'), esp];
        const rows = rowsOf(input, { strings: (pointer) => (pointer === 0x1d00 ? text : 'tag') });
        expect(Buffer.concat(rows.map(({ raw }) => raw))).toEqual(Buffer.concat(input));
        expect(rows.at(-1)).toMatchObject({ level: 'info', deviceMs: 1 });
      }),
      { numRuns: 500 },
    );
  });

  const espFramesList = Object.keys(espFrames).map((name) => espBytes(name as keyof typeof espFrames));
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.constantFrom(...capturedBytes, ...espFramesList, socFrame(7, 'tag', 2, Buffer.from('text\0'))),
    fc.constantFrom(...['I (5) t: x\r\n', '~', '\x01', '\x02\x0c', '\n', '\r', '\x1b[0m', '你好', '\xa5'].map((text) => Buffer.from(text))),
    fc.constantFrom(Buffer.from('7e0000000000000000', 'hex'), Buffer.from('a50000000000000000', 'hex'), Buffer.from('fffffffe', 'hex')),
  );
  const framings = fc.constantFrom<Framing>('auto', 'text', 'luatos', 'soc', 'esp-binary', 'none');

  test('the rows’ bytes put together are the input, each at its offset, however it was cut and paused', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 20 }),
        fc.array(fc.nat(600)),
        fc.array(fc.boolean()),
        framings,
        (pieces, cuts, pauses, framing) => {
          const input = Buffer.concat(pieces);
          const points = [...new Set([0, ...cuts.filter((cut) => cut < input.length), input.length])].sort((a, b) => a - b);
          const parser = createLogParser({ port: 'test', framing });
          const rows: ParsedRow[] = [];
          points.slice(1).forEach((point, index) => {
            const from = points[index] ?? 0;
            rows.push(...parser.push(input.subarray(from, point), at(index), from));
            if (pauses[index] === true) rows.push(...parser.flushPause());
          });
          rows.push(...parser.flush());
          expect(parser.isPending).toBe(false);
          expect(Buffer.concat(rows.map(({ raw }) => raw)).equals(input)).toBe(true);
          let offset = 0;
          for (const row of rows) {
            expect(row.offset).toBe(offset);
            offset += row.raw.length;
            expect(row.text).not.toContain('\n');
          }
          expect(rows.every(({ atUs }, index) => atUs >= (rows[index - 1]?.atUs ?? 0))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a file’s rows put together are the file', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), framings, (pieces, framing) => {
        const input = Buffer.concat(pieces);
        expect(Buffer.concat([...parseFile(input, { framing })].map(({ raw }) => raw)).equals(input)).toBe(true);
      }),
    );
  });

  test('frames are the same rows however the stream was cut', () => {
    const stream = Buffer.concat([Buffer.from('boot\n'), ...capturedBytes, ...espFramesList, Buffer.from('end\n')]);
    const whole = rowsOf([stream]).map(shown);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
        const points = [...new Set([0, ...cuts, stream.length])].sort((a, b) => a - b);
        const chunks = points.slice(1).map((point, index) => stream.subarray(points[index], point));
        expect(rowsOf(chunks).map(shown)).toEqual(whole);
      }),
    );
  });
});
