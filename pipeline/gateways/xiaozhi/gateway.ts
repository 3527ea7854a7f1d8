import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RefusalReason } from '../../../preload/contract/cloud/refusals.ts';
import type { XiaozhiActivation, XiaozhiBoard } from '../../../preload/contract/cloud/xiaozhi.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Conversation } from '../../conversation.ts';
import { addressLimit } from '../address-share.ts';
import { type DeviceName, deviceId } from '../devices.ts';
import type { Gateway, GatewayDeps, WireAgain } from '../gateway.ts';
import { pathOf, refuseUpgrade } from '../http.ts';
import { plainAddress } from '../listen.ts';
import { refusedConnect } from '../refused-connect.ts';
import { parseObject } from '../twetalk/board-text.ts';
import type { BinaryVersion } from './binary.ts';
import type { BoardMemory } from './board-memory.ts';
import { type MqttLink, openBroker } from './broker.ts';
import { type BoardWire, Channel } from './channel.ts';
import { Credentials, readClientId } from './credentials.ts';
import type { Hello } from './hello.ts';
import { OtaService, paths, statusOf } from './http.ts';
import { answerJson, answerPreflight, readBody } from './http-body.ts';
import { readBoardMessage, withoutTokens } from './messages.ts';
import { MqttBoard } from './mqtt-board.ts';
import { deviceNamed } from './names.ts';
import { serveSocket } from './socket.ts';
import { openUdp } from './udp.ts';
import { type AskAboutPhoto, explain, MAX_FORM_BYTES, readPhoto, VisionTokens } from './vision.ts';

/** A board's list of tools is 8000 bytes a page; a packet of audio a few hundred. */
const MAX_MESSAGE_BYTES = 64 * 1024;

export interface XiaozhiGatewayDeps extends GatewayDeps {
  /** What tokens and passwords are made from; kept between runs, so that boards that stay on are known again. */
  key: Uint8Array;
  /** What outlives the listeners. */
  memory: BoardMemory;
  /** What a photo is asked of: the device's agent's language model. */
  askAboutPhoto: AskAboutPhoto;
  /** A board, its tools or a waiting activation came, changed or went. */
  onChange: () => void;
}

export interface XiaozhiGateway extends Gateway {
  boards(): XiaozhiBoard[];
  /** The open channel of a board. */
  channel(deviceName: string): Channel | undefined;
  activations(): XiaozhiActivation[];
  /** Lets in the board that shows the code; undefined for a code nobody shows. */
  activate(code: string): string | undefined;
}

