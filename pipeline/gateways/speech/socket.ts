import { type RawData, WebSocket } from 'ws';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { closeCodes } from './codes.ts';
import type { StreamRecord } from './stream-record.ts';

/** A client that takes nothing for so long (half a minute of audio, or thousands of messages) is not coming back. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
/** After our close frame, how long the client may take to answer it. */
const CLOSE_GRACE_US = 2_000_000;
/** Text messages: so many at once, then so many a second. A heartbeat comes once in a few seconds. */
const TEXT_BURST = 100;
const TEXTS_PER_SECOND = 20;
/** Audio messages of the document are 40 ms: 25 a second. Tiny ones are bounded too, for each costs a record. */
const BINARY_BURST = 1000;
const BINARIES_PER_SECOND = 400;

export interface StreamHandlers {
  onText(text: string): void;
  onAudio(bytes: Uint8Array): void;
  /** Once; everything the stream has begun must end. */
  onEnd(): void;
}

/** One client's socket: bounded both ways, recorded, closed with a reason. */
export class StreamSocket {
  readonly record: StreamRecord;
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #texts: Bucket;
  readonly #binaries: Bucket;
  #cancelGrace: (() => void) | undefined;
  #isEnded = false;
  #handlers: StreamHandlers | null = null;
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>;

  constructor(socket: WebSocket, record: StreamRecord, clock: Clock) {
    this.#socket = socket;
    this.record = record;
    this.#clock = clock;
    this.#texts = new Bucket(clock, TEXT_BURST, TEXTS_PER_SECOND);
    this.#binaries = new Bucket(clock, BINARY_BURST, BINARIES_PER_SECOND);
    socket.on('message', (data, isBinary) => this.#receive(asBytes(data), isBinary));
    socket.on('error', () => socket.terminate());
    this.closed = new Promise((resolve) => {
      socket.on('close', (code) => {
        this.#cancelGrace?.();
        this.record.closed(this.#isEnded ? 'closed by the bench' : 'closed by the client', code);
        this.#end();
        resolve();
      });
    });
  }

  handle(handlers: StreamHandlers): void {
    this.#handlers = handlers;
  }

  get isOpen(): boolean {
    return !this.#isEnded && this.#socket.readyState === WebSocket.OPEN;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(name: string, message: object, note?: string): void {
    if (!this.isOpen || this.#isClogged()) return;
    const text = JSON.stringify(message);
    this.record.message('down', name, text, note === undefined ? {} : { note });
    this.#socket.send(text);
  }

  sendAudio(pcm: Int16Array): void {
    if (!this.isOpen || this.#isClogged()) return;
    const bytes = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    this.record.audio('downlink', bytes);
    this.#socket.send(bytes, { binary: true });
  }

  /** Says the last message and closes. */
  refuse(name: string, message: object, reason: string, code: number = closeCodes.refused): void {
    this.send(name, message);
    this.close(reason, code);
  }

  close(reason: string, code: number = closeCodes.normal): void {
    if (this.#socket.readyState === WebSocket.OPEN && !this.#isEnded) {
      this.#socket.close(code, reason.slice(0, 100));
      this.#cancelGrace = this.#clock.at((this.#clock.nowUs() + CLOSE_GRACE_US) as MonoUs, () => this.#socket.terminate());
    }
    this.#end();
  }

  terminate(): void {
    this.#end();
    this.#socket.terminate();
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#handlers?.onEnd();
  }

  #isClogged(): boolean {
    if (this.#socket.bufferedAmount <= MAX_BUFFERED_BYTES) return false;
    this.record.event({ kind: 'dropped', what: 'slow-socket', count: 1 });
    this.terminate();
    return true;
  }

  #receive(bytes: Buffer, isBinary: boolean): void {
    if (!this.isOpen) return;
    if (!(isBinary ? this.#binaries : this.#texts).take()) {
      this.record.event({ kind: 'dropped', what: 'speech-flood', count: 1 });
      this.close('too many messages', closeCodes.refused);
      return;
    }
    if (isBinary) this.#handlers?.onAudio(bytes);
    else this.#handlers?.onText(bytes.toString('utf8'));
  }
}

class Bucket {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #perSecond: number;
  #left: number;
  #atUs: number;

  constructor(clock: Clock, most: number, perSecond: number) {
    this.#clock = clock;
    this.#most = most;
    this.#perSecond = perSecond;
    this.#left = most;
    this.#atUs = clock.nowUs();
  }

  take(): boolean {
    const nowUs = this.#clock.nowUs();
    this.#left = Math.min(this.#most, this.#left + ((nowUs - this.#atUs) / 1_000_000) * this.#perSecond);
    this.#atUs = nowUs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}

function asBytes(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
