import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RefusalReason } from '../../../preload/contract/cloud/refusals.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { LinkDoor } from '../../link/door.ts';
import type { Observer } from '../../observer.ts';
import { type DeviceName, deviceId } from '../devices.ts';
import { pathOf, refuseUpgrade } from '../http.ts';
import { redact } from './board-text.ts';
import { ConnectionRate } from './connection-rate.ts';
import { encodeFrame } from './frames.ts';
import { type ConnectionQuery, readQuery } from './query.ts';
import { Allowance } from './rate.ts';
import { fatalError } from './rtvi.ts';
import { closeCodes, openVoiceSocket, type VoiceSocket, type VoiceSocketDeps } from './socket.ts';
import type { Tokens } from './tokens.ts';

/** Boards send messages of a few hundred bytes. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
/** A picture of 4 MiB, the conversation's limit, in base64 within JSON; and what is above it still comes far enough to be told. */
const MAX_IMAGE_MESSAGE_BYTES = 8 * 1024 * 1024;
/** A flood of refused connections is told of by its first ones. */
const REFUSALS_TOLD_PER_SECOND = 20;
/** What a query says that nobody has checked. */
const MOST_NAME_CHARACTERS = 64;

export interface VoicesDeps extends Omit<VoiceSocketDeps, 'settings'> {
  clock: Clock;
  observer: Observer;
  settings: () => Settings;
  tokens: Tokens;
  links?: LinkDoor;
}

interface Refusal {
  status: number;
  reason: RefusalReason;
}

/** The boards' voice connections: who gets one, and the ones there are. */
export class Voices {
  readonly #deps: VoicesDeps;
  readonly #rate: ConnectionRate;
  readonly #told: Allowance;
  readonly #small = webSocketServer(MAX_MESSAGE_BYTES);
  readonly #large = webSocketServer(MAX_IMAGE_MESSAGE_BYTES);
  /** The live conversation of each device. */
  readonly #voices = new Map<string, VoiceSocket>();
  /** Those and the replaced ones that have not ended yet. */
  readonly #ending = new Set<VoiceSocket>();
  #isClosing = false;

  constructor(deps: VoicesDeps) {
    this.#deps = deps;
    this.#rate = new ConnectionRate(deps.clock);
    this.#told = new Allowance(deps.clock, 1_000_000);
  }

  all(): readonly VoiceSocket[] {
    return [...this.#voices.values()];
  }

  of(device: DeviceName): VoiceSocket | undefined {
    return this.#voices.get(deviceId(device));
  }

  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { tokens, switchboard } = this.#deps;
    const query = readQuery(request.url ?? '/');
    const verdict: DeviceName | Refusal = this.#isClosing ? { status: 503, reason: 'closing' } : this.#admit(query);
    const isTold = !('reason' in verdict) || this.#told.take('refused', REFUSALS_TOLD_PER_SECOND);
    if (isTold) this.#recordUpgrade(request, query);
    if ('reason' in verdict) {
      if (isTold) this.#tellRefusal(verdict, query);
      this.#refuse(verdict, request, socket, head);
      return;
    }
    if (this.#deps.links?.admit(verdict, socket) === false) {
      socket.destroy();
      return;
    }
    tokens.used(query.token);
    const server = query.mode === 'vision' ? this.#large : this.#small;
    server.handleUpgrade(request, socket, head, (webSocket) => {
      if (query.call.response === 'reject') {
        switchboard.boardRejected(verdict, query.call.roomId);
        webSocket.on('error', () => webSocket.terminate());
        webSocket.close(closeCodes.normal, 'rejected');
        return;
      }
      this.of(verdict)?.close('replaced by a new connection', closeCodes.replaced);
      try {
        const voice = openVoiceSocket({ socket: webSocket, stream: socket }, verdict, query, this.#deps);
        if (voice === null) return;
        this.#keep(voice);
        if (query.call.response === 'answer') switchboard.boardAnswered(voice.line, query.call.roomId);
      } catch (error) {
        this.#deps.log.error({ err: error }, 'conversation could not be started');
      }
    });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    for (const voice of this.#ending) voice.close('the bench is closing', closeCodes.goingAway);
    await Promise.allSettled([...this.#ending].map((voice) => voice.closed));
    for (const server of [this.#small, this.#large]) {
      for (const webSocket of server.clients) webSocket.terminate();
      server.close();
    }
  }

  /** The device a token was issued to, whatever older SDKs leave out of the query. */
  #admit(query: ConnectionQuery): DeviceName | Refusal {
    const { twetalk } = this.#deps.settings();
    const device = this.#deps.tokens.check(query.token);
    if (typeof device === 'string') return { status: 401, reason: `token-${device}` };
    const isOther =
      (query.productId !== '' && query.productId !== device.productId) ||
      (query.deviceName !== '' && query.deviceName !== device.deviceName);
    if (isOther) return { status: 401, reason: 'token-of-another-device' };
    if (query.isVariablesBad && twetalk.areCustomParamsChecked) return { status: 400, reason: 'bad-custom-params' };
    if (twetalk.secondConnection === 'refuse' && this.of(device) !== undefined) return { status: 409, reason: 'connected-already' };
    if (!this.#rate.admits(device, twetalk.connectionsPerMinute)) return { status: 429, reason: 'too-many-connections' };
    return device;
  }

  /** As the settings say: what the real cloud does is not known. */
  #refuse({ status, reason }: Refusal, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#deps.settings().twetalk.refusal === 'http' || status === 503) {
      refuseUpgrade(socket, status);
      return;
    }
    this.#small.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      webSocket.send(encodeFrame({ kind: 'message', data: fatalError(reason).text }), { binary: true });
      webSocket.close(closeCodes.replaced, reason);
    });
  }

  #tellRefusal({ reason }: Refusal, query: ConnectionQuery): void {
    const [productId, deviceName] = [query.productId.slice(0, MOST_NAME_CHARACTERS), query.deviceName.slice(0, MOST_NAME_CHARACTERS)];
    this.#deps.observer.event({ atUs: this.#deps.clock.nowUs(), kind: 'device.refused', productId, deviceName, reason });
  }

  #recordUpgrade(request: IncomingMessage, query: ConnectionQuery): void {
    this.#deps.observer.event({
      atUs: this.#deps.clock.nowUs(),
      kind: 'wire.message',
      gateway: 'twetalk',
      channel: 'websocket',
      direction: 'up',
      name: pathOf(request),
      deviceId: deviceId(query),
      text: redact(request.url ?? '/'),
      ...(query.notes.length === 0 ? {} : { note: query.notes.join('; ') }),
    });
  }

  #keep(voice: VoiceSocket): void {
    const id = deviceId(voice.device);
    this.#voices.set(id, voice);
    this.#ending.add(voice);
    voice.closed
      .catch((error) => this.#deps.log.error({ err: error }, 'conversation ended with a fault'))
      .finally(() => {
        this.#ending.delete(voice);
        if (this.#voices.get(id) === voice) this.#voices.delete(id);
      });
  }
}

function webSocketServer(maxPayload: number): WebSocketServer {
  return new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload, handleProtocols: () => false });
}
