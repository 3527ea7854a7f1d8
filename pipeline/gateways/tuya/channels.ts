import { malformed } from './wire/malformed.ts';

/** What may go over a session; an event is no channel. */
export type ChannelName = 'video' | 'audio' | 'image' | 'file' | 'text';

/** A session's data channels by their ids, as SessionNew has them (reference/tuya.md §6.2). */
export interface DataChannels {
  readonly sendIds: readonly number[];
  readonly receiveIds: readonly number[];
}

/** With "reuse" all sessions of a connection send on these, and one stream is heard by each of them. */
export const reusedIds: Record<ChannelName, number> = { video: 101, audio: 103, image: 105, file: 107, text: 109 };

const MOST_IDS = 64;

/** `send bytes u16 | ids u16… | receive bytes u16 | ids u16…`. Throws TalkError 'gateway/malformed'. */
export function decodeChannels(payload: Uint8Array): DataChannels {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  let at = 0;
  function ids(): number[] {
    if (at + 2 > payload.length) throw malformed('data channels', 'cut');
    const bytes = view.getUint16(at);
    at += 2;
    if (bytes % 2 !== 0 || bytes > payload.length - at || bytes > MOST_IDS * 2) throw malformed('data channels', `${bytes} bytes of ids`);
    const found = Array.from({ length: bytes / 2 }, (_, index) => view.getUint16(at + index * 2));
    at += bytes;
    return found;
  }
  return { sendIds: ids(), receiveIds: ids() };
}

export function encodeChannels({ sendIds, receiveIds }: DataChannels): Uint8Array {
  const block = (ids: readonly number[]) => {
    const bytes = Buffer.alloc(2 + ids.length * 2);
    bytes.writeUInt16BE(ids.length * 2, 0);
    for (const [index, id] of ids.entries()) bytes.writeUInt16BE(id, 2 + index * 2);
    return bytes;
  };
  return Buffer.concat([block(sendIds), block(receiveIds)]);
}

/** Ids as TuyaOpen gives them to the names of a bizConfig: 1, 3, 5 … up and 2, 4, 6 … down; or the fixed ones of reuse. */
export function channelsFor(send: readonly ChannelName[], receive: readonly ChannelName[], isReused = false): DataChannels {
  return {
    sendIds: isReused ? send.map((name) => reusedIds[name]) : send.map((_, index) => index * 2 + 1),
    receiveIds: receive.map((_, index) => index * 2 + 2),
  };
}

/**
 * Which of a session's receive ids carries `name`: by the order of its bizConfig's `revData`. A session with fewer ids than names gets
 * everything on those it has.
 */
export function receiveId({ receiveIds }: DataChannels, names: readonly ChannelName[], name: ChannelName): number | undefined {
  const index = names.indexOf(name);
  return index === -1 ? undefined : (receiveIds[index] ?? receiveIds.at(-1));
}
