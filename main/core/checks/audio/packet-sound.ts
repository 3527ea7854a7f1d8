import { placeOnTimeline } from '../../../../pipeline/audio/alignment.ts';
import { resample } from '../../../../pipeline/audio/resample.ts';
import type { AudioPacket } from '../../../../preload/contract/events.ts';
import { type Decoded, decodeOpus } from './decode.ts';

const RATE = 16_000;

/** The sound of one track's packets, one after the other, 16 kHz mono. Throws TalkError 'engine/unavailable'. */
export function soundOf(packets: readonly AudioPacket[]): Decoded {
  if (packets[0]?.codec !== 'pcm') return decodeOpus(packets.map(({ bytes }) => bytes));
  const bytes = Buffer.concat(packets.map((packet) => packet.bytes.subarray(0, packet.bytes.length & ~1)));
  const samples = Int16Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readInt16LE(2 * i));
  const from = packets[0].sampleRate;
  return {
    pcm: from === RATE ? samples : resample(samples, { from, to: RATE }),
    undecodable: packets.filter((packet) => packet.bytes.length % 2 === 1 || packet.bytes.length === 0).length,
  };
}

/** The same, placed where it was taken: the soonest packet says by how much all of them were late. What is missing is silence. */
export function placedSound(packets: readonly AudioPacket[], fromUs: number, toUs: number): Int16Array {
  const late = packets.map(({ atUs, mediaUs, durationUs }) => atUs - mediaUs - durationUs);
  const lateUs = late.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  const { pcm } = soundOf(packets);
  let at = 0;
  const pieces = packets.map(({ mediaUs, durationUs }) => {
    const samples = Math.round((durationUs * RATE) / 1e6);
    at += samples;
    return { startUs: mediaUs + lateUs, pcm: pcm.subarray(at - samples, at) };
  });
  return placeOnTimeline(pieces, { sampleRate: RATE, startUs: fromUs, endUs: toUs });
}
