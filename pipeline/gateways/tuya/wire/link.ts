import { randomBytes } from 'node:crypto';
import { Assembly, disassemble } from './assembly.ts';
import type { WireVersion } from './attributes.ts';
import { encodeFrameV1, encodeFrameV2, type Frame, FrameSplitter, fragments, frameOverhead, V1_SIGNATURE_BYTES } from './frames.ts';
import { malformed } from './malformed.ts';
import { decodePacket, encodePacket, type Packet } from './packet.ts';
import { IV_BYTES, isSignatureRight, open, type SecurityLevel, type SignLevel, seal, signatureBytes } from './security.ts';

/** What a connection's frames are made with after its hello. */
export type LinkKeys =
  | { version: 1; cryptKey: Uint8Array; signKey: Uint8Array; level: SecurityLevel }
  | { version: 2; key: Uint8Array; level: SignLevel };

export interface LinkOptions {
  write: (frame: Uint8Array) => void;
  /** A packet whose frames were right; called within `receive`. The first one of a server is the hello, which nobody has checked yet. */
  onPacket: (packet: Packet, hello: Frame | null) => void;
  /** Of one frame that comes. */
  maxFrameBytes: number;
  /** Of one packet that comes. */
  maxPacketBytes: number;
  /** A frame that is sent is never longer: the peer's buffer is that large. */
  maxSentFrameBytes: number;
}

const LAST_SEQUENCE = 0xffff;
/** Room for a packet's head and little more: a peer that offers less is not obeyed. */
const LEAST_PART_BYTES = 64;

/**
 * One end of a connection: packets out to frames, frames in to packets; either version, both ends alike. Sequence numbers go strictly
 * up, signatures and encryption are the version's. A server learns the version with the hello and gets its keys by `secure` while it
 * is told of it; what follows is checked with them.
 */
export class TuyaLink {
  readonly #options: LinkOptions;
  readonly #splitter: FrameSplitter;
  readonly #assembly: Assembly;
  readonly #sentIv = randomBytes(IV_BYTES);
  #keys: LinkKeys | null = null;
  #maxSentFrameBytes: number;
  #sent = 0;
  #received = 0;
  #isHelloDue: boolean;
  #receivedIv: Uint8Array | null = null;

  constructor(role: 'server' | 'client', options: LinkOptions) {
    this.#options = options;
    this.#splitter = new FrameSplitter(options.maxFrameBytes);
    this.#assembly = new Assembly(options.maxPacketBytes);
    this.#maxSentFrameBytes = options.maxSentFrameBytes;
    this.#isHelloDue = role === 'server';
  }

  get version(): WireVersion | null {
    return this.#keys?.version ?? this.#splitter.version;
  }

  secure(keys: LinkKeys, maxSentFrameBytes = this.#maxSentFrameBytes): void {
    this.#keys = keys;
    this.#maxSentFrameBytes = maxSentFrameBytes;
  }

  /** Throws TalkError 'gateway/malformed'; the connection is of no use then. */
  receive(bytes: Uint8Array): void {
    for (const frame of this.#splitter.push(bytes)) {
      this.#checkSequence(frame);
      const isHello = this.#isHelloDue;
      if (isHello && frame.fragment !== fragments.whole) throw malformed('hello', 'in fragments');
      const plain = isHello ? helloPayload(frame) : this.#opened(frame);
      const whole = this.#assembly.push(frame.fragment, plain);
      if (whole === null) continue;
      this.#isHelloDue = false;
      this.#options.onPacket(decodePacket(frame.version, whole), isHello ? frame : null);
    }
  }

