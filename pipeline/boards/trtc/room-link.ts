import { type RawData, WebSocket } from 'ws';
import { TalkError } from '../../../preload/contract/errors.ts';
import { asObject } from '../../json-object.ts';

const OPEN_TIMEOUT_MS = 10_000;
/** The SDK's limit of one custom message; a larger one it does not send. */
export const MOST_CUSTOM_BYTES = 1024;

export interface RoomLinkEvents {
  onEntered: (facts: Record<string, unknown>) => void;
  onUsers: (change: 'entered' | 'left', userId: string) => void;
  onMessage: (from: string, cmdId: number, data: Record<string, unknown>) => void;
  onAudio: (from: string, packet: Uint8Array) => void;
  onRemoved: (reason: string) => void;
  onClosed: (code: number) => void;
}

export interface RoomLink {
  readonly isOpen: boolean;
  sendAudio(packet: Uint8Array): void;
  /** Throws TalkError 'too-large' as the SDK refuses more than a kilobyte. */
  sendMessage(cmdId: number, data: Record<string, unknown>): void;
  leave(): void;
}

/** Enters a room. Rejects with TalkError 'talk/refused' {stage: 'room', reason}. */
export function openRoomLink(url: string, events: RoomLinkEvents): Promise<RoomLink> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: OPEN_TIMEOUT_MS, maxPayload: 256 * 1024 });
    const refuse = (reason: string) => reject(new TalkError('talk/refused', { stage: 'room', reason }));
    let isOpened = false;
    socket.on('unexpected-response', (request, response) => {
      refuse(`http ${response.statusCode}`);
      request.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      refuse(error.code ?? 'handshake');
      socket.terminate();
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary) receiveAudio(asBytes(data), events);
      else receiveText(asBytes(data).toString('utf8'), events);
    });
    socket.on('close', (code) => {
      refuse('closed');
      if (isOpened) events.onClosed(code);
    });
    socket.on('open', () => {
      isOpened = true;
      resolve({
        get isOpen() {
          return socket.readyState === WebSocket.OPEN;
        },
        sendAudio(packet) {
          if (socket.readyState === WebSocket.OPEN) socket.send(packet, { binary: true });
        },
        sendMessage(cmdId, data) {
          const sizeBytes = Buffer.byteLength(JSON.stringify(data));
          if (sizeBytes > MOST_CUSTOM_BYTES) throw new TalkError('too-large', { limitBytes: MOST_CUSTOM_BYTES, sizeBytes });
          if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ event: 'message', cmdId, data }));
        },
        leave() {
          if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ event: 'leave' }));
          socket.close(1000);
        },
      });
    });
  });
}

/** A byte with the length of the sender's name, the name, the packet. */
function receiveAudio(bytes: Buffer, events: RoomLinkEvents): void {
  const length = bytes[0] ?? 0;
  if (bytes.length <= 1 + length) return;
  events.onAudio(bytes.toString('utf8', 1, 1 + length), new Uint8Array(bytes.subarray(1 + length)));
}

function receiveText(text: string, events: RoomLinkEvents): void {
  let message: Record<string, unknown> | null;
  try {
    message = asObject(JSON.parse(text));
  } catch {
    return;
  }
  if (message === null) return;
  const userId = String(message.userId ?? '');
  if (message.event === 'entered') events.onEntered(message);
  else if (message.event === 'user-entered') events.onUsers('entered', userId);
  else if (message.event === 'user-left') events.onUsers('left', userId);
  else if (message.event === 'removed') events.onRemoved(String(message.reason));
  else if (message.event === 'message') events.onMessage(userId, Number(message.cmdId), asObject(message.data) ?? { text: message.data });
}

function asBytes(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
