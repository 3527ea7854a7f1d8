import { describe, expect, test } from 'vitest';
import { mono, openCapture } from '../../../../../main/core/audio/capture.ts';
import { chooseDevice } from '../../../../../main/core/audio/choose-device.ts';
import { createPcmQueue } from '../../../../../main/core/audio/pcm-queue.ts';
import { openPlayback } from '../../../../../main/core/audio/playback.ts';
import { listDevices } from '../../../../../main/core/audio/portaudio.ts';
import { rmsDb } from '../../../../../pipeline/audio/levels.ts';
import { type FakeDevice, fakeSoundCard } from '../../../../fakes/sound-card.ts';

const noListeners = { onCaptured: () => {}, onFailed: () => {} };

function opened(device: FakeDevice) {
  const card = fakeSoundCard([device]);
  const [listed] = listDevices(card.portAudio);
  if (listed === undefined) throw new Error('no device');
  return { ...card, device: listed };
}

function tone(rate: number, ms: number, channels = 1): Buffer {
  const frames = (rate * ms) / 1000;
  const bytes = Buffer.alloc(frames * 2 * channels);
  for (let at = 0; at < frames * channels; at += 1)
    bytes.writeInt16LE(Math.round(10_000 * Math.sin((2 * Math.PI * 400 * Math.floor(at / channels)) / rate)), 2 * at);
  return bytes;
}

describe('which device', () => {
  const { portAudio } = fakeSoundCard([
    { name: 'HDMI', outputs: 2, sampleRate: 48_000 },
    { name: 'USB Mic', inputs: 1, sampleRate: 44_100 },
    { name: 'USB Headset', inputs: 1, outputs: 2, sampleRate: 48_000 },
  ]);
  const devices = listDevices(portAudio);

  test('the default one of its direction, or one by index, name, or a part of a name that only one has', () => {
    expect(chooseDevice(devices, 'input', '').name).toBe('USB Mic');
    expect(chooseDevice(devices, 'output', '').name).toBe('HDMI');
    expect(chooseDevice(devices, 'input', '2').name).toBe('USB Headset');
    expect(chooseDevice(devices, 'input', 'USB Mic').name).toBe('USB Mic');
    expect(chooseDevice(devices, 'output', 'usb').name).toBe('USB Headset');
  });

  test.each([
    ['input', '0'], // it has no microphone
    ['input', 'usb'], // two have that in their names
    ['output', 'nowhere'],
  ] as const)('no %s “%s”: says so instead of taking another', (direction, wanted) => {
    expect(() => chooseDevice(devices, direction, wanted)).toThrow(
      expect.objectContaining({ value: { code: 'audio/no-device', data: { direction, wanted }, retryable: false } }),
    );
  });

  test('a machine without a sound card has no device', () => {
    expect(() => chooseDevice(listDevices(fakeSoundCard([]).portAudio), 'input', '')).toThrow(
      expect.objectContaining({ code: 'audio/no-device' }),
    );
  });
});

describe('the microphone', () => {
  test('opens at 16 kHz mono with chunks of 20 ms: naudiodon’s own are half a second', () => {
    const { portAudio, streams, device } = opened({ name: 'mic', inputs: 2, sampleRate: 44_100 });
    openCapture(portAudio, device, noListeners);
    expect(streams[0]?.options).toMatchObject({ sampleRate: 16_000, channelCount: 1, highwaterMark: 640, framesPerBuffer: 320 });
  });

  test.each([
    { rate: 48_000, channels: 1 },
    { rate: 44_100, channels: 2 },
  ])('a device that takes only $rate Hz with $channels channels is resampled to 20 ms of 16 kHz mono', ({ rate, channels }) => {
    const takes: FakeDevice['takes'] = (options) => options.sampleRate === rate && options.channelCount === channels;
    const { portAudio, streams, device } = opened({ name: 'mic', inputs: 2, sampleRate: rate, takes });
    const captured: Int16Array[] = [];
    openCapture(portAudio, device, { ...noListeners, onCaptured: (pcm) => captured.push(pcm) });
    // In pieces that end inside a sample.
    const bytes = tone(rate, 1000, channels);
    for (let at = 0; at < bytes.length; at += 1999) streams[0]?.give(bytes.subarray(at, at + 1999));
    expect(captured.every((pcm) => pcm.length === 320)).toBe(true);
    expect(captured.length).toBeGreaterThanOrEqual(49);
    expect(rmsDb(captured[20] ?? new Int16Array(0))).toBeCloseTo(20 * Math.log10(10_000 / 32_768 / Math.SQRT2), 0);
  });

  test('one that takes nothing fails with the driver’s word', () => {
    const { portAudio, device } = opened({ name: 'mic', inputs: 2, sampleRate: 44_100, takes: () => false });
    expect(() => openCapture(portAudio, device, noListeners)).toThrow(
      expect.objectContaining({
        value: {
          code: 'audio/device-failed',
          data: { direction: 'input', device: 'mic', reason: 'Format not supported: Invalid sample rate' },
          retryable: true,
        },
      }),
    );
  });

  test('several channels become their mean', () => {
    const bytes = Buffer.from(Int16Array.of(100, 300, -32_768, -32_768).buffer);
    expect([...mono(bytes, 2)]).toEqual([200, -32_768]);
  });
});

describe('the speaker', () => {
  test('always has a chunk for the device: silence when nothing is to be played, the samples once and in order otherwise', () => {
    const { portAudio, streams, device } = opened({ name: 'out', outputs: 2, sampleRate: 48_000 });
    const playback = openPlayback(portAudio, device, () => {});
    const [stream] = streams;
    expect(stream?.takeChunk()).toEqual(Buffer.alloc(640));
    stream?.takeChunk();
    playback.play(Int16Array.from({ length: 400 }, (_, at) => at + 1));
    stream?.takeChunk(); // was written before
    const next = Buffer.concat([stream?.takeChunk() ?? Buffer.alloc(0), stream?.takeChunk() ?? Buffer.alloc(0)]);
    expect([...new Int16Array(new Uint8Array(next).buffer)]).toEqual(Array.from({ length: 640 }, (_, at) => (at < 400 ? at + 1 : 0)));
  });

  test('a hush leaves nothing of what waited', () => {
    const { portAudio, streams, device } = opened({ name: 'out', outputs: 2, sampleRate: 48_000 });
    const playback = openPlayback(portAudio, device, () => {});
    playback.play(new Int16Array(4000).fill(7));
    playback.hush();
    streams[0]?.takeChunk();
    expect(streams[0]?.takeChunk()).toEqual(Buffer.alloc(640));
  });

  test('behind a device that stalls it keeps half a second and counts the rest', () => {
    const queue = createPcmQueue(8000);
    expect(queue.push(new Int16Array(7000))).toBe(0);
    expect(queue.push(new Int16Array(3000))).toBe(2000);
    expect(queue.length).toBe(8000);
    queue.take(320);
    expect(queue.push(new Int16Array(320))).toBe(0);
  });
});
