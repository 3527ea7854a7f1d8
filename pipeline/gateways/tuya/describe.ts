import { isUtf8 } from 'node:buffer';
import { type Attribute, attributeIds as ids, type WireVersion } from './wire/attributes.ts';
import { decodeChunk, decodeEvent } from './wire/heads.ts';
import { eventTypeName, isKnownEvent, packetTypeName, packetTypes, streamFlagNames } from './wire/numbers.ts';
import type { Packet } from './wire/packet.ts';

/** A packet for a reader: what it would be called, its parts as JSON with secrets out, and what no gateway knows. */
export interface DescribedPacket {
  name: string;
  text: string;
  /** Whole and as it came, where the text does not hold it. */
  bytes?: Uint8Array<ArrayBuffer>;
  isUnknown?: true;
  note?: string;
}

const names = new Map<number, string>(Object.entries(ids).map(([name, id]) => [id, name]));
const secretIds = new Set<number>([ids.agentToken, ids.password, ids.encryptRandom, ids.signRandom, ids.securitySuit]);
const textIds = new Set<number>([12, 18, 19, 21, 23, 43, 61, 65, 70, 80, 90, 100, 102, 111, 112, 1001, 1003, 1004, 1005, 1007, 1008]);
/** Of what is shown of a text; the bytes are whole. */
const LONGEST_TEXT = 16_384;

export function describePacket(version: WireVersion, packet: Packet): DescribedPacket {
  const attributes = Object.fromEntries(packet.attributes.map((one) => [names.get(one.id) ?? String(one.id), shown(version, one)]));
  const said = packet.attributes.length === 0 ? {} : { attributes };
  try {
    return { ...payloadOf(version, packet, said) };
  } catch {
    const name = packetTypeName(packet.type);
    return { name, text: JSON.stringify(said), bytes: Uint8Array.from(packet.payload), isUnknown: true, note: 'malformed payload' };
  }
}

function payloadOf(version: WireVersion, packet: Packet, said: object): DescribedPacket {
  const { type, payload } = packet;
  const name = packetTypeName(type);
  switch (type) {
    case packetTypes.event: {
      const event = decodeEvent(version, payload);
      const data = event.data.length === 0 ? {} : { data: printable(event.data) };
      const unknown = isKnownEvent(event.type) ? {} : { isUnknown: true as const };
      return { name: eventTypeName(event.type), text: JSON.stringify({ ...said, ...data }), ...unknown };
    }
    case packetTypes.text:
    case packetTypes.audio:
    case packetTypes.video:
    case packetTypes.image:
    case packetTypes.file: {
      const { dataId, flag, sequence, data } = decodeChunk(version, type, payload);
      const isText = type === packetTypes.text;
      const body = isText ? { data: printable(data) } : { bytes: data.length };
      const text = JSON.stringify({ ...said, dataId, ...(sequence > 0 && { sequence }), ...body });
      const isKept = !isText && type !== packetTypes.audio && data.length > 0;
      return { name: `${name} ${streamFlagNames[flag]}`, text, ...(isKept && { bytes: Uint8Array.from(data) }) };
    }
    default: {
      const isUnknown = name.startsWith('packet ');
      const rest = payload.length === 0 ? {} : { bytes: Uint8Array.from(payload) };
      return { name, text: JSON.stringify(said), ...rest, ...(isUnknown && { isUnknown: true as const }) };
    }
  }
}

function shown(version: WireVersion, { id, value }: Attribute): unknown {
  if (secretIds.has(id)) return '[redacted]';
  if (textIds.has(id) && !(id === ids.userData && version === 1 && value[0] !== 0x7b)) return printable(value);
  if (value.length <= 8 && id !== ids.userData) return Number(value.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n));
  return printable(value);
}

function printable(bytes: Uint8Array): string {
  const text = isUtf8(bytes)
    ? Buffer.from(bytes).toString('utf8').replace(/\0+$/u, '')
    : Buffer.from(bytes.subarray(0, 256)).toString('hex');
  return redact(text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text);
}

/** From the shortest of them on: agent tokens, randoms, ids. */
const LEAST_WORD_BYTES = 16;

/** Bytes that nobody could take apart, with every long word of them starred: one may be a token. */
export function withoutWords(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const shown = Uint8Array.from(bytes);
  const text = Buffer.from(bytes).toString('latin1');
  for (const { index, 0: word } of text.matchAll(new RegExp(`[\\w+/=.-]{${LEAST_WORD_BYTES},}`, 'gu')))
    shown.fill(0x2a, index, index + word.length);
  return shown;
}

/** Tokens and keys within JSON, escaped or not. */
export function redact(text: string): string {
  return text.replace(/(\\?"(?:agentToken|token|secret|localKey|password|psk)\\?"\s*:\s*\\?")[^"\\]*/giu, '$1[redacted]');
}
