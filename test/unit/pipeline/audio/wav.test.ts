import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeWav, encodeWav } from '../../../../pipeline/audio/wav.ts';
import { isTalkError } from '../../../../preload/contract/errors.ts';

function chunk(tag: string, body: Uint8Array, size = body.length): Uint8Array {
  const bytes = new Uint8Array(8 + body.length + (body.length % 2));
  bytes.set(new TextEncoder().encode(tag));
  new DataView(bytes.buffer).setUint32(4, size, true);
  bytes.set(body, 8);
  return bytes;
}

function format(options: { tag: number; channels?: number; bits: number; subFormat?: number }): Uint8Array {
  const { tag, channels = 1, bits, subFormat } = options;
  const body = new Uint8Array(subFormat === undefined ? 16 : 40);
  const view = new DataView(body.buffer);
  view.setUint16(0, tag, true);
  view.setUint16(2, channels, true);
  view.setUint32(4, 16_000, true);
  view.setUint32(8, (16_000 * channels * bits) / 8, true);
  view.setUint16(12, (channels * bits) / 8, true);
  view.setUint16(14, bits, true);
  if (subFormat !== undefined) view.setUint16(24, subFormat, true);
  return chunk('fmt ', body);
}

function riff(...chunks: Uint8Array[]): Uint8Array {
  const body = chunks.flatMap((part) => [...part]);
  return Uint8Array.from([...new TextEncoder().encode('RIFF'), 0, 0, 0, 0, ...new TextEncoder().encode('WAVE'), ...body]);
}

const samples = fc.array(fc.integer({ min: -32_768, max: 32_767 }), { maxLength: 50 });

describe('WAV', () => {
  test('what is encoded decodes to the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), samples, fc.constantFrom(8000, 16_000, 44_100), (count, values, sampleRate) => {
        const channels = Array.from({ length: count }, (_, i) => Int16Array.from(values, (value) => Math.max(-32_768, value - i)));
        expect(decodeWav(encodeWav({ channels, sampleRate }))).toEqual({ channels, sampleRate });
      }),
    );
  });

  test('the header says the sizes of RIFF/WAVE PCM', () => {
    const bytes = encodeWav({ channels: [Int16Array.of(1, 2), Int16Array.of(3, 4)], sampleRate: 16_000 });
    expect(Buffer.from(bytes).toString('hex')).toBe(
      `${'52494646'}2c000000${'57415645'}${'666d7420'}10000000${'0100'}0200${'803e0000'}00fa0000${'0400'}1000${'64617461'}08000000${'0100030002000400'}`,
    );
  });

  test('a shorter channel ends in silence', () => {
    const { channels } = decodeWav(encodeWav({ channels: [Int16Array.of(1, 2, 3), Int16Array.of(9)], sampleRate: 8000 }));
    expect(channels).toEqual([Int16Array.of(1, 2, 3), Int16Array.of(9, 0, 0)]);
  });

  test.each([
    ['8-bit unsigned', { tag: 1, bits: 8 }, [0, 128, 255], [-32_768, 0, 32_512]],
    ['24-bit', { tag: 1, bits: 24 }, [0xff, 0xff, 0x7f, 0, 0, 0x80, 0, 1, 0], [32_767, -32_768, 1]],
    ['32-bit', { tag: 1, bits: 32 }, [0, 0, 0, 0x40, 0, 0, 0, 0x80], [16_384, -32_768]],
    ['float', { tag: 3, bits: 32 }, [...new Uint8Array(Float32Array.of(0.5, -1, 2, Number.NaN).buffer)], [16_384, -32_768, 32_767, 0]],
    ['extensible PCM', { tag: 0xfffe, bits: 16, subFormat: 1 }, [1, 0, 0xff, 0xff], [1, -1]],
  ])('reads %s', (_name, options, data, expected) => {
    const { channels } = decodeWav(riff(format(options), chunk('data', Uint8Array.from(data))));
    expect([...(channels[0] ?? [])]).toEqual(expected);
  });

  test('odd chunks before the data are skipped with their padding', () => {
    const bytes = riff(
      chunk('LIST', Uint8Array.of(1, 2, 3)),
      format({ tag: 1, bits: 16 }),
      chunk('fact', Uint8Array.of(7)),
      chunk('data', Uint8Array.of(5, 0)),
    );
    expect(decodeWav(bytes).channels).toEqual([Int16Array.of(5)]);
  });

  test.each([
    ['cut short', 400],
    ['0 from a streaming writer', 0],
    ['0xFFFFFFFF from a streaming writer', 0xffff_ffff],
  ])('a data chunk with size %s holds what the file holds', (_name, size) => {
    const bytes = riff(format({ tag: 1, bits: 16 }), chunk('data', Uint8Array.of(1, 0, 2, 0), size));
    expect(decodeWav(bytes).channels).toEqual([Int16Array.of(1, 2)]);
  });

  test('half a sample at the end is left out', () => {
    const bytes = riff(format({ tag: 1, channels: 2, bits: 16 }), chunk('data', Uint8Array.of(1, 0, 2, 0, 3, 0)));
    expect(decodeWav(bytes).channels).toEqual([Int16Array.of(1), Int16Array.of(2)]);
  });

  test.each([
    ['empty', new Uint8Array(0)],
    ['not RIFF', new Uint8Array(60)],
    ['no fmt', riff(chunk('data', Uint8Array.of(0, 0)))],
    ['no data', riff(format({ tag: 1, bits: 16 }))],
    ['A-law', riff(format({ tag: 6, bits: 8 }), chunk('data', Uint8Array.of(1)))],
    ['no channels', riff(format({ tag: 1, channels: 0, bits: 16 }), chunk('data', Uint8Array.of(1)))],
  ])('%s is audio/bad-wav', (_name, bytes) => {
    expect(() => decodeWav(bytes)).toThrow(expect.objectContaining({ code: 'audio/bad-wav' }));
  });

  test('whatever follows the magic words, the answer is audio or audio/bad-wav', () => {
    const start = encodeWav({ channels: [Int16Array.of(1, 2, 3)], sampleRate: 8000 });
    fc.assert(
      fc.property(fc.nat(60), fc.uint8Array({ maxLength: 60 }), (at, noise) => {
        const bytes = new Uint8Array(120);
        bytes.set(start);
        bytes.set(noise, 12 + (at % 48));
        try {
          decodeWav(bytes.subarray(0, 12 + at));
        } catch (error) {
          if (!isTalkError(error, 'audio/bad-wav')) throw error;
        }
      }),
    );
  });
});
