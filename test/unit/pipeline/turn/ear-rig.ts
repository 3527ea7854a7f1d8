import type { AudioFormat } from '../../../../pipeline/conversation.ts';
import type { NoiseSuppressor } from '../../../../pipeline/engines/noise/engine.ts';
import type { VadEngine } from '../../../../pipeline/engines/vad/engine.ts';
import { createPacketDecoder } from '../../../../pipeline/turn/codec.ts';
import { Ear, type EarParts } from '../../../../pipeline/turn/hearing/ear.ts';
import { Press } from '../../../../pipeline/turn/hearing/press.ts';
import { SpeechDetector } from '../../../../pipeline/turn/speech-detector.ts';
import { Uplink } from '../../../../pipeline/turn/uplink.ts';
import type { AudioPacket } from '../../../../preload/contract/events.ts';
import type { VirtualClock } from '../../../fakes/virtual-clock.ts';

/** Packets to utterances without a conversation: what was heard when, on the clock, and what was told besides. */
export function createEarRig(options: { clock: VirtualClock; format: AudioFormat; vad: VadEngine; noise?: NoiseSuppressor }) {
  const { clock, format } = options;
  const heard: [string, number][] = [];
  const told = {
    packets: [] as Omit<AudioPacket, 'conversationId'>[],
    lags: [] as number[],
    dropped: [] as number[],
    errors: [] as string[],
  };
  const audio: Int16Array[] = [];
  const clean: { pcm: Int16Array; mediaUs: number }[] = [];
  const parts: EarParts = { vad: options.vad, noise: options.noise, isPressToTalk: false };
  const detector = new SpeechDetector({
    settings: () => ({ threshold: 0.5, minimumSpeechMs: 120, prerollMs: 300, longestMs: 60_000 }),
    silenceMs: () => 500,
    listener: {
      onset: () => undefined,
      falseOnset: () => undefined,
      started(mediaUs, preroll) {
        heard.push(['started', uplink.clockUs(mediaUs)]);
        audio.push(preroll);
      },
      continued: (pcm) => void audio.push(pcm),
      ended: (mediaUs) => heard.push(['ended', uplink.clockUs(mediaUs)]),
    },
  });
  const press = new Press({
    pressed: (onsetUs) => heard.push(['pressed', onsetUs]),
    continued: (pcm) => void audio.push(pcm),
    released: (mediaUs, reason) => heard.push([reason, mediaUs === undefined ? Number.NaN : uplink.clockUs(mediaUs)]),
  });
  const ear = new Ear({
    parts: () => parts,
    detector,
    press,
    onClean: (pcm, mediaUs) => clean.push({ pcm, mediaUs }),
    onLag: (lagUs) => told.lags.push(lagUs),
    onDropped: (count) => told.dropped.push(count),
    onError: (engine) => told.errors.push(engine),
  });
  const uplink: Uplink = new Uplink({
    clock,
    format,
    decoder: createPacketDecoder(format),
    silenceMs: () => 500,
    onPacket: (packet) => told.packets.push(packet),
    onAudio: (pcm, mediaUs) => ear.hear(pcm, mediaUs),
    onStall: () => ear.stalled(),
    onUndecodable: () => told.errors.push('decoder'),
  });
  return {
    uplink,
    ear,
    /** What it listens with; changed in place. */
    parts,
    heard,
    told,
    /** Samples that were passed on as speech, and those that came out of the suppressor. */
    audio,
    clean,
    /** PCM from the board, now. */
    send: (pcm: Int16Array) => uplink.receive(new Uint8Array(pcm.slice().buffer), clock.nowUs()),
    close() {
      ear.close();
      uplink.close();
    },
  };
}
