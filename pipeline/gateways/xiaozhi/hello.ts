import { asObject, wordOf } from '../../json-object.ts';

/** How a board opens its audio channel (reference/voice.md §4.2, §4.6). */
export interface Hello {
  /** 1 and 2 over WebSocket, 3 over MQTT. */
  version: number;
  hasMcp: boolean;
  /** The board cancels its echo: the microphone stays open. */
  hasAec: boolean;
  /** Of the uplink, ms. */
  frameMs: 20 | 40 | 60;
  /** What was not among the documented values, and what was taken instead. */
  notes: string[];
}

/** Never throws. Web pages send neither audio parameters nor a transport. */
export function readHello(message: Record<string, unknown>): Hello {
  const notes: string[] = [];
  const features = asObject(message.features) ?? {};
  const audio = asObject(message.audio_params) ?? {};
  if (audio.format !== undefined && audio.format !== 'opus') notes.push(`format ${wordOf(audio.format, 20)}: read as opus`);
  if (audio.sample_rate !== undefined && audio.sample_rate !== 16000) {
    notes.push(`${wordOf(audio.sample_rate, 20)} Hz: decoded as 16000`);
  }
  const given = audio.frame_duration;
  const frameMs = given === 20 || given === 40 || given === 60 ? given : 60;
  if (given !== undefined && given !== frameMs) notes.push(`frame_duration ${wordOf(given, 20)}: 60 taken`);
  return {
    version: typeof message.version === 'number' ? message.version : 1,
    hasMcp: features.mcp === true,
    hasAec: features.aec === true,
    frameMs,
    notes,
  };
}

export interface HelloReply {
  sessionId: string;
  sampleRate: 16000 | 24000;
  frameMs: 20 | 60;
  udp?: { server: string; port: number; key: Uint8Array; nonce: Uint8Array };
}

/** `transport` is there always: firmware dereferences it unseen. */
export function helloReply({ sessionId, sampleRate, frameMs, udp }: HelloReply): Record<string, unknown> {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  return {
    type: 'hello',
    ...(udp !== undefined && { version: 3 }),
    transport: udp === undefined ? 'websocket' : 'udp',
    session_id: sessionId,
    ...(udp !== undefined && {
      udp: { server: udp.server, port: udp.port, encryption: 'aes-128-ctr', key: hex(udp.key), nonce: hex(udp.nonce) },
    }),
    audio_params: { format: 'opus', sample_rate: sampleRate, channels: 1, frame_duration: frameMs },
  };
}
