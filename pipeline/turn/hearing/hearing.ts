import { TalkError } from '../../../preload/contract/errors.ts';
import type { AudioPacket } from '../../../preload/contract/events.ts';
import type { ConversationSettings } from '../../../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { AudioFormat, Engines } from '../../conversation.ts';
import type { VoiceprintDevice } from '../../engines/voiceprint/engine.ts';
import { createPacketDecoder } from '../codec.ts';
import { Listening, type ListeningHost } from '../listening.ts';
import { SpeechDetector } from '../speech-detector.ts';
import { asTalkError } from '../stage.ts';
import type { Telling } from '../telling.ts';
import { Uplink } from '../uplink.ts';
import { warmListening } from '../warm.ts';
import { createCompletenessRules } from './completeness-rules.ts';
import { DenoisedTrack } from './denoised-track.ts';
import { Ear } from './ear.ts';
import { Press } from './press.ts';

export interface HearingDeps {
  clock: Clock;
  format: AudioFormat;
  language: 'zh' | 'en';
  /** Whose voice it is, for a voiceprint. */
  device?: VoiceprintDevice;
  /** As they stand now; read at each utterance's beginning. */
  settings: () => ConversationSettings;
  /** As chosen now; asked at each utterance's beginning. */
  engines: () => Pick<Engines, 'vad' | 'stt' | 'noise' | 'voiceprint' | 'completeness'> & Partial<Pick<Engines, 'llm' | 'tts'>>;
  telling: Telling;
  signal: AbortSignal;
  /** Decides what becomes of what is heard. */
  host: ListeningHost;
  onPacket(packet: Omit<AudioPacket, 'conversationId'>): void;
}

/** The ear of one conversation: packets in, utterances and interruptions to the host. */
export interface Hearing {
  /** One packet from the board. Never blocks, never throws. */
  receive(packet: Uint8Array, receivedUs: MonoUs): void;
  /** Push-to-talk: the button. Where the detector decides, 'stop' is the board's own endpoint and 'start' means nothing. */
  listen(state: 'start' | 'stop', receivedUs: MonoUs): void;
  /** Whatever is being said is not wanted any more: something else took the turn. */
  discard(): void;
  /** The reply that was spoken into is over: speech under way is simply the user's turn. */
  replyEnded(): void;
  /** Half duplex: what the microphone takes from `atUs` on is (not) listened to. `atUs` may lie ahead: what was sent still plays. */
  setDeaf(isDeaf: boolean, atUs: number): void;
  close(): void;
}

/** A tail frame comes a frame after the last one, and a little late. */
const TAIL_GRACE_MS = 20;

const rules = createCompletenessRules();

