import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RefusalReason } from '../../../preload/contract/cloud/refusals.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { Observer } from '../../observer.ts';
import { type DeviceName, type DeviceRegistry, deviceId } from '../devices.ts';
import { pathOf } from '../http.ts';
import { plainAddress } from '../listen.ts';
import { parseObject } from '../twetalk/board-text.ts';
import type { BoardMemory } from './board-memory.ts';
import type { Credentials } from './credentials.ts';
import { answerJson, answerPreflight, readBody } from './http-body.ts';
import { withoutTokens } from './messages.ts';
import { type OtaRequest, otaAnswer, readOtaRequest } from './ota.ts';

const MAX_BODY_BYTES = 64 * 1024;

export const paths = {
  ota: '/xiaozhi/ota',
  activate: '/xiaozhi/ota/activate',
  websocket: '/xiaozhi/v1',
  vision: '/xiaozhi/vision/explain',
} as const;

export interface OtaServiceDeps {
  clock: Clock;
  observer: Observer;
  settings: () => Settings;
  devices: DeviceRegistry;
  credentials: Credentials;
  memory: BoardMemory;
  /** Of the MQTT listener, in clear or within TLS; null where it does not listen. */
  mqttPort: (isTls: boolean) => number | null;
  onChange: () => void;
}

/** What boards ask over HTTP before they have a channel: their configuration, and to be activated (reference/voice.md §4.1). */
export class OtaService {
  readonly #deps: OtaServiceDeps;

  constructor(deps: OtaServiceDeps) {
    this.#deps = deps;
  }

  languageOf(device: DeviceName): 'zh' | 'en' {
    const { language } = this.#deps.settings().xiaozhi;
    return language === 'device' ? (this.#deps.memory.languageOf(device.deviceName) ?? 'zh') : language;
  }

  /** Whether the path is one of these. Answers later; never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const path = pathOf(request).replace(/\/$/u, '');
    if (path !== paths.ota && path !== paths.activate) return false;
    if (request.method === 'OPTIONS') {
      answerPreflight(response);
      return true;
    }
    const body = await readBody(request, MAX_BODY_BYTES).catch(() => null);
    if (body === null) {
      response.writeHead(413, { connection: 'close', 'content-length': 0 }).end();
      return true;
    }
    const text = Buffer.from(body).toString('utf8');
    const asked = readOtaRequest(request.headers, text);
    this.#record(
      'up',
      path,
      text,
      asked.device,
      parseObject(text) === null && text !== '' ? 'not JSON: read as far as its headers' : undefined,
    );
    if (path === paths.activate) this.#activate(asked, text, response);
    else this.#configure(asked, request, response);
    return true;
  }

  #configure(asked: OtaRequest, request: IncomingMessage, response: ServerResponse): void {
    const { settings, devices, clock } = this.#deps;
    const { device } = asked;
    const { activation: kind } = settings().xiaozhi;
    let servers: Record<string, Record<string, unknown>> = {};
    let activation: Record<string, unknown> | null = null;
    if (device === null) this.#refuse({ productId: '', deviceName: '' }, 'no-device-id');
    else {
      this.#deps.memory.rememberLanguage(device.deviceName, asked.language);
      const isWaiting =
        kind === 'code' ? !this.#isKnown(device) : kind === 'automatic' && !this.#deps.memory.activations.isActivated(device.deviceName);
      const mayAsk = kind === 'code' || this.#mayCome(device);
      if (isWaiting && mayAsk) {
        activation = this.#deps.memory.activations.section(device.deviceName, asked.language, kind === 'code');
        this.#deps.onChange();
      } else if (this.#mayCome(device)) {
        const known = devices.find(device.productId, device.deviceName) ?? devices.adopt(device.productId, device.deviceName);
        if (asked.version !== '') devices.setFirmwareVersion(known.productId, known.deviceName, asked.version);
        servers = this.#servers(device, asked.clientId, request);
      } else this.#refuse(device, 'unknown-device');
    }
    const body = otaAnswer({ wallMs: clock.wallMs(), settings: settings().xiaozhi, request: asked, servers, activation });
    // 200 whatever it was: anything else makes a board try again for minutes.
    this.#record('down', paths.ota, answerJson(response, 200, body), device);
  }

  #servers(device: DeviceName, clientId: string, request: IncomingMessage): Record<string, Record<string, unknown>> {
    const { credentials, settings } = this.#deps;
    const host = this.hostFor(plainAddress(request.socket.localAddress ?? ''));
    const { transport, protocolVersion } = settings().xiaozhi;
    const isTls = 'encrypted' in request.socket;
    const mqttPort = mqttPortFor(isTls, { plain: this.#deps.mqttPort(false), secure: this.#deps.mqttPort(true) });
    if (transport === 'mqtt' && mqttPort !== null) {
      const own = credentials.mqtt(device.deviceName, clientId || 'none');
      const endpoint = `${host}:${mqttPort}`;
      return { mqtt: { endpoint, ...own, publish_topic: 'device-server', subscribe_topic: 'null', keepalive: 240 } };
    }
    const scheme = isTls ? 'wss' : 'ws';
    const url = `${scheme}://${host}:${request.socket.localPort ?? 80}${paths.websocket}/`;
    return { websocket: { url, token: credentials.token(device.deviceName), version: protocolVersion } };
  }

  /** Where a board that came in on that address of ours finds us again. */
  hostFor(localAddress: string): string {
    const host = this.#deps.settings().listeners.advertisedHost || localAddress;
    return host.includes(':') ? `[${host}]` : host;
  }

  #activate(asked: OtaRequest, text: string, response: ServerResponse): void {
    const status = this.#activationStatus(asked, parseObject(text) ?? {});
    this.#record('down', paths.activate, answerJson(response, status, {}), asked.device, `status ${status}`);
  }

