import type { BoardFaultName } from '../../../preload/contract/board-faults.ts';
import type { Spoilt } from './bench.ts';

/** What has to fail on a board with one fault, and nothing else. More than one only with a reason why one fault is several failures. */
export interface Wanted {
  fails: readonly string[];
  /** The value that the fault spoils: a check that fails by another has failed for another reason, and has found nothing. */
  by?: string;
  /** Where the fault shows on such boards only. */
  board?: Spoilt;
  why?: string;
}

export const wantedOf: Record<BoardFaultName, Wanted> = {
  deaf: { fails: ['uplink.level'], by: 'activeDbFs' },
  'quiet-microphone': { fails: ['uplink.level'], by: 'activeDbFs' },
  'noisy-microphone': { fails: ['uplink.noise'], by: 'speechToNoiseDb' },
  hum: { fails: ['uplink.noise'], by: 'speechToNoiseDb' },
  clipping: { fails: ['uplink.level'], by: 'clippedPercent' },
  // Opus takes a constant away before it codes.
  'dc-offset': { fails: ['uplink.level'], by: 'dcOffsetPercent', board: { audioType: 'pcm' } },
  'narrow-band': { fails: ['uplink.spectrum'], by: 'high20Hz' },
  'microphone-clock': { fails: ['uplink.clock'], by: 'driftPpm' },
  echo: { fails: ['echo.return'], by: 'lossDb' },
  'half-working-aec': { fails: ['echo.return'], by: 'lossDb' },
  'half-duplex': { fails: ['echo.doubletalk'], by: 'nearHeardPercent' },

  'wrong-frame-size': { fails: ['uplink.frames'], by: 'isAsAnnounced' },
  'variable-bitrate': { fails: ['uplink.frames'], by: 'isCbr' },
  'wrong-bitrate': { fails: ['uplink.frames'], by: 'bitrateKbitS' },
  'dropped-packets': { fails: ['uplink.dropouts'], by: 'missingPercent' },
  'packet-bursts': { fails: ['uplink.dropouts'], by: 'longestWaitMs' },
  'missing-bursts': { fails: ['uplink.dropouts'], by: 'missingPercent' },
  'corrupt-packets': { fails: ['uplink.frames'], by: 'invalidPackets' },

  mute: { fails: ['downlink.playback'], by: 'isHeard' },
  'quiet-speaker': { fails: ['downlink.playback'], by: 'heardDbFs' },
  'crackling-speaker': { fails: ['downlink.playback'], by: 'breakMs' },
  'late-speaker': { fails: ['downlink.playback'], by: 'delayMs' },
  'speaker-clock': { fails: ['downlink.playback'], by: 'clockOffPpm' },
  'keeps-playing': { fails: ['conversation.bargein'], by: 'residualMs' },
  'no-greeting': { fails: ['conversation.greeting'], by: 'isHeard' },

  'heap-leak': { fails: ['memory.leak'], by: 'leakBytesPerMin' },
  'low-heap': { fails: ['memory.heap'], by: 'lowestFreeBytes' },
  'short-stack': { fails: ['memory.heap'], by: 'stackBytes' },
  'boot-loop': {
    fails: ['power.boot', 'power.loop'],
    by: 'panics',
    why: 'it starts again while it is started once and while it is left alone',
  },
  'double-reset': { fails: ['power.boot'], by: 'boots' },
  brownout: { fails: ['power.boot'], by: 'isResetClean' },
  'new-error': { fails: ['power.baseline'], by: 'newErrors' },
  'panic-sometimes': { fails: ['power.loop'], by: 'panics' },

  'slow-attach': { fails: ['network.attach'], by: 'readyMs' },
  // What did not come has no value: it fails by `readyMs`, which is not there.
  'no-ip': { fails: ['network.attach'] },
  'never-reconnects': { fails: ['network.reconnect'], by: 'isBack' },
  'slow-reconnect': { fails: ['network.reconnect'], by: 'isBack' },
  'loses-voice': { fails: ['conversation.soak'], by: 'reconnects' },
  'wrong-clock': { fails: ['network.clock'], by: 'offsetS' },
  'slow-network': { fails: ['network.throughput'], by: 'upKbitS' },

  'missing-triple': { fails: ['identity.device'], by: 'isProvisioned' },
  'wrong-secret': { fails: ['identity.device'], by: 'isProven' },
  'duplicate-triple': { fails: ['identity.device'], by: 'takeovers' },
  'wrong-firmware': { fails: ['identity.firmware'], by: 'appVersion' },

  'tools-unanswered': { fails: ['conversation.tools'], by: 'unanswered' },
  'ignores-volume': { fails: ['conversation.tools'], by: 'wrong' },
  'ignores-calls': { fails: ['conversation.call-in'], by: 'isAnswered' },
  'no-contacts': { fails: ['conversation.call-out'], by: 'isCalling' },
  'ota-fails': { fails: ['conversation.ota'], by: 'state' },
  'never-idle': { fails: ['conversation.idle'], by: 'isEnded' },
};

/** Troubles of a bare module, of which only its AT port tells. */
export const wantedOfModules: Partial<Record<NonNullable<Spoilt['trouble']>, Wanted>> = {
  none: { fails: [] },
  'no-sim': { fails: ['identity.sim'], by: 'isSimReady' },
  pin: { fails: ['identity.sim'], by: 'isSimReady' },
  'no-signal': { fails: ['identity.sim'], by: 'isRegistered' },
  'weak-signal': { fails: ['identity.sim'], by: 'rssiDbm' },
  denied: { fails: ['identity.sim'], by: 'isRegistered' },
  'bad-imei': { fails: ['identity.sim'], by: 'isImeiValid' },
};
