/**
 * LLSync's messages for Wi-Fi setup (docs/wifi-setup.md). A request is a type byte and, where it has one, a value; long values
 * carry a 16-bit length of which the upper two bits say which piece of a message this is. An event always carries the length.
 */
const types = { mtuResult: 0x09, info: 0xe0, mode: 0xe1, network: 0xe2, connect: 0xe3, token: 0xe4, log: 0xe5 } as const;

/** A default ATT MTU of 23 less its header: what fits whatever the radios agreed on. */
export const FRAGMENT_BYTES = 20;
const HEADER_BYTES = 3;
const STATION = 1;
/** The document's limit of a message, pieces together. */
const MESSAGE_BYTES = 2048;
const piece = { whole: 0, first: 1, middle: 2, last: 3 } as const;

export type LlsyncRequest =
  | { kind: 'get-info' }
  | { kind: 'set-mode' }
  | { kind: 'set-network'; ssid: string; password: string }
  | { kind: 'connect' }
  | { kind: 'set-token'; token: string }
  | { kind: 'get-log' }
  /** The radio's MTU was not changed: a page cannot. */
  | { kind: 'mtu-unchanged' };

/** The writes that make up a request, each of `size` bytes at most. */
export function encodeRequest(request: LlsyncRequest, size = FRAGMENT_BYTES): Uint8Array[] {
  switch (request.kind) {
    case 'get-info':
      return [Uint8Array.of(types.info)];
    case 'set-mode':
      return [Uint8Array.of(types.mode, STATION)];
    case 'set-network': {
      const ssid = new TextEncoder().encode(request.ssid);
      const password = new TextEncoder().encode(request.password);
      return inPieces(types.network, Uint8Array.of(ssid.length, ...ssid, password.length, ...password), size);
    }
    case 'connect':
      return [Uint8Array.of(types.connect)];
    case 'set-token':
      return inPieces(types.token, new TextEncoder().encode(request.token), size);
    case 'get-log':
      return [Uint8Array.of(types.log)];
    case 'mtu-unchanged':
      return [Uint8Array.of(types.mtuResult, 0xff, 0xff)];
  }
}

function inPieces(type: number, value: Uint8Array, size: number): Uint8Array[] {
  const room = size - HEADER_BYTES;
  const count = Math.max(1, Math.ceil(value.length / room));
  return Array.from({ length: count }, (_, index) => {
    const part = value.subarray(index * room, (index + 1) * room);
    const which = count === 1 ? piece.whole : index === 0 ? piece.first : index === count - 1 ? piece.last : piece.middle;
    return Uint8Array.of(type, (which << 6) | (part.length >> 8), part.length & 0xff, ...part);
  });
}

export type LlsyncEvent =
  | { kind: 'info'; version: number; wantsMtu: boolean; mtu: number; deviceName: string }
  | { kind: 'mode-result' | 'network-result' | 'token-result'; code: number }
  | { kind: 'wifi'; isConnected: boolean; state: number; ssid: string }
  | { kind: 'log'; text: string }
  | { kind: 'mtu'; bytes: number }
  | { kind: 'unknown'; type: number }
  | { kind: 'malformed'; why: 'empty' | 'length' | 'piece' | 'too-long' | 'value' };

/** Puts a board's notifications together to events. Nothing a board sends can make it throw, or keep more than a message. */
export class LlsyncReader {
  #type = -1;
  #parts: number[] | null = null;

  /** Null while a message is not whole. */
  read(notification: Uint8Array): LlsyncEvent | null {
    const [type, high, low] = notification;
    if (type === undefined) return malformed('empty');
    if (high === undefined || low === undefined) return notification.length === 1 ? { kind: 'unknown', type } : malformed('length');
    const which = high >> 6;
    const length = ((high & 0x3f) << 8) | low;
    const part = notification.subarray(HEADER_BYTES, HEADER_BYTES + length);
    if (part.length < length) return this.#drop('length');
    if (which === piece.whole || which === piece.first) {
      // A message that was cut short is dropped when the next begins.
      this.#parts = null;
      if (which === piece.whole) return decode(type, part);
      this.#type = type;
      this.#parts = [...part];
      return null;
    }
    if (this.#parts === null || this.#type !== type) return this.#drop('piece');
    if (this.#parts.length + part.length > MESSAGE_BYTES) return this.#drop('too-long');
    this.#parts.push(...part);
    if (which === piece.middle) return null;
    const whole = Uint8Array.from(this.#parts);
    this.#parts = null;
    return decode(type, whole);
  }

  #drop(why: Extract<LlsyncEvent, { kind: 'malformed' }>['why']): LlsyncEvent {
    this.#parts = null;
    return malformed(why);
  }
}

function malformed(why: Extract<LlsyncEvent, { kind: 'malformed' }>['why']): LlsyncEvent {
  return { kind: 'malformed', why };
}

const textOf = (data: Uint8Array): string => new TextDecoder().decode(data).replaceAll('\0', '');

function decode(type: number, value: Uint8Array): LlsyncEvent {
  switch (type) {
    case 0x08:
      return decodeInfo(value);
    case 0x0c:
      return value.length < 2 ? malformed('value') : { kind: 'mtu', bytes: ((value[0] ?? 0) << 8) | (value[1] ?? 0) };
    case 0xe0:
      return result('mode-result', value);
    case 0xe1:
      return result('network-result', value);
    case 0xe2:
      return decodeWifi(value);
    case 0xe3:
      return result('token-result', value);
    case 0xe4:
      // The document has a type byte before the text; the SDK's running log is sent without one.
      return { kind: 'log', text: textOf((value[0] ?? 0xff) <= 2 ? value.subarray(1) : value).trim() };
    default:
      return { kind: 'unknown', type };
  }
}

function result(kind: 'mode-result' | 'network-result' | 'token-result', value: Uint8Array): LlsyncEvent {
  const [code] = value;
  return code === undefined ? malformed('value') : { kind, code };
}

/** Version, MTU with the wish to have it set in its upper bit, length and text of the device's name. */
function decodeInfo(value: Uint8Array): LlsyncEvent {
  const [version, high, low, nameBytes] = value;
  if (version === undefined || high === undefined || low === undefined || nameBytes === undefined) return malformed('value');
  const name = value.subarray(4, 4 + nameBytes);
  if (name.length < nameBytes) return malformed('value');
  return { kind: 'info', version, wantsMtu: (high & 0x80) !== 0, mtu: ((high & 0x07) << 8) | low, deviceName: textOf(name) };
}

/** Mode, station (0: connected), the unused state of an access point, length and text of the network's name. */
function decodeWifi(value: Uint8Array): LlsyncEvent {
  const [mode, state, , ssidBytes = 0] = value;
  if (mode === undefined || state === undefined) return malformed('value');
  return { kind: 'wifi', isConnected: state === 0, state, ssid: textOf(value.subarray(4, 4 + ssidBytes)) };
}
