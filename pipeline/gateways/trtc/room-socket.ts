import { randomBytes } from 'node:crypto';
import { type RawData, WebSocket } from 'ws';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { asObject, wordOf } from '../../json-object.ts';
import type { Observer } from '../../observer.ts';
import { RateLimit } from '../cloud/rate-limit.ts';
import { parseObject } from '../twetalk/board-text.ts';
import type { Member, RemovalReason, Room } from './room.ts';
import { readUserMessage, TO_ROBOT } from './room-messages.ts';

const PING_INTERVAL_US = 20_000_000;
/** A user that takes nothing for so much is not coming back. */
const MOST_BUFFERED_BYTES = 512 * 1024;
/** PCM of 60 ms is 1920; a packet of more is none. */
const MOST_PACKET_BYTES = 2 * 1024;
/** What the SDK lets a user send. */
const MESSAGES_PER_SECOND = 30;
/** Eight times what the SDK lets it send: each goes to everybody in the room, and is recorded for each. */
const CHARACTERS_PER_SECOND = 64 * 1024;
/** Ten times what frames of 20 ms are: who sends more would fill the sockets of everybody else in the room. */
const PACKETS_PER_SECOND = 500;
const CLOSE_GRACE_US = 2_000_000;
const DROPS_TOLD_US = 1_000_000;
/** Of a message nobody understood. */
const MOST_SHOWN = 4000;

export const roomCloseCodes = { left: 1000, goingAway: 1001, removed: 4001, dismissed: 4002, replaced: 4003 } as const;

export interface RoomSocketDeps {
  clock: Clock;
  observer: Observer;
  /** Of the room's task, so that messages stand with its conversation. */
  conversationId: () => string | undefined;
}

/** A user's place in a room. */
export interface Seat extends Member {
  close(): void;
  /** A text message once more: up as if the user had sent it, down to it. */
  again(direction: 'up' | 'down', text: string): void;
}

/**
 * A user in a room, at a WebSocket. Text messages are JSON with an `event`: to the user 'entered' {room, users, audio}, 'user-entered',
 * 'user-left', 'message' {userId, cmdId, seq, data}, 'removed' {reason}; from the user 'message' {cmdId, data} and 'leave', or a message of
 * the document as it is. Binary messages are audio: a packet from the user; to the user a byte with the length of the sender's name, the
 * name, and the packet.
 */
