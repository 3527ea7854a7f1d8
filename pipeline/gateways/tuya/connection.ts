import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TuyaConnection as ConnectionRecord } from '../../../preload/contract/cloud/tuya.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';
import type { KnownDevice } from '../devices.ts';
import type { GatewayDeps, WireAgain } from '../gateway.ts';
import { packetAgain } from './again.ts';
import { ConnectionSessions } from './connection-sessions.ts';
import { describePacket, withoutWords } from './describe.ts';
import { type Admission, admit, HELLO_SIZES } from './hello.ts';
import type { TuyaSession } from './session.ts';
import type { TuyaMemory } from './tuya-memory.ts';
import { attribute, attributeIds as ids, numberOf, textOf } from './wire/attributes.ts';
import type { Frame } from './wire/frames.ts';
import { TuyaLink } from './wire/link.ts';
import { packetTypes, type Status, statuses } from './wire/numbers.ts';
import { type Packet, packet } from './wire/packet.ts';
import { WireRecords } from './wire-records.ts';

/** A peer that has said nothing of use for so long is hung up on; after a V2.1 hello, which proves nothing, its first ping may come late. */
const HELLO_TIMEOUT_US = 10_000_000;
const PROOF_TIMEOUT_US = 140_000_000;
/** A device that takes nothing for this much sound and talk is not coming back. */
const MAX_BUFFERED_BYTES = 512 * 1024;
const USUAL_PING_MS = 120_000;
/** After our close packet, how long the peer may take to hang up. */
const CLOSE_GRACE_US = 2_000_000;

export interface ConnectionDeps extends GatewayDeps {
  memory: TuyaMemory;
  isTls: boolean;
  onChange: () => void;
  onClosed: () => void;
  /** The device came back and named its old connection. */
  onReplace: (connectionId: string, device: KnownDevice) => void;
}

/** One connection of a client: hello, sessions on it, and its end. */
export class TuyaConnection {
  readonly connectionId = randomUUID();
  readonly #socket: Socket;
  readonly #deps: ConnectionDeps;
  readonly #link: TuyaLink;
  readonly #peer: string;
  readonly #openedWallMs: number;
  /** Null before the hello. */
  #sessions: ConnectionSessions | null = null;
  readonly #records: WireRecords;
  readonly #timers = new Set<() => void>();
  #admission: Admission | null = null;
  #state: 'hello' | 'auth' | 'open' | 'closing' | 'closed' = 'hello';
  /** A packet has come that only who has the device's key can have made, or its hello says that it signs nothing. */
  #isProved = false;
  #oldConnectionId = '';
  #cancelIdle: (() => void) | null = null;
  #cancelExpiry: (() => void) | null = null;

