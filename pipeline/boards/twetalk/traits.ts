import type { OtaFailure } from './ota-client.ts';

/** Samples in, samples out: a microphone's or a loudspeaker's way through the hardware. */
export type SoundStage = (pcm: Int16Array) => Int16Array;

/** A packet in; what goes out in its place, in order. */
export type PacketStage = (packet: Uint8Array) => readonly Uint8Array[];

/** The chip starts anew by itself. */
export interface SelfReset {
  /** After the start of the application. */
  afterMs: number;
  /** Only when this start came from outside: the power, a button, the host. */
  isOncePerReset: boolean;
  reason: 'software' | 'panic' | 'brownout';
  /** Printed before. */
  lastWords: string;
}

/** What one board is like: its hardware around the firmware, and what its makers got wrong. */
export interface BoardTraits {
  /** The microphone's own noise and the room's, RMS; null: digital silence. */
  noiseDbfs: number | null;
  /** What the microphone hears of the loudspeaker after echo cancellation, against what was played; null: nothing. */
  echoDb: number | null;
  /** How much faster than it says its microphone samples. */
  microphonePpm: number;
  isHalfDuplex: boolean;
  hear: SoundStage[];
  play: SoundStage[];
  send: PacketStage[];
  /** Between a packet's arrival and its first sample, on top of every board's own. */
  speakerDelayMs: number;
  /** Spoken over, it goes on with the last it has. */
  keepsPlayingMs: number;
  isGreetingPlayed: boolean;
  /** What its packets are, whatever it says of them. */
  frameMs: 20 | 40 | 60 | null;
  bitrate: number;
  isCbr: boolean;

  /** Its log tells of Wi-Fi, the time and memory. */
  tellsOfItself: boolean;
  /** Free once everything runs, and what each turn does not give back. */
  heapFreeBytes: number;
  heapLeakBytes: number;
  selfReset: SelfReset | null;
  /** At each start. */
  bootError: { tag: string; message: string } | null;

  /** From the application's start to an address; null: it never gets one. */
  attachMs: number | null;
  /** Until its first attempt; null: it makes none. Left out: as the SDK does. */
  reconnectMs?: number | null;
  voiceLostAfterReplies: number | null;
  clockOffsetS: number;
  /** Each way; null: what the host has. */
  networkKbitS: number | null;
  /** Of the SDK's tasks. */
  stackKbytes: number;

  hasDevice: boolean;
  isSecretWrong: boolean;
  /** When another board with the same three is switched on. */
  twinAfterMs: number | null;
  version: string | null;

  answersActions: boolean;
  obeysVolume: boolean;
  answersCalls: boolean;
  hasContacts: boolean;
  otaFailure: OtaFailure | null;
  isIdleDetected: boolean;
}

/** The firmware and nothing around it: a microphone that is silent where nobody speaks, a log of the SDK alone. */
export function plainTraits(): BoardTraits {
  return {
    noiseDbfs: null,
    echoDb: null,
    microphonePpm: 0,
    isHalfDuplex: false,
    hear: [],
    play: [],
    send: [],
    speakerDelayMs: 0,
    keepsPlayingMs: 0,
    isGreetingPlayed: true,
    frameMs: null,
    bitrate: 24_000,
    isCbr: true,
    tellsOfItself: false,
    heapFreeBytes: 152_000,
    heapLeakBytes: 0,
    selfReset: null,
    bootError: null,
    attachMs: 0,
    voiceLostAfterReplies: null,
    clockOffsetS: 0,
    networkKbitS: null,
    stackKbytes: 20,
    hasDevice: true,
    isSecretWrong: false,
    twinAfterMs: null,
    version: null,
    answersActions: true,
    obeysVolume: true,
    answersCalls: true,
    hasContacts: true,
    otaFailure: null,
    isIdleDetected: true,
  };
}

/** A board on a bench with nothing wrong: `next` decides what differs from one to the other. */
export function healthyTraits(next: () => number): BoardTraits {
  return {
    ...plainTraits(),
    tellsOfItself: true,
    attachMs: 250,
    noiseDbfs: -68 + 4 * next(),
    // A canceller that works takes the loudspeaker below the room.
    echoDb: -62 + 4 * next(),
    // Crystals are good for ±20 ppm.
    microphonePpm: Math.round(40 * next() - 20),
    heapFreeBytes: 150_000 + Math.round(4000 * next()),
  };
}
