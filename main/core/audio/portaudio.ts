import { createRequire } from 'node:module';
import type { AudioDevice } from '../../../preload/contract/audio.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';

/** What we use of naudiodon, as its sources have it. */
export interface PortAudio {
  getDevices(): readonly PortAudioDevice[];
  getHostAPIs(): { defaultHostAPI: number; HostAPIs: readonly { name: string; defaultInput: number; defaultOutput: number }[] };
  /** Throws an Error for a format that the device does not take. */
  AudioIO(options: { inOptions: PortAudioOptions } | { outOptions: PortAudioOptions }): PortAudioStream;
}

export interface PortAudioDevice {
  id: number;
  name: string;
  maxInputChannels: number;
  maxOutputChannels: number;
  defaultSampleRate: number;
  hostAPIName: string;
}

export interface PortAudioOptions {
  deviceId: number;
  sampleRate: number;
  channelCount: number;
  sampleFormat: 16;
  /** Without it PortAudio on ALSA's pulse plugin takes a fifth of what is due. */
  framesPerBuffer: number;
  /** Without it a chunk is 16384 bytes: half a second. */
  highwaterMark: number;
  maxQueue: number;
  /** An overrun or underrun would end the stream. */
  closeOnError: false;
}

/** A Node stream; of an input 'data' is heard, of an output `write` tells when there is room again. */
export interface PortAudioStream {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  write(chunk: Buffer, written: (error?: Error | null) => void): boolean;
  start(): void;
  abort(): void;
}

/** Loads PortAudio. Throws TalkError 'audio/unavailable'. In a process that does nothing else: a driver may take it down. */
export function loadPortAudio(): PortAudio {
  try {
    return createRequire(import.meta.url)('naudiodon') as PortAudio;
  } catch (cause) {
    // The loader names a library that is not there; of a package it is the package.
    const library = /(lib[\w.-]+\.(?:so|dylib)[\d.]*)/u.exec(cause instanceof Error ? cause.message : '')?.[1];
    throw new TalkError('audio/unavailable', { missing: library ?? 'naudiodon' }, { cause });
  }
}

export function listDevices(portAudio: PortAudio): AudioDevice[] {
  const { defaultHostAPI, HostAPIs } = portAudio.getHostAPIs();
  const host = HostAPIs[defaultHostAPI];
  return portAudio.getDevices().map((device) => ({
    index: device.id,
    name: device.name,
    hostApi: device.hostAPIName,
    inputChannels: device.maxInputChannels,
    outputChannels: device.maxOutputChannels,
    sampleRate: device.defaultSampleRate,
    isDefaultInput: device.id === host?.defaultInput,
    isDefaultOutput: device.id === host?.defaultOutput,
  }));
}
