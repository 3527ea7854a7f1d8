import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openPacket, readUdpHeader, sealPacket, writeUdpHeader } from '../../../../../pipeline/gateways/xiaozhi/packets.ts';

const key = Uint8Array.from({ length: 16 }, (_, index) => index);
const header = { flags: 0, ssrc: 0x11223344, timestampMs: 1234, sequence: 1 };
const plain = Buffer.from('58010203aabbccdd', 'hex');
const vector = { header: '0100000811223344000004d200000001', cipher: '7c95e12f595f4362' };
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe('UDP packets (reference/voice.md §4.6)', () => {
  test('the golden vector', () => {
    const packet = sealPacket(key, header, plain);
    expect(Buffer.from(packet).toString('hex')).toBe(vector.header + vector.cipher);
    expect(readUdpHeader(packet)).toEqual({ ...header, payloadBytes: 8 });
    expect(Buffer.from(openPacket(key, packet))).toEqual(plain);
  });

  test.skipIf(!hasOpenssl)('openssl enc makes the same (skipped where openssl is not installed)', () => {
    const made = spawnSync('openssl', ['enc', '-aes-128-ctr', '-K', Buffer.from(key).toString('hex'), '-iv', vector.header], {
      input: plain,
    });
    expect(made.stdout.toString('hex')).toBe(vector.cipher);
    const longer = Buffer.alloc(333, 0x5a);
    const packet = sealPacket(key, { ...header, sequence: 0xffffffff }, longer);
    const iv = Buffer.from(packet.subarray(0, 16)).toString('hex');
    const same = spawnSync('openssl', ['enc', '-aes-128-ctr', '-K', Buffer.from(key).toString('hex'), '-iv', iv], { input: longer });
    expect(same.stdout).toEqual(Buffer.from(packet.subarray(16)));
  });

  test('the nonce of a hello is a header with nothing but the session in it', () => {
    expect(Buffer.from(writeUdpHeader({ ssrc: 0x11223344 })).toString('hex')).toBe('01000000112233440000000000000000');
  });

  test.each([
    ['too short', '0100000811223344'],
    ['of another type', '0200000011223344000004d200000001'],
    ['longer than it says', '0100000011223344000004d200000001aa'],
    ['shorter than it says', '0100000211223344000004d200000001aa'],
  ])('a datagram that is %s is none', (_what, datagram) => {
    expect(readUdpHeader(Buffer.from(datagram, 'hex'))).toBeNull();
  });

  test('what is sealed opens again', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(2 ** 32 - 1),
        (anyKey, payload, sequence) => {
          const packet = sealPacket(anyKey, { ...header, sequence }, payload);
          expect(readUdpHeader(packet)?.payloadBytes).toBe(payload.length);
          expect(openPacket(anyKey, packet)).toEqual(payload);
        },
      ),
    );
  });
});
