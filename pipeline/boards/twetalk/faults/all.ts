import type { BoardFault, BoardFaultName } from '../../../../preload/contract/board-faults.ts';
import { random, seedOf } from '../../random.ts';
import { otaFailures } from '../ota-client.ts';
import { type BoardTraits, healthyTraits } from '../traits.ts';
import { gain, hum, narrow, noise, offset, silence } from './hearing.ts';
import { corrupt, dropped, heldBack, missing } from './packets.ts';
import { crackle, slowClock } from './playing.ts';
import { brownout, panic, restart } from './resets.ts';

interface FaultKind {
  /** Where nobody says how much; null: there is no how much. */
  amount: number | null;
  spoil(traits: BoardTraits, amount: number, of: { next: () => number; frameMs: 20 | 40 | 60 }): void;
}

const packetsOf = (ms: number, frameMs: number) => Math.max(1, Math.round(ms / frameMs));

/** What each fault of preload/contract/board-faults.ts does to a healthy board. */
const faults: Record<BoardFaultName, FaultKind> = {
  deaf: { amount: null, spoil: ({ hear }) => hear.push(silence) },
  'quiet-microphone': { amount: 40, spoil: ({ hear }, decibels) => hear.push(gain(-decibels)) },
  'noisy-microphone': { amount: -30, spoil: ({ hear }, dbfs, { next }) => hear.push(noise(dbfs, next)) },
  hum: { amount: -28, spoil: ({ hear }, dbfs) => hear.push(hum(dbfs)) },
  clipping: { amount: 20, spoil: ({ hear }, decibels) => hear.push(gain(decibels)) },
  'dc-offset': { amount: 3000, spoil: ({ hear }, by) => hear.push(offset(by)) },
  'narrow-band': { amount: 4000, spoil: ({ hear }, sampleRate) => hear.push(narrow(sampleRate)) },
  'microphone-clock': { amount: 300, spoil: (traits, ppm) => (traits.microphonePpm = ppm) },
  echo: { amount: -10, spoil: (traits, decibels) => (traits.echoDb = decibels) },
  'half-working-aec': { amount: -20, spoil: (traits, decibels) => (traits.echoDb = decibels) },
  'half-duplex': { amount: null, spoil: (traits) => (traits.isHalfDuplex = true) },

  'wrong-frame-size': { amount: null, spoil: (traits, _amount, { frameMs }) => (traits.frameMs = frameMs === 20 ? 60 : 20) },
  'variable-bitrate': { amount: null, spoil: (traits) => (traits.isCbr = false) },
  'wrong-bitrate': { amount: 12_000, spoil: (traits, bitrate) => (traits.bitrate = bitrate) },
  'dropped-packets': { amount: 3, spoil: ({ send }, percent, { next }) => send.push(dropped(percent / 100, next)) },
  'packet-bursts': {
    amount: 400,
    spoil: ({ send }, ms, { frameMs }) => send.push(heldBack(packetsOf(ms, frameMs), packetsOf(4000, frameMs))),
  },
  'missing-bursts': {
    amount: 400,
    spoil: ({ send }, ms, { frameMs }) => send.push(missing(packetsOf(ms, frameMs), packetsOf(4000, frameMs))),
  },
  'corrupt-packets': { amount: 3, spoil: ({ send }, percent, { next }) => send.push(corrupt(percent / 100, next)) },

  mute: { amount: null, spoil: ({ play }) => play.push(silence) },
  'quiet-speaker': { amount: 40, spoil: ({ play }, decibels) => play.push(gain(-decibels)) },
  'crackling-speaker': { amount: 12, spoil: ({ play }, ms) => play.push(crackle(ms, 240)) },
  'late-speaker': { amount: 700, spoil: (traits, ms) => (traits.speakerDelayMs = ms) },
  'speaker-clock': { amount: 300, spoil: ({ play }, ppm) => play.push(slowClock(ppm)) },
  'keeps-playing': { amount: 3000, spoil: (traits, ms) => (traits.keepsPlayingMs = ms) },
  'no-greeting': { amount: null, spoil: (traits) => (traits.isGreetingPlayed = false) },

  'heap-leak': { amount: 2048, spoil: (traits, bytes) => (traits.heapLeakBytes = bytes) },
  'low-heap': { amount: 14_000, spoil: (traits, bytes) => (traits.heapFreeBytes = bytes) },
  'short-stack': { amount: 12, spoil: (traits, kbytes) => (traits.stackKbytes = kbytes) },
  'boot-loop': { amount: 1500, spoil: (traits, ms) => (traits.selfReset = panic(ms)) },
  'double-reset': { amount: 400, spoil: (traits, ms) => (traits.selfReset = restart(ms)) },
  brownout: { amount: 2500, spoil: (traits, ms) => (traits.selfReset = brownout(ms)) },
  'new-error': {
    amount: null,
    spoil: (traits) => (traits.bootError = { tag: 'ES8311', message: 'write register 0x0d failed: ESP_ERR_TIMEOUT' }),
  },
  'panic-sometimes': { amount: 20, spoil: (traits, seconds) => (traits.selfReset = { ...panic(seconds * 1000), isOncePerReset: true }) },

  'slow-attach': { amount: 15, spoil: (traits, seconds) => (traits.attachMs = seconds * 1000) },
  'no-ip': { amount: null, spoil: (traits) => (traits.attachMs = null) },
  'never-reconnects': { amount: null, spoil: (traits) => (traits.reconnectMs = null) },
  'slow-reconnect': { amount: 40, spoil: (traits, seconds) => (traits.reconnectMs = seconds * 1000) },
  'loses-voice': { amount: 14, spoil: (traits, replies) => (traits.voiceLostAfterReplies = replies) },
  'wrong-clock': { amount: 3600, spoil: (traits, seconds) => (traits.clockOffsetS = -seconds) },
  'slow-network': { amount: 60, spoil: (traits, kbitS) => (traits.networkKbitS = kbitS) },

  'missing-triple': { amount: null, spoil: (traits) => (traits.hasDevice = false) },
  'wrong-secret': { amount: null, spoil: (traits) => (traits.isSecretWrong = true) },
  'duplicate-triple': { amount: 12, spoil: (traits, seconds) => (traits.twinAfterMs = seconds * 1000) },
  'wrong-firmware': { amount: null, spoil: (traits) => (traits.version = '0.9.0') },

  'tools-unanswered': { amount: null, spoil: (traits) => (traits.answersActions = false) },
  'ignores-volume': { amount: null, spoil: (traits) => (traits.obeysVolume = false) },
  'ignores-calls': { amount: null, spoil: (traits) => (traits.answersCalls = false) },
  'no-contacts': { amount: null, spoil: (traits) => (traits.hasContacts = false) },
  'ota-fails': { amount: null, spoil: (traits) => (traits.otaFailure = otaFailures.notInstalled) },
  'never-idle': { amount: null, spoil: (traits) => (traits.isIdleDetected = false) },
};

/** A healthy board of that name with these faults: the same each time. For one board, whose chip may start often: stages remember. */
export function traitsOf(name: string, frameMs: 20 | 40 | 60, wanted: readonly BoardFault[]): BoardTraits {
  const traits = healthyTraits(random(seedOf(name)));
  for (const fault of wanted) {
    const { amount, spoil } = faults[fault.name];
    spoil(traits, fault.amount ?? amount ?? 0, { next: random(seedOf(`${name} ${fault.name}`)), frameMs });
  }
  return traits;
}
