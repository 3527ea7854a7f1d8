import type { AudioFormat } from '../../conversation.ts';
import type { RoomName } from './room.ts';
import { isRoomId, isUserId } from './rooms.ts';

/** Who wants into which room, from the URL of the WebSocket. */
export interface RoomQuery {
  room: RoomName;
  userId: string;
  userSig: string;
  audio: AudioFormat;
}

const frames = { '20': 20, '40': 40, '60': 60 } as const;

/**
 * `/trtc/room?sdkAppId=…&roomId=…&roomIdType=0&userId=…&userSig=…&audioType=opus&audioInterval=20`, with the names of the documents in any
 * case. The result is a sentence for a query that cannot be.
 */
export function readRoomQuery(target: string): RoomQuery | string {
  const start = target.indexOf('?');
  const given = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(start === -1 ? '' : target.slice(start + 1))) given.set(name.toLowerCase(), value);
  const sdkAppId = Number(given.get('sdkappid'));
  if (!Number.isInteger(sdkAppId) || sdkAppId < 1 || sdkAppId > 4_294_967_295) return 'sdkAppId: want a number';
  const type = given.get('roomidtype') ?? '0';
  if (type !== '0' && type !== '1') return 'roomIdType: want 0 (a number) or 1 (a string)';
  const roomIdType = type === '0' ? 0 : 1;
  const roomId = given.get('roomid') ?? given.get('strroomid') ?? '';
  if (!isRoomId(roomId, roomIdType)) return `roomId: not of roomIdType ${roomIdType}`;
  const userId = given.get('userid') ?? '';
  if (!isUserId(userId)) return 'userId: want up to 32 letters, digits, _ and -';
  const codec = given.get('audiotype') ?? 'opus';
  if (codec !== 'opus' && codec !== 'pcm') return 'audioType: want opus or pcm';
  const frameMs = frames[(given.get('audiointerval') ?? '20') as keyof typeof frames];
  if (frameMs === undefined) return 'audioInterval: want 20, 40 or 60';
  return {
    room: { sdkAppId, roomId, roomIdType },
    userId,
    userSig: given.get('usersig') ?? '',
    audio: { codec, sampleRate: 16000, frameMs, isVariableRate: true },
  };
}
