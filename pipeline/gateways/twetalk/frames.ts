import { TalkError } from '../../../preload/contract/errors.ts';

/**
 * The message layer of TWeTalk's WebSocket: every binary message is one protobuf `Frame` of pipecat's `frames.proto`
 * (reference/twetalk.md §5.1). The schema is four small messages, so the codec is written out here: it is read by people
 * who debug boards byte by byte, and it must keep, not discard, what it does not know.
 *
 * Zero and empty fields are left out when encoding, as proto3 does. `id` and `pts` are uint64.
 */
export type Frame =
  | { kind: 'text'; id: bigint; name: string; text: string }
  | { kind: 'audio'; id: bigint; name: string; audio: Uint8Array; sampleRate: number; channels: number; pts?: bigint }
  | { kind: 'transcription'; id: bigint; name: string; text: string; userId: string; timestamp: string }
  | { kind: 'message'; data: string }
  /** No case of the oneof that we know (a vendor may add some): the whole message as it came. `field` is its first field. */
  | { kind: 'unknown'; field: number | null; raw: Uint8Array };

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

const caseFields = { text: 1, audio: 2, transcription: 3, message: 4 } as const;

const utf8 = new TextEncoder();
/** Not fatal: a board that cuts a Chinese character in half must not cost us the message. */
const fromUtf8 = new TextDecoder();

/** Decodes one WebSocket message. Throws TalkError 'gateway/malformed' when the bytes are not protobuf; reads nothing past their end. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const reader = new Reader(bytes);
  let frame: Frame | undefined;
  let firstField: number | null = null;
  while (!reader.isAtEnd) {
    const { field, type } = reader.tag();
    firstField ??= field;
    // Of several cases of a oneof the last on the wire counts.
    const known = type === LENGTH ? decodeCase(field, reader) : reader.skip(type);
    if (known) frame = known;
  }
  return frame ?? { kind: 'unknown', field: firstField, raw: bytes };
}

function decodeCase(field: number, reader: Reader): Frame | undefined {
  const body = new Reader(reader.bytes(), reader.base);
  switch (field) {
    case caseFields.text: {
      const fields = readFields(body);
      return { kind: 'text', id: fields.integer(1), name: fields.string(2), text: fields.string(3) };
    }
    case caseFields.audio: {
      const fields = readFields(body);
      const frame: Frame = {
        kind: 'audio',
        id: fields.integer(1),
        name: fields.string(2),
        audio: fields.bytes(3),
        sampleRate: Number(BigInt.asUintN(32, fields.integer(4))),
        channels: Number(BigInt.asUintN(32, fields.integer(5))),
      };
      if (fields.integers.has(6)) frame.pts = fields.integer(6);
      return frame;
    }
    case caseFields.transcription: {
      const fields = readFields(body);
      return {
        kind: 'transcription',
        id: fields.integer(1),
        name: fields.string(2),
        text: fields.string(3),
        userId: fields.string(4),
        timestamp: fields.string(5),
      };
    }
    case caseFields.message:
      return { kind: 'message', data: readFields(body).string(1) };
    default:
      return undefined;
  }
}

/** Fields of one flat message by number, last one wins; a field of an unexpected wire type reads as absent. */
class Fields {
  readonly integers = new Map<number, bigint>();
  readonly lengths = new Map<number, Uint8Array>();

  integer(field: number): bigint {
    return this.integers.get(field) ?? 0n;
  }
  bytes(field: number): Uint8Array {
    return this.lengths.get(field) ?? new Uint8Array(0);
  }
  string(field: number): string {
    return fromUtf8.decode(this.bytes(field));
  }
}

function readFields(reader: Reader): Fields {
  const fields = new Fields();
  while (!reader.isAtEnd) {
    const { field, type } = reader.tag();
    if (type === VARINT) fields.integers.set(field, reader.varint());
    else if (type === LENGTH) fields.lengths.set(field, reader.bytes());
    else reader.skip(type);
  }
  return fields;
}

