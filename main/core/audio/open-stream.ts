import type { AudioDevice } from '../../../preload/contract/audio.ts';
import { LIVE_CHUNK_MS, LIVE_SAMPLE_RATE } from '../../../preload/contract/live-audio-format.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { PortAudio, PortAudioStream } from './portaudio.ts';

export interface StreamFormat {
  sampleRate: number;
  channels: number;
}

/**
 * Opens one direction of a device, signed 16 bits: 16 kHz mono where it takes that, else at its own rate, else with two channels at its
 * own rate. Throws TalkError 'audio/device-failed' with the reason of the last attempt.
 */
export function openStream(
  portAudio: PortAudio,
  direction: 'input' | 'output',
  device: AudioDevice,
): { stream: PortAudioStream; format: StreamFormat } {
  const ownRate = Math.round(device.sampleRate);
  const attempts: StreamFormat[] = [
    { sampleRate: LIVE_SAMPLE_RATE, channels: 1 },
    { sampleRate: ownRate, channels: 1 },
    { sampleRate: ownRate, channels: 2 },
  ];
  let cause: unknown;
  for (const format of attempts) {
    const chunkFrames = Math.round((format.sampleRate * LIVE_CHUNK_MS) / 1000);
    const options = {
      deviceId: device.index,
      sampleRate: format.sampleRate,
      channelCount: format.channels,
      sampleFormat: 16 as const,
      framesPerBuffer: chunkFrames,
      highwaterMark: chunkFrames * 2 * format.channels,
      maxQueue: 2,
      closeOnError: false as const,
    };
    try {
      return { stream: portAudio.AudioIO(direction === 'input' ? { inOptions: options } : { outOptions: options }), format };
    } catch (error) {
      cause = error;
    }
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new TalkError('audio/device-failed', { direction, device: device.name, reason }, { retryable: true, cause });
}
