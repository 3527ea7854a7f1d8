import { createOpusDecoder, createOpusEncoder } from '../../../../pipeline/audio/opus.ts';
import { encodeWav } from '../../../../pipeline/audio/wav.ts';
import { joined } from './decode.ts';
import { speechLike } from './speech-like.ts';

const RATE = 16_000;
/** 24 kbit/s at a constant size: 180 bytes of 60 ms, what TWeTalk boards' buffers are made of (reference/twetalk.md §5.2). */
const BITRATE = 24_000;
/** All of them whole quarter seconds, in which they are looked for. */
const [SWEEP_MS, SILENCE_MS] = [500, 250];
const SPEECH_MS = 6000;
const SWEEP_PEAK = 6000;

/**
 * What a board is given to play, 16 kHz mono, 7.75 s: a rising tone, six seconds of syllables without words, a falling tone, with silence about
 * each. The tones say that its beginning and its end are there; the syllables are found in whatever is heard.
 */
export function referenceSound(): Int16Array {
  const silence = new Int16Array((SILENCE_MS * RATE) / 1000);
  const speech = speechLike({ durationMs: SPEECH_MS, seed: 20_260 });
  return joined([silence, sweep(200, 3600), silence, speech, silence, sweep(3600, 200), silence]);
}

/** Even on the scale of pitch, with edges of 20 ms. */
function sweep(fromHz: number, toHz: number): Int16Array {
  const length = (SWEEP_MS * RATE) / 1000;
  const seconds = SWEEP_MS / 1000;
  const rate = Math.log(toHz / fromHz) / seconds;
  return Int16Array.from({ length }, (_, i) => {
    const phase = ((2 * Math.PI * fromHz) / rate) * (Math.exp((rate * i) / RATE) - 1);
    return Math.round(SWEEP_PEAK * Math.sin(phase) * Math.min(1, i / 320, (length - i) / 320));
  });
}

/**
 * The vendor's recv.opus and output.wav: raw packets of one size, one after the other and with nothing between them, and what a decoder makes of
 * them. Throws TalkError 'engine/unavailable' where Opus cannot run.
 */
export function referenceSounds(frameMs: 20 | 40 | 60): { recvOpus: Uint8Array; outputWav: Uint8Array } {
  const sound = referenceSound();
  const encoder = createOpusEncoder({ sampleRate: RATE, channels: 1, bitrate: BITRATE, frameMs, isCbr: true });
  const decoder = createOpusDecoder({ sampleRate: RATE, channels: 1 });
  try {
    const packets: Uint8Array[] = [];
    for (let at = 0; at < sound.length; at += encoder.frameSamples) {
      const frame = new Int16Array(encoder.frameSamples);
      frame.set(sound.subarray(at, at + frame.length));
      packets.push(encoder.encode(frame));
    }
    const heard = joined(packets.map((packet) => decoder.decode(packet)));
    return { recvOpus: new Uint8Array(Buffer.concat(packets)), outputWav: encodeWav({ sampleRate: RATE, channels: [heard] }) };
  } finally {
    encoder.close();
    decoder.close();
  }
}

/** What is played while echo is looked for: other syllables than the near end's, and no tones. */
export function farEndSound(durationMs: number): Int16Array {
  return speechLike({ durationMs, seed: 20_261 });
}

/** What is said into the microphone meanwhile: a higher voice. */
export function nearEndSound(durationMs: number): Int16Array {
  return speechLike({ durationMs, seed: 20_262, pitchHz: 210 });
}
