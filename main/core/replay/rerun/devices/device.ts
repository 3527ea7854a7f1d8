import type { Clock, MonoUs } from '../../../../../preload/contract/time.ts';
import type { WireFormat } from '../frames.ts';
import type { RecordedConversation, RecordedCue } from '../recording.ts';
import type { RecordedTools } from '../tools.ts';

/** A virtual device as a re-run drives it, whatever protocol it speaks. */
export interface RerunDevice {
  readonly format: WireFormat;
  /** It tells by `onPlayout` when its speaker is first heard; of others that is when it begins to play. */
  readonly reportsPlayout?: boolean;
  /** Connects; packets may be sent from then on. Rejects with TalkError 'talk/refused'. */
  start(): Promise<void>;
  /** A packet of the uplink; `isRecorded` false: silence, which a device that only sends while it listens leaves out. */
  send(packet: Uint8Array, isRecorded: boolean): void;
  /** What the recorded device said besides sound; what only belongs to its connection is not said again. */
  cue(cue: RecordedCue): void;
  stop(): Promise<void>;
}

/** What the device makes of the far end. */
export interface DeviceEvents {
  /** Its speaker begins and ends to play. */
  onSounding(isSounding: boolean, atUs: MonoUs): void;
  /** Its speaker was first heard, or fell silent, to the sample; of boards that report it. */
  onPlayout(report: { kind: 'audible' | 'silent'; atUs: MonoUs }): void;
  onAudio(packet: Uint8Array, atUs: MonoUs): void;
  onText(who: 'user' | 'agent', text: string): void;
  /** A message of the protocol, for the record. */
  onMessage(direction: 'up' | 'down', name: string, text: string): void;
  onTool(name: string, parameters: unknown, answer: { isOk: boolean; result: unknown } | null): void;
  onClosed(reason: string): void;
}

export interface DeviceDeps extends DeviceEvents {
  clock: Clock;
  recorded: RecordedConversation;
  /** What it says it speaks. */
  language: 'zh' | 'en';
  tools: RecordedTools;
}

export function frameMsOf(frameMs: number): 20 | 40 | 60 {
  return frameMs === 20 || frameMs === 40 ? frameMs : 60;
}

export function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
