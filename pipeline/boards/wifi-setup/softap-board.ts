import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { type AirNetwork, join, type SetupBoardOptions, sleepMs } from './board.ts';

/** What the SDK does between the steps. */
const REPLIES = 3;
const REPLY_EVERY_MS = 1000;
const BEFORE_STATION_MS = 3000;
const DATAGRAM_BYTES = 1024;
const errors = {
  command: 'APP command error! (2, 201)',
  parameters: 'APP command error! (2, 204)',
  'wrong-password': 'WIFI AP STA error! (12, 202)',
  'network-not-found': 'WIFI AP STA error! (12, 201)',
} as const;

export interface SoftApBoard extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** setup: its network is up and it waits · busy: answering or joining · joined: its network is gone. */
  readonly state: 'setup' | 'busy' | 'joined';
  readonly token: string | null;
}

interface Peer {
  address: string;
  port: number;
}

/**
 * A board in SoftAP mode: a UDP socket on the loopback where a real one has it at 192.168.4.1:8266. As the SDK does it, one message
 * is handled at a time, those that come meanwhile wait, the answer is sent three times, and a successful setup closes the socket.
 */
export async function startSoftApBoard(options: SetupBoardOptions & { port?: number }): Promise<SoftApBoard> {
  const { clock, device, fault, log = () => {} } = options;
  const socket = createSocket('udp4');
  const abort = new AbortController();
  const waiting: { text: string; peer: Peer }[] = [];
  const ownLog: string[] = [];
  let state: SoftApBoard['state'] = 'setup';
  let token: string | null = null;
  let received = 0;
  let isClosed = false;

  function note(where: string, text: string): void {
    ownLog.push(`${Math.round(clock.nowUs() / 1000)}|${where}: ${text}`);
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
    waiting.push({ text: datagram.toString('utf8'), peer });
    if (state === 'setup') void work();
  });

  async function work(): Promise<void> {
    state = 'busy';
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        if (await handle(next.text, next.peer)) return;
      }
      state = 'setup';
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    }
  }

  /** Whether the setup is over. */
  async function handle(text: string, peer: Peer): Promise<boolean> {
    if (fault === 'old-error' && received === 1) sendError('MQTT connect error! (1, -103)', peer, 'Previous_Error');
    const body = parse(text);
    if (body === null || text.length >= DATAGRAM_BYTES) return refuse(errors.command, peer);
    if (body.cmdType === 3) {
      send(`${ownLog.join('\r\n')}\r\n`, peer);
      return false;
    }
    if (body.cmdType !== 1) return refuse(errors.command, peer);
    const { ssid, password, token: given } = body;
    if (typeof ssid !== 'string' || typeof password !== 'string' || typeof given !== 'string') return refuse(errors.parameters, peer);
    token = given;
    await answer(peer);
    await sleepMs(clock, BEFORE_STATION_MS, abort.signal);
    return await station({ ssid, password }, peer);
  }

  function refuse(why: string, peer: Peer): false {
    sendError(why, peer);
    return false;
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
    const code = await options.bind(token ?? '');
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
