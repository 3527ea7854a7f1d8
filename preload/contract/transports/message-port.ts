import type { ClientFrame, ClientTransport, ServerFrame, ServerTransport, Transport } from '../wire.ts';
import { Closing } from './closing.ts';

/** A DOM MessagePort or a worker_threads one. */
interface EventTargetPort {
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
}

/** Electron's MessagePortMain, an EventEmitter. */
interface EmitterPort {
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
  on(type: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(type: 'close', listener: () => void): unknown;
}

export type PortLike = EventTargetPort | EmitterPort;

/** Ports have no close reason of their own, so the last message carries it. */
interface Goodbye {
  t: 'goodbye';
  reason: string;
}

export function clientPortTransport(port: PortLike): ClientTransport {
  return portTransport<ClientFrame>(port);
}

export function serverPortTransport(port: PortLike): ServerTransport {
  return portTransport<ServerFrame>(port);
}

function portTransport<Outgoing>(port: PortLike): Transport<Outgoing, unknown> {
  const closing = new Closing();
  let listener: ((frame: unknown) => void) | null = null;

  function onMessage(event: { data: unknown }): void {
    if (isGoodbye(event.data)) {
      closing.close(event.data.reason);
      port.close();
    } else if (!closing.isClosed) {
      listener?.(event.data);
    }
  }

  // The far process is gone, or closed without a word.
  function onPortClose(): void {
    closing.close('lost');
  }

  if ('addEventListener' in port) {
    port.addEventListener('message', onMessage);
    port.addEventListener('close', onPortClose);
  } else {
    port.on('message', onMessage);
    port.on('close', onPortClose);
  }

  return {
    post(frame) {
      if (!closing.isClosed) port.postMessage(frame);
    },
    onFrame(onFrame) {
      listener = onFrame;
      port.start();
    },
    onClose: (onClose) => closing.onClose(onClose),
    close(reason = 'closed') {
      if (closing.isClosed) return;
      port.postMessage({ t: 'goodbye', reason } satisfies Goodbye);
      closing.close(reason);
      port.close();
    },
  };
}

function isGoodbye(message: unknown): message is Goodbye {
  return typeof message === 'object' && message !== null && 't' in message && message.t === 'goodbye' && 'reason' in message;
}
