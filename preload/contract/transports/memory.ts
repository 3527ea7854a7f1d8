import type { ClientFrame, ClientTransport, ServerFrame, ServerTransport, Transport } from '../wire.ts';
import { Closing } from './closing.ts';

/**
 * Two joined ends in one process, for the CLI and tests. Frames are cloned as a MessagePort would and arrive in a later
 * microtask, so that code which works here works across processes.
 */
export function memoryTransportPair(): [client: ClientTransport, server: ServerTransport] {
  const toServer = new Channel<ClientFrame>();
  const toClient = new Channel<ServerFrame>();
  const closing = new Closing();

  function end<Outgoing, Incoming>(outgoing: Channel<Outgoing>, incoming: Channel<Incoming>): Transport<Outgoing, unknown> {
    const mine = new Closing();
    // The far end hears of a close after every frame that was posted before it.
    closing.onClose((reason) => queueMicrotask(() => mine.close(reason)));
    return {
      post(frame) {
        if (!closing.isClosed) outgoing.post(structuredClone(frame));
      },
      onFrame: (listener) => incoming.listen(listener),
      onClose: (listener) => mine.onClose(listener),
      close: (reason = 'closed') => void closing.close(reason),
    };
  }
  return [end(toServer, toClient), end(toClient, toServer)];
}

class Channel<Frame> {
  #listener: ((frame: Frame) => void) | null = null;
  #waiting: Frame[] = [];

  post(frame: Frame): void {
    this.#waiting.push(frame);
    queueMicrotask(() => this.#deliver());
  }

  listen(listener: (frame: Frame) => void): void {
    this.#listener = listener;
    queueMicrotask(() => this.#deliver());
  }

  #deliver(): void {
    if (this.#listener === null) return;
    for (let frame = this.#waiting.shift(); frame !== undefined; frame = this.#waiting.shift()) this.#listener(frame);
  }
}