/** xiaozhi's cloud as a board sees it: OTA, WebSocket, MQTT with UDP, and the place for its photos (reference/voice.md §4). */
export async function startXiaozhiGateway(deps: XiaozhiGatewayDeps): Promise<XiaozhiGateway> {
  const { clock, observer, settings, devices, log } = deps;
  const { host } = settings().listeners;
  const credentials = new Credentials(deps.key);
  const { activations } = deps.memory;
  const vision = new VisionTokens<Channel>();
  /** The open channel of each board, and those that have not ended yet. */
  const channels = new Map<string, Channel>();
  const ending = new Set<Promise<void>>();
  const mqttBoards = new Map<MqttLink, MqttBoard>();
  let isClosing = false;

  const onFault = (error: unknown) => log.error({ err: error }, 'xiaozhi: what a board sent could not be handled');
  const udp = await openUdp({ clock, observer, host, port: settings().xiaozhi.udpPort, onFault });
  const broker = await openBroker({
    ...{ clock, observer, host, admit: admitMqtt, onOpen: mqttOpened, onClose: mqttClosed },
    port: settings().xiaozhi.mqttPort,
    secure: deps.tls && { identity: deps.tls, port: settings().xiaozhi.mqttTlsPort },
    perAddress: addressLimit(deps),
    ...(deps.links === undefined ? {} : { links: deps.links }),
    onMessage: (link, text) => mqttBoards.get(link)?.receive(text),
    onFault,
  });
  const mqttPort = (isTls: boolean) =>
    broker.listeners.find(({ name, state }) => name === (isTls ? 'xiaozhi-mqtt-tls' : 'xiaozhi-mqtt') && state === 'listening')?.port ??
    null;
  const ota = new OtaService({ clock, observer, settings, devices, credentials, memory: deps.memory, mqttPort, onChange: deps.onChange });

  function audio(): { sampleRate: 16000 | 24000; frameMs: 20 | 60 } {
    const { sampleRate, frameMs } = settings().xiaozhi;
    return { sampleRate, frameMs };
  }

  /** Why a board may not come in; null when it may. `isProved`: it showed what the OTA answer gave it. */
  function refusal(device: DeviceName, isProved: boolean): RefusalReason | null {
    const isKnown = devices.find(device.productId, device.deviceName) !== undefined;
    if (!isKnown && settings().devices.unknownDevices === 'refuse') return 'unknown-device';
    if (!isKnown && !devices.hasRoomToAdopt()) return 'too-many-unknown';
    if (!isProved && settings().xiaozhi.isTokenRequired) return 'bad-token';
    return isClosing ? 'closing' : null;
  }

  function refused({ productId, deviceName }: DeviceName, reason: RefusalReason): void {
    observer.event({ atUs: clock.nowUs(), kind: 'device.refused', productId, deviceName, reason, gateway: 'xiaozhi' });
  }

  function setOnline(device: DeviceName, isOnline: boolean, reason = 'closed'): void {
    const { productId, deviceName } = device;
    devices.setOnline(productId, deviceName, isOnline);
    const common = { atUs: clock.nowUs(), productId, deviceName };
    observer.event(isOnline ? { ...common, kind: 'device.online' } : { ...common, kind: 'device.offline', reason });
  }

  /** The channel of a board that said hello; the one it had before is closed. */
  function openChannel(
    wire: BoardWire,
    hello: Hello,
    board: { device: DeviceName; clientId: string; query: Record<string, string>; visionUrl: string },
  ): Channel | null {
    const { device, clientId, query } = board;
    // It was let in when it connected, and may have been removed since.
    if (refusal(device, true) !== null) return null;
    const id = deviceId(device);
    channels.get(id)?.close('replaced by a new connection');
    const visionToken: { url: string; token: string } = { url: board.visionUrl, token: '' };
    const channel: Channel = new Channel(
      wire,
      { device, clientId, language: ota.languageOf(device), hello, query },
      { ...deps, vision: visionToken, onChange: deps.onChange },
    );
    visionToken.token = vision.issue(channel);
    channels.set(id, channel);
    const ended = channel.closed
      .catch((error) => log.error({ err: error }, 'conversation ended with a fault'))
      .finally(() => {
        ending.delete(ended);
        vision.revoke(visionToken.token);
        if (channels.get(id) === channel) channels.delete(id);
        deps.onChange();
      });
    ending.add(ended);
    deps.onChange();
    return channel;
  }

  function visionUrl(address: string, port: number, isTls: boolean): string {
    return `${isTls ? 'https' : 'http'}://${ota.hostFor(plainAddress(address))}:${port}${paths.vision}`;
  }

  // MQTT

  function admitMqtt(clientId: string, username: string, password: string): { device: DeviceName; uuid: string } | null {
    const parts = readClientId(clientId);
    const device = parts === null ? null : deviceNamed(parts.name);
    const no = (named: DeviceName, reason: RefusalReason): null => {
      observer.event(refusedConnect({ atUs: clock.nowUs(), gateway: 'xiaozhi', device: named, clientId, username, password, reason }));
      refused(named, reason);
      return null;
    };
    if (parts === null || device === null) return no({ productId: '', deviceName: '' }, 'malformed-client-id');
    const reason = refusal(device, credentials.isPassword(clientId, username, password));
    if (reason !== null) return no(device, reason);
    devices.adopt(device.productId, device.deviceName);
    return { device, uuid: parts.uuid };
  }

  function mqttOpened(link: MqttLink): void {
    const board = new MqttBoard(link, {
      ...{ clock, observer, udp, audio },
      ...(deps.links === undefined ? {} : { links: deps.links }),
      server: () => settings().listeners.advertisedHost || link.localAddress,
      idleUs: () => settings().xiaozhi.udpIdleS * 1_000_000,
      openChannel: (wire, hello) =>
        openChannel(wire, hello, {
          device: link.device,
          clientId: link.uuid,
          query: { transport: 'mqtt' },
          visionUrl: visionUrl(link.localAddress, deps.http.listener.port, false),
        }),
    });
    mqttBoards.set(link, board);
    setOnline(link.device, true);
  }

  function mqttClosed(link: MqttLink): void {
    mqttBoards.get(link)?.lost();
    mqttBoards.delete(link);
    const isElsewhere = [...mqttBoards.keys()].some(({ device }) => deviceId(device) === deviceId(link.device));
    if (!isElsewhere) setOnline(link.device, false);
  }

  // WebSocket

  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: () => false,
  });
  const sockets = new Map<string, number>();

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = request.url ?? '/';
    const searchParams = new URLSearchParams(target.slice(pathOf(request).length));
    // Boards say it in headers, pages in the query.
    const said = (name: string) => [request.headers[name]].flat()[0] ?? searchParams.get(name) ?? '';
    const device = deviceNamed(said('device-id'));
    recordUpgrade(request, device, said('protocol-version'));
    if (pathOf(request).replace(/\/$/u, '') !== paths.websocket) {
      refuseUpgrade(socket, 404);
      return;
    }
    const proof = said('authorization');
    const reason = device === null ? 'no-device-id' : refusal(device, credentials.isToken(device.deviceName, proof));
    if (device === null || reason !== null) {
      refused(device ?? { productId: '', deviceName: '' }, reason ?? 'no-device-id');
      refuseUpgrade(socket, 401);
      return;
    }
    if (deps.links?.admit(device, socket) === false) {
      socket.destroy();
      return;
    }
    devices.adopt(device.productId, device.deviceName);
    const { localAddress = '', localPort = 0 } = request.socket;
    const isTls = 'encrypted' in request.socket;
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const clientId = said('client-id').slice(0, 100);
      const version = versionOf(said('protocol-version'));
      const query = { transport: 'websocket', protocolVersion: String(version), clientId };
      const id = deviceId(device);
      sockets.set(id, (sockets.get(id) ?? 0) + 1);
      if (sockets.get(id) === 1) setOnline(device, true);
      const closed = serveSocket(webSocket, device, version, {
        ...{ clock, observer, audio, onFault },
        openChannel: (wire, hello) =>
          openChannel(wire, hello, { device, clientId, query, visionUrl: visionUrl(localAddress, localPort, isTls) }),
      });
      void closed.finally(() => {
        const left = (sockets.get(id) ?? 1) - 1;
        if (left > 0) sockets.set(id, left);
        else {
          sockets.delete(id);
          setOnline(device, false);
        }
      });
    });
  }

  function recordUpgrade(request: IncomingMessage, device: DeviceName | null, version: string): void {
    observer.event({
      atUs: clock.nowUs(),
      kind: 'wire.message',
      gateway: 'xiaozhi',
      channel: 'websocket',
      direction: 'up',
      name: pathOf(request),
      ...(device !== null && { deviceId: deviceId(device) }),
      text: withoutTokens(request.url ?? '/'),
      ...(version !== '' && { note: `Protocol-Version: ${version.slice(0, 20)}` }),
    });
  }

  // HTTP

  function onRequest(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => response.destroy());
    serve(request, response).catch((error) => {
      log.error({ err: error }, 'xiaozhi request');
      if (!response.headersSent) response.writeHead(500, { 'content-length': 0 });
      response.end();
    });
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (await ota.handle(request, response)) return;
    if (pathOf(request).replace(/\/$/u, '') === paths.vision) await look(request, response);
    else response.writeHead(404, { 'content-length': 0 }).end();
  }

  /** A camera's photo and question. */
  async function look(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'OPTIONS') {
      answerPreflight(response);
      return;
    }
    const channel = vision.owner([request.headers.authorization].flat()[0] ?? '');
    if (channel === undefined || request.method !== 'POST') {
      response.writeHead(channel === undefined ? 401 : 405, { connection: 'close', 'content-length': 0 }).end();
      return;
    }
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    try {
      const body = await readBody(request, MAX_FORM_BYTES);
      if (body === null) {
        response.writeHead(413, { connection: 'close', 'content-length': 0 }).end();
        return;
      }
      const photo = await readPhoto(request.headers['content-type'] ?? '', body);
      tellPhoto(channel, 'up', photo.question, `${photo.mediaType}, ${photo.data.length} bytes`);
      const language = ota.languageOf(channel.device);
      const answer = await explain(photo, { device: channel.device, language, signal: gone.signal }, deps.askAboutPhoto);
      tellPhoto(channel, 'down', answerJson(response, 200, answer));
    } catch (error) {
      const status = statusOf(error);
      if (status === 500 && !gone.signal.aborted) throw error;
      answerJson(response, status, { success: false, message: status === 413 ? 'the photo is too large' : 'no photo that can be read' });
    }
  }

  function tellPhoto(channel: Channel, direction: 'up' | 'down', text: string, note?: string): void {
    const { conversationId, device } = channel;
    const common = { atUs: clock.nowUs(), kind: 'wire.message', gateway: 'xiaozhi', channel: 'http', name: paths.vision } as const;
    observer.event({ ...common, conversationId, deviceId: deviceId(device), direction, text, ...(note !== undefined && { note }) });
  }

  function resend({ conversationId, deviceId: id, direction, text = '' }: WireAgain): void {
    const channel = [...channels.values()].find(
      (one) => one.isOpen && (one.conversationId === conversationId || deviceId(one.device) === id),
    );
    if (channel === undefined) throw new TalkError('not-found', { what: 'board', id: id ?? conversationId ?? '' });
    const body = parseObject(text);
    const message = readBoardMessage(text);
    if (body === null || message === null) throw new TalkError('bad-request', { issues: [{ path: 'text', message: 'not a JSON object' }] });
    if (direction === 'down') channel.send(body);
    else channel.receive(message, text, clock.nowUs());
  }

  const unmount = deps.http.mount({ prefix: '/xiaozhi', onRequest, onUpgrade });
  const stopRevoking = devices.onRevoked((device) => {
    activations.forget(device.deviceName);
    channels.get(deviceId(device))?.close('its registration is another one now');
    for (const link of mqttBoards.keys()) if (deviceId(link.device) === deviceId(device)) link.close();
  });

  return {
    listeners: [...broker.listeners, udp.listener],
    boards: () => [...channels.values()].map((channel) => channel.board),
    channel: (deviceName) => [...channels.values()].find((channel) => channel.device.deviceName === deviceName && channel.isOpen),
    conversation(conversationId): Conversation | undefined {
      return [...channels.values()].find((channel) => channel.conversationId === conversationId)?.conversation ?? undefined;
    },
    resend: async (message) => resend(message),
    activations: () => activations.list(),
    activate(code) {
      const deviceName = activations.confirm(code);
      const device = deviceName === undefined ? null : deviceNamed(deviceName);
      if (device !== null) devices.adopt(device.productId, device.deviceName);
      deps.onChange();
      return deviceName;
    },
    async close() {
      isClosing = true;
      unmount();
      stopRevoking();
      for (const channel of channels.values()) channel.close('the bench is closing');
      await Promise.allSettled(ending);
      for (const webSocket of webSockets.clients) webSocket.terminate();
      webSockets.close();
      await broker.close();
      await udp.close();
    },
  };
}

/** By the header alone: what stands in the messages differs from server to server. */
function versionOf(text: string): BinaryVersion {
  return text === '2' ? 2 : text === '3' ? 3 : 1;
}
