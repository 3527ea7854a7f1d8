import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { BoardCodec } from './codec.ts';
import type { LiveAudio } from './live-audio.ts';
import type { Phone, PhoneManner } from './phone.ts';
import type { ReceivedAudio } from './recording.ts';
import type { ThingModel } from './thing-model.ts';
import type { BoardTraits } from './traits.ts';

export type FirmwareState = 'idle' | 'connecting' | 'connected' | 'listening' | 'speaking';

export interface FirmwareOptions {
  clock: Clock;
  /** `isTls`: as the SDK built for TLS has it, by the device's key. */
  broker: { host: string; port: number; isTls?: boolean };
  productId: string;
  deviceName: string;
  /** Base64. */
  secret: string;
  language: 'zh' | 'en';
  audioType: 'opus' | 'pcm';
  audioInterval: 20 | 40 | 60;
  /** In place of the board's own: packets made before, where hundreds of boards are played on one machine. */
  codec?: BoardCodec;
  /** Serial output as it stands on the wire: colours, CR LF. */
  print: (text: string) => void;
  /** idle: off · connecting · connected: MQTT without a voice connection · listening: voice connection open · speaking: the speaker plays. */
  onState: (state: FirmwareState) => void;
  /** Out of band, for the bench: when the speaker was first heard in a reply (D1) and when it fell silent (I3). */
  onPlayout: (report: { kind: 'audible' | 'silent'; atUs: MonoUs }) => void;
  onReplyAudio?: (packet: Uint8Array, receivedUs: MonoUs) => void;
  /** RTVI messages from the bench: their type and, where there is one, `data.text` as the board's reader saw it. */
  onMessage?: (type: string, text: string | null) => void;
  /** A real microphone and speaker; without it the microphone hears what `speak` says. */
  audio?: LiveAudio;
  /**
   * What the application does when an action is asked of it, instead of the demo's own: null leaves it to that. `response` is JSON,
   * of a failure `code` is not 0; without an answer there never is one.
   */
  onAction?: (actionId: string, params: string) => Promise<{ code: number; response: string }> | null;
  contacts?: readonly { name: string; openId: string }[];
  /** The mini-program it calls. */
  miniProgram?: { appId: string; modelId: string };
  /** What it does with a call that comes in; it answers, as the sample does. */
  phone?: PhoneManner;
  /** A text is sent as it stands, good JSON or not. */
  customParams?: Record<string, string> | string;
  /** `TWETALK_USER_TURN_MODE_PTT`: the button says when the user speaks. */
  isPushToTalk?: boolean;
  /** `use_vl`: pictures too. */
  isMultimodal?: boolean;
  /** The stock SDK fetches firmware from port 80 only. */
  isOtaPortFixed?: boolean;
  /** Milliseconds since the chip's reset, for the log. Counts from `start()` when not given. */
  ticksMs?: () => number;
  /** The board around the firmware, and what is wrong with it; the firmware alone unless said. */
  traits?: BoardTraits;
  /** The network it joins, where its log tells. */
  ssid?: string;
}

/** One object is one boot of the application: started once, stopped once. */
export interface TwetalkFirmware {
  readonly state: FirmwareState;
  readonly thing: ThingModel;
  /**
   * Boots the application: MQTT, then the voice connection. Rejects with TalkError 'talk/refused' {stage: 'mqtt' | 'query' |
   * 'websocket', reason} when the bench does not take it, 'cancelled' when stopped meanwhile.
   */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Says 16 kHz mono samples into the microphone; resolves when the last one went out. Wakes the voice connection when it is gone. */
  speak(pcm: Int16Array): Promise<void>;
  /** `TWeTalk_WS_SendTextToLLM`. */
  sendText(text: string): Promise<void>;
  /** `TWeTalk_WS_PttControl`. */
  pushToTalk(action: 'start' | 'end' | 'interrupt'): Promise<void>;
  /** `TWeTalk_WS_EnableIdleDetect`. */
  enableIdleDetect(isOn: boolean): Promise<void>;
  /** `TWeTalk_WS_SendImage`: a JPEG or PNG. */
  sendImage(image: Uint8Array): Promise<void>;
  readonly phone: Pick<Phone, 'state' | 'answer' | 'reject' | 'hangUp'>;
  /** What runs now: an update changes it. */
  readonly version: string;
  /** What was played from about `sinceUs` on, all of it without. */
  receivedAudio(sinceUs?: number): ReceivedAudio;
  /** Forgets what was received so far. */
  clearReceivedAudio(): void;
}
