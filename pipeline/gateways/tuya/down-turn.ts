import { encodeReply, type ReplyText } from './replies.ts';
import { writeUserData } from './user-data.ts';
import { type Attribute, attribute, attributeIds as ids, type WireVersion } from './wire/attributes.ts';
import { type EventHead, encodeChunk, encodeEvent } from './wire/heads.ts';
import { eventTypes, packetTypes, type StreamFlag, streamFlags } from './wire/numbers.ts';
import { type Packet, packet } from './wire/packet.ts';

/** UTF-16 units of one text packet: at most three bytes each, twice that where JSON escapes them. */
const LONGEST_CONTENT = 4000;

/** What a turn's packets need of their session. */
export interface DownPath {
  readonly sessionId: string;
  version(): WireVersion;
  eventHead(): EventHead;
  send(packet: Packet): void;
  wallMs(): number;
  nextTextSequence(): number;
  /** Channels that the session receives on; undefined where it has none of that kind. */
  readonly textId: number | undefined;
  readonly audioId: number | undefined;
  /** Attribute 80 of an audio stream. */
  readonly audioParameters: string;
}

/**
 * One turn's way down, in the order that devices want (reference/tuya.md §6.4): EventStart, text and audio between, PayloadsEnd, EventEnd.
 * After a break or its end nothing of it is sent any more.
 */
export class DownTurn {
  readonly eventId: string;
  readonly #path: DownPath;
  readonly #bizId: string;
  #hasBegun = false;
  #isOver = false;
  #isAudioOpen = false;
  #hasOpenAnswer = false;
  /** Of the user's words: the final transcript has been sent. */
  hasFinalTranscript = false;

  constructor(path: DownPath, eventId: string) {
    this.#path = path;
    this.eventId = eventId;
    this.#bizId = String(path.wallMs());
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  text(reply: ReplyText): void {
    if (this.#isOver || this.#path.textId === undefined) return;
    // A model that answers all at once: agentic-kit puts a packet of 32000 bytes together and no longer one.
    if (reply.bizType === 'NLG' && reply.content.length > LONGEST_CONTENT) {
      for (const content of pieces(reply.content)) this.text({ ...reply, eof: 0, content });
      if (reply.eof === 1) this.text({ ...reply, content: '' });
      return;
    }
    this.#begin();
    if (reply.bizType === 'NLG') this.#hasOpenAnswer = reply.eof === 0;
    if (reply.bizType === 'ASR' && reply.eof === 1) this.hasFinalTranscript = true;
    const data = new TextEncoder().encode(encodeReply(reply, this.#bizId));
    this.#chunk(packetTypes.text, this.#path.textId, streamFlags.one, data);
  }

  /** START goes before the first one: TuyaOpen's player ignores a whole stream in one packet. */
  audio(data: Uint8Array): void {
    if (this.#isOver || this.#path.audioId === undefined) return;
    this.#begin();
    if (!this.#isAudioOpen) {
      this.#isAudioOpen = true;
      const parameters = attribute(ids.audioParams, this.#path.audioParameters);
      this.#chunk(packetTypes.audio, this.#path.audioId, streamFlags.start, new Uint8Array(0), [parameters]);
    }
    this.#chunk(packetTypes.audio, this.#path.audioId, streamFlags.ing, data);
  }

  audioEnded(): void {
    if (this.#isOver || !this.#isAudioOpen || this.#path.audioId === undefined) return;
    this.#isAudioOpen = false;
    this.#chunk(packetTypes.audio, this.#path.audioId, streamFlags.end, new Uint8Array(0));
  }

  answerEnded(): void {
    if (this.#hasOpenAnswer) this.text({ bizType: 'NLG', eof: 1, content: '', reasoningContent: '' });
  }

  serverVad(): void {
    if (!this.#isOver) this.#event(eventTypes.serverVad);
  }

  /** Nothing more comes of it. `says`: the device is told, for it was not its own doing. */
  break(says: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (!says) return;
    const breakTime = String(this.#path.wallMs());
    this.#event(eventTypes.chatBreak, writeUserData(this.#path.version(), { breakTime }));
  }

  end(): void {
    if (this.#isOver) return;
    this.#begin();
    this.answerEnded();
    this.audioEnded();
    this.#isOver = true;
    this.#event(eventTypes.payloadsEnd);
    this.#event(eventTypes.end, [attribute(ids.eventTs, this.#path.wallMs())]);
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#event(eventTypes.start);
  }

  #event(type: number, more: Attribute[] = []): void {
    const attributes = [attribute(ids.sessionId, this.#path.sessionId), attribute(ids.eventId, this.eventId), ...more];
    this.#path.send(packet(packetTypes.event, attributes, encodeEvent(this.#path.eventHead(), type)));
  }

  #chunk(type: number, dataId: number, flag: StreamFlag, data: Uint8Array, attributes: Attribute[] = []): void {
    const sequence = type === packetTypes.text ? this.#path.nextTextSequence() : 0;
    const chunk = { dataId, flag, timestampMs: this.#path.wallMs(), sequence, data };
    this.#path.send(packet(type, attributes, encodeChunk(this.#path.version(), type, chunk)));
  }
}

/** No character is cut in two. */
function* pieces(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const end = at + LONGEST_CONTENT;
    const isCut = end < text.length && /[\uD800-\uDBFF]/u.test(text.charAt(end - 1));
    yield text.slice(at, isCut ? end - 1 : end);
    at = isCut ? end - 1 : end;
  }
}
