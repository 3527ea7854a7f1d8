import { objectOf } from '../../gateways/tuya/user-data.ts';
import { type Attribute, attributeIds as ids, textOf, type WireVersion } from '../../gateways/tuya/wire/attributes.ts';
import type { Frame } from '../../gateways/tuya/wire/frames.ts';
import { type Chunk, decodeChunk, decodeEvent } from '../../gateways/tuya/wire/heads.ts';
import { eventTypeName, eventTypes, packetTypeName, packetTypes, streamFlagNames, streamFlags } from '../../gateways/tuya/wire/numbers.ts';
import type { Packet } from '../../gateways/tuya/wire/packet.ts';

/** TuyaOpen reads a header of 9 bytes before it looks at the length: a shorter frame waits for the next one. */
const LEAST_FRAME_BYTES = 9;
/** Attribute ids that TuyaOpen's parser knows; any other one shifts all that follow it. */
const knownIds = new Set([
  ...[9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 31, 41, 42, 43, 44, 45, 51, 52, 61, 62, 63, 64, 65, 66, 67, 68],
  ...[70, 71, 72, 73, 74, 75, 80, 81, 82, 83, 84, 85, 86, 90, 91, 92, 93, 94, 100, 101, 102, 103, 110, 111, 112, 113, 114],
]);
const LAST_SEQUENCE = 0xffff;

/** Checks what a real device trusts its cloud with, and stumbles over where it is wrong (reference/tuya.md §3.3, §6.4). */
export class DownCheck {
  readonly violations: string[] = [];
  readonly #maxFrameBytes: number;
  #sequence = 0;
  /** The event whose data come now, and those that are over. */
  #eventId: string | null = null;
  readonly #over = new Set<string>();
  readonly #leaving = new Set<string>();
  #hasPayloadsEnd = false;
  #audio: 'none' | 'open' | 'ended' = 'none';
  #hasOpenAnswer = false;
  #finalTranscripts = 0;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  frame({ bytes, sequence }: Frame): void {
    if (bytes.length < LEAST_FRAME_BYTES) this.#wrong(`a frame of ${bytes.length} bytes: the header reader wants 9`);
    if (bytes.length > this.#maxFrameBytes) this.#wrong(`a frame of ${bytes.length} bytes for a buffer of ${this.#maxFrameBytes}`);
    const expected = this.#sequence === LAST_SEQUENCE ? 1 : this.#sequence + 1;
    if (sequence !== expected) this.#wrong(`sequence ${sequence}, not ${expected}`);
    this.#sequence = sequence;
  }

  packet(version: WireVersion, { type, attributes, payload }: Packet): void {
    for (const { id } of attributes)
      if (!knownIds.has(id)) this.#wrong(`attribute ${id} of ${packetTypeName(type)} is unknown to TuyaOpen`);
    if (type === packetTypes.event) {
      this.#event(version, attributes, payload);
      return;
    }
    if (type === packetTypes.text || type === packetTypes.audio) this.#data(type, decodeChunk(version, type, payload), attributes);
  }

  #event(version: WireVersion, attributes: readonly Attribute[], payload: Uint8Array): void {
    const { type } = decodeEvent(version, payload);
    const eventId = textOf(attributes, ids.eventId) ?? '';
    const name = eventTypeName(type);
    if (textOf(attributes, ids.sessionId) === undefined) this.#wrong(`${name} without a session id`);
    if (eventId === '') this.#wrong(`${name} without an event id`);
    // TuyaOpen keeps ids in 38 bytes; agentic-kit's own have more.
    if (this.#over.has(eventId)) this.#wrong(`${name} of an event that is over`);
    switch (type) {
      case eventTypes.start:
        if (this.#eventId !== null) this.#wrong('EventStart before the last event’s end');
        this.#eventId = eventId;
        this.#hasPayloadsEnd = false;
        this.#audio = 'none';
        this.#hasOpenAnswer = false;
        this.#finalTranscripts = 0;
        return;
      case eventTypes.payloadsEnd:
        if (eventId !== this.#eventId) this.#wrong('EventPayloadsEnd of an event that has not begun');
        if (this.#audio === 'open') this.#wrong('EventPayloadsEnd before the sound’s END');
        this.#hasPayloadsEnd = true;
        return;
      case eventTypes.end:
        if (eventId !== this.#eventId) this.#wrong('EventEnd of an event that has not begun');
        if (!this.#hasPayloadsEnd) this.#wrong('EventEnd without EventPayloadsEnd');
        if (this.#hasOpenAnswer) this.#wrong('EventEnd before the answer’s eof');
        this.#finish(eventId);
        return;
      case eventTypes.chatBreak:
        this.#finish(eventId);
        return;
      default:
    }
  }

  /** The device breaks it itself: what is on its way still comes. */
  leaving(eventId: string): void {
    this.#leaving.add(eventId);
  }

  /** The cloud has heard of everything that was sent so far: nothing of a broken event may come any more. */
  caughtUp(): void {
    for (const eventId of this.#leaving) this.#finish(eventId);
    this.#leaving.clear();
  }

  #finish(eventId: string): void {
    this.#over.add(eventId);
    if (this.#eventId === eventId) this.#eventId = null;
  }

  #data(type: number, chunk: Chunk, attributes: readonly Attribute[]): void {
    const name = `${packetTypeName(type)} ${streamFlagNames[chunk.flag]}`;
    if (this.#eventId === null) this.#wrong(`${name} outside an event`);
    if (this.#hasPayloadsEnd) this.#wrong(`${name} after EventPayloadsEnd`);
    if (type === packetTypes.text) this.#text(chunk);
    else this.#sound(chunk, attributes);
  }

  #text({ data }: Chunk): void {
    const { bizType, eof, bizId, data: said } = objectOf(Buffer.from(data).toString('utf8'));
    if (typeof bizId !== 'string' || (eof !== 0 && eof !== 1)) this.#wrong('a text without bizId and eof');
    if (bizType === 'NLG') this.#hasOpenAnswer = eof === 0;
    else if (bizType === 'ASR' && eof === 1) {
      this.#finalTranscripts += 1;
      if (this.#finalTranscripts > 1) this.#wrong('two final transcripts of one event');
    } else if (bizType === 'SKILL' && typeof objectOf(said).code !== 'string') this.#wrong('a skill without a code');
    else if (bizType !== 'ASR' && bizType !== 'SKILL') this.#wrong(`a text of type ${String(bizType)}`);
  }

  #sound({ flag, data }: Chunk, attributes: readonly Attribute[]): void {
    if (flag === streamFlags.one) this.#wrong('sound in one packet: the player ignores it');
    if (flag === streamFlags.start) {
      if (this.#audio === 'open') this.#wrong('a second START of sound');
      if (textOf(attributes, ids.audioParams) === undefined) this.#wrong('START of sound without its parameters');
      this.#audio = 'open';
    } else if (this.#audio !== 'open') this.#wrong(`sound ${streamFlagNames[flag]} without START`);
    if (flag === streamFlags.ing && data.length === 0) this.#wrong('a packet of no sound');
    if (flag === streamFlags.end) this.#audio = 'ended';
  }

  #wrong(what: string): void {
    if (this.violations.length < 100) this.violations.push(what);
  }
}
