import type { PortAudio, PortAudioOptions } from '../../main/core/audio/portaudio.ts';

export interface FakeDevice {
  name: string;
  inputs?: number;
  outputs?: number;
  sampleRate: number;
  /** The rates and channels it takes; any unless said. */
  takes?: (options: PortAudioOptions) => boolean;
}

/** A stream a test can feed and listen to. */
export interface FakeStream {
  direction: 'input' | 'output';
  options: PortAudioOptions;
  isStarted: boolean;
  isAborted: boolean;
  /** Of an input: what the device gives. */
  give(chunk: Buffer): void;
  fail(error: Error): void;
  /** Of an output: takes what was written last, as the device does when it has played. Throws when nothing waits: it would stall. */
  takeChunk(): Buffer;
}

/**
 * naudiodon with the traps of the real one: `AudioIO` throws for a format the device does not take, an output blocks on a chunk that is
 * not there, and it forgets a listener of nobody's errors.
 */
export function fakeSoundCard(devices: readonly FakeDevice[]): { portAudio: PortAudio; streams: FakeStream[] } {
  const streams: FakeStream[] = [];
  const hosts = [
    {
      name: 'ALSA',
      defaultInput: devices.findIndex(({ inputs = 0 }) => inputs > 0),
      defaultOutput: devices.findIndex(({ outputs = 0 }) => outputs > 0),
    },
  ];
  const portAudio: PortAudio = {
    getDevices: () =>
      devices.map(({ name, inputs = 0, outputs = 0, sampleRate }, id) => ({
        ...{ id, name, maxInputChannels: inputs, maxOutputChannels: outputs, defaultSampleRate: sampleRate, hostAPIName: 'ALSA' },
      })),
    getHostAPIs: () => ({ defaultHostAPI: 0, HostAPIs: hosts }),
    AudioIO(given) {
      const direction = 'inOptions' in given ? 'input' : 'output';
      const options = 'inOptions' in given ? given.inOptions : given.outOptions;
      const device = devices[options.deviceId];
      if (device === undefined) throw new Error('No default device');
      if (options.channelCount > ((direction === 'input' ? device.inputs : device.outputs) ?? 0))
        throw new Error('Channel count exceeds maximum number of channels for device');
      if (device.takes?.(options) === false) throw new Error('Format not supported: Invalid sample rate');
      const listeners = { data: [] as ((chunk: Buffer) => void)[], error: [] as ((error: Error) => void)[] };
      const written: { chunk: Buffer; done: () => void }[] = [];
      const stream: FakeStream = {
        ...{ direction, options, isStarted: false, isAborted: false },
        give(chunk) {
          if (!stream.isStarted) throw new Error('not started');
          for (const listener of listeners.data) listener(chunk);
        },
        fail(error) {
          if (listeners.error.length === 0) throw error;
          for (const listener of listeners.error) listener(error);
        },
        takeChunk() {
          const next = written.shift();
          if (next === undefined) throw new Error('nothing to play: the driver’s thread blocks');
          next.done();
          return next.chunk;
        },
      };
      streams.push(stream);
      return {
        on(event: 'data' | 'error', listener: ((chunk: Buffer) => void) & ((error: Error) => void)) {
          listeners[event].push(listener);
        },
        write(chunk, done) {
          written.push({ chunk, done: () => done() });
          return written.length < 2;
        },
        start() {
          if (direction === 'output' && written.length === 0) throw new Error('nothing to play: `start` blocks');
          stream.isStarted = true;
        },
        abort() {
          stream.isAborted = true;
        },
      };
    },
  };
  return { portAudio, streams };
}
