import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectedOf, type Request } from '../../../../../../main/core/flash/cat1/frames.ts';
import { type Found, ResponseReader } from '../../../../../../main/core/flash/cat1/response-reader.ts';
import { encodeAnswer } from '../../../../../../pipeline/boards/cat1/loader-frames.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** As a module answers it. */
function answerTo({ phase, command, index = 0 }: Request, state: number, data: Uint8Array): Uint8Array {
  const { command: code } = expectedOf({ phase, command, index } as Request);
  const frame = { isOrder: phase === 'LPC', code, name: command, index, data: new Uint8Array(), isSound: true };
  return encodeAnswer(frame, state, data, phase !== 'DL');
}

function readAll(request: Request, chunks: readonly Uint8Array[]): Found[] {
  const reader = new ResponseReader(expectedOf(request));
  const found: Found[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let next = reader.next(); next !== null; next = reader.next()) found.push(next);
  }
  return found;
}

const requests: Request[] = [
  { phase: 'DL', command: 'GET_VERSION' },
  { phase: 'DL', command: 'DOWNLOAD_DATA', index: 255 },
  { phase: 'AG', command: 'SEL_IMAGE' },
  { phase: 'AG', command: 'DOWNLOAD_DATA', index: 7 },
  { phase: 'LPC', command: 'READ_MEM' },
];

describe('an answer is found', () => {
  test('as the capture of an EC618 has it', () => {
    const version = hex('20 00 CD 32 00 0C 00 00 00 02 01 00 00 00 02 26 21 20');
    expect(readAll({ phase: 'DL', command: 'GET_VERSION' }, [version])).toEqual([
      { kind: 'response', response: { state: 0, data: hex('00 00 00 02 01 00 00 00 02 26 21 20') } },
    ]);
    expect(readAll({ phase: 'DL', command: 'DOWNLOAD_DATA' }, [hex('32 01 CD 32 00 00')])).toHaveLength(1);
  });

  test('in pieces of any size, behind noise and late echoes that hold no header', () => {
    const noise = fc.oneof(
      fc.constant(hex('00d3022b00d3022b')),
      fc.constant(hex('eed3022b')),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.filter((byte) => byte !== 0xcd && byte !== 0x4c)),
    );
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(
        fc.constantFrom(...requests),
        fc.array(noise, { maxLength: 3 }),
        fc.uint8Array({ maxLength: 12 }),
        fc.nat(3),
        cuts,
        (request, before, data, state, sizes) => {
          const wire = Uint8Array.from(Buffer.concat([...before, answerTo(request, state, data)]));
          const chunks: Uint8Array[] = [];
          for (let at = 0, turn = 0; at < wire.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            chunks.push(wire.slice(at, at + size));
            at += size;
          }
          expect(readAll(request, chunks).at(-1)).toEqual({ kind: 'response', response: { state, data } });
        },
      ),
    );
  });

  test('behind what looks like its beginning', () => {
    const request: Request = { phase: 'AG', command: 'SEL_IMAGE' };
    const real = answerTo(request, 0, hex('49424b44'));
    // The header of another answer, cut short.
    expect(readAll(request, [real.subarray(0, 5), real]).at(-1)).toMatchObject({ kind: 'response', response: { data: hex('49424b44') } });
  });

  test('not in the answer to another request, nor in one to this command with another index', () => {
    const late = answerTo({ phase: 'AG', command: 'DOWNLOAD_DATA', index: 6 }, 0, new Uint8Array());
    expect(readAll({ phase: 'AG', command: 'DOWNLOAD_DATA', index: 7 }, [late])).toEqual([]);
    expect(readAll({ phase: 'AG', command: 'DONE' }, [late])).toEqual([]);
  });

  test('and a spoiled one is told, whichever bit it is', () => {
    const request: Request = { phase: 'LPC', command: 'READ_MEM' };
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(), (data, bit) => {
        const wire = answerTo(request, 0, data);
        // Beyond the header: a spoiled header is none.
        const at = 6 + (Math.floor(bit / 8) % (wire.length - 6));
        wire[at] = (wire[at] ?? 0) ^ (1 << (bit % 8));
        expect(readAll(request, [wire])[0]).toEqual({ kind: 'bad-check' });
      }),
    );
  });

  test('never in random bytes of a checked phase, and never for ever', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
        expect(readAll({ phase: 'LPC', command: 'SYS_RST' }, chunks).filter(({ kind }) => kind === 'response')).toEqual([]);
      }),
    );
  });
});
