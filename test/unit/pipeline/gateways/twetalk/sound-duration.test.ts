import { expect, test } from 'vitest';
import { createOpusEncoder } from '../../../../../pipeline/audio/opus.ts';
import { soundDurationUs } from '../../../../../pipeline/gateways/twetalk/sound-duration.ts';

const announced = { codec: 'opus', sampleRate: 16_000, frameMs: 60 } as const;

test('a board that announces 60 ms and sends 20 is not held up for three times its sound', () => {
  const encoder = createOpusEncoder({ sampleRate: 16_000, channels: 1, bitrate: 24_000, frameMs: 20, isCbr: true });
  const packet = encoder.encode(new Int16Array(320));
  encoder.close();
  expect(soundDurationUs(packet, announced)).toBe(20_000);
});

test('PCM is as long as its samples; what is no packet counts as was announced; the shortest packets count for more', () => {
  expect(soundDurationUs(new Uint8Array(1920), { ...announced, codec: 'pcm' })).toBe(60_000);
  expect(soundDurationUs(new Uint8Array(0), announced)).toBe(60_000);
  expect(soundDurationUs(new Uint8Array(2), { ...announced, codec: 'pcm' })).toBe(10_000);
  // CELT, one frame of 2.5 ms.
  expect(soundDurationUs(Uint8Array.of(16 << 3, 0), announced)).toBe(10_000);
});