export function seatAtSocket(socket: WebSocket, userId: string, room: Room, deps: RoomSocketDeps): Seat {
  const { clock, observer } = deps;
  const rate = new RateLimit(clock);
  const timers = new Set<() => void>();
  const drops = new Map<string, number>();
  let isOut = false;
  let isPongDue = false;
  let said = { second: 0, characters: 0 };

  function record(direction: 'up' | 'down', name: string, more: { text?: string; note?: string; isUnknown?: true }): void {
    const conversationId = deps.conversationId();
    const about = { gateway: 'trtc', channel: 'websocket', direction, name, deviceId: `${room.name.sdkAppId}_${userId}` } as const;
    observer.event({
      atUs: clock.nowUs(),
      kind: 'wire.message',
      ...(conversationId !== undefined && { conversationId }),
      ...about,
      ...more,
    });
  }

  function isTooMuch(characters: number): boolean {
    const second = Math.floor(clock.nowUs() / 1_000_000);
    said = { second, characters: characters + (said.second === second ? said.characters : 0) };
    return said.characters > CHARACTERS_PER_SECOND;
  }

  /** Told once a second: a flood is not answered with another. */
  function dropped(what: string): void {
    const count = drops.get(what) ?? 0;
    drops.set(what, count + 1);
    if (count === 0) after(DROPS_TOLD_US, () => tellDropped(what));
  }

  function tellDropped(what: string): void {
    const count = drops.get(what) ?? 0;
    drops.delete(what);
    if (count > 0) observer.event({ atUs: clock.nowUs(), kind: 'dropped', what, count });
  }

  function after(us: number, callback: () => void): void {
    const cancel = clock.at((clock.nowUs() + us) as MonoUs, () => {
      timers.delete(cancel);
      callback();
    });
    timers.add(cancel);
  }

  function send(data: string | Uint8Array): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > MOST_BUFFERED_BYTES) {
      observer.event({ atUs: clock.nowUs(), kind: 'dropped', what: 'slow-socket', count: 1 });
      socket.terminate();
      return;
    }
    socket.send(data);
  }

  function event(name: string, facts: Record<string, unknown>): void {
    const text = JSON.stringify({ event: name, ...facts });
    record('down', nameOf(name, facts.data), { text });
    send(text);
  }

  function close(code: number, reason: string): void {
    if (socket.readyState === WebSocket.OPEN) {
      socket.close(code, reason);
      after(CLOSE_GRACE_US, () => socket.terminate());
    }
    leave();
  }

  function leave(): void {
    if (isOut) return;
    isOut = true;
    room.leave(member);
  }

  const member: Seat = {
    userId,
    isRobot: false,
    entered: (other) => event('user-entered', { userId: other }),
    left: (other) => event('user-left', { userId: other }),
    audio(from, packet) {
      const sender = Buffer.from(from);
      send(Buffer.concat([Buffer.from([sender.length]), sender, packet]));
    },
    message: (from, cmdId, seq, data) => event('message', { userId: from, cmdId, seq, data }),
    removed(reason: RemovalReason) {
      isOut = true;
      event('removed', { reason });
      const code = reason === 'replaced' ? 'replaced' : reason.startsWith('dismissed') ? 'dismissed' : 'removed';
      close(roomCloseCodes[code], reason);
    },
    close: () => close(roomCloseCodes.goingAway, 'the bench is closing'),
    again(direction, text) {
      if (direction === 'up') {
        receiveText(text);
        return;
      }
      record('down', nameOf('message', parseObject(text)?.data), { text });
      send(text);
    },
  };

  function receiveText(text: string): void {
    const message = parseObject(text);
    if (message?.event === 'leave') {
      record('up', 'leave', {});
      close(roomCloseCodes.left, 'left');
      return;
    }
    if (!rate.take('message', MESSAGES_PER_SECOND) || isTooMuch(text.length)) {
      dropped('room-message');
      return;
    }
    const refused = message === null ? 'not a JSON object' : receive(message, text);
    if (refused === null) return;
    record('up', nameOf(message?.event === undefined ? 'text' : wordOf(message.event, 60), message), {
      text: text.slice(0, MOST_SHOWN),
      isUnknown: true,
      note: refused,
    });
  }

  /** Why it was not taken; null when it was, and has been recorded. */
  function receive(message: Record<string, unknown>, text: string): string | null {
    const isBare = message.event === undefined && typeof message.type === 'number';
    const cmdId = isBare ? TO_ROBOT : message.cmdId;
    const data = isBare ? message : inner(message.data);
    if (!isBare && message.event !== 'message') return 'the event is not known';
    if (typeof cmdId !== 'number' || !Number.isInteger(cmdId) || cmdId < 1 || cmdId > 10) return 'cmdId: want 1 to 10';
    const read = cmdId === TO_ROBOT ? readUserMessage(data, userId, (id) => room.isRobot(id)) : null;
    record('up', nameOf('message', data), { text, ...(read?.kind === 'refused' && { isUnknown: true, note: read.reason }) });
    room.message(member, cmdId, data);
    return null;
  }

  socket.on('message', (raw, isBinary) => {
    if (isOut) return;
    const bytes = asBytes(raw);
    if (!isBinary) receiveText(bytes.toString('utf8'));
    else if (bytes.length === 0 || bytes.length > MOST_PACKET_BYTES || !rate.take('packet', PACKETS_PER_SECOND)) dropped('room-packet');
    // A copy, for it is kept: what came shares its buffer with other messages.
    else room.audio(member, new Uint8Array(bytes));
  });
  socket.on('pong', () => {
    isPongDue = false;
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', (code) => {
    for (const cancel of timers) cancel();
    timers.clear();
    for (const what of drops.keys()) tellDropped(what);
    record('up', 'close', { note: `code ${code}` });
    leave();
  });
  function ping(): void {
    if (isPongDue) {
      socket.terminate();
      return;
    }
    isPongDue = true;
    socket.ping(randomBytes(4));
    after(PING_INTERVAL_US, ping);
  }
  after(PING_INTERVAL_US, ping);

  room.enter(member);
  const others = room.userIds().filter((id) => id !== userId);
  event('entered', { ...room.name, userId, users: others, audio: room.audioFormat });
  return member;
}

/** 'message 10000': what a reader looks for. */
function nameOf(event: string, data: unknown): string {
  const type = asObject(data)?.type;
  return typeof type === 'number' ? `message ${type}` : event.slice(0, 60);
}

/** A message's data may be JSON in a text, as the SDKs send bytes. */
function inner(data: unknown): unknown {
  return typeof data === 'string' ? (parseObject(data) ?? data) : data;
}

function asBytes(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
