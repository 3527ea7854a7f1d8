import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readOpusFile } from '../../../../../../main/core/checks/audio/opus-file.ts';
import { opusFileFacts } from '../../../../../../main/core/checks/audio/opus-file-facts.ts';
import { speechLike } from '../../../../../../main/core/checks/audio/speech-like.ts';
import { createOggOpusWriter } from '../../../../../../pipeline/audio/ogg-opus.ts';
import { isTalkError } from '../../../../../../preload/contract/talk-error.ts';
import { opusPackets } from '../../../../../fakes/synthetic-sound.ts';

const speech = speechLike({ durationMs: 3000, seed: 4 });
const constant = opusPackets(speech);
const variable = opusPackets(speech, { isCbr: false });
const bytesOf = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

function prefixed(packets: readonly Uint8Array[], bytes: 1 | 2 | 4, isLittle = true): Uint8Array {
  return bytesOf(
    packets.flatMap((packet) => {
      const head = Buffer.alloc(bytes);
      if (isLittle) head.writeUIntLE(packet.length, 0, bytes);
      else head.writeUIntBE(packet.length, 0, bytes);
      return [head, packet];
    }),
  );
}

function oggOf(packets: readonly Uint8Array[]): Uint8Array {
  const writer = createOggOpusWriter({ channels: 1, inputSampleRate: 16_000, vendor: 'test', comments: [], serial: 7 });
  const pages = packets.flatMap((packet, i) => writer.packet(packet, i * 60_000));
  return bytesOf([...pages, ...writer.end()]);
}

function reasonOf(data: Uint8Array): unknown {
  try {
    readOpusFile(data);
  } catch (error) {
    if (isTalkError(error, 'check/bad-opus')) return error.value.data.reason;
    throw error;
  }
  return null;
}

describe('record.opus', () => {
  test.each([
    [60, 180],
    [40, 120],
    [20, 60],
  ] as const)('raw packets of %i ms, one after the other, are found by their size: %i bytes', (frameMs, bytes) => {
    const packets = opusPackets(speech, { frameMs });
    expect(readOpusFile(bytesOf(packets))).toMatchObject({
      container: 'fixed',
      shape: `${bytes} bytes`,
      packets,
      leftBytes: 0,
      isCut: false,
    });
  });

  test.each([90, 280])('… of another rate: %i bytes', (bytes) => {
    const packets = opusPackets(speech, { bitrate: Math.round((bytes * 8 * 1000) / 60) });
    expect(readOpusFile(bytesOf(packets))).toMatchObject({ container: 'fixed', shape: `${bytes} bytes` });
  });

  test('a last packet that is cut short is left over', () => {
    expect(readOpusFile(bytesOf(constant).subarray(0, 180 * 20 + 77))).toMatchObject({ shape: '180 bytes', leftBytes: 77 });
  });

  test.each([
    ['u8', 1, true],
    ['u16 little-endian', 2, true],
    ['u16 big-endian', 2, false],
    ['u32 little-endian', 4, true],
    ['u32 big-endian', 4, false],
  ] as const)('lengths before packets: %s', (shape, bytes, isLittle) => {
    for (const packets of [variable, constant]) {
      expect(readOpusFile(prefixed(packets, bytes, isLittle))).toMatchObject({
        container: 'length-prefixed',
        shape,
        packets,
        leftBytes: 0,
      });
    }
  });

  test('Ogg, as any player has it', () => {
    expect(readOpusFile(oggOf(variable))).toMatchObject({ container: 'ogg', packets: variable });
  });

  test('a page of Ogg that was damaged takes its packets with it, no more', () => {
    const data = oggOf(variable);
    data[Math.floor(data.length / 2)] = (data[Math.floor(data.length / 2)] ?? 0) ^ 0xff;
    const { packets } = readOpusFile(data);
    expect(packets.length).toBeLessThan(variable.length);
    expect(packets.length).toBeGreaterThan(variable.length / 2);
  });

  test.each([
    ['empty', new Uint8Array(0)],
    ['wav', bytesOf([Buffer.from('RIFF....WAVEfmt '), new Uint8Array(400)])],
    ['nothing-recorded', new Uint8Array(18_000)],
    ['unknown-shape', new TextEncoder().encode('This is no recording, but a letter that somebody wrote. '.repeat(60))],
    ['unknown-shape', Uint8Array.from({ length: 7777 }, (_, i) => (i * i * 31 + i * 7) % 251)],
    ['damaged', bytesOf([Buffer.from('OggS'), new Uint8Array(500)])],
    ['not-opus', bytesOf([oggOf(variable)]).map((byte, i) => (i === 28 ? byte ^ 1 : byte))],
    ['too-large', new Uint8Array(33 * 1024 * 1024)],
  ])('what is none is refused with why: %s', (reason, data) => {
    // A wrong name under a right checksum takes a writer of its own; a wrong checksum is damage as well.
    expect([reason, ...(reason === 'not-opus' ? ['damaged'] : [])]).toContain(reasonOf(data));
  });

  test('whatever the bytes, packets or a reason', () => {
    const shaped = fc.oneof(
      fc.uint8Array({ maxLength: 4000 }),
      fc.uint8Array({ maxLength: 2000 }).map((tail) => bytesOf([oggOf(variable.slice(0, 8)), tail])),
      fc.tuple(fc.nat(2000), fc.nat(255)).map(([at, value]) => {
        const data = oggOf(variable.slice(0, 12));
        data[at % data.length] = value;
        return data;
      }),
      fc.tuple(fc.nat(2000), fc.nat(255)).map(([at, value]) => {
        const data = prefixed(variable, 2);
        data[at % data.length] = value;
        return data;
      }),
    );
    fc.assert(
      fc.property(shaped, (data) => {
        const reason = reasonOf(data);
        if (reason === null) expect(readOpusFile(data).packets.length).toBeGreaterThan(0);
        else expect(reason).toEqual(expect.any(String));
      }),
      { numRuns: 150 },
    );
  });

  test('is measured as an uplink is', () => {
    const { facts, level, undecodable, file } = opusFileFacts(bytesOf(constant));
    expect(facts).toMatchObject({ packetMs: 60, isCbr: true });
    expect(level.activeDbFs).toBeCloseTo(-26, -0.5);
    expect({ undecodable, container: file.container }).toEqual({ undecodable: 0, container: 'fixed' });
  });
});
