/**
 * What runs on the browser's audio thread: the microphone in chunks of 20 ms, and the speaker out of a queue that fills a little before it
 * plays, for samples come over a socket. The context runs at 16 kHz: the browser resamples.
 */
interface Processor {
  readonly port: MessagePort;
}

declare const AudioWorkletProcessor: new () => Processor;
declare function registerProcessor(
  name: string,
  processor: new () => Processor & { process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean },
): void;

const CHUNK_SAMPLES = 320;
/** The core sends in batches of 33 ms. */
const PREFILL_SAMPLES = 1280;
const LIMIT_SAMPLES = 16_000;

class Capture extends AudioWorkletProcessor {
  #chunk = new Int16Array(CHUNK_SAMPLES);
  #filled = 0;

  process(inputs: Float32Array[][]): boolean {
    for (const sample of inputs[0]?.[0] ?? []) {
      this.#chunk[this.#filled] = Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)));
      this.#filled += 1;
      if (this.#filled < CHUNK_SAMPLES) continue;
      this.port.postMessage(this.#chunk, [this.#chunk.buffer]);
      this.#chunk = new Int16Array(CHUNK_SAMPLES);
      this.#filled = 0;
    }
    return true;
  }
}

class Playback extends AudioWorkletProcessor {
  #queue: Int16Array[] = [];
  /** Of the first in the queue, what was played. */
  #at = 0;
  #queued = 0;
  #isPlaying = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<Int16Array | 'hush'>) => {
      if (data === 'hush') this.#clear();
      else if (this.#queued + data.length > LIMIT_SAMPLES) this.port.postMessage(data.length);
      else {
        this.#queue.push(data);
        this.#queued += data.length;
      }
    };
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const output = outputs[0]?.[0];
    if (output === undefined) return true;
    this.#isPlaying ||= this.#queued >= PREFILL_SAMPLES;
    if (!this.#isPlaying) return true;
    for (let at = 0; at < output.length; at += 1) {
      const sample = this.#next();
      if (sample === undefined) {
        this.#clear();
        break;
      }
      output[at] = sample / 32_768;
    }
    return true;
  }

  #next(): number | undefined {
    const first = this.#queue[0];
    if (first === undefined) return undefined;
    const sample = first[this.#at] ?? 0;
    this.#at += 1;
    this.#queued -= 1;
    if (this.#at >= first.length) {
      this.#queue.shift();
      this.#at = 0;
    }
    return sample;
  }

  #clear(): void {
    this.#queue = [];
    this.#at = 0;
    this.#queued = 0;
    this.#isPlaying = false;
  }
}

registerProcessor('talkbench-capture', Capture);
registerProcessor('talkbench-playback', Playback);
