import { isUtf8 } from 'node:buffer';
import { asObject } from '../../json-object.ts';
import {
  type Attribute,
  attribute,
  decodeAttributes,
  encodeAttributes,
  attributeIds as ids,
  numberOf,
  textOf,
  type WireVersion,
} from './wire/attributes.ts';

/** What a packet says besides: attribute 111, JSON in V2 and attributes within the attribute in V1 (reference/tuya.md §6.3). */
export interface UserData {
  readonly session: Readonly<Record<string, unknown>>;
  readonly chat: Readonly<Record<string, unknown>>;
  /** Of PayloadsEnd: the channel that is over. */
  readonly payloadsEndDataId: number | undefined;
  /** For display; undefined when there was none. */
  readonly text: string | undefined;
  /** What could not be read of it. */
  readonly note: string | undefined;
}

/** No attributes of the protocol are nested deeper. */
const DEEPEST = 16;

export function readUserData(version: WireVersion, attributes: readonly Attribute[]): UserData {
  const value = attributes.find(({ id }) => id === ids.userData)?.value;
  // agentic-kit has these beside the user data, not within.
  const beside = {
    session: objectOf(textOf(attributes, ids.sessionAttributes)),
    chat: objectOf(textOf(attributes, ids.chatAttributes)),
    payloadsEndDataId: numberOf(attributes, ids.payloadsEndDataId),
  };
  if (value === undefined || value.length === 0) return { ...beside, text: undefined, note: undefined };
  return looksLikeJson(value) || version === 2 ? fromJson(value, beside) : fromNested(value, beside);
}

type Beside = Pick<UserData, 'session' | 'chat' | 'payloadsEndDataId'>;

function fromJson(value: Uint8Array, beside: Beside): UserData {
  if (!isUtf8(value)) return { ...beside, text: undefined, note: 'user data are no text' };
  const text = Buffer.from(value).toString('utf8').replace(/\0+$/u, '');
  const json = objectOf(text);
  return {
    session: { ...beside.session, ...objectOf(json.sessionAttributes) },
    chat: { ...beside.chat, ...objectOf(json.chatAttributes) },
    payloadsEndDataId: beside.payloadsEndDataId,
    text,
    note: Object.keys(json).length === 0 && text !== '{}' ? 'user data are no JSON object' : undefined,
  };
}

function fromNested(value: Uint8Array, beside: Beside): UserData {
  let nested: Attribute[];
  try {
    nested = decodeAttributes(1, value);
  } catch {
    return { ...beside, text: undefined, note: 'user data are neither JSON nor attributes' };
  }
  const session = textOf(nested, ids.sessionAttributes);
  const chat = textOf(nested, ids.chatAttributes);
  return {
    session: { ...beside.session, ...objectOf(session) },
    chat: { ...beside.chat, ...objectOf(chat) },
    payloadsEndDataId: numberOf(nested, ids.payloadsEndDataId) ?? beside.payloadsEndDataId,
    text: [session, chat].filter((part) => part?.startsWith('{')).join(' ') || undefined,
    note: undefined,
  };
}

/** The attribute as a device of that version writes and reads it. */
export function writeUserData(
  version: WireVersion,
  data: { session?: Record<string, unknown>; chat?: Record<string, unknown>; payloadsEndDataId?: number; breakTime?: string },
): Attribute[] {
  if (version === 1) {
    const nested = [
      ...(data.session === undefined ? [] : [attribute(ids.sessionAttributes, JSON.stringify(data.session))]),
      ...(data.chat === undefined ? [] : [attribute(ids.chatAttributes, JSON.stringify(data.chat))]),
      ...(data.payloadsEndDataId === undefined ? [] : [attribute(ids.payloadsEndDataId, data.payloadsEndDataId)]),
      ...(data.breakTime === undefined ? [] : [attribute(ids.chatBreak, JSON.stringify({ time: data.breakTime }))]),
    ];
    return nested.length === 0 ? [] : [attribute(ids.userData, encodeAttributes(1, nested))];
  }
  const json = {
    ...(data.session !== undefined && { sessionAttributes: data.session }),
    ...(data.chat !== undefined && { chatAttributes: data.chat }),
    ...(data.breakTime !== undefined && { breakAttributes: { time: data.breakTime } }),
  };
  return Object.keys(json).length === 0 ? [] : [attribute(ids.userData, JSON.stringify(json))];
}

/** An object, or the JSON of one in a text (agentic-kit escapes the inner one). Empty when it is neither, or nested beyond reason. */
export function objectOf(value: unknown): Record<string, unknown> {
  let object = value;
  if (typeof value === 'string') {
    try {
      object = JSON.parse(value);
    } catch {
      return {};
    }
  }
  const found = asObject(object);
  return found !== null && isWithin(found, DEEPEST) ? found : {};
}

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((member) => isWithin(member, levels - 1));
}

function looksLikeJson(value: Uint8Array): boolean {
  return value[0] === 0x7b;
}

/** Options are `true` in one client and `"true"` in another. */
export function isOn(value: unknown): boolean | undefined {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  return undefined;
}
