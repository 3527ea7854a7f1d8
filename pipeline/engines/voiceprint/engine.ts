/** Tells an enrolled voice from others. No engine is built in; the gate that asks one is (turn/hearing/voiceprint-gate.ts). */
export interface VoiceprintEngine {
  readonly id: string;
  /** Learns the voice of a device's user from 16 kHz mono speech; more of it makes it surer. */
  enrol(device: VoiceprintDevice, pcm: Int16Array): Promise<void>;
  /** Whether the speech is the enrolled voice's; undefined while none is enrolled. `score` 0..1. */
  matches(device: VoiceprintDevice, pcm: Int16Array): Promise<{ isMatch: boolean; score: number } | undefined>;
}

export interface VoiceprintDevice {
  productId: string;
  deviceName: string;
}
