import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { sleepUntil } from '../../clock.ts';

/** The document's packet: 40 ms, 1280 bytes at 16 kHz and 640 at 8 kHz. */
const PACKET_MS = 40;

export interface MicrophoneOptions {
  clock: Clock;
  pcm: Int16Array;
  sampleRate: number;
  /** Times real time. */
  pace: number;
  send(bytes: Uint8Array): void;
  /** Asked before each packet of silence, once the speech is over. */
  isSilenceWanted(): boolean;
  signal: AbortSignal;
  onSpoken(): void;
}

/** Sends speech in packets at its pace, and goes on with silence, as a microphone does, for as long as that is wanted. */
export async function runMicrophone(options: MicrophoneOptions): Promise<void> {
  const { clock, pcm, sampleRate, pace, send, signal } = options;
  const packetSamples = (sampleRate * PACKET_MS) / 1000;
  const startUs = clock.nowUs();
  const silence = new Uint8Array(packetSamples * 2);
  let isSpoken = false;
  for (let index = 0; ; index += 1) {
    const at = index * packetSamples;
    if (at >= pcm.length) {
      if (!isSpoken) {
        isSpoken = true;
        options.onSpoken();
      }
      if (!options.isSilenceWanted()) return;
    }
    signal.throwIfAborted();
    const part = pcm.subarray(at, at + packetSamples);
    send(part.length === 0 ? silence : new Uint8Array(part.slice().buffer));
    await sleepUntil(clock, Math.round(startUs + ((index + 1) * PACKET_MS * 1000) / pace) as MonoUs, signal);
  }
}
