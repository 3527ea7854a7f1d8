import { type JoinResult, join, room, type SetupBoardOptions } from './board.ts';

/** The SDK's defaults: an ATT MTU of 23, and a buffer for what comes in pieces. */
const ATT_BYTES = 20;
const BUFFER_BYTES = 128;
const request = { mtuResult: 0x09, info: 0xe0, mode: 0xe1, network: 0xe2, connect: 0xe3, token: 0xe4, log: 0xe5 } as const;
const event = { info: 0x08, mtu: 0x0c, mode: 0xe0, network: 0xe1, wifi: 0xe2, token: 0xe3, log: 0xe4 } as const;
const STATION = 1;
const NOT_JOINED = -1;
const PROTOCOL_VERSION = 2;
/** 16 bits, of which the highest asks the other side to set it. */
const WANTED_MTU = 0x8000 | 128;

export interface LlsyncBoard {
  /** As it advertises itself. */
  readonly name: string;
  readonly token: string | null;
  /** A central connects. Null while another is. */
  connect(onNotify: (data: Uint8Array) => void, onGone: () => void): LlsyncConnection | null;
  close(): void;
}

export interface LlsyncConnection {
  /** To the characteristic FFE1. Throws for what the ATT layer would refuse. */
  write(data: Uint8Array): void;
  disconnect(): void;
}

/**
 * A board with Wi-Fi and Bluetooth in setup mode, its GATT server in this process. As the SDK: nothing is notified before it was
 * asked who it is; pieces out of order, or with another message between them, are dropped without a word; long notifications go out in pieces; a join and a token take
 * their time and are told at their end.
 */
