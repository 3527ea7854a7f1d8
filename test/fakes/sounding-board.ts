import { seededRandom } from '../../main/core/checks/audio/random.ts';
import { speechLike } from '../../main/core/checks/audio/speech-like.ts';
import { createOpusEncoder } from '../../pipeline/audio/opus.ts';
import type { FakeBench } from './fake-bench.ts';
import { placed, samplesOf } from './synthetic-sound.ts';

export interface SoundingBoardOptions {
  codec?: 'pcm' | 'opus';
  frameMs?: 20 | 40 | 60;
  isCbr?: boolean;
  bitrate?: number;
  noiseDbFs?: number;
  /** Of what is said to it; −Infinity is deaf. */
  microphoneDb?: number;
  /** Of what it plays, in its own uplink. */
  echoDb?: number;
  isDeafWhilePlaying?: boolean;
  /** Of its sample clock. */
  ppm?: number;
  isLost?: (index: number) => boolean;
  /** Of its speaker; and how late it is. */
  speakerDb?: number;
  speakerDelayMs?: number;
  /** What becomes of what it plays. */
  spoil?: (pcm: Int16Array) => Int16Array;
}

/** What a voice says to it, whatever the text. */
export const phrase = speechLike({ durationMs: 4000, seed: 77, levelDbFs: -24 });

/** A board that records and plays, played on a `FakeBench`: what is said and played is heard as a room would have it, on virtual time. */
export function soundingBoard(bench: FakeBench, options: SoundingBoardOptions = {}, seconds = 60): void {
  const { codec = 'pcm', frameMs = 60, noiseDbFs = -66, microphoneDb = 0, echoDb = Number.NEGATIVE_INFINITY, ppm = 0 } = options;
  const { speakerDb = 0, speakerDelayMs = 80, spoil = (pcm: Int16Array) => pcm } = options;
  const random = seededRandom(5);
  const noise = 32_768 * 10 ** (noiseDbFs / 20) * Math.sqrt(12);
  const encoder =
    codec === 'pcm'
      ? null
      : createOpusEncoder({ sampleRate: 16_000, channels: 1, frameMs, isCbr: options.isCbr ?? true, bitrate: options.bitrate ?? 24_000 });
  const played = () =>
    bench.board.did
      .filter(({ what }) => what === 'play')
      .map(({ data, atUs }) => ({ pcm: data as Int16Array, atUs: atUs + speakerDelayMs * 1000 }));
  const said = () => bench.talk.said.map(({ pcm = phrase, atUs }) => ({ pcm, atUs }));
  const at = (sounds: readonly { pcm: Int16Array; atUs: number }[], us: number) =>
    sounds.reduce((sum, sound) => sum + (sound.pcm[Math.round((us - sound.atUs) * 0.016)] ?? 0), 0);
  const [near, far] = [10 ** (microphoneDb / 20), 10 ** (echoDb / 20)];

  bench.talk.onSay = () => phrase;
  bench.talk.onHeard = (fromUs) => {
    const length = samplesOf((bench.clock.nowUs() - fromUs) / 1000);
    const [first] = played().filter(({ pcm, atUs }) => atUs + pcm.length * 62.5 > fromUs);
    const pcm = first === undefined ? new Int16Array(length) : placed(spoil(first.pcm), (first.atUs - fromUs) / 1000, length, speakerDb);
    return { pcm, fromUs };
  };
  let sent = 0;
  for (let index = 0; index * frameMs < seconds * 1000; index++) {
    bench.at(((index + 1) * frameMs) / (1 + ppm / 1e6), () => {
      const endUs = bench.clock.nowUs();
      const [spoken, echoed] = [said(), played()];
      const isDeaf =
        options.isDeafWhilePlaying === true && echoed.some(({ pcm, atUs }) => endUs >= atUs && endUs < atUs + pcm.length * 62.5);
      const pcm = Int16Array.from({ length: frameMs * 16 }, (_, i) => {
        const us = endUs - frameMs * 1000 + i * 62.5;
        const sound = isDeaf ? 0 : at(spoken, us) * (near || 0) + (far === 0 ? 0 : at(echoed, us) * far) + (random() - 0.5) * noise;
        return Math.max(-32_768, Math.min(32_767, Math.round(sound)));
      });
      if (options.isLost?.(index) === true) return;
      const bytes = encoder === null ? new Uint8Array(pcm.buffer) : encoder.encode(pcm);
      const durationUs = frameMs * 1000;
      bench.board.packet('uplink', bytes, { codec, durationUs, mediaUs: sent++ * durationUs });
    });
  }
}
