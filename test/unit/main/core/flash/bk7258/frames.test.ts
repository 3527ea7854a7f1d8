import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Command, commands, encodeRequest, findAnswer, u32 } from '../../../../../../main/core/flash/bk7258/frames.ts';
import { bekenCrc16, hasBlockCrcs, withBlockCrcs } from '../../../../../../main/core/flash/bk7258/script-crc.ts';
import { BootReader, flashAnswer, shortAnswer } from '../../../../../../pipeline/boards/bk7258/boot-frames.ts';

const hexOf = (command: Command, data: number[] = []) => Buffer.from(encodeRequest(command, Uint8Array.from(data))).toString('hex');
const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('requests, byte for byte as the sources of the protocol have them', () => {
  test.each([
    ['LINK_CHECK', [], '01e0fc0100'],
    ['SET_BAUD', [...u32(2_000_000), 200], '01e0fc060f80841e00c8'],
    ['REBOOT', [0xa5], '01e0fc020ea5'],
    ['READ_REGISTER', [...u32(0x44010004)], '01e0fc050304000144'],
    ['CRC', [...u32(0, 0x1000)], '01e0fc09100000000000100000'],
    ['READ_ID', [0x9f, 0, 0, 0], '01e0fcfff405000e9f000000'],
    ['READ_STATUS', [0x05], '01e0fcfff402000c05'],
    ['WRITE_STATUS', [0x01, 0x00, 0x02], '01e0fcfff404000d010002'],
    ['ERASE', [0x20, ...u32(0x11000)], '01e0fcfff406000f2000100100'],
    ['ERASE', [0xd8, ...u32(0x200000)], '01e0fcfff406000fd800002000'],
  ] as const)('%s', (command, data, expected) => {
    expect(hexOf(command, [...data])).toBe(expected);
  });

  test('WRITE_SECTOR: 4101 bytes behind its head', () => {
    const frame = encodeRequest('WRITE_SECTOR', Buffer.concat([u32(0x12345000), Buffer.alloc(4096, 0xab)]));
    expect(frame.length).toBe(4108);
    expect(Buffer.from(frame.subarray(0, 13)).toString('hex')).toBe('01e0fcfff405100700503412ab');
  });
});

describe('answers', () => {
  test.each([
    ['LINK_CHECK', '04 0e 05 01 e0 fc 01 00', 0, '00'],
    ['SET_BAUD', '04 0e 09 01 e0 fc 0f 80 84 1e 00 c8', 0, '80841e00c8'],
    ['CRC', '04 0e 08 01 e0 fc 10 78 56 34 12', 0, '78563412'],
    ['READ_STATUS', '04 0e ff 01 e0 fc f4 04 00 0c 00 05 3c', 0, '053c'],
    ['READ_ID', '04 0e ff 01 e0 fc f4 06 00 0e 00 ff c8 65 17', 0, 'ffc86517'],
    // A boot ROM's length is one short.
    ['READ_ID', '04 0e ff 01 e0 fc f4 05 00 0e 00 ff c8 65 17', 0, 'ffc86517'],
    ['WRITE_SECTOR', '04 0e ff 01 e0 fc f4 06 00 07 00 00 10 00 00', 0, '00100000'],
    ['WRITE_SECTOR', '04 0e ff 01 e0 fc f4 02 00 07 05', 5, ''],
    ['ERASE', '04 0e ff 01 e0 fc f4 07 00 0f 00 20 00 10 00 00', 0, '2000100000'],
  ] as const)('to %s: %s', (command, wire, status, data) => {
    const found = findAnswer(bytes(wire), command);
    expect(found).toEqual({ status, data: bytes(data) });
    for (let cut = 0; cut < bytes(wire).length; cut++) expect(findAnswer(bytes(wire).subarray(0, cut), command)).toBeNull();
  });

  test('one to an earlier request is passed over for the one behind it', () => {
    const late = flashAnswer(0x07, 0, u32(0x1000));
    const right = flashAnswer(0x07, 0, u32(0x2000));
    const isIt = ({ data }: { data: Uint8Array }) => data[1] === 0x20;
    expect(findAnswer(late, 'WRITE_SECTOR', isIt)).toBeNull();
    expect(findAnswer(Buffer.concat([late, right]), 'WRITE_SECTOR', isIt)?.data).toEqual(u32(0x2000));
  });

  test('the start indication of a bootloader is no answer', () => {
    expect(findAnswer(bytes('04 0e 05 01 e0 fc fe 00'), 'LINK_CHECK')).toBeNull();
  });

  test('are found behind any noise, and never made of it', () => {
    const names = Object.keys(commands).filter((name) => name !== 'REBOOT') as Command[];
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.array(fc.constantFrom(0x04, 0x0e, 0xff, 0x01, 0xe0, 0x55, 0x00), { maxLength: 24 }),
        fc.uint8Array({ minLength: 5, maxLength: 20 }),
        (command, noise, data) => {
          const { code, isFlash } = commands[command];
          const answer = isFlash ? flashAnswer(code, 0, data) : shortAnswer(command === 'LINK_CHECK' ? 1 : code, data);
          expect(findAnswer(Uint8Array.from(noise), command)).toBeNull();
          const found = findAnswer(Buffer.concat([Uint8Array.from(noise), answer, Uint8Array.from(noise)]), command);
          expect(Buffer.from(found?.data ?? []).toString('hex')).toBe(Buffer.from(data).toString('hex'));
        },
      ),
    );
  });

  test('what the flasher encodes is what the board reads, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...(Object.keys(commands) as Command[])), fc.uint8Array({ maxLength: 40 })), { maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        (requests, pieceBytes) => {
          const wire = Buffer.concat(requests.map(([command, data]) => encodeRequest(command, data)));
          const reader = new BootReader();
          const read = [];
          for (let at = 0; at < wire.length; at += pieceBytes) {
            reader.push(wire.subarray(at, at + pieceBytes));
            for (let next = reader.next(); next !== null; next = reader.next())
              read.push([next.isFlash, next.code, Uint8Array.from(next.data)]);
          }
          expect(read).toEqual(
            requests.map(([command, data]) => [commands[command].isFlash, commands[command].code, Uint8Array.from(data)]),
          );
        },
      ),
    );
  });
});

describe('CRC-16 of a script', () => {
  test('its check value', () => {
    expect(bekenCrc16(Buffer.from('123456789')).toString(16)).toBe('aee7');
  });

  test('after every 32 bytes, the last of them filled up; known again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (data) => {
        const wrapped = withBlockCrcs(data);
        expect(wrapped.length).toBe(Math.ceil(data.length / 32) * 34);
        expect(hasBlockCrcs(wrapped)).toBe(true);
        const plain = Buffer.concat(
          Array.from({ length: wrapped.length / 34 }, (_, block) => wrapped.subarray(block * 34, block * 34 + 32)),
        );
        expect(plain.subarray(0, data.length).equals(data)).toBe(true);
        const spoiled = Uint8Array.from(wrapped);
        spoiled[data.length % wrapped.length] = (spoiled[data.length % wrapped.length] ?? 0) ^ 1;
        expect(hasBlockCrcs(spoiled)).toBe(false);
      }),
    );
  });
});
