import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { TelnetDecoder } from '../../main/core/devices/telnet.ts';

const IAC = 255;
const WILL = 251;
const WONT = 252;
const DO = 253;
const DONT = 254;
const COM_PORT = 44;

export interface Rfc2217Server {
  readonly port: number;
  /** Settings and line moves in the order they came: 'baud 115200', 'dtr on', 'purge 1', … */
  readonly log: string[];
  /** Data received, unescaped. */
  received(): Buffer;
  receivedBytes(count: number): Promise<Buffer>;
  /** Raw bytes to the client, telnet and all. */
  sendRaw(bytes: readonly number[]): void;
  /** Faults the protocol forbids: a setting before COM-PORT was agreed, a command outside COM-PORT, an endless negotiation. */
  readonly faults: string[];
  hangUp(): void;
  close(): Promise<void>;
}

/** A strict RFC 2217 access server for one client at a time. `refuse`: an ordinary telnet server without COM-PORT-OPTION. */
export async function startRfc2217Server(
  options: { refuse?: boolean; highestBaudRate?: number; isMuteOnControl?: boolean } = {},
): Promise<Rfc2217Server> {
  const log: string[] = [];
  const faults: string[] = [];
  let client: Socket | null = null;
  let data = Buffer.alloc(0);
  let wake: () => void = () => {};

  const server = createServer((socket) => {
    client = socket;
    const decoder = new TelnetDecoder();
    const answered = new Map<string, number>();
    let isAgreed = false;
    socket.on('error', () => {});
    const say = (...bytes: number[]) => socket.write(Uint8Array.from(bytes));
    const acknowledge = (command: number, value: readonly number[]) =>
      say(IAC, 250, COM_PORT, command + 100, ...value.flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte])), IAC, 240);

    socket.on('data', (chunk) => {
      for (const item of decoder.push(chunk)) {
        if (item.kind === 'data') {
          data = Buffer.concat([data, item.bytes]);
          wake();
        } else if (item.kind === 'negotiate') {
          const key = `${item.verb} ${item.option}`;
          answered.set(key, (answered.get(key) ?? 0) + 1);
          if ((answered.get(key) ?? 0) > 2) faults.push(`endless negotiation ${key}`);
          if (item.option === COM_PORT && item.verb === WILL) {
            isAgreed = !options.refuse;
            say(IAC, options.refuse ? DONT : DO, COM_PORT);
          } else if (item.verb === WILL) say(IAC, DO, item.option);
          else if (item.verb === DO) say(IAC, item.option === 0 || item.option === 3 ? WILL : WONT, item.option);
        } else setting(item.bytes);
      }
    });

    function setting(bytes: Uint8Array): void {
      const [option, command = 0, ...value] = bytes;
      if (option !== COM_PORT) faults.push(`subnegotiation of ${option}`);
      if (!isAgreed) faults.push('setting before COM-PORT was agreed');
      if (command === 1) {
        const asked = Buffer.from(value).readUInt32BE();
        const given = Math.min(asked, options.highestBaudRate ?? asked);
        log.push(`baud ${given}`);
        const answer = Buffer.alloc(4);
        answer.writeUInt32BE(given);
        acknowledge(command, [...answer]);
        return;
      }
      const names: Record<number, string> = { 2: 'data', 3: 'parity', 4: 'stop', 12: 'purge' };
      const lines: Record<number, string> = { 8: 'dtr on', 9: 'dtr off', 11: 'rts on', 12: 'rts off' };
      if (command === 5) log.push(lines[value[0] ?? 0] ?? `control ${value[0]}`);
      else log.push(`${names[command] ?? `command ${command}`} ${value[0]}`);
      if (!(command === 5 && options.isMuteOnControl)) acknowledge(command, value);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');

  return {
    port: address.port,
    log,
    faults,
    received: () => data,
    async receivedBytes(count) {
      while (data.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return data;
    },
    sendRaw: (bytes) => void client?.write(Uint8Array.from(bytes)),
    hangUp: () => client?.destroy(),
    async close() {
      client?.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
