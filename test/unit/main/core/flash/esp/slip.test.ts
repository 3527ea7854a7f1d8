import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeSlip, SlipReader } from '../../../../../../main/core/flash/esp/slip.ts';

const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 });

describe('SLIP', () => {
  it('escapes END and ESC and nothing else', () => {
    expect([...encodeSlip(Uint8Array.of(0x01, 0xc0, 0xdb, 0xdc, 0xdd))]).toEqual([0xc0, 0x01, 0xdb, 0xdc, 0xdb, 0xdd, 0xdc, 0xdd, 0xc0]);
  });

  it('gives back what was encoded, however the line cuts it up', () => {
    fc.assert(
      fc.property(payloads, fc.integer({ min: 1, max: 50 }), (sent, chunk) => {
        const wire = Buffer.concat(sent.map(encodeSlip));
        const reader = new SlipReader();
        const received: Uint8Array[] = [];
        for (let at = 0; at < wire.length; at += chunk) received.push(...reader.push(wire.subarray(at, at + chunk)));
        expect(received.map((packet) => [...packet])).toEqual(sent.map((packet) => [...packet]));
      }),
    );
  });

  it('finds the packet behind any noise, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.uint8Array({ minLength: 1, maxLength: 100 }), (noise, payload) => {
        const packets = new SlipReader().push(Buffer.concat([noise, encodeSlip(payload)]));
        expect([...(packets.at(-1) ?? [])]).toEqual([...payload]);
      }),
    );
  });

  it('does not grow with a line that never ends a packet', () => {
    const reader = new SlipReader();
    for (let count = 0; count < 10; count++) expect(reader.push(new Uint8Array(32 * 1024))).toEqual([]);
    expect(reader.droppedBytes).toBeGreaterThan(4 * 32 * 1024);
  });
});
