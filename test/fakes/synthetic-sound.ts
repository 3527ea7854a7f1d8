import type { Arrival } from '../../main/core/checks/audio/clock-drift.ts';
import { joined } from '../../main/core/checks/audio/decode.ts';
import { seededRandom } from '../../main/core/checks/audio/random.ts';
import { createOpusDecoder, createOpusEncoder, type OpusEncoderOptions } from '../../pipeline/audio/opus.ts';

/** Sound of which everything is known, for what measures it. 16 kHz mono. */
const RATE = 16_000;

export function samplesOf(ms: number): number {
  return Math.round((ms * RATE) / 1000);
}

/** Evenly distributed noise of that level, RMS. */
export function whiteNoise(samples: number, dbFs: number, seed = 9): Int16Array {
  const random = seededRandom(seed);
  const amplitude = 32_768 * 10 ** (dbFs / 20) * Math.sqrt(12);
  return Int16Array.from({ length: samples }, () => clipped((random() - 0.5) * amplitude));
}

/** A sine of that level, RMS. */
export function sine(hz: number, samples: number, dbFs: number): Int16Array {
  const amplitude = 32_768 * 10 ** (dbFs / 20) * Math.SQRT2;
  return Int16Array.from({ length: samples }, (_, i) => clipped(amplitude * Math.sin((2 * Math.PI * hz * i) / RATE)));
}

/** Later and louder or quieter, in so many samples. */
export function placed(pcm: Int16Array, atMs: number, samples: number, gainDb = 0): Int16Array {
  const at = samplesOf(atMs);
  const gain = 10 ** (gainDb / 20);
  return Int16Array.from({ length: samples }, (_, i) => clipped((pcm[i - at] ?? 0) * gain));
}

export function mixed(...sounds: Int16Array[]): Int16Array {
  return Int16Array.from({ length: sounds[0]?.length ?? 0 }, (_, i) => clipped(sounds.reduce((sum, sound) => sum + (sound[i] ?? 0), 0)));
}

/** Played by a clock so many ppm too slow: it lasts longer. */
export function slowed(pcm: Int16Array, ppm: number): Int16Array {
  return Int16Array.from({ length: Math.floor(pcm.length * (1 + ppm / 1e6)) - 1 }, (_, i) => {
    const place = i * (1 - ppm / 1e6);
    const before = Math.floor(place);
    const [a, b] = [pcm[before] ?? 0, pcm[before + 1] ?? 0];
    return Math.round(a + (b - a) * (place - before));
  });
}

export function opusPackets(pcm: Int16Array, options: Partial<OpusEncoderOptions> = {}): Uint8Array[] {
  const encoder = createOpusEncoder({ sampleRate: RATE, channels: 1, bitrate: 24_000, frameMs: 60, isCbr: true, ...options });
  const packets: Uint8Array[] = [];
  for (let at = 0; at + encoder.frameSamples <= pcm.length; at += encoder.frameSamples) {
    packets.push(encoder.encode(pcm.slice(at, at + encoder.frameSamples)));
  }
  encoder.close();
  return packets;
}

/** What a board's codec makes of it: 6.5 ms later. */
export function throughOpus(pcm: Int16Array, options: Partial<OpusEncoderOptions> = {}): Int16Array {
  const decoder = createOpusDecoder({ sampleRate: RATE, channels: 1 });
  const sound = joined(opusPackets(pcm, options).map((packet) => decoder.decode(packet)));
  decoder.close();
  return sound;
}

export interface Stream {
  seconds: number;
  frameMs?: number;
  /** Of the board's sample clock: positive is fast. */
  ppm?: number;
  /** Exponentially distributed, on average. */
  jitterMs?: number;
  /** Every so many ms all that were sent within the next `heldMs` come together at its end. */
  heldEveryMs?: number;
  heldMs?: number;
  /** Of 0…1, by seed. */
  lost?: number;
  seed?: number;
}

/** Packets of a board that sends all the time, as they arrive. */
export function arrivals({
  seconds,
  frameMs = 60,
  ppm = 0,
  jitterMs = 0,
  heldEveryMs = 0,
  heldMs = 0,
  lost = 0,
  seed = 1,
}: Stream): Arrival[] {
  const random = seededRandom(seed);
  const packets: Arrival[] = [];
  let lastUs = 0;
  let mediaUs = 0;
  for (let index = 0; index * frameMs < seconds * 1000; index++) {
    const takenMs = ((index + 1) * frameMs) / (1 + ppm / 1e6);
    const intoHold = heldEveryMs === 0 ? heldMs : takenMs % heldEveryMs;
    const waitMs = (intoHold < heldMs ? heldMs - intoHold : 0) + jitterMs * -Math.log(1 - random());
    const isLost = random() < lost;
    if (isLost) continue;
    // TCP delivers in order.
    lastUs = Math.max(lastUs, Math.round((takenMs + waitMs + 20) * 1000));
    packets.push({ atUs: lastUs, mediaUs, durationUs: frameMs * 1000 });
    mediaUs += frameMs * 1000;
  }
  return packets;
}

function clipped(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}
