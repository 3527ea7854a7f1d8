import type { Clock } from '../../../preload/contract/time.ts';
import { Room, type RoomName } from './room.ts';

/** Names are strangers': no more rooms than a bench has use for. */
const MOST_ROOMS = 500;

/** The rooms there are. One is made by whoever enters it first and goes with the last. */
export class Rooms {
  readonly #clock: Pick<Clock, 'nowUs'>;
  readonly #rooms = new Map<string, Room>();

  constructor(clock: Pick<Clock, 'nowUs'>) {
    this.#clock = clock;
  }

  all(): Room[] {
    return [...this.#rooms.values()];
  }

  /** Whether no other can be made. */
  get isFull(): boolean {
    return this.#rooms.size >= MOST_ROOMS;
  }

  find(name: RoomName): Room | undefined {
    return this.#rooms.get(keyOf(name));
  }

  /** Whether a room of that id is open whose id is of the other type: who asks for this one will wait there alone. */
  isOfOtherType(name: RoomName): boolean {
    return this.find({ ...name, roomIdType: name.roomIdType === 0 ? 1 : 0 }) !== undefined;
  }

  /** The room, made if need be; undefined when there are too many. Who does not enter at once must let go with `release`. */
  open(name: RoomName): Room | undefined {
    const known = this.find(name);
    if (known !== undefined) return known;
    if (this.isFull) return undefined;
    const key = keyOf(name);
    const room = new Room(name, this.#clock, () => this.#rooms.delete(key));
    this.#rooms.set(key, room);
    return room;
  }

  release(room: Room): void {
    if (room.size === 0) this.#rooms.delete(keyOf(room.name));
  }
}

/** Whether the id can be one of its type: a number from 1 to 4294967294, or up to 64 of the characters TRTC allows. */
export function isRoomId(roomId: string, roomIdType: 0 | 1): boolean {
  if (roomIdType === 1) return /^[\w !#$%&()+\-:;<=.>?@[\]^{|}~,]{1,64}$/u.test(roomId);
  return /^[1-9]\d{0,9}$/u.test(roomId) && Number(roomId) <= 4_294_967_294;
}

/** Letters, digits, hyphen and underscore; TRTC's limit is 32. */
export function isUserId(userId: string): boolean {
  return /^[\w-]{1,32}$/u.test(userId);
}

function keyOf({ sdkAppId, roomId, roomIdType }: RoomName): string {
  return `${sdkAppId} ${roomIdType} ${roomId}`;
}
