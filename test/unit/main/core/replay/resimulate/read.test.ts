import { expect, test } from 'vitest';
import { decodedPackets } from '../../../../../../main/core/replay/resimulate/read.ts';
import { createOpusEncoder } from '../../../../../../pipeline/audio/opus.ts';
import { speechPcm } from '../../../../../fakes/engines.ts';

const FRAME_US = 20_000;

const bytesOf = (pcm: Int16Array) => new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
const samplesOf = (bytes: Uint8Array) => new Int16Array(bytes.slice().buffer);
const packet = (index: number, bytes: Uint8Array, codec: 'opus' | 'pcm' = 'pcm') => ({
  atUs: 1000 + index * FRAME_US,
  mediaUs: index * FRAME_US,
  durationUs: FRAME_US,
  codec,
  bytes,
});

test('Opus becomes samples, each packet’s its own; one that is none becomes what no decoder takes', () => {
  const encoder = createOpusEncoder({ sampleRate: 16_000, channels: 1, bitrate: 24_000, frameMs: 20, isCbr: true });
  const rows = [0, 1].map((index) => packet(index, encoder.encode(speechPcm(20)), 'opus'));
  encoder.close();
  const decoded = decodedPackets([...rows, packet(2, new Uint8Array(0), 'opus')], []);
  expect(decoded.map(({ atUs, pcm }) => [atUs, pcm.byteLength])).toEqual([
    [1000, 640],
    [21_000, 640],
    [41_000, 1],
  ]);
  expect(samplesOf(decoded[0]?.pcm ?? new Uint8Array())).not.toEqual(samplesOf(decoded[1]?.pcm ?? new Uint8Array()));
});

test('where noise was taken off, the cleaned signal is listened to at its place in media time; elsewhere what came', () => {
  const rows = [0, 1, 2].map((index) => packet(index, bytesOf(new Int16Array(320).fill(100))));
  // It begins in the middle of the first packet and ends with the second.
  const clean = { ...packet(0, bytesOf(new Int16Array(480).fill(7))), mediaUs: FRAME_US / 2, durationUs: 1.5 * FRAME_US };
  const heard = decodedPackets(rows, [clean]).map(({ pcm }) => samplesOf(pcm));
  expect([heard[0]?.[159], heard[0]?.[160], heard[1]?.[0], heard[1]?.[319], heard[2]?.[0]]).toEqual([100, 7, 7, 7, 100]);
});
