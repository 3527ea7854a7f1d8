import { createFramer } from '../../../pipeline/audio/framing.ts';
import { createResampler } from '../../../pipeline/audio/resample.ts';
import type { AudioDevice } from '../../../preload/contract/audio.ts';
import { LIVE_CHUNK_MS, LIVE_SAMPLE_RATE } from '../../../preload/contract/live-audio-format.ts';
import { openStream, type StreamFormat } from './open-stream.ts';
import type { PortAudio } from './portaudio.ts';

export interface Capture {
  format: StreamFormat;
  stop(): void;
}

/** Opens a microphone: `onCaptured` gets 20 ms of 16 kHz mono at a time, whatever the device gives. Throws TalkError 'audio/device-failed'. */
export function openCapture(
  portAudio: PortAudio,
  device: AudioDevice,
  listeners: { onCaptured: (pcm: Int16Array) => void; onFailed: (error: Error) => void },
): Capture {
  const { stream, format } = openStream(portAudio, 'input', device);
  const resampler = createResampler({ from: format.sampleRate, to: LIVE_SAMPLE_RATE });
  const framer = createFramer((LIVE_SAMPLE_RATE / 1000) * LIVE_CHUNK_MS);
  let odd: Buffer = Buffer.alloc(0);
  stream.on('error', listeners.onFailed);
  stream.on('data', (chunk) => {
    const bytes = odd.length === 0 ? chunk : Buffer.concat([odd, chunk]);
    const frameBytes = 2 * format.channels;
    const whole = bytes.length - (bytes.length % frameBytes);
    odd = bytes.subarray(whole);
    for (const pcm of framer.push(resampler.process(mono(bytes.subarray(0, whole), format.channels)))) listeners.onCaptured(pcm);
  });
  stream.start();
  return { format, stop: () => stream.abort() };
}

/** The mean of the channels. */
export function mono(bytes: Buffer, channels: number): Int16Array {
  const frames = Math.floor(bytes.length / 2 / channels);
  const pcm = new Int16Array(frames);
  for (let frame = 0; frame < frames; frame += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) sum += bytes.readInt16LE(2 * (frame * channels + channel));
    pcm[frame] = Math.round(sum / channels);
  }
  return pcm;
}
