/**
 * What we use of sherpa-onnx-node 1.13, as its sources have it. Models are loaded by its constructors: its `createAsync` of a voice never
 * settles for a file that is no model.
 */
export interface SherpaNative {
  OnlineRecognizer: new (config: object) => OnlineRecognizer;
  OfflineRecognizer: new (config: object) => OfflineRecognizer;
  OfflineTts: new (config: object) => OfflineTts;
}

interface Waveform {
  samples: Float32Array;
  sampleRate: number;
}

interface OnlineStream {
  acceptWaveform(wave: Waveform): void;
  inputFinished(): void;
}

export interface OnlineRecognizer {
  createStream(): OnlineStream;
  isReady(stream: OnlineStream): boolean;
  decode(stream: OnlineStream): void;
  getResult(stream: OnlineStream): { text: string };
}

export interface OfflineRecognizer {
  createStream(): { acceptWaveform(wave: Waveform): void };
  decodeAsync(stream: object): Promise<{ text: string; lang?: string; emotion?: string }>;
}

export interface OfflineTts {
  readonly sampleRate: number;
  readonly numSpeakers: number;
  /** `onProgress` gets the samples as they are made, and ends it by returning false. */
  generateAsync(request: {
    text: string;
    sid: number;
    speed: number;
    /** Electron has no memory of others in its buffers. */
    enableExternalBuffer: boolean;
    onProgress: (part: { samples: Float32Array }) => boolean;
  }): Promise<{ samples: Float32Array; sampleRate: number }>;
}
