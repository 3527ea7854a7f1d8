import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Gateway, GatewayDeps } from '../gateway.ts';
import { pathOf, refuseUpgrade } from '../http.ts';
import { recordedTarget } from '../recorded-target.ts';
import { Admission, type OwnCredential } from './admission.ts';
import { readAsrTarget, signatureOf } from './asr-query.ts';
import { serveRecognition } from './asr-stream.ts';
import { closeCodes, codes } from './codes.ts';
import { StreamSocket } from './socket.ts';
import { StreamRecord } from './stream-record.ts';
import { answerText } from './text-api.ts';
import { serveTranslation } from './translate-stream.ts';

/** A packet of the document is 1280 bytes; one of 2 s is more than anybody sends at the pace it asks for. */
const MAX_MESSAGE_BYTES = 64 * 1024;
/** Sockets at once, whoever they belong to: those that have not said who they are count too. */
const MAX_SOCKETS = 300;

const paths = { v1: '/ws-voice-translate', v2: '/v2/ws-voice-translate', asr: '/asr/v2/', text: '/api' } as const;

/** What the services have done since they were opened. */
export interface SpeechTally {
  open: number;
  streams: number;
  requests: number;
  refused: number;
  failed: number;
}

export interface SpeechGatewayDeps extends Pick<GatewayDeps, 'clock' | 'observer' | 'settings' | 'accounts' | 'engines' | 'http' | 'log'> {
  own: OwnCredential;
  tally: SpeechTally;
}

/** The speech services of seed 003 on the shared listener, at the document's paths. */
export async function startSpeechGateway(deps: SpeechGatewayDeps): Promise<Gateway> {
  const { clock, observer, settings, accounts, http, log } = deps;
  const admission = new Admission({ accounts, own: deps.own, limit: () => settings().speech.maxConcurrent });
  const streams = new Set<StreamSocket>();
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: () => false,
  });
  const common = { ...deps, admission };
  let isClosing = false;

  function accept(request: IncomingMessage, socket: Duplex, head: Buffer, serve: (stream: StreamSocket, target: string) => void): void {
    const target = request.url ?? '/';
    const record = new StreamRecord({ clock, observer }, randomUUID());
    record.message('up', pathOf(request), recordedTarget(target));
    if (isClosing || webSockets.clients.size >= MAX_SOCKETS) {
      observer.event({ atUs: clock.nowUs(), kind: 'dropped', what: 'speech-sockets', count: 1 });
      refuseUpgrade(socket, 503);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
      const stream = new StreamSocket(webSocket, record, clock);
      streams.add(stream);
      void stream.closed.then(() => streams.delete(stream));
      try {
        serve(stream, target);
      } catch (error) {
        log.error({ err: error }, 'speech stream');
        stream.close('internal error', closeCodes.failed);
      }
    });
  }

  function translation(path: string, version: 1 | 2) {
    return (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (pathOf(request).replace(/\/$/u, '') !== path) return refuseUpgrade(socket, 404);
      accept(request, socket, head, (stream) => serveTranslation(stream, version, common));
    };
  }

  function recognition(request: IncomingMessage, socket: Duplex, head: Buffer) {
    const query = readAsrTarget(request.url ?? '/');
    if (query === null) return refuseUpgrade(socket, 404);
    accept(request, socket, head, (stream, target) => {
      if (typeof query === 'string') return serveRecognition(stream, null, { code: codes.badParameters, message: query }, common);
      const signature = signatureOf(target, request.headers.host ?? '', { secretKey: accounts.secretKey, nowS: clock.wallMs() / 1000 });
      const isAllowed = admission.isAppId(query.appId) && (signature === 'none' || signature === 'right');
      serveRecognition(stream, query, isAllowed ? null : { code: codes.refused, message: 'auth error' }, common);
    });
  }

  function onRequest(request: IncomingMessage, response: ServerResponse): void {
    if (pathOf(request).replace(/\/$/u, '') === paths.text && !isClosing) void answerText(request, response, common);
    else response.writeHead(404, { 'content-length': 0 }).end();
  }

  const unmounts = [
    http.mount({ prefix: paths.v1, onUpgrade: translation(paths.v1, 1) }),
    http.mount({ prefix: paths.v2, onUpgrade: translation(paths.v2, 2) }),
    http.mount({ prefix: paths.asr, onUpgrade: recognition }),
    http.mount({ prefix: paths.text, onRequest }),
  ];

  return {
    listeners: [],
    conversation: () => undefined,
    async close() {
      isClosing = true;
      for (const unmount of unmounts) unmount();
      const open = [...streams];
      for (const stream of open) stream.close('the bench is closing', closeCodes.goingAway);
      await Promise.all(open.map((stream) => stream.closed));
      webSockets.close();
    },
  };
}
