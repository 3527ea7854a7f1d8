import { randomUUID } from 'node:crypto';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { type BoardCodec, createCodec } from '../twetalk/codec.ts';
import { Microphone } from '../twetalk/microphone.ts';
import { openRoomLink, type RoomLink } from './room-link.ts';

export interface RoomClientOptions {
  clock: Clock;
  /** Of the gateway: `ws://127.0.0.1:8787`. */
  gateway: string;
  sdkAppId: number;
  roomId: string;
  roomIdType: 0 | 1;
  userId: string;
  userSig?: string;
  audioType?: 'opus' | 'pcm';
  audioInterval?: 20 | 40 | 60;
  /** What it sends comes from `sendAudio` alone: its microphone is elsewhere. */
  isMicrophoneElsewhere?: boolean;
  onMessage?: (message: HeardMessage) => void;
  onAudio?: (packet: Uint8Array, atUs: MonoUs) => void;
  onClosed?: (code: number) => void;
}

/** A custom message of cmdID 1 as it came. */
export interface HeardMessage {
  atUs: MonoUs;
  from: string;
  data: Record<string, unknown>;
}

/** Ten minutes of 20 ms. */
const MOST_PACKETS = 30_000;
const MOST_MESSAGES = 10_000;

/**
 * An app in a room, as far as the bench needs one: a microphone that is always on, ears, and the custom messages of the conversation. It
 * sends none above a kilobyte, as the SDK does not.
 */
export class RoomClient {
  readonly messages: HeardMessage[] = [];
  /** Who else is there. */
  readonly others = new Set<string>();
  readonly #options: RoomClientOptions;
  readonly #codec: BoardCodec;
  readonly #microphone: Microphone;
  readonly #heard: Int16Array[] = [];
  readonly #waiting = new Set<() => void>();
  #link: RoomLink | null = null;
  #undecodable = 0;
  #removedFor: string | null = null;
  #closedWith: number | null = null;

  private constructor(options: RoomClientOptions) {
    const { clock, audioType = 'opus', audioInterval = 20 } = options;
    this.#options = options;
    this.#codec = createCodec(audioType, audioInterval);
    const onFrame = (pcm: Int16Array) => this.#link?.sendAudio(this.#codec.encode(pcm));
    this.#microphone = new Microphone({ clock, frameMs: audioInterval, isLive: options.isMicrophoneElsewhere === true, onFrame });
  }

  /** Rejects with TalkError 'talk/refused' {stage: 'room', reason}. */
  static async enter(options: RoomClientOptions): Promise<RoomClient> {
    const client = new RoomClient(options);
    try {
      await client.#open();
    } catch (error) {
      client.#codec.close();
      throw error;
    }
    return client;
  }

  async #open(): Promise<void> {
    const { clock, gateway, sdkAppId, roomId, roomIdType, userId, userSig, audioType = 'opus', audioInterval = 20 } = this.#options;
    const query = { sdkAppId, roomId, roomIdType, userId, userSig: userSig ?? '', audioType, audioInterval };
    const url = `${gateway}/trtc/room?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))}`;
    const entered = Promise.withResolvers<void>();
    const link = await openRoomLink(url, {
      onEntered: ({ users }) => {
        if (Array.isArray(users)) for (const user of users) this.others.add(String(user));
        entered.resolve();
      },
      onUsers: (change, other) => {
        if (change === 'entered') this.others.add(other);
        else this.others.delete(other);
        this.#wake();
      },
      onMessage: (from, cmdId, data) => {
        const message = { atUs: clock.nowUs(), from, data };
        if (cmdId === 1 && this.messages.length < MOST_MESSAGES) this.messages.push(message);
        if (cmdId === 1) this.#options.onMessage?.(message);
        this.#wake();
      },
      onAudio: (_from, packet) => {
        this.#options.onAudio?.(packet, clock.nowUs());
        this.#hear(packet);
      },
      onRemoved: (reason) => {
        this.#removedFor = reason;
        this.#wake();
      },
      onClosed: (code) => {
        this.#closedWith = code;
        this.#options.onClosed?.(code);
        this.#microphone.close();
        entered.reject(new TalkError('talk/refused', { stage: 'room', reason: `closed ${code}` }));
        this.#wake();
      },
    });
    this.#link = link;
    await entered.promise;
    this.#microphone.open();
  }

  get removedFor(): string | null {
    return this.#removedFor;
  }

  get closedWith(): number | null {
    return this.#closedWith;
  }

  /** Packets that were no audio. */
  get undecodable(): number {
    return this.#undecodable;
  }

  /** What was heard, in the order it came, 16 kHz mono. */
  heard(): Int16Array {
    const all = new Int16Array(this.#heard.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of this.#heard) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  /** Resolves when it has been said; rejects with TalkError 'disconnected' when the room is left first. */
  speak(pcm: Int16Array): Promise<void> {
    return this.#microphone.speak(pcm);
  }

  /** A packet of another microphone's. */
  sendAudio(packet: Uint8Array): void {
    this.#link?.sendAudio(packet);
  }

  /** 20000: text past speech recognition. */
  sendText(robot: string, text: string): void {
    this.#send(robot, 20000, { message: text });
  }

  /** 20001: be quiet. */
  interrupt(robot: string): void {
    this.#send(robot, 20001, {});
  }

  /** A message of any kind, for those who want to see what becomes of it. */
  send(data: Record<string, unknown>): void {
    this.#link?.sendMessage(2, data);
  }

  /** The first message, past ones included, that matches; rejects with TalkError 'disconnected' when the room is left, or as `signal` says. */
  async until(matches: (message: HeardMessage) => boolean, signal?: AbortSignal): Promise<HeardMessage> {
    for (;;) {
      signal?.throwIfAborted();
      const found = this.messages.find(matches);
      if (found !== undefined) return found;
      if (this.#closedWith !== null) throw new TalkError('disconnected');
      await this.#change(signal);
    }
  }

  /** Resolves when that user or robot is there. */
  async untilThere(userId: string, signal?: AbortSignal): Promise<void> {
    while (!this.others.has(userId)) {
      signal?.throwIfAborted();
      if (this.#closedWith !== null) throw new TalkError('disconnected');
      await this.#change(signal);
    }
  }

  /** Resolves when the bench has let go. */
  async leave(): Promise<void> {
    this.#microphone.close();
    this.#link?.leave();
    while (this.#link !== null && this.#closedWith === null) await this.#change();
    this.#codec.close();
  }

  #send(robot: string, type: number, payload: Record<string, unknown>): void {
    const { clock, userId } = this.#options;
    const timestamp = Math.floor(clock.wallMs() / 1000);
    this.#link?.sendMessage(2, { type, sender: userId, receiver: [robot], payload: { id: randomUUID(), timestamp, ...payload } });
  }

  #hear(packet: Uint8Array): void {
    if (this.#heard.length >= MOST_PACKETS) return;
    try {
      this.#heard.push(this.#codec.decode(packet));
    } catch {
      this.#undecodable += 1;
    }
  }

  #change(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const listener = () => {
        this.#waiting.delete(listener);
        signal?.removeEventListener('abort', listener);
        resolve();
      };
      this.#waiting.add(listener);
      signal?.addEventListener('abort', listener, { once: true });
    });
  }

  #wake(): void {
    for (const listener of [...this.#waiting]) listener();
  }
}
