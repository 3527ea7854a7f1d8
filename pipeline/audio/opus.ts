import { createRequire } from 'node:module';
import { TalkError } from '../../preload/contract/errors.ts';
import { opusPacketInfo } from './opus-packet.ts';

export { opusPacketInfo } from './opus-packet.ts';

/**
 * Opus behind an interface of our own, so that the native binding can be exchanged. Both ends are synchronous: a
 * 60 ms frame encodes in about 0.75 ms and decodes in a tenth of that. Fifty boards' frames are more than an event loop
 * has time for: `encoder-threads.ts`.
 */
export interface OpusEncoderOptions {
  sampleRate: 8000 | 12000 | 16000 | 24000 | 48000;
  channels: 1 | 2;
  /** Bits per second. */
  bitrate: number;
  frameMs: 20 | 40 | 60;
  /** Constant packet size: bitrate × frameMs / 8000 bytes, what boards with fixed receive buffers expect. */
  isCbr: boolean;
  /** USUAL_COMPLEXITY unless told otherwise. */
  complexity?: number;
}

/** 0–10: effort for quality. WebRTC's own for phones is 5; 10 takes more than twice as long for what no board's speaker tells. */
export const USUAL_COMPLEXITY = 5;

export interface OpusEncoder {
  /** Interleaved samples of one frame: sampleRate × frameMs / 1000 × channels. */
  readonly frameSamples: number;
  /** Encodes exactly one frame. The packet is the caller's. Throws RangeError on another length. */
  encode(pcm: Int16Array): Uint8Array;
  /** From the next frame on. */
  setComplexity(complexity: number): void;
  /** Forgets what it encoded: the next packet builds on nothing that the far end may not have got. */
  reset(): void;
  close(): void;
}

export interface OpusDecoderOptions {
  sampleRate: 8000 | 12000 | 16000 | 24000 | 48000;
  channels: 1 | 2;
}

export interface OpusDecoder {
  /** Any duration, DTX included; interleaved samples, the caller's own. Throws TalkError 'audio/decode'. */
  decode(packet: Uint8Array): Int16Array;
  /** Fills a gap of `frames` lost packets shaped like the last good one; empty before the first packet. */
  conceal(frames: number): Int16Array;
  close(): void;
}

/** What we use of the binding, as its C++ source has it. */
interface NativeCodec {
  encode(pcm: Buffer): Buffer;
  decode(packet: Buffer): Buffer;
  applyEncoderCTL(request: number, value: number): void;
  setBitrate(bitsPerSecond: number): void;
}

interface NativeModule {
  OpusEncoder: new (sampleRate: number, channels: number) => NativeCodec;
}

// libopus opus_defines.h
const OPUS_SET_APPLICATION = 4000;
const OPUS_SET_VBR = 4006;
const OPUS_SET_COMPLEXITY = 4010;
const OPUS_RESET_STATE = 4028;
const OPUS_APPLICATION_VOIP = 2048;
/** The binding encodes into a buffer of 3828 bytes and decodes at most 120 ms. */
const MAX_PACKET_BYTES = 3828;

let nativeModule: NativeModule | undefined;

function loadNative(): NativeModule {
  if (nativeModule) return nativeModule;
  try {
    nativeModule = createRequire(import.meta.url)('@discordjs/opus') as NativeModule;
  } catch (cause) {
    throw new TalkError('engine/unavailable', { stage: 'codec', engine: 'opus', missing: '@discordjs/opus' }, { cause });
  }
  return nativeModule;
}

/** Throws TalkError 'engine/unavailable' where Opus cannot run on this machine. */
export function requireOpus(): void {
  loadNative();
}

/** Throws TalkError 'engine/unavailable' where the native module cannot be loaded. */
export function createOpusEncoder(options: OpusEncoderOptions): OpusEncoder {
  const { OpusEncoder: Native } = loadNative();
  const frameSamples = (options.sampleRate / 1000) * options.frameMs * options.channels;
  let native: NativeCodec | undefined = new Native(options.sampleRate, options.channels);
  native.applyEncoderCTL(OPUS_SET_APPLICATION, OPUS_APPLICATION_VOIP);
  native.applyEncoderCTL(OPUS_SET_VBR, options.isCbr ? 0 : 1);
  let complexity = options.complexity ?? USUAL_COMPLEXITY;
  native.applyEncoderCTL(OPUS_SET_COMPLEXITY, complexity);
  native.setBitrate(options.bitrate);
  return {
    frameSamples,
    encode(pcm) {
      if (!native) throw new Error('the encoder is closed');
      // The binding turns a negative libopus result into a buffer length, so a bad frame must not reach it.
      if (pcm.length !== frameSamples) throw new RangeError(`an Opus frame is ${frameSamples} samples, not ${pcm.length}`);
      // The binding copies its output; a plain Uint8Array keeps Buffer's pooling and methods out of the pipeline.
      return new Uint8Array(native.encode(Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength)));
    },
    setComplexity(wanted) {
      if (wanted === complexity) return;
      complexity = wanted;
      native?.applyEncoderCTL(OPUS_SET_COMPLEXITY, wanted);
    },
    reset() {
      // Takes no value; the binding's call has one.
      native?.applyEncoderCTL(OPUS_RESET_STATE, 0);
    },
    close() {
      // The binding frees libopus's state when the object is collected; it has no call for it.
      native = undefined;
    },
  };
}

/** Throws TalkError 'engine/unavailable' where the native module cannot be loaded. */
export function createOpusDecoder(options: OpusDecoderOptions): OpusDecoder {
  const { OpusEncoder: Native } = loadNative();
  let native: NativeCodec | undefined = new Native(options.sampleRate, options.channels);
  let lastToc: { byte: number; frames: number } | undefined;

  function run(bytes: Uint8Array): Int16Array {
    if (!native) throw new Error('the decoder is closed');
    try {
      const pcm = native.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      const samples = new Int16Array(pcm.byteLength / 2);
      new Uint8Array(samples.buffer).set(pcm);
      return samples;
    } catch (cause) {
      throw new TalkError('audio/decode', { codec: 'opus', reason: 'corrupted packet', sizeBytes: bytes.byteLength }, { cause });
    }
  }

  return {
    decode(packet) {
      if (packet.byteLength > MAX_PACKET_BYTES) {
        throw new TalkError('audio/decode', { codec: 'opus', reason: 'too large', sizeBytes: packet.byteLength });
      }
      // Also refuses the empty packet, which libopus would answer with 120 ms of concealment.
      const info = opusPacketInfo(packet);
      const samples = run(packet);
      lastToc = { byte: packet[0] ?? 0, frames: info.frameCount };
      return samples;
    },
    conceal(frames) {
      if (!lastToc) return new Int16Array(0);
      // A packet of nothing but its table-of-contents byte (code 0) is libopus's "this frame was not received".
      const missing = Uint8Array.of(lastToc.byte & 0xfc);
      const parts = Array.from({ length: frames * lastToc.frames }, () => run(missing));
      const samples = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) {
        samples.set(part, at);
        at += part.length;
      }
      return samples;
    },
    close() {
      native = undefined;
    },
  };
}
