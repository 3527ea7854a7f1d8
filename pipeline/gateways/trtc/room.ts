import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { AudioFormat } from '../../conversation.ts';

/** Which room: numeric and string ids are two kinds of rooms that never meet. */
export interface RoomName {
  sdkAppId: number;
  roomId: string;
  /** 0: a number, 1: a string. */
  roomIdType: 0 | 1;
}

/** Somebody in a room, a user at a socket or a robot. Told what happens there; none of these throws. */
export interface Member {
  readonly userId: string;
  readonly isRobot: boolean;
  entered(userId: string): void;
  left(userId: string): void;
  audio(from: string, packet: Uint8Array, receivedUs: MonoUs): void;
  message(from: string, cmdId: number, seq: number, data: unknown): void;
  /** It is out: by a request of the application or of the bench, with the whole room or without, or another came in under its name. */
  removed(reason: RemovalReason): void;
}

export type RemovalReason = 'removed' | 'dismissed' | 'removed-by-bench' | 'dismissed-by-bench' | 'replaced';

/** A room: whoever is in it hears the others' audio and messages. */
export class Room {
  readonly name: RoomName;
  readonly #clock: Pick<Clock, 'nowUs'>;
  readonly #members = new Map<string, Member>();
  readonly #sequences = new Map<string, number>();
  readonly #onEmpty: () => void;
  /** The first user's, for as long as the room is: the bench does not transcode between them. Null until one has come. */
  audioFormat: AudioFormat | null = null;
  /** When a user last sent audio. */
  lastAudioUs: MonoUs;

  constructor(name: RoomName, clock: Pick<Clock, 'nowUs'>, onEmpty: () => void) {
    this.name = name;
    this.#clock = clock;
    this.#onEmpty = onEmpty;
    this.lastAudioUs = clock.nowUs();
  }

  get users(): string[] {
    return [...this.#members.values()].filter(({ isRobot }) => !isRobot).map(({ userId }) => userId);
  }

  get size(): number {
    return this.#members.size;
  }

  has(userId: string): boolean {
    return this.#members.has(userId);
  }

  isRobot(userId: string): boolean {
    return this.#members.get(userId)?.isRobot === true;
  }

  userIds(): string[] {
    return [...this.#members.keys()];
  }

  /** Whoever was there under that name is out. */
  enter(member: Member): void {
    const before = this.#members.get(member.userId);
    // In its place at once: the room is never empty meanwhile.
    this.#members.set(member.userId, member);
    this.#sequences.delete(member.userId);
    if (before !== undefined) for (const other of this.#others(member.userId)) other.left(member.userId);
    before?.removed('replaced');
    for (const other of this.#others(member.userId)) other.entered(member.userId);
  }

  leave(member: Member): void {
    if (this.#members.get(member.userId) !== member) return;
    this.#members.delete(member.userId);
    this.#sequences.delete(member.userId);
    for (const other of this.#others(member.userId)) other.left(member.userId);
    if (this.#members.size === 0) this.#onEmpty();
  }

  remove(userId: string, reason: RemovalReason): boolean {
    const member = this.#members.get(userId);
    if (member === undefined) return false;
    this.leave(member);
    member.removed(reason);
    return true;
  }

  dismiss(reason: 'dismissed' | 'dismissed-by-bench'): void {
    for (const userId of this.userIds()) this.remove(userId, reason);
  }

  audio(from: Member, packet: Uint8Array): void {
    const receivedUs = this.#clock.nowUs();
    if (!from.isRobot) this.lastAudioUs = receivedUs;
    for (const other of this.#others(from.userId)) other.audio(from.userId, packet, receivedUs);
  }

  /** To everybody else, numbered for each sender as the SDK numbers them. */
  message(from: Member, cmdId: number, data: unknown): void {
    const seq = (this.#sequences.get(from.userId) ?? 0) + 1;
    this.#sequences.set(from.userId, seq);
    for (const other of this.#others(from.userId)) other.message(from.userId, cmdId, seq, data);
  }

  #others(userId: string): Member[] {
    return [...this.#members.values()].filter((member) => member.userId !== userId);
  }
}
