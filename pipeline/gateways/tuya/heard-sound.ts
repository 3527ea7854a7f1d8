import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Conversation } from '../../conversation.ts';
import { AudioStream, readAudioParameters } from './audio-stream.ts';
import type { UpEvent } from './up-event.ts';
import type { Attribute } from './wire/attributes.ts';
import type { Chunk } from './wire/heads.ts';
import { audioCodecs, streamFlags } from './wire/numbers.ts';

export interface HeardSoundDeps {
  clock: Clock;
  conversation: () => Pick<Conversation, 'uplink' | 'listen'>;
  isServerVad: () => boolean;
  note: (what: string, note: string) => void;
}

/** The sound of a session's events on its way to the conversation: one stream after the other, each a button that is held, unless the cloud finds the end. */
export class HeardSound {
  readonly #deps: HeardSoundDeps;
  #stream: AudioStream | null = null;
  #isPressed = false;

  constructor(deps: HeardSoundDeps) {
    this.#deps = deps;
  }

  /** Throws TalkError 'audio/decode' for a packet; any other for a stream of which nothing can be heard. */
  take(event: UpEvent, chunk: Chunk, attributes: readonly Attribute[], receivedUs: MonoUs): void {
    if (!event.isHeard) return;
    const { conversation, isServerVad } = this.#deps;
    if (chunk.flag === streamFlags.start || chunk.flag === streamFlags.one || this.#stream === null) {
      this.#stream = this.#begin(chunk, attributes);
      if (!event.hasAudio && !isServerVad()) {
        this.#isPressed = true;
        conversation().listen('start', receivedUs);
      }
      event.hasAudio = true;
    }
    if (chunk.data.length > 0) conversation().uplink(this.#stream.decode(chunk.data), receivedUs);
    if (chunk.flag === streamFlags.end || chunk.flag === streamFlags.one) this.ended(receivedUs);
  }

  ended(atUs: MonoUs = this.#deps.clock.nowUs()): void {
    if (this.#stream === null) return;
    this.close();
    this.#isPressed = false;
    // Push-to-talk: the button. With the cloud's detection: the device's own end of speech.
    this.#deps.conversation().listen('stop', atUs);
  }

  /** The event is left in the middle. */
  release(): void {
    this.close();
    if (this.#isPressed) this.#deps.conversation().listen('stop', this.#deps.clock.nowUs());
    this.#isPressed = false;
  }

  close(): void {
    this.#stream?.close();
    this.#stream = null;
  }

  #begin(chunk: Chunk, attributes: readonly Attribute[]): AudioStream {
    const parameters = readAudioParameters(attributes);
    if (parameters === null && this.#stream === null && chunk.flag !== streamFlags.end) {
      this.#deps.note('Audio', '39008: the first packet of a stream wants audio parameters; PCM of 16 kHz taken');
    }
    this.close();
    const plain = { codec: audioCodecs.pcm, channels: 1, bitDepth: 16, sampleRate: 16000, frameBytes: 0 };
    return new AudioStream(parameters ?? plain);
  }
}