  constructor(socket: Socket, deps: ConnectionDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#peer = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
    this.#openedWallMs = deps.clock.wallMs();
    this.#records = new WireRecords({
      clock: deps.clock,
      observer: deps.observer,
      productId: () => deps.settings().tuya.productId,
      version: () => this.#admission?.version ?? 2,
      device: () => this.device,
      conversationOf: (sessionId) => this.#sessions?.conversationOf(sessionId),
    });
    this.#link = new TuyaLink('server', {
      ...HELLO_SIZES,
      write: (frame) => this.#write(frame),
      onPacket: (received, hello) => this.#receive(received, hello),
    });
    this.#after(HELLO_TIMEOUT_US, () => {
      if (this.#state === 'hello' || this.#state === 'auth') this.close(statuses.timeout, 'no hello');
    });
    this.#after(PROOF_TIMEOUT_US, () => {
      if (!this.#isProved) this.close(statuses.timeout, 'no packet after the hello');
    });
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#data(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed('closed by the device'));
  }

  /** Null before the hello. */
  get record(): ConnectionRecord | null {
    if (this.#admission === null || !this.#isProved) return null;
    const { device, isApp, version, security } = this.#admission;
    return {
      connectionId: this.connectionId,
      productId: device.productId,
      deviceName: device.deviceName,
      peer: this.#peer,
      isTls: this.#deps.isTls,
      clientType: isApp ? 'app' : 'device',
      version,
      security,
      openedWallMs: this.#openedWallMs,
      sessions: this.#sessions?.records ?? [],
    };
  }

  get isProved(): boolean {
    return this.#isProved;
  }

  get device(): KnownDevice | null {
    return this.#admission?.device ?? null;
  }

  session(conversationId: string): TuyaSession | undefined {
    return this.#sessions?.find(conversationId);
  }

  /** Tells the client that the token of a session is no longer good. False when there is no such session. */
  expireToken(sessionId: string): boolean {
    return this.#sessions?.expireToken(sessionId) ?? false;
  }

  /** A message once more: down to the client, or up as if it had come from it. Throws TalkError 'not-found' | 'unsupported' | 'bad-request'. */
  again(message: WireAgain): void {
    if (this.#state !== 'open' || this.#admission === null) throw new TalkError('not-found', { what: 'connection' });
    const one = packetAgain(this.#admission.version, message);
    if (message.direction === 'down') this.#send(one);
    else this.#receive(one, null);
  }

  observe(event: PipelineEvent): void {
    this.#sessions?.observe(event);
  }

  /** Says why, as far as there are keys to say it with, and hangs up. */
  close(status: Status, reason: string): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    if (this.#admission !== null) this.#send(packet(packetTypes.connectionClose, [attribute(ids.closeCode, status)]));
    this.#hangUp(reason);
  }

  /** Nothing more is heard or said. A peer that does not hang up as well is not waited for. */
  #hangUp(reason: string): void {
    this.#state = 'closing';
    this.#sessions?.close(reason);
    this.#socket.end();
    this.#after(CLOSE_GRACE_US, () => this.#socket.destroy());
  }

  /** Resolves when its conversations have ended. */
  async ended(): Promise<void> {
    await this.#sessions?.ended();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #data(bytes: Uint8Array): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    if (this.#state === 'open') this.#watchIdle();
    try {
      this.#link.receive(bytes);
    } catch (error) {
      if (!(error instanceof TalkError)) {
        // A bug of ours costs this connection and no other.
        this.#deps.log.error({ err: error }, 'tuya: a packet could not be handled');
        this.close(statuses.failed, 'internal');
        return;
      }
      const note = `${String(error.value.data.what ?? '')}: ${String(error.value.data.reason ?? error.code)}`;
      this.#records.message('up', { name: 'malformed', text: '', bytes: withoutWords(bytes.subarray(0, 4096)), isUnknown: true, note });
      const isForged = error.value.data.what === 'signature';
      if (!this.#isProved) this.#records.refused(this.#admission?.device.deviceName ?? '', isForged ? 'bad-signature' : 'malformed');
      this.close(isForged ? statuses.unauthenticated : statuses.badRequest, isForged ? 'bad signature' : 'malformed');
    }
  }

  #receive(received: Packet, hello: Frame | null): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    const receivedUs = this.#deps.clock.nowUs();
    if (hello !== null) {
      this.#hello(received, hello);
      return;
    }
    this.#prove();
    const { type, attributes } = received;
    if (this.#state === 'auth') {
      this.#records.packet('up', received);
      if (type === packetTypes.authReq) {
        this.#open();
        return;
      }
      this.close(statuses.badRequest, 'no AuthReq');
      return;
    }
    switch (type) {
      case packetTypes.ping:
        this.#send(
          packet(packetTypes.pong, [
            attribute(ids.clientTs, numberOf(attributes, ids.clientTs) ?? 0),
            attribute(ids.serverTs, this.#deps.clock.wallMs()),
          ]),
        );
        return;
      case packetTypes.refreshReq:
        this.#records.packet('up', received);
        this.#refresh();
        return;
      case packetTypes.connectionClose:
        this.#records.packet('up', received);
        this.#hangUp('closed by the device');
        return;
      case packetTypes.sessionNew:
        this.#records.packet('up', received);
        this.#sessions?.open(received);
        return;
      case packetTypes.sessionClose:
        this.#records.packet('up', received);
        this.#sessions?.forget(textOf(attributes, ids.sessionId) ?? '', 'closed by the device');
        return;
      case packetTypes.event:
        this.#sessions?.event(received);
        return;
      case packetTypes.video:
      case packetTypes.audio:
      case packetTypes.image:
      case packetTypes.file:
      case packetTypes.text:
        this.#sessions?.stream(received, receivedUs);
        return;
      default:
        this.#records.packet('up', received);
    }
  }

  #hello(received: Packet, frame: Frame): void {
    this.#records.message('up', describePacket(frame.version, received));
    const { settings, devices, memory } = this.#deps;
    const admission = admit(received, frame, { settings: settings(), devices, hellos: memory.hellos });
    if ('refused' in admission) {
      this.#records.refused(admission.clientId, admission.refused);
      if (admission.keys !== null) {
        // Sent with what keys there are: agentic-kit reads a close it can check, TuyaOpen logs `recv connect close when auth`.
        this.#link.secure(admission.keys);
        this.#link.send(packet(packetTypes.connectionClose, [attribute(ids.closeCode, statuses.unauthenticated)]));
      }
      this.close(statuses.unauthenticated, admission.refused);
      return;
    }
    if (this.#deps.links?.admit(admission.device, this.#socket) === false) {
      this.#socket.destroy();
      return;
    }
    this.#admission = admission;
    this.#sessions = new ConnectionSessions({
      ...this.#deps,
      admission,
      records: this.#records,
      send: (down, sessionId) => this.#send(down, sessionId),
      bufferedBytes: () => this.#socket.writableLength,
      after: (us, callback) => this.#after(us, callback),
    });
    this.#link.secure(admission.keys, admission.maxFragmentBytes);
    this.#oldConnectionId = textOf(received.attributes, ids.connectionId) ?? '';
    if (admission.version === 1) this.#state = 'auth';
    else this.#open();
  }

  #prove(): void {
    if (this.#isProved || this.#admission === null) return;
    this.#isProved = true;
    const { device } = this.#admission;
    this.#deps.devices.setOnline(device.productId, device.deviceName, true);
    const { productId, deviceName } = device;
    this.#deps.observer.event({ atUs: this.#deps.clock.nowUs(), kind: 'device.online', productId, deviceName });
    if (this.#oldConnectionId !== '') this.#deps.onReplace(this.#oldConnectionId, device);
    this.#deps.onChange();
  }

  #open(): void {
    this.#state = 'open';
    this.#send(packet(packetTypes.authResp, [attribute(ids.connectStatus, statuses.ok), attribute(ids.connectionId, this.connectionId)]));
    this.#expireLater();
    this.#watchIdle();
    this.#deps.onChange();
  }

  #refresh(): void {
    const expiryS = Math.floor(this.#deps.clock.wallMs() / 1000 + this.#lifetimeS());
    this.#send(packet(packetTypes.refreshResp, [attribute(ids.connectStatus, statuses.ok), attribute(ids.expireTs, expiryS)]));
    this.#expireLater();
  }

  #lifetimeS(): number {
    return this.#deps.settings().tuya.connectionHours * 3600;
  }

  #expireLater(): void {
    this.#cancelExpiry?.();
    this.#cancelExpiry = this.#after(this.#lifetimeS() * 1_000_000, () => this.close(statuses.closedByExpiry, 'connection expired'));
  }

  /** Any byte is life; three missed pings are none. */
  #watchIdle(): void {
    this.#cancelIdle?.();
    const pingMs = this.#admission?.pingIntervalMs ?? USUAL_PING_MS;
    this.#cancelIdle = this.#after(pingMs * 3000, () => this.close(statuses.closedByKeepAlive, 'nothing came for three pings'));
  }

  #send(down: Packet, sessionId?: string): void {
    if (this.#state === 'closed' || this.#state === 'closing') return;
    const isSound = down.type === packetTypes.audio && down.attributes.length === 0;
    if (!isSound && down.type !== packetTypes.pong) this.#records.packet('down', down, sessionId);
    this.#link.send(down);
  }

  #write(frame: Uint8Array): void {
    if (!this.#socket.writable) return;
    if (this.#socket.writableLength > MAX_BUFFERED_BYTES) {
      this.#deps.observer.event({ atUs: this.#deps.clock.nowUs(), kind: 'dropped', what: 'slow-socket', count: 1 });
      this.#socket.destroy();
      return;
    }
    this.#socket.write(frame);
  }

  #closed(reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#sessions?.close(reason);
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    if (this.#admission !== null && this.#isProved) {
      const { productId, deviceName } = this.#admission.device;
      this.#deps.observer.event({ atUs: this.#deps.clock.nowUs(), kind: 'device.offline', productId, deviceName, reason });
    }
    this.#deps.onClosed();
  }

  #after(us: number, callback: () => void): () => void {
    const stop = this.#deps.clock.at((this.#deps.clock.nowUs() + us) as MonoUs, () => {
      this.#timers.delete(cancel);
      callback();
    });
    const cancel = () => {
      this.#timers.delete(cancel);
      stop();
    };
    this.#timers.add(cancel);
    return cancel;
  }
}
