import type { Socket } from 'node:net';
import { type RawData, WebSocket } from 'ws';
import { TalkError } from '../../../preload/contract/errors.ts';
import { decodeFrame, encodeFrame, type Frame } from '../../gateways/twetalk/frames.ts';

const OPEN_TIMEOUT_MS = 10_000;
/** How long a server may take to answer our close. */
const CLOSE_TIMEOUT_MS = 2_000;
const MAX_MESSAGE_BYTES = 256 * 1024;
/** Above this much unsent the SDK drops a frame with error -918. */
const SEND_BUFFER_BYTES = 90 * 191;

export interface VoiceLinkEvents {
  onFrame: (frame: Frame) => void;
  onPing: (payloadBytes: number) => void;
  /** Bytes that are no frame. */
  onMalformed: (sizeBytes: number) => void;
  onClosed: (code: number) => void;
}

export interface VoiceLink {
  readonly isOpen: boolean;
  /** Nothing is received before this: the greeting can be there before its receiver is. */
  begin(): void;
  /** False when the send buffer was full and the frame was dropped. */
  send(frame: Frame): boolean;
  close(): void;
}

/** Opens the board's WebSocket. Rejects with TalkError 'talk/refused' {stage: 'websocket', reason}. */
export function openVoiceLink(
  url: string,
  connect: ((options: object) => Socket) | undefined,
  events: VoiceLinkEvents,
): Promise<VoiceLink> {
  return new Promise((resolve, reject) => {
    // Named first because the package's types do not know closeTimeout yet.
    const options = {
      perMessageDeflate: false,
      handshakeTimeout: OPEN_TIMEOUT_MS,
      closeTimeout: CLOSE_TIMEOUT_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      ...(connect === undefined ? {} : { createConnection: connect }),
    };
    const socket = new WebSocket(url, options);
    let isOpened = false;
    const refuse = (reason: string) => reject(new TalkError('talk/refused', { stage: 'websocket', reason }));
    socket.on('unexpected-response', (request, response) => {
      refuse(`http ${response.statusCode}`);
      request.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      refuse(error.code ?? 'handshake');
      socket.terminate();
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary) receive(data, events);
    });
    socket.on('ping', (payload) => events.onPing(payload.length));
    socket.on('close', (code) => {
      refuse('closed');
      if (isOpened) events.onClosed(code);
    });
    socket.on('open', () => {
      isOpened = true;
      socket.pause();
      resolve({
        begin: () => socket.resume(),
        get isOpen() {
          return socket.readyState === WebSocket.OPEN;
        },
        send(frame) {
          if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > SEND_BUFFER_BYTES) return false;
          socket.send(encodeFrame(frame), { binary: true });
          return true;
        },
        close: () => socket.close(1000),
      });
    });
  });
}

function receive(data: RawData, events: VoiceLinkEvents): void {
  const bytes = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
  let frame: Frame;
  try {
    // A copy: the packets in it are kept until they are played.
    frame = decodeFrame(new Uint8Array(bytes));
  } catch {
    events.onMalformed(bytes.length);
    return;
  }
  events.onFrame(frame);
}
