import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BinaryVersion, decodeBinary, encodeBinary } from '../../../../../pipeline/gateways/xiaozhi/binary.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const payload = Uint8Array.from(Buffer.from('58010203aabbccdd', 'hex'));
const versions = fc.constantFrom<BinaryVersion>(1, 2, 3);

describe('binary messages (reference/voice.md §4.2)', () => {
  test.each([
    [1, '58010203aabbccdd'],
    [2, '0002000000000000000004d20000000858010203aabbccdd'],
    [3, '0000000858010203aabbccdd'],
  ] as const)('version %i', (version, expected) => {
    expect(hex(encodeBinary(version, payload, 1234))).toBe(expected);
    const decoded = decodeBinary(version, Buffer.from(expected, 'hex'));
    expect(decoded).toEqual({ kind: 'audio', payload, timestampMs: version === 2 ? 1234 : 0 });
  });

  test('what xiaozhi-mqtt-gateway and other servers put in the version and reserved fields is not looked at', () => {
    expect(decodeBinary(2, Buffer.from('0000000000000001000004d20000000858010203aabbccdd', 'hex')).payload).toEqual(payload);
  });

  test('JSON in a binary message is told from audio', () => {
    expect(decodeBinary(3, Buffer.from('010000027b7d', 'hex')).kind).toBe('json');
    expect(decodeBinary(2, Buffer.from('0002000100000000000000000000000 27b7d'.replace(' ', ''), 'hex')).kind).toBe('json');
  });

  test.each([
    [2, ''],
    [2, '000200000000000000000000000000'],
    [2, '00020000000000000000000000000009aa'],
    [2, '000200000000000000000000ffffffffaa'],
    [3, '0000'],
    [3, '00000002aa'],
    [3, '00000000aa'],
  ] as const)('version %i of %s lies about its length', (version, message) => {
    expect(() => decodeBinary(version, Buffer.from(message, 'hex'))).toThrow(
      expect.objectContaining({ value: expect.objectContaining({ code: 'gateway/malformed' }) }),
    );
  });

  test('whatever is encoded is decoded again, and whatever comes is decoded or refused', () => {
    fc.assert(
      fc.property(versions, fc.uint8Array({ maxLength: 400 }), fc.nat(2 ** 32 - 1), (version, bytes, timestamp) => {
        expect(decodeBinary(version, encodeBinary(version, bytes, timestamp)).payload).toEqual(bytes);
      }),
    );
    fc.assert(
      fc.property(versions, fc.uint8Array({ maxLength: 60 }), (version, bytes) => {
        try {
          expect(decodeBinary(version, bytes).payload.length).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toMatchObject({ value: { code: 'gateway/malformed' } });
        }
      }),
    );
  });
});