export function createLlsyncBoard(options: SetupBoardOptions): LlsyncBoard {
  const { device, fault, log = () => {} } = options;
  const abort = new AbortController();
  const ownLog: string[] = [];
  let central: { onNotify: (data: Uint8Array) => void; onGone: () => void } | null = null;
  let isIdentified = false;
  let isStation = false;
  let network: { ssid: string; password: string } | null = null;
  let joined: JoinResult | null = null;
  let token: string | null = null;
  let pieces: { type: number; bytes: number[] } | null = null;
  let notifications = 0;

  function notify(type: number, value: readonly number[]): void {
    if (!isIdentified || central === null || fault === 'no-reply') return;
    notifications++;
    // The first answer to 'mode' is lost; a malformed one is a last piece that nothing began.
    if (fault === 'lost-messages' && notifications === 2) return;
    if (fault === 'malformed' && notifications === 1) central.onNotify(Uint8Array.of(type, 0xc0, 0x02, 1, 2));
    const partBytes = ATT_BYTES - 3;
    const count = Math.max(1, Math.ceil(value.length / partBytes));
    for (let index = 0; index < count; index++) {
      const part = value.slice(index * partBytes, (index + 1) * partBytes);
      const which = count === 1 ? 0 : index === 0 ? 1 : index === count - 1 ? 3 : 2;
      central.onNotify(Uint8Array.of(type, which << 6, part.length, ...part));
    }
  }

  function receive(data: Uint8Array): void {
    const [type = 0, flags = 0] = data;
    const which = data.length <= 3 ? 0 : flags >> 6;
    const hasLength = type === request.network || type === request.token;
    if (hasLength && (((flags & 0x3f) << 8) | (data[2] ?? 0)) !== data.length - 3) {
      log('a length that is not its own');
      pieces = null;
      return;
    }
    if (which === 0) {
      pieces = null;
      handle(type, data);
    } else if (which === 1) pieces = { type, bytes: [...data.subarray(3)] };
    else if (pieces === null || pieces.type !== type || pieces.bytes.length + data.length > BUFFER_BYTES) {
      log('a piece that belongs to nothing');
      pieces = null;
    } else pieces.bytes.push(...data.subarray(3));
    if (which !== 3 || pieces === null) return;
    const { bytes } = pieces;
    pieces = null;
    handle(type, Uint8Array.of(type, 0, bytes.length, ...bytes));
  }

  function handle(type: number, data: Uint8Array): void {
    switch (type) {
      case request.info: {
        isIdentified = true;
        const name = new TextEncoder().encode(device.deviceName);
        notify(event.info, [PROTOCOL_VERSION, WANTED_MTU >> 8, WANTED_MTU & 0xff, name.length, ...name]);
        break;
      }
      case request.mtuResult:
        if (data[1] === 0xff && data[2] === 0xff) notify(event.mtu, [0, ATT_BYTES]);
        break;
      case request.mode:
        isStation = data[1] === STATION;
        notify(event.mode, [isStation ? 0 : 1]);
        break;
      case request.network:
        network = readNetwork(data.subarray(3));
        notify(event.network, [network === null || !isStation ? 1 : 0]);
        if (fault === 'vanishes') close();
        break;
      case request.connect:
        void station(); // never rejects
        break;
      case request.token:
        if (data.length < 4 || data.length - 3 > room.tokenBytes) {
          notify(event.token, [1]);
          break;
        }
        token = new TextDecoder().decode(data.subarray(3));
        void bind(); // never rejects
        break;
      case request.log:
        notify(event.log, [1, ...new TextEncoder().encode(ownLog.join('\r\n'))]);
        break;
      default:
        log(`unknown type ${type}`);
    }
  }

  async function station(): Promise<void> {
    if (network === null) {
      notify(event.wifi, [STATION, 1, 0, 0]);
      return;
    }
    const { ssid } = network;
    // The SDK keeps this line too, with the password in it.
    ownLog.push(`1200|ble_combo(160): SSID:${ssid}|PSW:${network.password}|TOKEN:`);
    joined = await join(options, network, abort.signal).catch(() => null);
    if (joined === null) return;
    if (joined !== 'joined') {
      ownLog.push(
        `2400|ble_combo(164): ${joined === 'wrong-password' ? 'WIFI connect error! (10, 202)' : 'WIFI connect error! (10, 201)'}`,
      );
      notify(event.wifi, [STATION, 1, 0, 0]);
      return;
    }
    const name = new TextEncoder().encode(ssid);
    notify(event.wifi, [STATION, 0, 0, name.length, ...name]);
  }

  async function bind(): Promise<void> {
    const code = joined === 'joined' ? await options.bind(token ?? '', abort.signal) : NOT_JOINED;
    notify(event.token, [code === 0 ? 0 : 1]);
  }

  function disconnect(): void {
    central = null;
    isIdentified = false;
    pieces = null;
  }

  function close(): void {
    abort.abort();
    const gone = central?.onGone;
    disconnect();
    gone?.();
  }

  return {
    name: device.deviceName,
    get token() {
      return token;
    },
    connect(onNotify, onGone) {
      if (central !== null) return null;
      central = { onNotify, onGone };
      return {
        write(data) {
          if (central === null) throw new Error('not connected');
          if (data.length > ATT_BYTES) throw new Error(`a write of ${data.length} bytes does not fit the MTU`);
          receive(data);
        },
        disconnect,
      };
    },
    close,
  };
}

/** Length and name, length and password. Null for lengths that lead beyond the end. */
function readNetwork(value: Uint8Array): { ssid: string; password: string } | null {
  const ssidBytes = value[0] ?? 0;
  const passwordBytes = value[1 + ssidBytes] ?? 0;
  if (ssidBytes === 0 || value.length !== ssidBytes + passwordBytes + 2) return null;
  if (ssidBytes > room.ssidBytes || passwordBytes > room.passwordBytes) return null;
  const text = (from: number, length: number) => new TextDecoder().decode(value.subarray(from, from + length));
  return { ssid: text(1, ssidBytes), password: text(2 + ssidBytes, passwordBytes) };
}
