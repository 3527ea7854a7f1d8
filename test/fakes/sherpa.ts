import { EventEmitter } from 'node:events';
import type { FromSherpa, ToSherpa } from '../../pipeline/engines/sherpa/messages.ts';
import type { SherpaNative } from '../../pipeline/engines/sherpa/native.ts';
import { createSherpaService } from '../../pipeline/engines/sherpa/service.ts';
import type { NodeProcess, NodeProcessEnd } from '../../pipeline/node-process.ts';

/** What a test wants of the library. */
export interface FakeSherpaOptions {
  /** What a streaming recogniser says after so many samples; a whole one says the last. */
  transcripts?: readonly string[];
  lang?: string;
  emotion?: string;
  /** The parts of a sentence's speech, each so many samples of full scale. */
  speech?: readonly number[];
  /** Held after each part until `next`. */
  onPart?: () => Promise<void>;
}

/** sherpa-onnx-node with nothing in it: streams take Float32 of 16 kHz in −1…1, and nothing once they are finished. */
export function fakeSherpa(options: FakeSherpaOptions = {}): { native: SherpaNative; configs: unknown[]; heardSamples: () => number } {
  const { transcripts = ['hello', 'hello world'], speech = [2, 3] } = options;
  const configs: unknown[] = [];
  let heard = 0;

  class Stream {
    samples = 0;
    isFinished = false;
    acceptWaveform({ samples, sampleRate }: { samples: Float32Array; sampleRate: number }): void {
      if (this.isFinished) throw new Error('input after inputFinished');
      if (!(samples instanceof Float32Array) || sampleRate !== 16_000) throw new TypeError('want Float32 at 16000');
      if (samples.some((sample) => Math.abs(sample) > 1)) throw new RangeError('samples lie in -1..1');
      this.samples += samples.length;
      heard += samples.length;
    }
    inputFinished(): void {
      this.isFinished = true;
    }
  }

  class OnlineRecognizer {
    #decoded = new WeakMap<Stream, number>();
    constructor(config: object) {
      configs.push(config);
    }
    createStream() {
      return new Stream();
    }
    isReady(stream: Stream) {
      return stream.samples - (this.#decoded.get(stream) ?? 0) >= 1600;
    }
    decode(stream: Stream) {
      if (!this.isReady(stream)) throw new Error('decode of a stream that is not ready');
      this.#decoded.set(stream, (this.#decoded.get(stream) ?? 0) + 1600);
    }
    getResult(stream: Stream) {
      const steps = Math.floor((this.#decoded.get(stream) ?? 0) / 1600);
      return { text: steps === 0 ? '' : ` ${transcripts[Math.min(steps, transcripts.length) - 1] ?? ''}` };
    }
  }

  class OfflineRecognizer {
    constructor(config: object) {
      configs.push(config);
    }
    createStream() {
      return new Stream();
    }
    async decodeAsync(_stream: object) {
      return { text: transcripts.at(-1) ?? '', lang: options.lang ?? '', emotion: options.emotion ?? '' };
    }
  }

  class OfflineTts {
    readonly sampleRate = 22_050;
    readonly numSpeakers = 4;
    constructor(config: object) {
      configs.push(config);
    }
    async generateAsync(request: { text: string; sid: number; speed: number; onProgress(part: { samples: Float32Array }): boolean }) {
      configs.push({ text: request.text, sid: request.sid, speed: request.speed });
      const whole: number[] = [];
      for (const length of speech) {
        const samples = new Float32Array(length).fill(1);
        whole.push(...samples);
        await options.onPart?.();
        if (!request.onProgress({ samples })) break;
      }
      return { samples: Float32Array.from(whole), sampleRate: 22_050 };
    }
  }

  return { native: { OnlineRecognizer, OfflineRecognizer, OfflineTts }, configs, heardSamples: () => heard };
}

/** The process of a model without the process: the real service on a fake library, over copied messages. */
export class FakeSherpaProcess implements NodeProcess {
  isRunning = true;
  readonly received: ToSherpa[] = [];
  readonly #receive: (message: ToSherpa) => void;
  readonly #events = new EventEmitter();
  #said = '';

  constructor(native: SherpaNative) {
    this.#receive = createSherpaService(native, (message: FromSherpa) => {
      const copy = structuredClone(message);
      queueMicrotask(() => this.isRunning && this.#events.emit('message', copy));
    });
  }

  send(message: ToSherpa): void {
    this.received.push(structuredClone(message));
    this.#receive(structuredClone(message));
  }

  onMessage<Message>(listener: (message: Message) => void): void {
    this.#events.on('message', listener);
  }

  onExit(listener: (end: NodeProcessEnd) => void): void {
    this.#events.once('exit', listener);
  }

  keepWaiting(): void {}

  kill(): void {
    this.end('SIGKILL');
  }

  /** On standard error. */
  write(text: string): void {
    this.#said += text;
  }

  end(code: number | string): void {
    if (!this.isRunning) return;
    this.isRunning = false;
    queueMicrotask(() => this.#events.emit('exit', { code, said: this.#said }));
  }

  static starter(native: SherpaNative): { processes: FakeSherpaProcess[]; startProcess: () => NodeProcess } {
    const processes: FakeSherpaProcess[] = [];
    return {
      processes,
      startProcess() {
        const started = new FakeSherpaProcess(native);
        processes.push(started);
        return started;
      },
    };
  }
}