  /** 200 done · 202 ask again in three seconds · anything else: in ten. */
  #activationStatus({ device }: OtaRequest, body: Record<string, unknown>): number {
    const { devices, settings } = this.#deps;
    const { activations } = this.#deps.memory;
    if (device === null) return 400;
    if (settings().xiaozhi.activation === 'code') return this.#isKnown(device) ? 200 : 202;
    if (settings().xiaozhi.activation === 'none' || activations.isActivated(device.deviceName)) return 200;
    const secret = devices.find(device.productId, device.deviceName)?.secret ?? null;
    // Boards without a key of their own have nothing to prove it with.
    const isProved = secret === null || body.hmac === undefined || activations.isAnswer(device.deviceName, secret, body);
    if (!isProved || !this.#mayCome(device)) {
      this.#refuse(device, isProved ? 'unknown-device' : 'bad-activation');
      return 401;
    }
    activations.accept(device.deviceName);
    this.#deps.onChange();
    return 200;
  }

  #isKnown(device: DeviceName): boolean {
    return this.#deps.devices.find(device.productId, device.deviceName) !== undefined;
  }

  #mayCome(device: DeviceName): boolean {
    const { devices, settings } = this.#deps;
    return this.#isKnown(device) || (settings().devices.unknownDevices === 'accept' && devices.hasRoomToAdopt());
  }

  #refuse(device: DeviceName, reason: RefusalReason): void {
    this.#deps.observer.event({ atUs: this.#deps.clock.nowUs(), kind: 'device.refused', ...device, reason, gateway: 'xiaozhi' });
  }

  #record(direction: 'up' | 'down', name: string, text: string, device: DeviceName | null, note?: string): void {
    this.#deps.observer.event({
      atUs: this.#deps.clock.nowUs(),
      kind: 'wire.message',
      gateway: 'xiaozhi',
      channel: 'http',
      direction,
      name,
      ...(device !== null && { deviceId: deviceId(device) }),
      text: withoutTokens(text),
      ...(note !== undefined && { note }),
    });
  }
}

/** What a failure of reading a request is answered with. */
export function statusOf(error: unknown): number {
  if (!(error instanceof TalkError)) return 500;
  return error.code === 'too-large' ? 413 : 400;
}

/** Boards speak TLS to this port and to no other (esp-ml307's MQTT). */
const BOARDS_TLS_PORT = 8883;

/** Which port of MQTT a board is told: that within TLS where it asked within TLS, and would speak it there. */
export function mqttPortFor(isTls: boolean, { plain, secure }: { plain: number | null; secure: number | null }): number | null {
  return isTls && secure === BOARDS_TLS_PORT ? secure : plain;
}
