import { TalkError } from '../../../preload/contract/errors.ts';
import type { AudioParameters } from '../../gateways/tuya/audio-stream.ts';
import { objectOf } from '../../gateways/tuya/user-data.ts';
import type { Chunk } from '../../gateways/tuya/wire/heads.ts';
import { audioCodecs, eventTypes, streamFlags } from '../../gateways/tuya/wire/numbers.ts';

/** What came down in one event. */
export interface HeardTurn {
  readonly eventId: string;
  transcript: string;
  reply: string;
  reasoning: string;
  readonly skills: { code: string; data: Record<string, unknown> }[];
  readonly pcm: Int16Array[];
  codec: number | null;
  hasServerVad: boolean;
  isBroken: boolean;
}

/** The turns of one session of the device: data carry no event id, they belong to the one that began last. */
export class HeardTurns {
  readonly all: HeardTurn[] = [];
  readonly #receiveIds: readonly number[];
  readonly #over = new Set<string>();
  readonly #vadEnded = new Set<string>();
  readonly #waiting = new Set<() => void>();
  #current: HeardTurn | null = null;
  #codec: number | null = null;
  #frameBytes = 0;
  #isClosed = false;

  constructor(receiveIds: readonly number[]) {
    this.#receiveIds = receiveIds;
  }

  takes(dataId: number): boolean {
    return this.#receiveIds.includes(dataId);
  }

  isVadEnded(eventId: string): boolean {
    return this.#vadEnded.has(eventId);
  }

  isOver(eventId: string): boolean {
    return this.#over.has(eventId);
  }

  /** Resolves with the event's turn when it is over. Rejects with TalkError 'disconnected' when the session goes before. */
  async until(eventId: string): Promise<HeardTurn> {
    while (!this.#over.has(eventId)) {
      if (this.#isClosed) throw new TalkError('disconnected');
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    return this.all.find((turn) => turn.eventId === eventId) ?? newTurn(eventId);
  }

  event(type: number, eventId: string): void {
    if (type === eventTypes.start) {
      this.#current = newTurn(eventId);
      this.all.push(this.#current);
    } else if (type === eventTypes.serverVad) {
      this.#vadEnded.add(eventId);
      if (this.#current?.eventId === eventId) this.#current.hasServerVad = true;
    } else if (type === eventTypes.end || type === eventTypes.chatBreak) {
      const turn = this.all.find((one) => one.eventId === eventId);
      if (turn !== undefined && type === eventTypes.chatBreak) turn.isBroken = true;
      this.#over.add(eventId);
    }
    this.#wake();
  }

  text(json: Record<string, unknown>): void {
    const turn = this.#current;
    if (turn === null) return;
    const data = objectOf(json.data);
    const string = (value: unknown) => (typeof value === 'string' ? value : '');
    if (json.bizType === 'ASR') turn.transcript = string(data.text);
    else if (json.bizType === 'NLG') {
      turn.reply += string(data.content);
      turn.reasoning += string(data.reasoningContent);
    } else if (json.bizType === 'SKILL') turn.skills.push({ code: string(data.code), data });
    this.#wake();
  }

  sound(chunk: Chunk, parameters: AudioParameters | null, decodeOpus: (data: Uint8Array) => Int16Array): void {
    if (chunk.flag === streamFlags.start && parameters !== null) {
      this.#codec = parameters.codec;
      this.#frameBytes = parameters.frameBytes;
      if (this.#current !== null) this.#current.codec = parameters.codec;
    }
    if (chunk.data.length === 0 || this.#current === null) return;
    if (this.#codec === audioCodecs.opus) {
      const size = this.#frameBytes > 0 ? this.#frameBytes : chunk.data.length;
      for (let at = 0; at < chunk.data.length; at += size) this.#current.pcm.push(decodeOpus(chunk.data.subarray(at, at + size)));
      return;
    }
    const bytes = Uint8Array.from(chunk.data);
    this.#current.pcm.push(new Int16Array(bytes.buffer, 0, bytes.length >> 1));
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

function newTurn(eventId: string): HeardTurn {
  return { eventId, transcript: '', reply: '', reasoning: '', skills: [], pcm: [], codec: null, hasServerVad: false, isBroken: false };
}
