import { TalkError } from '../../../preload/contract/errors.ts';
import type { WireAgain } from '../gateway.ts';
import { objectOf } from './user-data.ts';
import { type Attribute, attribute, attributeIds, type WireVersion } from './wire/attributes.ts';
import { encodeChunk, encodeEvent } from './wire/heads.ts';
import { eventTypeName, eventTypes, packetTypeName, packetTypes, type StreamFlag, streamFlagNames } from './wire/numbers.ts';
import { type Packet, packet } from './wire/packet.ts';

/**
 * An event or a text as it was recorded (describe.ts), or as somebody edited that, as a packet again. Throws TalkError 'unsupported' for
 * anything else: what opens connections and sessions is not to be had twice, and sound is not in a record. 'bad-request' for what is none.
 */
export function packetAgain(version: WireVersion, { name, text = '' }: Pick<WireAgain, 'name' | 'text'>): Packet {
  const said = objectOf(text);
  const attributes = Object.entries(objectOf(said.attributes)).map(([called, value]) => attributeAgain(called, value));
  const data = new TextEncoder().encode(typeof said.data === 'string' ? said.data : '');
  const event = Object.values(eventTypes).find((type) => eventTypeName(type) === name);
  if (event !== undefined) return packet(packetTypes.event, attributes, encodeEvent(version === 1 ? 4 : 2, event, data));
  const flag = streamFlagNames.findIndex((each) => name === `${packetTypeName(packetTypes.text)} ${each}`);
  if (flag === -1) throw new TalkError('unsupported', { feature: 'resend', why: name });
  const dataId = wholeNumber('dataId', said.dataId ?? 0);
  const sequence = wholeNumber('sequence', said.sequence ?? 0);
  const chunk = { dataId, flag: flag as StreamFlag, timestampMs: 0, sequence, data };
  return packet(packetTypes.text, attributes, encodeChunk(version, packetTypes.text, chunk));
}

function attributeAgain(name: string, value: unknown): Attribute {
  const id = Object.entries(attributeIds).find(([known]) => known === name)?.[1] ?? Number(name);
  if (!Number.isInteger(id) || id < 0 || id > 0xffff) throw unreadable(`attributes.${name}`, 'no attribute');
  try {
    if (typeof value === 'string') return attribute(id, value);
    return attribute(id, wholeNumber(`attributes.${name}`, value));
  } catch (error) {
    if (error instanceof TalkError) throw error;
    throw unreadable(`attributes.${name}`, 'not of its kind');
  }
}

function wholeNumber(path: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw unreadable(path, 'no whole number');
}

function unreadable(path: string, message: string): TalkError {
  return new TalkError('bad-request', { issues: [{ path, message }] });
}
