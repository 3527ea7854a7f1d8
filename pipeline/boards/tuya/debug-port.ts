import { createServer, type Socket } from 'node:net';
import type { ListenerState } from '../../../preload/contract/core.ts';
import { listen } from '../../gateways/listen.ts';
import { type DebugDirection, DebugFrames, debugDirections, encodeDebugFrame } from '../../gateways/tuya/debug-frames.ts';
import { attribute, bytesOf, attributeIds as ids, numberOf, type WireVersion } from '../../gateways/tuya/wire/attributes.ts';
import { decodeEvent, encodeEvent } from '../../gateways/tuya/wire/heads.ts';
import { eventTypes, packetTypes } from '../../gateways/tuya/wire/numbers.ts';
import { type Packet, packet } from '../../gateways/tuya/wire/packet.ts';

const MOST_CLIENTS = 3;
/** The device signs what it mirrors with a key of its own. */
const SIGN_KEY = new Uint8Array(32);

export interface VirtualDebugPort {
  readonly listener: ListenerState;
  readonly clients: number;
  /** To every client that subscribed to packets of its type. */
  mirror(direction: DebugDirection, version: WireVersion, one: Packet): void;
  /** Bytes that a broken device would send. */
  sendRaw(bytes: Uint8Array): void;
  close(): Promise<void>;
}

/** The debug port of a virtual device: three clients at most, and each gets what it asked for. */
export async function openDebugPort(host: string, port: number): Promise<VirtualDebugPort> {
  const clients = new Map<Socket, { filter: bigint; sequence: number }>();

  function send(socket: Socket, client: { sequence: number }, direction: DebugDirection, version: WireVersion, one: Packet): void {
    client.sequence = client.sequence >= 0xffff ? 1 : client.sequence + 1;
    socket.write(encodeDebugFrame(direction, client.sequence, { version, packet: one }, SIGN_KEY));
  }

  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    if (clients.size >= MOST_CLIENTS) {
      socket.destroy();
      return;
    }
    const client = { filter: 0n, sequence: 0 };
    clients.set(socket, client);
    socket.on('close', () => clients.delete(socket));
    const frames = new DebugFrames('tool');
    socket.on('data', (bytes) => {
      for (const { packet: one } of frames.push(bytes)) {
        if (one.type === packetTypes.ping) {
          send(
            socket,
            client,
            debugDirections.tool,
            1,
            packet(packetTypes.pong, [attribute(ids.clientTs, numberOf(one.attributes, ids.clientTs) ?? 0)]),
          );
        } else if (one.type === packetTypes.event && decodeEvent(1, one.payload).type === eventTypes.monitorFilter) {
          client.filter = (bytesOf(one.attributes, ids.userData) ?? new Uint8Array(0)).reduce(
            (bits, byte) => bits * 256n + BigInt(byte),
            0n,
          );
          const same = one.attributes.filter(({ id }) => id === ids.sessionId || id === ids.eventId);
          send(
            socket,
            client,
            debugDirections.tool,
            1,
            packet(packetTypes.event, same, encodeEvent(4, eventTypes.monitorFilter, new Uint8Array(4))),
          );
        }
      }
    });
  });
  const listener = await listen(server, 'tuya-debug', host, port);
  return {
    listener,
    get clients() {
      return clients.size;
    },
    mirror(direction, version, one) {
      for (const [socket, client] of clients) {
        if ((client.filter & (1n << BigInt(one.type))) !== 0n) send(socket, client, direction, version, one);
      }
    },
    sendRaw(bytes) {
      for (const socket of clients.keys()) socket.write(bytes);
    },
    close() {
      for (const socket of clients.keys()) socket.destroy();
      return new Promise((resolve) => (server.listening ? server.close(() => resolve()) : resolve()));
    },
  };
}
