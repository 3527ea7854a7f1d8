import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOpusDecoder, createOpusEncoder, opusPacketInfo } from '../../../../pipeline/audio/opus.ts';
import { isTalkError } from '../../../../preload/contract/errors.ts';
import { rms, tone } from './tones.ts';

const format = { sampleRate: 16_000, channels: 1 } as const;

describe('Opus', () => {
  test.each([
    [20, 60],
    [40, 120],
    [60, 180],
  ] as const)('a constant-rate frame of %i ms at 24 kbit/s is %i bytes, whatever it holds', (frameMs, bytes) => {
    const encoder = createOpusEncoder({ ...format, bitrate: 24_000, frameMs, isCbr: true });
    const frames = [tone(440, encoder.frameSamples), new Int16Array(encoder.frameSamples), tone(3000, encoder.frameSamples, 30_000)];
    for (const frame of frames) {
      const packet = encoder.encode(frame);
      expect(packet.length).toBe(bytes);
      expect(opusPacketInfo(packet)).toMatchObject({ durationMs: frameMs, isStereo: false });
    }
    encoder.close();
  });

  test('a variable rate spends less on silence, and stays under the constant one’s frame', () => {
    const encoder = createOpusEncoder({ ...format, bitrate: 24_000, frameMs: 60, isCbr: false });
    encoder.encode(tone(440, 960));
    const sizes = Array.from({ length: 10 }, () => encoder.encode(new Int16Array(960)).length);
    expect(sizes.at(-1)).toBeLessThan(60);
    encoder.close();
  });

  test('a tone survives the round trip at its level', () => {
    const encoder = createOpusEncoder({ ...format, bitrate: 24_000, frameMs: 60, isCbr: true });
    const decoder = createOpusDecoder(format);
    const sound = tone(440, 960 * 10, 8000);
    const heard: number[] = [];
    for (let at = 0; at < sound.length; at += 960) heard.push(...decoder.decode(encoder.encode(sound.slice(at, at + 960))));
    expect(heard.length).toBe(sound.length);
    expect(rms(Int16Array.from(heard.slice(960 * 3)))).toBeCloseTo(8000 / Math.SQRT2, -3);
    encoder.close();
    decoder.close();
  });

  test('a decoder takes frames of different lengths one after the other', () => {
    const decoder = createOpusDecoder(format);
    for (const frameMs of [20, 60, 40] as const) {
      const encoder = createOpusEncoder({ ...format, bitrate: 24_000, frameMs, isCbr: false });
      expect(decoder.decode(encoder.encode(tone(300, encoder.frameSamples))).length).toBe(16 * frameMs);
      encoder.close();
    }
    decoder.close();
  });

  test('packets and samples are copies: a later call does not change an earlier result', () => {
    const encoder = createOpusEncoder({ ...format, bitrate: 24_000, frameMs: 20, isCbr: true });
    const decoder = createOpusDecoder(format);
    const first = encoder.encode(tone(440, 320));
    const kept = first.slice();
    const heard = decoder.decode(first);
    const keptHeard = heard.slice();
    decoder.decode(encoder.encode(tone(2000, 320)));
    expect(first).toEqual(kept);
    expect(heard).toEqual(keptHeard);
    encoder.close();
    decoder.close();
  });

  test('a frame of the wrong length never reaches the codec', () => {
    const encoder = createOpusEncoder({ ...format, bitrate: 24_000, frameMs: 20, isCbr: true });
    expect(() => encoder.encode(new Int16Array(321))).toThrow(RangeError);
    encoder.close();
    expect(() => encoder.encode(new Int16Array(320))).toThrow('closed');
  });

  test('lost packets are filled with sound of their own length, fading out', () => {
    const encoder = createOpusEncoder({ ...format, bitrate: 24_000, frameMs: 60, isCbr: true });
    const decoder = createOpusDecoder(format);
    expect(decoder.conceal(3).length).toBe(0);
    for (let i = 0; i < 5; i++) decoder.decode(encoder.encode(tone(300, 960, 8000)));
    const filled = decoder.conceal(10);
    expect(filled.length).toBe(9600);
    expect(rms(filled.slice(0, 320))).toBeGreaterThan(1000);
    expect(rms(filled.slice(-960))).toBeLessThan(200);
    encoder.close();
    decoder.close();
  });

  test('whatever bytes come, decoding gives samples or audio/decode, and the next good packet decodes', () => {
    const encoder = createOpusEncoder({ ...format, bitrate: 24_000, frameMs: 20, isCbr: true });
    const decoder = createOpusDecoder(format);
    const good = encoder.encode(tone(440, 320));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          expect(decoder.decode(bytes).length).toBe(opusPacketInfo(bytes).durationMs * 16);
        } catch (error) {
          if (!isTalkError(error, 'audio/decode')) throw error;
        }
        expect(decoder.decode(good).length).toBe(320);
      }),
    );
    expect(() => decoder.decode(new Uint8Array(4000))).toThrow(expect.objectContaining({ code: 'audio/decode' }));
    encoder.close();
    decoder.close();
  });

  // RFC 6716, table 2: configuration number to mode, bandwidth and frame size
  test.each([
    [0, 'silk', 'narrow', 10],
    [11, 'silk', 'wide', 60],
    [13, 'hybrid', 'super-wide', 20],
    [14, 'hybrid', 'full', 10],
    [16, 'celt', 'narrow', 2.5],
    [23, 'celt', 'wide', 20],
    [31, 'celt', 'full', 20],
  ])('configuration %i is %s %s %d ms', (configuration, mode, bandwidth, frameMs) => {
    expect(opusPacketInfo(Uint8Array.of(configuration << 3, 0))).toEqual({
      mode,
      bandwidth,
      frameMs,
      frameCount: 1,
      durationMs: frameMs,
      isStereo: false,
    });
    expect(opusPacketInfo(Uint8Array.of((configuration << 3) | 4 | 3, 2))).toMatchObject({ frameCount: 2, isStereo: true });
  });
});