  /** A client's first packet: V1 signs it and encrypts nothing, V2 does neither. */
  sendHello(packet: Packet): void {
    const keys = this.#needKeys();
    const bytes = encodePacket(keys.version, packet);
    const head = { sequence: this.#nextSequence(), fragment: fragments.whole };
    if (keys.version === 1) this.#options.write(encodeFrameV1({ ...head, level: 0, iv: null }, bytes, keys.signKey));
    else this.#options.write(encodeFrameV2(head, bytes, { key: keys.key, level: 0 }));
  }

  send(packet: Packet): void {
    const keys = this.#needKeys();
    const bytes = encodePacket(keys.version, packet);
    const maxPartBytes = Math.max(LEAST_PART_BYTES, this.#maxSentFrameBytes - frameOverhead[keys.version]);
    for (const { fragment, part } of disassemble(bytes, maxPartBytes)) this.#options.write(this.#frame(keys, fragment, part));
  }

  #frame(keys: LinkKeys, fragment: Frame['fragment'], part: Uint8Array): Uint8Array {
    const sequence = this.#nextSequence();
    if (keys.version === 2) return encodeFrameV2({ sequence, fragment }, part, keys);
    const isFirst = fragment === fragments.whole || fragment === fragments.start;
    const iv = isFirst && keys.level !== 0 ? this.#newIv() : null;
    return encodeFrameV1({ sequence, fragment, level: keys.level, iv }, seal(keys.level, keys.cryptKey, this.#sentIv, part), keys.signKey);
  }

  /** With every packet; TuyaOpen keeps one for a connection, and its receiver takes what the frame says. */
  #newIv(): Uint8Array {
    this.#sentIv.set(randomBytes(IV_BYTES));
    return this.#sentIv;
  }

  #nextSequence(): number {
    this.#sent = this.#sent >= LAST_SEQUENCE ? 1 : this.#sent + 1;
    return this.#sent;
  }

  #checkSequence({ sequence, version }: Frame): void {
    const isNext = sequence > this.#received;
    const isAround = this.#received === LAST_SEQUENCE && (sequence === 1 || (version === 1 && sequence === 0));
    if (!isNext && !isAround) throw malformed('frame', `sequence ${sequence} after ${this.#received}`);
    this.#received = sequence;
  }

  #opened(frame: Frame): Uint8Array {
    const keys = this.#needKeys();
    if (keys.version === 2) return unsigned(frame, keys.key, signatureBytes[keys.level]);
    const sealed = unsigned(frame, keys.signKey, V1_SIGNATURE_BYTES);
    if (frame.iv !== null) this.#receivedIv = Uint8Array.from(frame.iv);
    // The server answers with the level the device uses, and hears of it with the first frame after the hello.
    if (frame.level !== 0) this.#keys = { ...keys, level: frame.level };
    else if (keys.level !== 0) throw malformed('frame', 'in clear after the hello');
    if (frame.level === 0) return sealed;
    if (this.#receivedIv === null) throw malformed('frame', 'encrypted without an iv');
    return open(frame.level, keys.cryptKey, this.#receivedIv, sealed);
  }

  #needKeys(): LinkKeys {
    if (this.#keys === null) throw malformed('connection', 'no keys before the hello');
    return this.#keys;
  }
}

/** Whether V1's hello, which carries the randoms in clear, was signed by who has the key. */
export function isHelloSigned(hello: Frame, signKey: Uint8Array): boolean {
  const { bytes } = hello;
  return isSignatureRight(signKey, bytes.subarray(0, -V1_SIGNATURE_BYTES), bytes.subarray(-V1_SIGNATURE_BYTES));
}

function helloPayload({ version, level, body }: Frame): Uint8Array {
  if (version === 2) return body;
  if (level !== 0) throw malformed('hello', 'encrypted');
  if (body.length <= V1_SIGNATURE_BYTES) throw malformed('hello', 'shorter than its signature');
  return body.subarray(0, -V1_SIGNATURE_BYTES);
}

function unsigned({ body, bytes }: Frame, key: Uint8Array, length: number): Uint8Array {
  if (length === 0) return body;
  if (body.length <= length) throw malformed('frame', 'shorter than its signature');
  if (!isSignatureRight(key, bytes.subarray(0, -length), bytes.subarray(-length)))
    throw malformed('signature', 'not made with the device’s key');
  return body.subarray(0, -length);
}
