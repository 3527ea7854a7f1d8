import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeOpus } from '../../../../../../main/core/checks/audio/decode.ts';
import { opusFacts, readPacket } from '../../../../../../main/core/checks/audio/opus-facts.ts';
import { speechLike } from '../../../../../../main/core/checks/audio/speech-like.ts';
import { opusPackets } from '../../../../../fakes/synthetic-sound.ts';

const speech = speechLike({ durationMs: 3000, seed: 4 });

describe('facts of Opus packets', () => {
  test.each([
    [60, 24_000, 180],
    [40, 24_000, 120],
    [20, 24_000, 60],
    [60, 12_000, 90],
  ] as const)('%i ms at %i bit/s, constant', (frameMs, bitrate, packetBytes) => {
    const packets = opusPackets(speech, { frameMs, bitrate });
    expect(opusFacts(packets)).toMatchObject({
      ...{ packets: 3000 / frameMs, invalid: 0, packetMs: frameMs, otherLengths: 0, mode: 'silk', bandwidth: 'wide', channels: 1 },
      ...{ isCbr: true, packetBytes, leastBytes: packetBytes, mostBytes: packetBytes, dtx: 0, bitrateKbitS: bitrate / 1000 },
    });
  });

  test('a variable rate is told by its sizes', () => {
    const facts = opusFacts(opusPackets(speech, { isCbr: false }));
    expect(facts).toMatchObject({ isCbr: false, invalid: 0 });
    expect(facts?.leastBytes).toBeLessThan(facts?.mostBytes ?? 0);
  });

  test('one frame of another length among many, and packets that are none', () => {
    const packets = [
      ...opusPackets(speech),
      ...opusPackets(speech.subarray(0, 320), { frameMs: 20 }),
      new Uint8Array(180).fill(0xff),
      new Uint8Array(0),
    ];
    expect(opusFacts(packets)).toMatchObject({ packetMs: 60, otherLengths: 1, invalid: 2, isCbr: false });
  });

  test('packets of a byte or two are silence not sent', () => {
    const packets = [...opusPackets(speech), Uint8Array.of(0x58), Uint8Array.of(0x58, 0)];
    expect(opusFacts(packets)).toMatchObject({ dtx: 2, invalid: 0, leastBytes: 180 });
  });

  // RFC 6716 §3.2.5 and its figures: code 3, constant and variable, with padding.
  test.each([
    ['two frames of one size', [0x59, 1, 2, 3, 4], 2],
    ['two of one size from an odd number of bytes', [0x59, 1, 2, 3], null],
    ['two of their own sizes', [0x5a, 2, 1, 2, 3], 2],
    ['a first one longer than the packet', [0x5a, 200, 1, 2], null],
    ['three of code 3', [0x4b, 3, 1, 2, 3], 3],
    ['three of code 3 that do not come out even', [0x4b, 3, 1, 2, 3, 4], null],
    ['with padding', [0x4b, 0x43, 2, 1, 2, 3, 0, 0], 3],
    ['with more padding than there is', [0x4b, 0x43, 200, 1, 2, 3], null],
    ['of code 3 with lengths', [0x4b, 0x83, 1, 2, 9, 8, 8, 7], 3],
    ['no frames at all', [0x5b, 0], null],
    ['longer than 120 ms', [0x5b, 3, 1, 2, 3], null],
  ])('%s', (_, bytes, frames) => {
    expect(readPacket(Uint8Array.from(bytes))?.frameCount ?? null).toBe(frames);
  });

  test('whatever the bytes, they are read or refused, and decoded or filled up', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (packets) => {
        const facts = opusFacts(packets);
        expect(facts === null || facts.invalid <= packets.length).toBe(true);
        const decoded = decodeOpus(packets);
        expect(decoded.undecodable).toBeLessThanOrEqual(packets.length);
      }),
      { numRuns: 60 },
    );
  });
});
