import { createSocket, type Socket } from 'node:dgram';
import mqtt, { type MqttClient } from 'mqtt';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { parseObject } from '../../gateways/twetalk/board-text.ts';
import { openPacket, readUdpHeader, sealPacket } from '../../gateways/xiaozhi/packets.ts';
import { asObject } from '../../json-object.ts';
import { type BoardLink, HELLO_TIMEOUT_US, type LinkEvents, readServerHello, type ServerHello } from './link.ts';

/** As the OTA answer gives it. */
export interface MqttSection {
  endpoint: string;
  client_id: string;
  username: string;
  password: string;
  publish_topic: string;
}

export interface MqttLinkOptions extends LinkEvents {
  clock: Clock;
  mqtt: MqttSection;
  hello: Record<string, unknown>;
}

interface AudioChannel {
  socket: Socket;
  key: Uint8Array;
  ssrc: number;
  flags: number;
  sent: number;
  received: number;
}

/** The audio channel over MQTT and UDP (reference/voice.md §4.6): the connection stays, each hello opens a session. Subscribes to nothing. */
export function createMqttLink(options: MqttLinkOptions): BoardLink {
  const { clock, onViolation } = options;
  let client: MqttClient | null = null;
  let audio: AudioChannel | null = null;
  let sessionId = '';
  let awaited: ((message: Record<string, unknown>) => void) | null = null;

  async function connect(): Promise<MqttClient> {
    const { endpoint, client_id: clientId, username, password } = options.mqtt;
    const url = `mqtt://${endpoint.includes(':') ? endpoint : `${endpoint}:8883`}`;
    const connected = await mqtt
      .connectAsync(url, { clientId, username, password, protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 10_000 }, false)
      .catch((error: Error & { code?: unknown }) => {
        throw new TalkError('talk/refused', { stage: 'mqtt', reason: String(error.code ?? error.message) });
      });
    connected.on('message', (_topic, payload) => receive(payload.toString('utf8')));
    connected.on('error', () => {});
    connected.on('close', () => {
      if (client === connected) client = null;
      if (audio !== null) closed('the broker closed the connection');
    });
    return connected;
  }

  function receive(text: string): void {
    const message = parseObject(text);
    if (message === null) onViolation('an MQTT message that is no JSON object');
    else if (message.type === 'hello') awaited?.(message);
    else if (message.type === 'goodbye') {
      // One of another session is not for this one.
      if (audio !== null && (message.session_id === undefined || message.session_id === sessionId)) closed('goodbye');
    } else options.onMessage(message);
  }

  function closed(reason: string): void {
    audio?.socket.close();
    audio = null;
    options.onClosed(reason);
  }

  async function open(): Promise<ServerHello> {
    client ??= await connect();
    const answer = new Promise<{ hello: ServerHello; udp: ReturnType<typeof readUdp> }>((resolve, reject) => {
      const cancel = clock.at((clock.nowUs() + HELLO_TIMEOUT_US) as MonoUs, () => {
        reject(new TalkError('talk/refused', { stage: 'hello', reason: 'no hello' }));
      });
      awaited = (message) => {
        const hello = readServerHello(message, 'udp', onViolation);
        const udp = readUdp(message, onViolation);
        if (hello === null || udp === null) return;
        cancel();
        resolve({ hello, udp });
      };
    });
    publish(options.hello);
    const { hello, udp } = await answer.finally(() => {
      awaited = null;
    });
    if (udp === null) throw new TalkError('talk/refused', { stage: 'hello', reason: 'no UDP' });
    sessionId = hello.sessionId;
    const socket = createSocket(udp.server.includes(':') ? 'udp6' : 'udp4');
    socket.on('error', () => {});
    const channel: AudioChannel = { socket, key: udp.key, ssrc: udp.ssrc, flags: udp.flags, sent: 0, received: 0 };
    socket.on('message', (datagram) => packet(channel, datagram));
    await new Promise<void>((resolve) => socket.connect(udp.port, udp.server, () => resolve()));
    audio = channel;
    return hello;
  }

  function packet(channel: AudioChannel, datagram: Uint8Array): void {
    const header = readUdpHeader(datagram);
    if (header === null) onViolation('a datagram of another length than it says');
    else if (header.sequence <= channel.received) onViolation(`a datagram out of order: ${header.sequence} after ${channel.received}`);
    else {
      channel.received = header.sequence;
      options.onAudio(openPacket(channel.key, datagram), header.timestampMs);
    }
  }

  function publish(message: Record<string, unknown>): void {
    client?.publish(options.mqtt.publish_topic, JSON.stringify(message), { qos: 0 });
  }

  return {
    transport: 'udp',
    get isOpen() {
      return audio !== null;
    },
    open,
    send: (message) => publish({ session_id: sessionId, ...message }),
    sendAudio(bytes, timestampMs = 0) {
      if (audio === null) return;
      const { key, ssrc, flags, socket } = audio;
      socket.send(sealPacket(key, { flags, ssrc, timestampMs, sequence: ++audio.sent }, bytes));
    },
    closeChannel() {
      if (audio === null) return;
      publish({ session_id: sessionId, type: 'goodbye' });
      closed('goodbye');
    },
    async close() {
      audio?.socket.close();
      audio = null;
      const closing = client;
      client = null;
      await closing?.endAsync(false);
    },
  };
}

/** Null, and a hello that is waited for in vain, where a length is wrong. */
function readUdp(
  message: Record<string, unknown>,
  onViolation: (what: string) => void,
): { server: string; port: number; key: Uint8Array; ssrc: number; flags: number } | null {
  const udp = asObject(message.udp);
  const [key, nonce] = [udp?.key, udp?.nonce].map((hex) => Buffer.from(typeof hex === 'string' ? hex : '', 'hex'));
  if (typeof udp?.server !== 'string' || typeof udp.port !== 'number' || key?.length !== 16 || nonce?.length !== 16) {
    onViolation('a hello whose udp section cannot be read: ignored');
    return null;
  }
  return { server: udp.server, port: udp.port, key, ssrc: nonce.readUInt32BE(4), flags: nonce[1] ?? 0 };
}
