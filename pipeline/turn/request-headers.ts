import { randomUUID } from 'node:crypto';
import type { RoomCaller } from '../conversation.ts';

/** Who asks, as the services are told. */
export interface Caller {
  conversationId: string;
  productId: string;
  deviceName: string;
  /** Without it the device is in a room of its own: the conversation's id, a string. */
  room?: RoomCaller;
}

/** One request to a service; every try of it carries the same id. */
export interface RequestTag {
  requestId: string;
  headers: Readonly<Record<string, string>>;
}

/**
 * What TRTC sends along to language models and custom synthesisers (seed 002; reference/providers.md §1.3). The document
 * prints `X-Rquest-Id` in its language model section: both spellings go.
 */
export function tagRequest({ conversationId, productId, deviceName, room }: Caller): RequestTag {
  const requestId = randomUUID();
  const { sdkAppId, userId, roomId, roomIdType } = room ?? {
    sdkAppId: productId,
    userId: deviceName,
    roomId: conversationId,
    roomIdType: 1,
  };
  return {
    requestId,
    headers: {
      'X-Task-Id': plain(conversationId),
      'X-Request-Id': requestId,
      'X-Rquest-Id': requestId,
      'X-Sdk-App-Id': plain(sdkAppId),
      'X-User-Id': plain(userId),
      'X-Room-Id': plain(roomId),
      'X-Room-Id-Type': String(roomIdType),
    },
  };
}

/** A header's value is visible ASCII; anything else would fail the request. */
function plain(value: string): string {
  return /^[\x21-\x7e]*$/u.test(value) ? value : encodeURIComponent(value);
}
