import type { CallContact, HeardMessageKind } from '../../../../preload/contract/cloud/twetalk.ts';
import { asObject } from '../board-text.ts';
import type { MessageTable } from './table.ts';

/** A board's own message beside RTVI, as far as it can be understood. */
export type HeardMessage =
  | { kind: 'idle-detect'; isOn: boolean }
  | { kind: 'push-to-talk'; action: 'start' | 'end' | 'interrupt' }
  | { kind: 'image'; data: string; text: string }
  | { kind: 'interrupt' }
  | { kind: 'call-basic'; appId: string; modelId: string }
  | { kind: 'call-contacts'; contacts: CallContact[] }
  | { kind: 'call-answer' | 'call-reject' | 'call-hang-up'; roomId: string };

/** The SDK's own limit. */
const MOST_CONTACTS = 10;
const NAME_CHARACTERS = 64;
/** Where a name stands, and what may hold the fields. */
const nameKeys = ['type', 't', 'subtype', 'action', 'event', 'method', 'kind'];
const holderKeys = ['data', 'd', 'params', 'payload', 'value'];

/** Null when no name of the table is in it, or nothing that its kind needs. */
export function readHeard(message: Record<string, unknown>, table: MessageTable): HeardMessage | null {
  const places = placesOf(message);
  const names = new Set(
    places.flatMap((place) => nameKeys.flatMap((key) => (typeof place.get(key) === 'string' ? [plain(String(place.get(key)))] : []))),
  );
  for (const [kind, { names: accepted, fields }] of Object.entries(table.heard)) {
    if (!accepted.some((name) => names.has(plain(name)))) continue;
    const read = readKind(kind as HeardMessageKind, (field) => find(places, fields[field] ?? [field]));
    if (read !== null) return read;
  }
  return null;
}

type Field = (name: string) => unknown;

function readKind(kind: HeardMessageKind, field: Field): HeardMessage | null {
  switch (kind) {
    case 'idle-detect': {
      const isOn = readSwitch(field('enable'));
      return isOn === null ? null : { kind, isOn };
    }
    case 'push-to-talk': {
      const action = readAction(field('action'));
      return action === null ? null : { kind, action };
    }
    case 'image': {
      const data = field('data');
      return typeof data === 'string' ? { kind, data, text: textOf(field('text')) } : null;
    }
    case 'interrupt':
      return { kind };
    case 'call-basic':
      return { kind, appId: textOf(field('app_id')), modelId: textOf(field('model_id')) };
    case 'call-contacts': {
      const contacts = readContacts(field('contacts'));
      return contacts === null ? null : { kind, contacts };
    }
    case 'call-answer':
    case 'call-reject':
    case 'call-hang-up':
      return { kind, roomId: textOf(field('room_id')) };
  }
}

/** `[{"妈妈":"oOMC…"}]` as the SDK has it, `{"妈妈":"oOMC…"}`, or objects with a name and an openid; the list may be a text of JSON itself. */
export function readContacts(value: unknown): CallContact[] | null {
  const parsed = typeof value === 'string' ? parsedJson(value) : value;
  const list = Array.isArray(parsed) ? parsed : asObject(parsed) === null ? null : [parsed];
  if (list === null) return null;
  return list
    .flatMap((entry: unknown) => {
      const object = asObject(entry);
      if (object === null) return [];
      const openId = object.openid ?? object.open_id ?? object.openId;
      const name = object.name ?? object.called;
      if (typeof openId === 'string') return [{ name: textOf(name), openId }];
      return Object.entries(object).flatMap(([key, id]) => (typeof id === 'string' ? [{ name: key, openId: id }] : []));
    })
    .slice(0, MOST_CONTACTS)
    .map(({ name, openId }) => ({ name: name.slice(0, NAME_CHARACTERS), openId: openId.slice(0, NAME_CHARACTERS) }));
}

type Place = ReadonlyMap<string, unknown>;

function placesOf(message: Record<string, unknown>): Place[] {
  const places = [placeOf(message)];
  for (let depth = 0; depth < 3; depth++) {
    const place = places.at(-1);
    const inner = holderKeys.map((key) => asObject(place?.get(key))).find((object) => object !== null);
    if (inner === undefined || inner === null) break;
    places.push(placeOf(inner));
  }
  return places;
}

function placeOf(object: Record<string, unknown>): Place {
  return new Map(Object.entries(object).map(([key, value]) => [plain(key), value]));
}

/** The innermost place counts first: `action` is a name further out and a field within. */
function find(places: readonly Place[], spellings: readonly string[]): unknown {
  for (const place of places.toReversed()) {
    for (const spelling of spellings) {
      const value = place.get(plain(spelling));
      if (value !== undefined) return value;
    }
  }
  return undefined;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_\s]/g, '');
}

function readSwitch(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === '1' || value === 'on' || value === 'true') return true;
  return value === 0 || value === '0' || value === 'off' || value === 'false' ? false : null;
}

/** The SDK's enum: START 0, END 1, INTERRUPT 2. */
function readAction(value: unknown): 'start' | 'end' | 'interrupt' | null {
  const word = typeof value === 'number' ? value : typeof value === 'string' ? plain(value).replace(/^(ptt|user)/, '') : null;
  if (word === 0 || word === '0' || word === 'start' || word === 'begin' || word === 'press') return 'start';
  if (word === 1 || word === '1' || word === 'end' || word === 'stop' || word === 'release') return 'end';
  return word === 2 || word === '2' || word === 'interrupt' ? 'interrupt' : null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
