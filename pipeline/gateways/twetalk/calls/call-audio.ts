import { createFramer } from '../../../audio/framing.ts';
import { createOpusDecoder, createOpusEncoder } from '../../../audio/opus.ts';
import type { AudioFormat } from '../../../conversation.ts';
import type { CallLine, CallSound } from './line.ts';

/** Ten minutes of 16 kHz mono. */
const MOST_HEARD_SAMPLES = 600 * 16_000;
/** Some 24 kbit/s of constant length, what the boards' ring of 180-byte frames is made for. */
const BITRATE = 24_000;

/** The audio of one call, both ways: the board's packets to the mini-program's speaker, its microphone to the board. */
export class CallAudio {
  readonly #sound: CallSound;
  readonly #codec: Codec;
  readonly #heard: Int16Array[] = [];
  #heardSamples = 0;
  #isEnded = false;

  constructor(line: CallLine, sound: CallSound) {
    const frames = createFramer(line.audio.frameMs * 16);
    this.#sound = sound;
    this.#codec = createCodec(line.audio);
    line.putThrough((packet) => this.#hear(packet));
    sound.listen((pcm) => {
      if (this.#isEnded) return;
      for (const frame of frames.push(pcm)) line.send(this.#codec.encode(frame));
    });
  }

  /** What came from the board, the newest ten minutes. */
  get heard(): Int16Array {
    const all = new Int16Array(this.#heardSamples);
    let at = 0;
    for (const part of this.#heard) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#sound.listen(null);
    this.#sound.close();
    this.#codec.close();
  }

  #hear(packet: Uint8Array): void {
    if (this.#isEnded) return;
    const pcm = this.#codec.decode(packet);
    if (pcm === null) return;
    this.#heard.push(pcm);
    this.#heardSamples += pcm.length;
    while (this.#heardSamples > MOST_HEARD_SAMPLES) this.#heardSamples -= this.#heard.shift()?.length ?? this.#heardSamples;
    this.#sound.play(pcm);
  }
}

interface Codec {
  encode(pcm: Int16Array): Uint8Array;
  /** Null for a packet that is none. */
  decode(packet: Uint8Array): Int16Array | null;
  close(): void;
}

function createCodec({ codec, frameMs }: AudioFormat): Codec {
  if (codec === 'pcm') {
    return {
      encode: (pcm) => new Uint8Array(pcm.slice().buffer),
      decode: (packet) => new Int16Array(packet.slice(0, packet.length & ~1).buffer),
      close: () => {},
    };
  }
  const encoder = createOpusEncoder({ sampleRate: 16000, channels: 1, bitrate: BITRATE, frameMs, isCbr: true });
  const decoder = createOpusDecoder({ sampleRate: 16000, channels: 1 });
  return {
    encode: (pcm) => encoder.encode(pcm),
    decode(packet) {
      try {
        return decoder.decode(packet);
      } catch {
        return null;
      }
    },
    close() {
      encoder.close();
      decoder.close();
    },
  };
}
