import { expect, test } from 'vitest';
import { createLevels } from '../../../../../main/core/conversations/levels.ts';
import { createOpusEncoder } from '../../../../../pipeline/audio/opus.ts';
import type { AudioPacket } from '../../../../../preload/contract/events.ts';
import type { AudioLevel } from '../../../../../preload/contract/pipeline.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';

const frameUs = 20_000;

function packet(index: number, peak: number, part: Partial<AudioPacket> = {}): AudioPacket {
  const pcm = Int16Array.from({ length: 320 }, (_, at) => Math.round(Math.sin((at * Math.PI) / 16) * peak * 32767));
  return {
    conversationId: 'c1',
    track: 'uplink',
    index,
    atUs: index * frameUs,
    mediaUs: index * frameUs,
    durationUs: frameUs,
    codec: 'pcm',
    sampleRate: 16000,
    bytes: new Uint8Array(pcm.buffer),
    ...part,
  };
}

function looking(levels: ReturnType<typeof createLevels>): { seen: AudioLevel[]; stop(): void } {
  const attachment = levels.streams['pipeline.levels']({});
  const seen: AudioLevel[] = [];
  attachment.topic.listen((level) => seen.push(level));
  return { seen, stop: () => attachment.close?.() };
}

test('a second of audio is told as fewer than 15 levels, none of its peaks lost', () => {
  const levels = createLevels();
  const { seen } = looking(levels);
  for (let index = 0; index < 50; index++) levels.observer.packet(packet(index, index === 21 ? 0.9 : 0.2));
  expect(seen.length).toBeGreaterThan(10);
  expect(seen.length).toBeLessThanOrEqual(15);
  expect(Math.max(...seen.map((level) => level.uplinkPeak))).toBeCloseTo(0.9, 2);
  expect(seen.filter((level) => level.uplinkPeak > 0.5)).toHaveLength(1);
  expect(seen.every((level) => level.downlinkPeak === 0)).toBe(true);
});

test('Opus of both tracks is heard, and a packet that is none is silence', () => {
  const levels = createLevels();
  const { seen } = looking(levels);
  const encoder = createOpusEncoder({ sampleRate: 16000, channels: 1, frameMs: 20, bitrate: 24000, isCbr: false });
  const opus = (index: number): Uint8Array => encoder.encode(new Int16Array(packet(index, 0.5).bytes.buffer));
  for (let index = 0; index < 20; index++)
    levels.observer.packet(packet(index, 0, { track: 'downlink', codec: 'opus', bytes: opus(index) }));
  expect(seen.at(-1)?.downlinkPeak).toBeGreaterThan(0.2);
  expect(() => levels.observer.packet(packet(30, 0, { codec: 'opus', bytes: new Uint8Array(0) }))).not.toThrow();
  expect(seen.at(-1)?.uplinkPeak).toBe(0);
});

test('nothing is told to who has stopped looking, and a closed conversation begins anew', () => {
  const levels = createLevels();
  const first = looking(levels);
  levels.observer.packet(packet(0, 0.4));
  first.stop();
  levels.observer.packet(packet(50, 0.4));
  expect(first.seen).toHaveLength(1);
  const second = looking(levels);
  levels.observer.packet(packet(51, 0.4));
  levels.observer.event({ kind: 'conversation.closed', atUs: 0 as MonoUs, conversationId: 'c1', reason: 'board' });
  levels.observer.packet(packet(51, 0.4));
  expect(second.seen).toHaveLength(2);
});