export function createHearing(deps: HearingDeps): Hearing {
  const { clock, format, telling } = deps;
  const engines = deps.engines();
  const { completeness = rules } = engines;
  warmListening(engines);
  const unsupported = new Set<string>();
  const engineError = (stage: 'vad' | 'transport', error: TalkError) => telling.event({ kind: 'engine.error', stage, error: error.value });

  function onUnsupported(feature: string): void {
    if (unsupported.has(feature)) return;
    unsupported.add(feature);
    engineError('vad', new TalkError('unsupported', { feature, why: 'no engine for it is chosen' }));
  }

  const listening: Listening = new Listening({
    clock,
    engines: deps.engines,
    model: completeness,
    language: deps.language,
    device: deps.device ?? { productId: '', deviceName: '' },
    settings: deps.settings,
    telling,
    signal: deps.signal,
    clockUs: (mediaUs) => uplink.clockUs(mediaUs),
    restart: () => detector.restart(),
    onUnsupported,
    onModelError(error) {
      // With every pause it would be the same.
      if (unsupported.has(completeness.id)) return;
      unsupported.add(completeness.id);
      engineError('vad', asTalkError(error, 'vad', completeness.id));
    },
    host: deps.host,
  });

  const detector = new SpeechDetector({
    settings() {
      const { vadThreshold, minimumSpeechMs, prerollMs, longestUtteranceMs } = deps.settings().turns;
      return { threshold: vadThreshold, minimumSpeechMs, prerollMs, longestMs: longestUtteranceMs };
    },
    silenceMs: () => listening.silenceMs(),
    listener: listening,
  });

  const press = new Press(listening);
  const denoised = new DenoisedTrack({ onPacket: deps.onPacket, clockUs: (mediaUs) => uplink.clockUs(mediaUs) });

  const ear = new Ear({
    parts() {
      const { turns, frontEnd } = deps.settings();
      const { vad, noise } = deps.engines();
      const isDenoised = frontEnd.noiseSuppression !== 'off';
      if (isDenoised && !noise) onUnsupported('noise suppression');
      return { vad, noise: isDenoised ? noise : undefined, isPressToTalk: turns.input === 'push-to-talk' };
    },
    detector,
    press,
    onClean: (pcm, mediaUs) => denoised.push(pcm, mediaUs),
    onLag: (lagUs) =>
      engineError(
        'vad',
        new TalkError('engine/timeout', { stage: 'vad', engine: deps.engines().vad.id, timeoutMs: Math.round(lagUs / 1000) }),
      ),
    onDropped: (count) => telling.event({ kind: 'dropped', what: 'uplink packets waiting for voice activity detection', count }),
    onError: (engine, error) => engineError('vad', asTalkError(error, 'vad', engine)),
  });

  const uplink = new Uplink({
    clock,
    format,
    decoder: createPacketDecoder(format),
    silenceMs: () => listening.silenceMs(false),
    onPacket: deps.onPacket,
    onAudio: (pcm, mediaUs) => ear.hear(pcm, mediaUs),
    onStall() {
      // A button that is down says that more will come.
      if (!isPressed) ear.stalled();
    },
    onUndecodable: (error) => engineError('transport', asTalkError(error, 'transport', format.codec)),
  });

  let isPressed = false;
  let cancelLongest: (() => void) | undefined;
  let cancelTail: (() => void) | undefined;

  function start(receivedUs: MonoUs): void {
    if (isPressed) return;
    // The last press is over, whether its last frame has come or not.
    cancelTail?.();
    isPressed = true;
    if (deps.host.phase() !== undefined) deps.host.interrupt('pressed', receivedUs);
    uplink.mayHavePaused();
    ear.press(receivedUs, uplink.mediaUs);
    const longestUs = deps.settings().turns.longestUtteranceMs * 1000;
    cancelLongest = clock.at((clock.nowUs() + longestUs) as MonoUs, () => release('too-long'));
  }

  /** One frame may still be on its way: it is the user's too. */
  function stop(): void {
    if (!isPressed) return;
    isPressed = false;
    cancelLongest?.();
    const end = () => {
      cancelTail = undefined;
      ear.release('released');
    };
    const cancel = clock.at((clock.nowUs() + (format.frameMs + TAIL_GRACE_MS) * 1000) as MonoUs, end);
    cancelTail = () => {
      cancel();
      end();
    };
  }

  function release(reason: 'too-long'): void {
    isPressed = false;
    ear.release(reason);
  }

  return {
    receive(packet, receivedUs) {
      uplink.receive(packet, receivedUs);
      cancelTail?.();
    },
    listen(state, receivedUs) {
      const isButton = deps.settings().turns.input === 'push-to-talk';
      if (state === 'stop' && isPressed) stop();
      else if (state === 'stop' && !isButton) ear.release('released');
      else if (state === 'start' && isButton) start(receivedUs);
    },
    discard() {
      listening.discard();
      detector.restart();
    },
    replyEnded: () => listening.replyEnded(),
    setDeaf: (isDeaf, atUs) => uplink.setDeaf(isDeaf, atUs),
    close() {
      cancelLongest?.();
      isPressed = false;
      listening.discard();
      ear.close();
      cancelTail?.();
      uplink.close();
      denoised.close();
    },
  };
}