/** Of one message; the schema's have six at most. A megabyte of tiny ones would keep every other board waiting. */
const MOST_FIELDS = 64;

class Reader {
  readonly #bytes: Uint8Array;
  readonly #origin: number;
  #at = 0;
  #fields = 0;
  /** Where the bytes last read started, counted from the start of the whole message. */
  base = 0;

  constructor(bytes: Uint8Array, origin = 0) {
    this.#bytes = bytes;
    this.#origin = origin;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  tag(): { field: number; type: number } {
    if (++this.#fields > MOST_FIELDS) throw this.#malformed('too many fields');
    const key = Number(BigInt.asUintN(32, this.varint()));
    const field = key >>> 3;
    if (field === 0) throw this.#malformed('field number 0');
    return { field, type: key & 7 };
  }

  varint(): bigint {
    let value = 0n;
    for (let index = 0; index < 10; index++) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw this.#malformed('truncated varint');
      this.#at++;
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw this.#malformed('varint longer than 10 bytes');
  }

  bytes(): Uint8Array {
    const length = this.varint();
    return this.#take(length > BigInt(this.#bytes.length) ? Number.POSITIVE_INFINITY : Number(length));
  }

  /** Groups (types 3 and 4) are not in proto3 and count as malformed. */
  skip(type: number): undefined {
    if (type === VARINT) this.varint();
    else if (type === FIXED64) this.#take(8);
    else if (type === LENGTH) this.bytes();
    else if (type === FIXED32) this.#take(4);
    else throw this.#malformed(`wire type ${type}`);
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw this.#malformed('length runs past the end');
    this.base = this.#origin + this.#at;
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  #malformed(reason: string): TalkError {
    return new TalkError('gateway/malformed', { gateway: 'twetalk', what: 'frame', offset: this.#origin + this.#at, reason });
  }
}

/** Encodes one WebSocket message. An unknown frame goes out as the bytes it came in. */
export function encodeFrame(frame: Frame): Uint8Array {
  if (frame.kind === 'unknown') return frame.raw;
  const body = new Writer();
  if (frame.kind === 'message') body.string(1, frame.data);
  else {
    body.integer(1, frame.id);
    body.string(2, frame.name);
    if (frame.kind === 'audio') {
      body.bytes(3, frame.audio);
      body.integer(4, BigInt(frame.sampleRate));
      body.integer(5, BigInt(frame.channels));
      if (frame.pts !== undefined) body.integer(6, frame.pts, { isPresent: true });
    } else {
      body.string(3, frame.text);
      if (frame.kind === 'transcription') {
        body.string(4, frame.userId);
        body.string(5, frame.timestamp);
      }
    }
  }
  const message = new Writer();
  message.bytes(caseFields[frame.kind], body.finish(), { isPresent: true });
  return message.finish();
}

class Writer {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  integer(field: number, value: bigint, options: { isPresent?: boolean } = {}): void {
    if (value === 0n && !options.isPresent) return;
    this.#varint(BigInt(field << 3) | BigInt(VARINT));
    this.#varint(value);
  }

  bytes(field: number, value: Uint8Array, options: { isPresent?: boolean } = {}): void {
    if (value.length === 0 && !options.isPresent) return;
    this.#varint(BigInt(field << 3) | BigInt(LENGTH));
    this.#varint(BigInt(value.length));
    this.#push(value);
  }

  string(field: number, value: string): void {
    this.bytes(field, utf8.encode(value));
  }

  finish(): Uint8Array {
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  #varint(value: bigint): void {
    const out: number[] = [];
    let rest = BigInt.asUintN(64, value);
    while (rest >= 0x80n) {
      out.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    out.push(Number(rest));
    this.#push(Uint8Array.from(out));
  }

  #push(part: Uint8Array): void {
    this.#parts.push(part);
    this.#length += part.length;
  }
}
