import type { RecordedConversation, RecordedPacket } from '../../../../../../main/core/replay/rerun/recording.ts';

export const FRAME_US = 20_000;

/** A packet of 20 ms linear sound whose bytes are its number. */
export function packet(number: number, startUs: number): RecordedPacket {
  return { startUs, durationUs: FRAME_US, codec: 'pcm', sampleRate: 16_000, bytes: new Uint8Array(640).fill(number) };
}

export function recordedConversation(more: Partial<RecordedConversation> = {}): RecordedConversation {
  const packets = more.packets ?? Array.from({ length: 100 }, (_, number) => packet(number, number * FRAME_US));
  const format = { codec: 'pcm', frameMs: 20 } as const;
  return {
    ...{ sessionId: 's', conversationId: 'c', gateway: 'twetalk', productId: 'P', deviceName: 'd', language: 'en', fromUs: 0 },
    ...{ uplink: format, downlink: format, query: {}, settings: {}, packets, speech: [], cues: [], tools: [], properties: {} },
    ...{ isGreeted: false, lastUs: packets.length * FRAME_US },
    ...more,
  };
}
