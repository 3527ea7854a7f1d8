import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';

/** The most a control frame may carry (RFC 6455 §5.5). */
const MOST_BYTES = 125;

/**
 * Pings of a WebSocket, each told from the others by its payload. A pong comes when the peer has read everything before its ping, so that many of
 * them, or one behind something else, measure the way there and back.
 */
export class Pings {
  readonly #clock: Clock;
  readonly #socket: WebSocket;
  /** By payload, as a pong brings it back. */
  readonly #waiting = new Map<string, (isBack: boolean) => void>();

  constructor(clock: Clock, socket: WebSocket) {
    this.#clock = clock;
    this.#socket = socket;
    socket.on('pong', (payload) => this.#waiting.get(payload.toString('latin1'))?.(true));
    socket.on('close', () => {
      for (const end of [...this.#waiting.values()]) end(false);
    });
  }

  /** Milliseconds until it was back; null when it was not in time, or the connection ended. */
  ping(payloadBytes: number, timeoutMs: number): Promise<number | null> {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.resolve(null);
    const payload = randomBytes(Math.min(MOST_BYTES, Math.max(4, payloadBytes)));
    const key = payload.toString('latin1');
    const sentUs = this.#clock.nowUs();
    return new Promise((resolve) => {
      const end = (isBack: boolean): void => {
        this.#waiting.delete(key);
        cancel();
        resolve(isBack ? (this.#clock.nowUs() - sentUs) / 1000 : null);
      };
      const cancel = this.#clock.at((sentUs + Math.round(timeoutMs * 1000)) as MonoUs, () => end(false));
      this.#waiting.set(key, end);
      this.#socket.ping(payload);
    });
  }
}
