import { randomBytes, randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { createOpusDecoder } from '../../audio/opus.ts';
import { readAudioParameters } from '../../gateways/tuya/audio-stream.ts';
import { channelsFor, encodeChannels } from '../../gateways/tuya/channels.ts';
import { describePacket } from '../../gateways/tuya/describe.ts';
import { objectOf, writeUserData } from '../../gateways/tuya/user-data.ts';
import { attribute, attributeIds as ids, numberOf, textOf, type WireVersion } from '../../gateways/tuya/wire/attributes.ts';
import { FrameSplitter } from '../../gateways/tuya/wire/frames.ts';
import { decodeChunk, decodeEvent } from '../../gateways/tuya/wire/heads.ts';
import { type LinkKeys, TuyaLink } from '../../gateways/tuya/wire/link.ts';
import { clientTypes, eventTypes, packetTypes, statuses } from '../../gateways/tuya/wire/numbers.ts';
import { type Packet, packet } from '../../gateways/tuya/wire/packet.ts';
import { deriveKey, type SecurityLevel, type SignLevel, securityLevels } from '../../gateways/tuya/wire/security.ts';
import { sentChannels, TuyaDeviceSession } from './device-session.ts';
import { openSocket, refused } from './device-socket.ts';
import { DownCheck } from './down-check.ts';
import { HeardTurns } from './heard-turns.ts';

export interface TuyaDeviceOptions {
  clock: Clock;
  host: string;
  port: number;
  /** The bench's authority; without it a TLS client that verifies nothing, as agentic-kit's without a bundle. */
  tls?: { ca?: string };
  deviceId: string;
  localKey: Uint8Array;
  version?: WireVersion;
  /** V1: its encryption. */
  level?: SecurityLevel;
  /** V2.1: how it signs. */
  signLevel?: SignLevel;
  isApp?: boolean;
  maxFragmentBytes?: number;
  /** Every message both ways but sound. */
  onStep?: (step: { direction: 'up' | 'down'; name: string; text: string }) => void;
  /** Every packet both ways: what the device's debug port mirrors. */
  onPacket?: (direction: 'up' | 'down', version: WireVersion, one: Packet) => void;
}

export interface TuyaSessionOptions {
  agentToken?: string;
  /** What it orders: `tts.order.supports`. */
  audio?: 'pcm' | 'opus' | 'mp3';
  attributes?: Record<string, unknown>;
  /** Ids 101 … 109 on the way up. */
  isReused?: boolean;
  /** Moves its channels, so that two sessions of a connection have their own. */
  firstId?: number;
}

const CONNECT_TIMEOUT_US = 10_000_000;

/** A Tuya device or app in software: the far end of the AI channel, strict about what it is sent. */
export class TuyaDevice {
  readonly clock: Clock;
  readonly version: WireVersion;
  readonly isApp: boolean;
  readonly eventHead: 2 | 4;
  readonly check: DownCheck;
  readonly #options: TuyaDeviceOptions;
  readonly #socket: Socket;
  readonly #link: TuyaLink;
  readonly #sessions = new Map<string, TuyaDeviceSession>();
  readonly #stateChanges: { sessionId: string; state: number }[] = [];
  readonly #ended = Promise.withResolvers<number | null>();
  readonly #authorised = Promise.withResolvers<void>();
  readonly #refused = new Set<string>();
  readonly #waiting = new Set<() => void>();
  connectionId = '';
  pongs = 0;
  isClosed = false;
  /** The cloud's reason, where it gave one. */
  closeCode: number | null = null;

  private constructor(options: TuyaDeviceOptions, socket: Socket) {
    this.#options = options;
    this.clock = options.clock;
    this.version = options.version ?? 2;
    this.isApp = options.isApp ?? false;
    this.eventHead = this.version === 1 ? 4 : 2;
    const maxFragmentBytes = options.maxFragmentBytes ?? (this.version === 1 ? 8192 : 4096);
    this.check = new DownCheck(maxFragmentBytes);
    this.#socket = socket;
    const frames = new FrameSplitter(66 * 1024);
    this.#link = new TuyaLink('client', {
      write: (frame) => void socket.write(frame),
      onPacket: (received) => this.#receive(received),
      ...{ maxFrameBytes: 66 * 1024, maxPacketBytes: 32_000, maxSentFrameBytes: maxFragmentBytes },
    });
    socket.on('data', (bytes) => {
      try {
        for (const frame of frames.push(bytes)) this.check.frame(frame);
        this.#link.receive(bytes);
      } catch (error) {
        const { reason, what } = error instanceof TalkError ? error.value.data : { reason: String(error), what: '' };
        this.check.violations.push(`${String(what)}: ${String(reason)}`);
        socket.destroy();
      }
    });
    this.#authorised.promise.catch(() => {});
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
  }

  /** Rejects with TalkError 'talk/refused' {stage: 'tuya', reason}. */
  static async connect(options: TuyaDeviceOptions): Promise<TuyaDevice> {
    const socket = await openSocket(options);
    const device = new TuyaDevice(options, socket);
    const cancel = options.clock.at((options.clock.nowUs() + CONNECT_TIMEOUT_US) as MonoUs, () => socket.destroy());
    device.#hello();
    await device.#authorised.promise.finally(cancel);
    return device;
  }

  get violations(): readonly string[] {
    return this.check.violations;
  }

  get stateChanges(): readonly { sessionId: string; state: number }[] {
    return this.#stateChanges;
  }

  /** Resolves with the cloud's close code, null where the connection just ended. */
  get ended(): Promise<number | null> {
    return this.#ended.promise;
  }

  wallMs(): number {
    return this.clock.wallMs();
  }

  /** Sends SessionNew and does not wait: the cloud answers only where it refuses (§4). */
  openSession(options: TuyaSessionOptions = {}): TuyaDeviceSession {
    const sessionId = randomUUID();
    const { firstId = 0, isReused = false, audio = 'pcm' } = options;
    const given = channelsFor(sentChannels, ['audio', 'text'], isReused);
    const channels = {
      sendIds: given.sendIds.map((id) => id + (isReused ? 0 : firstId)),
      receiveIds: given.receiveIds.map((id) => id + firstId),
    };
    const session = {
      'tts.order.supports': [{ format: audio, container: '', sampleRate: 16000, bitDepth: 16, channels: 1 }],
      ...options.attributes,
    };
    const turns = new HeardTurns(channels.receiveIds);
    const opened = new TuyaDeviceSession(this, sessionId, channels.sendIds, turns);
    this.#sessions.set(sessionId, opened);
    const attributes = [
      attribute(ids.bizCode, 65537),
      attribute(ids.bizTag, 119),
      attribute(ids.sessionId, sessionId),
      ...(options.agentToken === undefined ? [] : [attribute(ids.agentToken, options.agentToken)]),
      ...writeUserData(this.version, { session }),
    ];
    this.send(packet(packetTypes.sessionNew, attributes, encodeChannels(channels)));
    return opened;
  }

  isRefused(session: TuyaDeviceSession): boolean {
    return this.#refused.has(session.sessionId);
  }

  ping(): void {
    this.send(packet(packetTypes.ping, [attribute(ids.clientTs, this.wallMs())]));
  }

  refresh(): void {
    this.send(packet(packetTypes.refreshReq, [attribute(ids.connectionId, this.connectionId)]));
  }

  /** Resolves when `isTrue`, looked at with every packet and at the end. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue() && !this.isClosed) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  send(up: Packet): void {
    if (this.isClosed) return;
    if (up.type !== packetTypes.audio || up.attributes.length > 0) this.#step('up', up);
    this.#options.onPacket?.('up', this.version, up);
    this.#link.send(up);
  }

  /** Bytes as they stand, for tests of what a broken device sends. */
  sendRaw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  #hello(): void {
    const { deviceId, localKey, level = securityLevels.aesGcm, signLevel = 2, maxFragmentBytes } = this.#options;
    const first = [attribute(ids.clientType, this.isApp ? clientTypes.app : clientTypes.device), attribute(ids.clientId, deviceId)];
    const random = () => randomBytes(16).toString('hex');
    const salt = random();
    const signSalt = random();
    const keys: LinkKeys =
      this.version === 1
        ? { version: 1, cryptKey: deriveKey(localKey, Buffer.from(salt)), signKey: deriveKey(localKey, Buffer.from(signSalt)), level }
        : { version: 2, key: deriveKey(localKey, Buffer.from(salt)), level: signLevel };
    this.#link.secure(keys);
    const suit =
      this.version === 1
        ? [attribute(18, ''), attribute(19, ''), attribute(ids.encryptRandom, salt), attribute(ids.signRandom, signSalt)]
        : [attribute(ids.securitySuit, Buffer.concat([Uint8Array.of(signLevel), Buffer.from(salt)]))];
    const hello = packet(packetTypes.clientHello, [
      ...first,
      ...suit,
      attribute(ids.maxFragmentLength, maxFragmentBytes ?? (this.version === 1 ? 8192 : 4096)),
      attribute(ids.pingIntervalMs, 60_000),
    ]);
    this.#step('up', hello);
    this.#link.sendHello(hello);
    if (this.version === 1) this.send(packet(packetTypes.authReq, [attribute(ids.username, deviceId), attribute(ids.password, random())]));
  }

  #receive(down: Packet): void {
    this.check.packet(this.version, down);
    this.#options.onPacket?.('down', this.version, down);
    const { type, attributes, payload } = down;
    const isSound = type === packetTypes.audio && attributes.length === 0;
    if (!isSound && type !== packetTypes.pong) this.#step('down', down);
    switch (type) {
      case packetTypes.authResp:
        if (numberOf(attributes, ids.connectStatus) === statuses.ok && textOf(attributes, ids.connectionId)) {
          this.connectionId = textOf(attributes, ids.connectionId) ?? '';
          this.#authorised.resolve();
        } else this.#authorised.reject(refused(`status ${numberOf(attributes, ids.connectStatus) ?? 0}`));
        break;
      case packetTypes.pong:
        this.pongs += 1;
        this.check.caughtUp();
        break;
      case packetTypes.connectionClose:
        this.closeCode = numberOf(attributes, ids.closeCode) ?? null;
        this.#socket.end();
        break;
      case packetTypes.sessionNew:
        if ((numberOf(attributes, ids.sessionStatus) ?? 0) !== 0) this.#refused.add(textOf(attributes, ids.sessionId) ?? '');
        break;
      case packetTypes.sessionClose:
        this.#sessions.get(textOf(attributes, ids.sessionId) ?? '')?.turns.close();
        break;
      case packetTypes.sessionStateChange:
        this.#stateChanges.push({ sessionId: textOf(attributes, ids.sessionId) ?? '', state: numberOf(attributes, ids.sessionState) ?? 0 });
        break;
      case packetTypes.event: {
        const event = decodeEvent(this.version, payload);
        const session = this.#sessions.get(textOf(attributes, ids.sessionId) ?? '');
        if (event.type === eventTypes.mcp) this.onMcp?.(objectOf(Buffer.from(event.data).toString('utf8')), session);
        else session?.turns.event(event.type, textOf(attributes, ids.eventId) ?? '');
        break;
      }
      case packetTypes.text:
      case packetTypes.audio: {
        const chunk = decodeChunk(this.version, type, payload);
        for (const { turns } of this.#sessions.values()) {
          if (!turns.takes(chunk.dataId)) continue;
          if (type === packetTypes.text) turns.text(objectOf(Buffer.from(chunk.data).toString('utf8')));
          else turns.sound(chunk, readAudioParameters(attributes), this.#decoder);
        }
        break;
      }
      default:
    }
    this.#wake();
  }

  /** The cloud asks for a tool. */
  onMcp: ((message: Record<string, unknown>, session: TuyaDeviceSession | undefined) => void) | null = null;

  #opus: ReturnType<typeof createOpusDecoder> | null = null;
  readonly #decoder = (data: Uint8Array): Int16Array => {
    this.#opus ??= createOpusDecoder({ sampleRate: 16000, channels: 1 });
    return this.#opus.decode(data);
  };

  #step(direction: 'up' | 'down', one: Packet): void {
    const { name, text } = describePacket(this.version, one);
    this.#options.onStep?.({ direction, name, text });
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #closed(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#authorised.reject(refused(this.closeCode === null ? 'closed' : `closed with ${this.closeCode}`));
    for (const { turns } of this.#sessions.values()) turns.close();
    this.#opus?.close();
    this.#wake();
    this.#ended.resolve(this.closeCode);
  }
}
