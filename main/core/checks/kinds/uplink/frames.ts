import { z } from 'zod';
import type { AudioPacket } from '../../../../../preload/contract/events.ts';
import { rounded } from '../../audio/decibels.ts';
import { type OpusFacts, opusFacts } from '../../audio/opus-facts.ts';
import { check, type Measurement, type ValueSpec } from '../../check.ts';
import { packetEvidence, speakAndRecord } from './recording.ts';

/** Fewer packets say little of an encoder. */
const LEAST_PACKETS = 20;
const LONGEST_DTX_BYTES = 3;

/** Of Opus packets, wherever they come from. */
export const frameValues: readonly ValueSpec[] = [
  { name: 'packets', unit: 'count' },
  // audioInterval is 20, 40 or 60 (reference/twetalk.md §4).
  { name: 'frameMs', unit: 'ms', limit: { oneOf: [20, 40, 60] }, next: 'frame-length' },
  { name: 'otherLengths', unit: 'count', limit: { max: 0 }, next: 'frame-length' },
  { name: 'invalidPackets', unit: 'count', limit: { max: 0 }, next: 'broken-packets' },
  { name: 'decodeErrors', unit: 'count', limit: { max: 0 }, next: 'broken-packets' },
  // The cloud decodes one channel of 16 kHz.
  { name: 'channels', unit: 'count', limit: { equals: 1 }, next: 'channels' },
  { name: 'mode' },
  // 16 kHz of sound is Opus's wideband; more is cut off by the cloud, less was lost on the board.
  { name: 'bandwidth', limit: { oneOf: ['wide', 'super-wide', 'full'] }, next: 'bandwidth' },
  // RFC 7587 §3.1.1: wideband speech wants 16–20 kbit/s; boards use 24, logs show up to 37; 64 is the most that 100 kbit/s carry with headers.
  { name: 'bitrateKbitS', unit: 'kbit/s', limit: { min: 16, max: 64 }, next: 'bitrate' },
  // «OPUS 16kHz 60ms, 180 字节, VBR off» (reference/twetalk.md §5.2).
  { name: 'isCbr', limit: { equals: true }, isOptional: true, next: 'variable-rate' },
  { name: 'packetBytes', unit: 'bytes' },
  { name: 'leastBytes', unit: 'bytes' },
  { name: 'mostBytes', unit: 'bytes' },
  // Silence is sent too: a cloud that gets none cannot tell a pause from a stall. One packet in twenty may be an encoder's start.
  { name: 'dtxPercent', unit: '%', limit: { max: 5 }, isOptional: true, next: 'dtx' },
];

export function frameFigures(facts: OpusFacts | null, undecodable: number): Record<string, Measurement> | null {
  if (facts === null) return null;
  return {
    packets: facts.packets,
    frameMs: facts.packetMs,
    otherLengths: facts.otherLengths,
    invalidPackets: facts.invalid,
    decodeErrors: Math.max(0, undecodable - facts.invalid),
    channels: facts.channels,
    mode: facts.mode,
    bandwidth: facts.bandwidth,
    bitrateKbitS: rounded(facts.bitrateKbitS),
    isCbr: facts.isCbr,
    packetBytes: Math.round(facts.packetBytes),
    leastBytes: facts.leastBytes,
    mostBytes: facts.mostBytes,
    dtxPercent: rounded((facts.dtx / facts.packets) * 100),
  };
}

/** What the board's packets are, beside what it said they would be. */
export const uplinkFrames = check({
  name: 'uplink.frames',
  group: 'uplink',
  needs: ['conversation', 'voice'],
  parameters: z.strictObject({ windowS: z.number().min(2).max(600).default(10) }),
  values: [
    { name: 'codec' },
    { name: 'announcedFrameMs', unit: 'ms' },
    { name: 'isAsAnnounced', limit: { equals: true }, next: 'not-as-announced' },
    ...frameValues,
  ],
  nexts: ['not-as-announced', 'frame-length', 'broken-packets', 'channels', 'bandwidth', 'bitrate', 'variable-rate', 'dtx', 'no-packets'],
  async measure(bench, { windowS }) {
    const spoken = await speakAndRecord(bench, windowS * 1000);
    if (spoken === 'no-conversation') return { skipped: spoken };
    if (spoken === 'nobody-there') return { person: spoken };
    const { device, conversationId, packets } = spoken;
    if (packets.length < LEAST_PACKETS) return { values: { packets: packets.length }, next: 'no-packets' };
    const opened = device.events(0).findLast((event) => event.kind === 'conversation.opened' && event.conversationId === conversationId);
    const announcedFrameMs = opened?.kind === 'conversation.opened' ? opened.uplink.frameMs : null;
    const codec = packets[0]?.codec ?? 'opus';
    const { pcm, undecodable } = await bench.measures.soundOf(packets);
    const evidence = [...packetEvidence(packets), bench.keepSound('uplink', pcm)];
    const bytes = packets.map((packet) => packet.bytes);
    // xiaozhi's firmware has its encoder vary and pause (reference: its audio service); nothing of that is amiss, and its rate is that of its sound.
    const isFree = opened?.kind === 'conversation.opened' && opened.gateway === 'xiaozhi';
    const sounding = isFree ? bytes.filter(({ length }) => length > LONGEST_DTX_BYTES) : bytes;
    const own = codec === 'opus' ? frameFigures(opusFacts(sounding), undecodable) : measurePcm(packets, undecodable);
    if (own === null) return { values: { codec, announcedFrameMs, packets: packets.length, invalidPackets: packets.length }, evidence };
    // Nothing was announced to this bench: nothing contradicts it.
    const isAsAnnounced = announcedFrameMs === null || announcedFrameMs === own.frameMs;
    const unasked = isFree ? { packets: packets.length, isCbr: null, dtxPercent: null } : {};
    return { values: { codec, announcedFrameMs, isAsAnnounced, ...own, ...unasked }, evidence };
  },
});

/** Raw samples: there is no encoder that could do anything wrong but their number. */
function measurePcm(packets: readonly AudioPacket[], undecodable: number): Record<string, Measurement> {
  const sizes = packets.map(({ bytes }) => bytes.length);
  const rate = packets[0]?.sampleRate ?? 16_000;
  const usual = sizes.toSorted((a, b) => a - b)[Math.floor(sizes.length / 2)] ?? 0;
  return {
    packets: packets.length,
    frameMs: rounded((usual / 2 / rate) * 1000, 2),
    otherLengths: sizes.filter((size) => size !== usual).length,
    invalidPackets: 0,
    decodeErrors: undecodable,
    channels: 1,
    mode: 'pcm',
    bandwidth: rate >= 16_000 ? 'wide' : 'narrow',
    // Of 16-bit samples there is one rate: what the network has to carry is asked of Opus.
    bitrateKbitS: 24,
    isCbr: true,
    packetBytes: usual,
    leastBytes: sizes.reduce((least, size) => Math.min(least, size)),
    mostBytes: sizes.reduce((most, size) => Math.max(most, size)),
    dtxPercent: 0,
  };
}
