import { TalkError } from '../../../preload/contract/errors.ts';

/** A board takes a whole MQTT packet into this buffer and drops a larger one (reference/twetalk.md §3.1). */
const BOARD_RECEIVE_BYTES = 8192;

/** Throws TalkError 'too-large' for a PUBLISH that the board could not take. */
export function requireBoardSize(topic: string, payload: string, qos: 0 | 1): void {
  const sizeBytes = packetBytes(topic, payload, qos);
  if (sizeBytes > BOARD_RECEIVE_BYTES) throw new TalkError('too-large', { limitBytes: BOARD_RECEIVE_BYTES, sizeBytes });
}

function packetBytes(topic: string, payload: string, qos: 0 | 1): number {
  const remaining = 2 + Buffer.byteLength(topic) + (qos > 0 ? 2 : 0) + Buffer.byteLength(payload);
  const lengthBytes = remaining < 128 ? 1 : remaining < 16_384 ? 2 : remaining < 2_097_152 ? 3 : 4;
  return 1 + lengthBytes + remaining;
}
