import { describe, expect, test } from 'vitest';
import type { AudioFormat } from '../../../../pipeline/conversation.ts';
import type { VadEngine } from '../../../../pipeline/engines/vad/engine.ts';
import { createFrameEncoder, createPacketDecoder } from '../../../../pipeline/turn/codec.ts';
import { SpeechDetector } from '../../../../pipeline/turn/speech-detector.ts';
import { Uplink } from '../../../../pipeline/turn/uplink.ts';
import type { AudioPacket } from '../../../../preload/contract/events.ts';
import { FakeVad, silencePcm, speechPcm } from '../../../fakes/engines.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

function createUplink(format: AudioFormat, vad: VadEngine) {
  const clock = new VirtualClock(3_000_000);
  const heard: [string, number][] = [];
  const told = { packets: [] as Omit<AudioPacket, 'conversationId'>[], lags: [] as number[], dropped: 0, errors: 0 };
  const detector = new SpeechDetector({
    threshold: 0.5,
    minimumSpeechMs: 120,
    prerollMs: 300,
    silenceMs: () => 500,
    listener: {
      onset: () => undefined,
      falseOnset: () => undefined,
      started: (mediaUs) => heard.push(['started', uplink.clockUs(mediaUs)]),
      continued: () => undefined,
      ended: (mediaUs) => heard.push(['ended', uplink.clockUs(mediaUs)]),
    },
  });
  const uplink: Uplink = new Uplink({
    clock,
    format,
    vad,
    decoder: createPacketDecoder(format),
    detector,
    silenceMs: () => 500,
    onPacket: (packet) => told.packets.push(packet),
    onUndecodable: () => {
      told.errors += 1;
    },
    onLag: (lagUs) => told.lags.push(lagUs),
    onDropped: (count) => {
      told.dropped += count;
    },
    onVadError: () => {
      told.errors += 1;
    },
  });
  return { clock, uplink, heard, told };
}

describe('uplink', () => {
  test.each([
    { codec: 'opus', sampleRate: 16000, frameMs: 60 },
    { codec: 'opus', sampleRate: 16000, frameMs: 20 },
    { codec: 'pcm', sampleRate: 16000, frameMs: 40 },
  ] as const)('speech is found where it was said, in $codec of $frameMs ms, whatever the network’s jitter', async (format) => {
    const { clock, uplink, heard, told } = createUplink(format, new FakeVad());
    const encoder = createFrameEncoder(format, 24_000);
    const frameCount = Math.ceil(2400 / format.frameMs);
    const speechFrom = Math.ceil(600 / format.frameMs);
    const speechTo = Math.ceil(1500 / format.frameMs);
    const frameUs = format.frameMs * 1000;
    // A tone: the square wave at the Nyquist frequency would not survive a speech codec.
    const tone = Int16Array.from({ length: format.frameMs * 16 }, (_, index) =>
      Math.round(9000 * Math.sin((2 * Math.PI * 400 * index) / 16_000)),
    );
    for (let index = 0; index < frameCount; index += 1) {
      const pcm = index >= speechFrom && index < speechTo ? tone : silencePcm(format.frameMs);
      const jitterUs = [0, 9_000, 3_000, 15_000][index % 4] ?? 0;
      await clock.advanceTo(3_000_000 + (index + 1) * frameUs + jitterUs);
      uplink.receive(encoder.encode(pcm), clock.nowUs());
    }
    await clock.advance(100_000);
    expect(heard.map(([kind]) => kind)).toEqual(['started', 'ended']);
    expect(Math.abs((heard[0]?.[1] ?? 0) - (3_000_000 + speechFrom * frameUs))).toBeLessThanOrEqual(40_000);
    expect(Math.abs((heard[1]?.[1] ?? 0) - (3_000_000 + speechTo * frameUs))).toBeLessThanOrEqual(25_000);
    expect(told.packets).toHaveLength(frameCount);
    expect(told.errors).toBe(0);
    uplink.close();
    encoder.close();
    expect(clock.pendingTimers).toBe(0);
  });

  test('a slow detector is told as lag, then what does not fit is dropped and counted, and the caller never waits', async () => {
    const hung: VadEngine = {
      id: 'hung',
      open: () =>
        Promise.resolve({ frameSamples: 512, process: () => new Promise(() => undefined), reset: () => undefined, close: () => undefined }),
    };
    const format = { codec: 'pcm', sampleRate: 16000, frameMs: 20 } as const;
    const { clock, uplink, told } = createUplink(format, hung);
    for (let index = 0; index < 700; index += 1) {
      await clock.advance(20_000);
      uplink.receive(new Uint8Array(speechPcm(20).buffer), clock.nowUs());
    }
    expect(told.lags).toHaveLength(1);
    expect(told.packets).toHaveLength(700);
    expect(told.dropped).toBeGreaterThan(150);
    uplink.close();
  });
});
