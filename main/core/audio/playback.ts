import { createResampler } from '../../../pipeline/audio/resample.ts';
import type { AudioDevice } from '../../../preload/contract/audio.ts';
import { LIVE_CHUNK_MS, LIVE_SAMPLE_RATE } from '../../../preload/contract/live-audio-format.ts';
import { openStream, type StreamFormat } from './open-stream.ts';
import { createPcmQueue, type PcmQueue } from './pcm-queue.ts';
import type { PortAudio } from './portaudio.ts';

/** Half a second: the board's speaker gives what is due now, so more than this has piled up behind a stalled device. */
const QUEUE_SAMPLES = LIVE_SAMPLE_RATE / 2;

export interface Playback {
  format: StreamFormat;
  /** Returns how many samples did not fit. */
  play(pcm: Int16Array): number;
  hush(): void;
  stop(): void;
}

/** Opens a speaker for 16 kHz mono. Throws TalkError 'audio/device-failed'. */
export function openPlayback(portAudio: PortAudio, device: AudioDevice, onFailed: (error: Error) => void): Playback {
  const { stream, format } = openStream(portAudio, 'output', device);
  const queue: PcmQueue = createPcmQueue(QUEUE_SAMPLES);
  const resampler = createResampler({ from: LIVE_SAMPLE_RATE, to: format.sampleRate });
  const chunkSamples = (LIVE_SAMPLE_RATE / 1000) * LIVE_CHUNK_MS;
  let isStopped = false;

  /** The device asks for the next chunk by taking this one. It always gets one: PortAudio's own thread would wait for it. */
  function next(): void {
    if (isStopped) return;
    stream.write(bytesOf(resampler.process(queue.take(chunkSamples)), format.channels), (error) => {
      if (error instanceof Error) onFailed(error);
      else next();
    });
  }

  stream.on('error', onFailed);
  next(); // first: the device's first question waits for an answer in `start`
  stream.start();
  return {
    format,
    play: (pcm) => queue.push(pcm),
    hush: () => queue.clear(),
    stop() {
      isStopped = true;
      stream.abort();
    },
  };
}

function bytesOf(pcm: Int16Array, channels: number): Buffer {
  const bytes = Buffer.alloc(pcm.length * 2 * channels);
  for (const [frame, sample] of pcm.entries())
    for (let channel = 0; channel < channels; channel += 1) bytes.writeInt16LE(sample, 2 * (frame * channels + channel));
  return bytes;
}
