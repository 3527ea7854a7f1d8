import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPacketLengthWatch } from '../../../../../pipeline/gateways/twetalk/packet-length.ts';

function packet(bodyBytes: number): Uint8Array {
  const length: number[] = [];
  let rest = bodyBytes;
  do {
    length.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  // The body looks like headers: only counting tells it from one.
  return Uint8Array.from([0x30, ...length, ...new Uint8Array(bodyBytes).fill(0xff)]);
}

function watch(packets: readonly Uint8Array[], limitBytes: number, cut: number): boolean {
  const stream = Uint8Array.from(packets.flatMap((bytes) => [...bytes]));
  const isTooLong = createPacketLengthWatch(limitBytes);
  let answer = false;
  for (let at = 0; at < stream.length; at += cut) answer = isTooLong(stream.subarray(at, at + cut));
  return answer;
}

describe('the lengths of MQTT packets', () => {
  test('are told from the headers, however the stream is cut', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 50 }), (bodies, cut) => {
        expect(watch(bodies.map(packet), 300, cut)).toBe(bodies.some((size) => size > 300));
      }),
      { numRuns: 200 },
    );
  });

  test('a header that announces 256 MiB is too long before any of it has come', () => {
    expect(createPacketLengthWatch(128 * 1024)(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f))).toBe(true);
  });

  test('a length of five bytes is no length', () => {
    expect(createPacketLengthWatch(1)(Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x80, 0x00))).toBe(true);
  });
});
