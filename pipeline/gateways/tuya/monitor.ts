import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { TuyaMonitor as MonitorRecord } from '../../../preload/contract/cloud/tuya.ts';
import { isTalkError, TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Observer } from '../../observer.ts';
import { AudioStream, readAudioParameters } from './audio-stream.ts';
import { chunkOf, DEBUG_PORT, DebugFrames, type DebugPacket, debugChannels, debugDirections, encodeDebugFrame } from './debug-frames.ts';
import { describePacket } from './describe.ts';
import { attribute, attributeIds as ids, numberOf } from './wire/attributes.ts';
import { Gathered } from './wire/gathered.ts';
import { encodeEvent } from './wire/heads.ts';
import { audioCodecs, eventTypes, packetTypes, streamFlags } from './wire/numbers.ts';
import { packet } from './wire/packet.ts';

const CONNECT_TIMEOUT_US = 5_000_000;
const PING_US = 30_000_000;
/** Of each channel: ten minutes of 16 kHz mono. What is over is told, not kept. */
const BYTES_PER_SECOND = 32_000;
const MOST_BYTES = 10 * 60 * BYTES_PER_SECOND;
const MOST_CHANNELS = 16;
/** Everything a device mirrors: media, text, events (30–35) and its log (60). */
const EVERYTHING = [30, 31, 32, 33, 34, 35, 60].reduce((bits, type) => bits | (1n << BigInt(type)), 0n);

export interface MonitorOptions {
  clock: Clock;
  observer: Observer;
  /** `host` or `host:port`; 5055 unless said. */
  address: string;
  onChange: () => void;
}

interface Recording {
  /** PCM, two bytes a sample. */
  pcm: Gathered;
  stream: AudioStream | null;
}

/**
 * A client of a device's debug port (reference/tuya.md §7): subscribes to everything, tells each packet of both directions as a message
 * of gateway 'tuya-monitor', and keeps the sound of every channel.
 */
export class DebugMonitor {
  readonly id = randomUUID();
  readonly #options: MonitorOptions;
  readonly #socket: Socket;
  readonly #frames = new DebugFrames('device');
  readonly #recordings = new Map<string, Recording>();
  #state: MonitorRecord['state'] = 'connecting';
  #reason: string | null = null;
  #packets = 0;
  #sequence = 0;
  #cancelPing: (() => void) | null = null;
  #undecodable = new Set<string>();

  private constructor(options: MonitorOptions, socket: Socket) {
    this.#options = options;
    this.#socket = socket;
    socket.on('data', (bytes) => {
      // What was read with it still comes after the device was left.
      for (const one of this.#frames.push(bytes)) if (this.#state !== 'closed') this.#receive(one);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#reason ??= error.code ?? 'failed';
      socket.destroy();
    });
    socket.on('close', () => this.#closed());
  }

  /** Rejects with TalkError 'tuya/no-debug-port' {address, reason}, or 'bad-request' for what is no address. */
  static async connect(options: MonitorOptions): Promise<DebugMonitor> {
    const { host, port } = parseAddress(options.address);
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      const fail = (reason: string) => {
        cancel();
        socket.destroy();
        reject(new TalkError('tuya/no-debug-port', { address: `${host}:${port}`, reason }, { retryable: true }));
      };
      const cancel = options.clock.at((options.clock.nowUs() + CONNECT_TIMEOUT_US) as MonoUs, () => fail('timeout'));
      const onError = (error: NodeJS.ErrnoException) => fail(error.code ?? 'connection failed');
      socket.once('error', onError);
      socket.once('connect', () => {
        cancel();
        socket.off('error', onError);
        const monitor = new DebugMonitor(options, socket);
        monitor.#subscribe();
        resolve(monitor);
      });
    });
  }

