import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeChannels, encodeChannels } from '../../../../../../pipeline/gateways/tuya/channels.ts';
import { decodeChunk, decodeEvent, encodeChunk, encodeEvent } from '../../../../../../pipeline/gateways/tuya/wire/heads.ts';
import { type LinkKeys, TuyaLink } from '../../../../../../pipeline/gateways/tuya/wire/link.ts';
import { packetTypes, type StreamFlag } from '../../../../../../pipeline/gateways/tuya/wire/numbers.ts';
import { decodePacket, encodePacket, type Packet } from '../../../../../../pipeline/gateways/tuya/wire/packet.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const versions = fc.constantFrom(1 as const, 2 as const);
const packets = fc.record({
  type: fc.integer({ min: 0, max: 127 }),
  attributes: fc.array(fc.record({ id: fc.integer({ min: 0, max: 0xffff }), value: bytes(200) }), { maxLength: 12 }),
  payload: bytes(9000),
});
const plain = ({ type, attributes, payload }: Packet) => ({
  type,
  attributes: attributes.map(({ id, value }) => [id, Buffer.from(value).toString('hex')]),
  payload: Buffer.from(payload).toString('hex'),
});
const key = new Uint8Array(32).fill(7);
const otherKey = new Uint8Array(32).fill(8);
const keys: LinkKeys[] = [
  ...([2, 3, 4] as const).map((level) => ({ version: 1 as const, cryptKey: key, signKey: otherKey, level })),
  ...([0, 1, 2] as const).map((level) => ({ version: 2 as const, key, level })),
];

describe('what is encoded is decoded', () => {
  test('packets', () => {
    fc.assert(
      fc.property(versions, packets, (version, one) => {
        expect(plain(decodePacket(version, encodePacket(version, one)))).toEqual(plain(one));
      }),
    );
  });

  test('pieces of streams', () => {
    const chunk = fc.record({
      dataId: fc.integer({ min: 0, max: 0xffff }),
      flag: fc.constantFrom<StreamFlag>(0, 1, 2, 3),
      timestampMs: fc.integer({ min: 0, max: 2 ** 42 - 1 }),
      sequence: fc.integer({ min: 0, max: 0xffffffff }),
      data: bytes(500),
    });
    fc.assert(
      fc.property(versions, fc.constantFrom(30, 31, 32, 33, 34), chunk, (version, type, one) => {
        const found = decodeChunk(version, type, encodeChunk(version, type, one));
        const isTimed = type !== packetTypes.text && type !== packetTypes.file;
        const expected = { ...one, timestampMs: isTimed ? one.timestampMs : 0, sequence: version === 2 && !isTimed ? one.sequence : 0 };
        expect({ ...found, data: [...found.data] }).toEqual({ ...expected, data: [...one.data] });
      }),
    );
  });

  test('events, with the head that their version has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), bytes(300), (type, data) => {
        const found = decodeEvent(1, encodeEvent(4, type, data));
        expect([found.type, [...found.data]]).toEqual([type, [...data]]);
      }),
    );
  });

  test('channels', () => {
    const ids = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 64 });
    fc.assert(
      fc.property(ids, ids, (sendIds, receiveIds) => {
        expect(decodeChannels(encodeChannels({ sendIds, receiveIds }))).toEqual({ sendIds, receiveIds });
      }),
    );
  });

  test('a connection of any level, its frames no longer than the peer’s buffer, its stream cut anywhere', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.constantFrom(...keys),
        fc.array(packets, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 256, max: 4096 }),
        cuts,
        (secrets, sent, max, sizes) => {
          const frames: Uint8Array[] = [];
          const received: Packet[] = [];
          const limits = { maxFrameBytes: 4096, maxPacketBytes: 65_536 };
          const from = new TuyaLink('client', {
            ...limits,
            maxSentFrameBytes: max,
            write: (frame) => frames.push(frame),
            onPacket: () => {},
          });
          const to = new TuyaLink('client', { ...limits, maxSentFrameBytes: max, write: () => {}, onPacket: (one) => received.push(one) });
          from.secure(secrets);
          to.secure(secrets);
          for (const one of sent) from.send(one);
          expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThanOrEqual(max);
          const stream = Buffer.concat(frames);
          for (let at = 0, index = 0; at < stream.length; index++) {
            const size = sizes[index % sizes.length] ?? 1;
            to.receive(stream.subarray(at, at + size));
            at += size;
          }
          expect(received.map(plain)).toEqual(sent.map(plain));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('one changed bit of a signed or encrypted frame is noticed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...keys.filter(({ level }) => level !== 0)), fc.integer({ min: 0, max: 20 }), (secrets, bit) => {
        const frames: Uint8Array[] = [];
        const limits = { maxFrameBytes: 4096, maxPacketBytes: 65_536, maxSentFrameBytes: 4096 };
        const from = new TuyaLink('client', { ...limits, write: (frame) => frames.push(frame), onPacket: () => {} });
        from.secure(secrets);
        from.send({ type: 34, attributes: [], payload: new Uint8Array(20) });
        const frame = Buffer.from(frames[0] ?? []);
        const at = frame.length - 1 - bit;
        frame[at] = (frame[at] ?? 0) ^ 1;
        const to = new TuyaLink('client', { ...limits, write: () => {}, onPacket: () => expect.fail('taken') });
        to.secure(secrets);
        expect(() => to.receive(frame)).toThrow('gateway/malformed');
      }),
    );
  });
});
