import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { type AirNetwork, bytesOf, join, room, type SetupBoardOptions, sleepMs } from './board.ts';

/** What the SDK does between the steps. */
const REPLIES = 3;
const REPLY_EVERY_MS = 1000;
const BEFORE_STATION_MS = 3000;
const DATAGRAM_BYTES = 1023;
/** Of its own log it keeps the newest lines, each cut; asked for it, it sends them twice. */
const LOG_LINES = 10;
const LOG_LINE_BYTES = 126;
const LOG_REPLIES = 2;
const LOG_REPLY_EVERY_MS = 500;
const errors = {
  command: 'APP command error! (2, 201)',
  parameters: 'APP command error! (2, 204)',
  'wrong-password': 'WIFI AP STA error! (12, 202)',
  'network-not-found': 'WIFI AP STA error! (12, 201)',
} as const;

export interface SoftApBoard extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** setup: its network is up and it waits · busy: answering or joining · joined: its network is gone · ended: it listens no more. */
  readonly state: 'setup' | 'busy' | 'joined' | 'ended';
  readonly token: string | null;
}

interface Peer {
  address: string;
  port: number;
}

/**
 * A board in SoftAP mode: a UDP socket on the loopback where a real one has it at 192.168.4.1:8266. As the SDK does it, one message
 * is handled at a time, those that come meanwhile wait, the answer is sent three times, and a successful setup closes the socket. So
 * does asking for its log, which is given once, and not at all while it is empty.
 */
export async function startSoftApBoard(options: SetupBoardOptions & { port?: number }): Promise<SoftApBoard> {
  const { clock, device, fault, log = () => {} } = options;
  const socket = createSocket('udp4');
  const abort = new AbortController();
  const waiting: { datagram: Buffer; peer: Peer }[] = [];
  const ownLog: string[] = [];
  let state: SoftApBoard['state'] = 'setup';
  let token: string | null = null;
  let received = 0;
  let isClosed = false;

  function note(where: string, text: string): void {
    ownLog.push(cut(`${Math.round(clock.nowUs() / 1000)}|${where}: ${text}`, LOG_LINE_BYTES));
    if (ownLog.length > LOG_LINES) ownLog.shift();
    log(text);
  }

  function close(): void {
    if (isClosed) return;
    isClosed = true;
    socket.close();
  }

  function send(text: string, { address, port }: Peer): void {
    if (!isClosed) socket.send(text, port, address);
  }

  function sendError(text: string, peer: Peer, which = 'Current_Error'): void {
    send(`${JSON.stringify({ cmdType: 2, deviceReply: which, log: text })}\r\n`, peer);
  }

  socket.on('message', (datagram: Buffer, peer: RemoteInfo) => {
    received++;
    if (fault === 'no-reply') return;
    if (fault === 'lost-messages' && received <= 2) return;
    waiting.push({ datagram, peer });
    if (state === 'setup') void work();
  });

  async function work(): Promise<void> {
    state = 'busy';
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        if (await handle(next.datagram, next.peer)) return;
      }
      state = 'setup';
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    }
  }

  /** Whether the setup is over. */
  async function handle(datagram: Buffer, peer: Peer): Promise<boolean> {
    if (fault === 'old-error' && received === 1) sendError('MQTT connect error! (1, -103)', peer, 'Previous_Error');
    const body = datagram.length > DATAGRAM_BYTES ? null : parse(datagram.toString('utf8'));
    if (body === null) return refuse(errors.command, peer);
    if (body.cmdType === 3) return await giveLog(peer);
    if (body.cmdType !== 1) return refuse(errors.command, peer);
    const { ssid, password, token: given } = body;
    if (typeof ssid !== 'string' || typeof password !== 'string' || typeof given !== 'string') return refuse(errors.parameters, peer);
    if (bytesOf(ssid) > room.ssidBytes || bytesOf(password) > room.passwordBytes || bytesOf(given) > room.tokenBytes) {
      return refuse(errors.parameters, peer);
    }
    token = given;
    await answer(peer);
    if (fault === 'vanishes') return end();
    await sleepMs(clock, BEFORE_STATION_MS, abort.signal);
    return await station({ ssid, password }, peer);
  }

  function refuse(why: string, peer: Peer): false {
    sendError(why, peer);
    return false;
  }

  /** The SDK's task ends with it. */
  async function giveLog(peer: Peer): Promise<true> {
    const lines = ownLog.splice(0).map((line) => `${line}\r\n`);
    for (let count = 1; count <= LOG_REPLIES && lines.length > 0; count++) {
      send(lines.join(''), peer);
      await sleepMs(clock, LOG_REPLY_EVERY_MS, abort.signal);
    }
    return end();
  }

  function end(): true {
    state = 'ended';
    close();
    return true;
  }

  async function answer(peer: Peer): Promise<void> {
    // Over several lines, as the SDK prints it.
    const text = JSON.stringify({ cmdType: 2, ...device, protoVersion: '2.0' }, null, '\t');
    for (let count = 1; count <= REPLIES; count++) {
      const isFirst = count === 1;
      if (fault === 'malformed' && isFirst) send(text.slice(0, 30), peer);
      else if (!(fault === 'lost-messages' && isFirst)) send(text, peer);
      await sleepMs(clock, count < REPLIES ? REPLY_EVERY_MS : 0, abort.signal);
    }
  }

  async function station(network: AirNetwork, peer: Peer): Promise<boolean> {
    // The SDK keeps this line too, with the password in it.
    note('_app_handle_recv_data(160)', `SSID:${network.ssid}|PSW:${network.password}|TOKEN:${token ?? ''}`);
    const result = await join(options, network, abort.signal);
    if (result !== 'joined') {
      note('_app_handle_recv_data(164)', `wifi_sta_connect failed: ${result}`);
      return refuse(errors[result], peer);
    }
    state = 'joined';
    close();
    const code = await options.bind(token ?? '', abort.signal);
    note('qiot_device_bind(403)', code === 0 ? 'WIFI_MQTT_CONNECT_SUCCESS' : `WIFI_MQTT_CONNECT_FAILED: ${code}`);
    return true;
  }

  socket.bind(options.port ?? 0, '127.0.0.1');
  await once(socket, 'listening');
  const { address, port } = socket.address();
  return {
    address,
    port,
    get state() {
      return state;
    },
    get token() {
      return token;
    },
    async [Symbol.asyncDispose]() {
      abort.abort();
      close();
    },
  };
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Whole characters of at most `bytes` bytes. */
function cut(text: string, bytes: number): string {
  return new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, bytes), { stream: true });
}