  get record(): MonitorRecord {
    return {
      id: this.id,
      address: this.#options.address,
      state: this.#state,
      reason: this.#reason,
      packets: this.#packets,
      audioSeconds: Object.fromEntries([...this.#recordings].map(([channel, { pcm }]) => [channel, pcm.length / BYTES_PER_SECOND])),
    };
  }

  get packets(): number {
    return this.#packets;
  }

  /** Bytes that were no frame. */
  get skippedBytes(): number {
    return this.#frames.skippedBytes;
  }

  /** 16 kHz mono of each channel: up, down, mic, reference, aec. */
  recordings(): { channel: string; pcm: Int16Array }[] {
    return [...this.#recordings].map(([channel, { pcm }]) => ({ channel, pcm: new Int16Array(pcm.copy().buffer) }));
  }

  close(): void {
    this.#reason ??= 'stopped';
    this.#socket.destroy();
  }

  #subscribe(): void {
    const filter = Buffer.alloc(8);
    filter.writeBigUInt64BE(EVERYTHING);
    const attributes = [
      attribute(ids.sessionId, randomUUID()),
      attribute(ids.eventId, randomUUID()),
      attribute(ids.userData, Uint8Array.from(filter)),
    ];
    this.#send(packet(packetTypes.event, attributes, encodeEvent(4, eventTypes.monitorFilter)));
    this.#pingLater();
  }

  #pingLater(): void {
    this.#cancelPing = this.#options.clock.at((this.#options.clock.nowUs() + PING_US) as MonoUs, () => {
      this.#send(packet(packetTypes.ping, [attribute(ids.clientTs, this.#options.clock.wallMs())]));
      this.#pingLater();
    });
  }

  #send(one: DebugPacket['packet']): void {
    this.#sequence = this.#sequence >= 0xffff ? 1 : this.#sequence + 1;
    this.#socket.write(encodeDebugFrame(debugDirections.tool, this.#sequence, { version: 1, packet: one }, null));
  }

  #receive(one: DebugPacket): void {
    const { type, attributes } = one.packet;
    if (this.#state === 'connecting') {
      this.#state = 'connected';
      this.#options.onChange();
    }
    if (type === packetTypes.pong) return;
    if (type === packetTypes.ping) {
      this.#send(packet(packetTypes.pong, [attribute(ids.clientTs, numberOf(attributes, ids.clientTs) ?? 0)]));
      return;
    }
    this.#packets += 1;
    const chunk = type === packetTypes.audio ? chunkOf(one) : null;
    if (chunk !== null) this.#sound(one, chunk);
    // Sound is kept beside: a message of each packet of it would drown the others.
    if (chunk === null || (chunk.flag !== streamFlags.ing && !debugChannels.has(chunk.dataId))) this.#tell(one);
    if (this.#packets % 50 === 1) this.#options.onChange();
  }

  #sound(one: DebugPacket, chunk: NonNullable<ReturnType<typeof chunkOf>>): void {
    const channel = debugChannels.get(chunk.dataId) ?? (one.direction === debugDirections.down ? 'down' : 'up');
    let recording = this.#recordings.get(channel);
    if (recording === undefined) {
      if (this.#recordings.size >= MOST_CHANNELS) return;
      recording = { pcm: new Gathered(), stream: null };
      this.#recordings.set(channel, recording);
    }
    try {
      if (chunk.flag === streamFlags.start || chunk.flag === streamFlags.one || recording.stream === null) {
        recording.stream?.close();
        recording.stream = null;
        // A device's own microphone channels say nothing of their sound: they are PCM of 16 kHz.
        const plain = { codec: audioCodecs.pcm, channels: 1, bitDepth: 16, sampleRate: 16000, frameBytes: 0 };
        recording.stream = new AudioStream(readAudioParameters(one.packet.attributes) ?? plain);
      }
      if (chunk.data.length === 0 || recording.pcm.length >= MOST_BYTES) return;
      recording.pcm.push(recording.stream.decode(chunk.data));
    } catch (error) {
      if (!isTalkError(error)) throw error;
      const what = String(error.value.data.feature ?? error.code);
      if (!this.#undecodable.has(`${channel} ${what}`)) this.#tell(one, `not decoded: ${what}`);
      this.#undecodable.add(`${channel} ${what}`);
    }
  }

  #tell({ version, direction, packet: one }: DebugPacket, note?: string): void {
    const { observer, clock, address } = this.#options;
    const described = describePacket(version, one);
    observer.event({
      atUs: clock.nowUs(),
      kind: 'wire.message',
      gateway: 'tuya-monitor',
      channel: 'tcp',
      direction: direction === debugDirections.down ? 'down' : 'up',
      deviceId: address,
      ...described,
      ...(one.type === packetTypes.deviceLog && { text: Buffer.from(one.payload).toString('utf8').slice(0, 4096) }),
      ...(note !== undefined && { note }),
    });
  }

  #closed(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#reason ??= 'closed by the device';
    this.#cancelPing?.();
    for (const { stream } of this.#recordings.values()) stream?.close();
    this.#options.onChange();
  }
}

/** Throws TalkError 'bad-request' for what is no address. */
function parseAddress(address: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+)|([0-9a-f:]{3,}))(?::(\d{1,5}))?$/iu.exec(address.trim());
  const host = match?.[1] ?? match?.[2] ?? match?.[3];
  const port = Number(match?.[4] ?? DEBUG_PORT);
  if (host === undefined || port < 1 || port > 65535) {
    throw new TalkError('bad-request', { issues: [{ path: 'address', message: 'want HOST or HOST:PORT' }] });
  }
  return { host, port };
}
