/** Who started this process: the other side of node-process.ts. */
export interface ParentProcess<Received, Sent> {
  /** Leaves at once, even from the middle of something that takes long. */
  send(message: Sent): void;
  /** What came before waits for the listener. */
  onMessage(listener: (message: Received) => void): void;
}

/** As Electron's utility process has them; its types are not for here. */
interface Port {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown; ports: readonly Port[] }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start?(): void;
}

/** This process ends when its parent goes. */
export function parentProcess<Received, Sent>(): ParentProcess<Received, Sent> {
  const { parentPort } = process as unknown as { parentPort?: Port };
  if (parentPort !== undefined) return overPort(parentPort);
  process.on('disconnect', () => process.exit(0));
  return {
    send(message) {
      if (process.connected) process.send?.(message);
    },
    onMessage: (listener) => void process.on('message', (message) => listener(message as Received)),
  };
}

/** Electron's main process starts it on the core's behalf, and hands it its end of a channel to the core as the first message. */
function overPort<Received, Sent>(parentPort: Port): ParentProcess<Received, Sent> {
  const listeners: ((message: Received) => void)[] = [];
  const waiting: Sent[] = [];
  let port: Port | null = null;
  const listen = () => {
    if (port === null || listeners.length === 0) return;
    port.on('message', ({ data }) => {
      for (const listener of listeners) listener(data as Received);
    });
    port.start?.();
  };
  parentPort.on('message', ({ ports: [given] }) => {
    if (given === undefined || port !== null) return;
    port = given;
    port.on('close', () => process.exit(0));
    for (const message of waiting.splice(0)) port.postMessage(message);
    listen();
  });
  return {
    send(message) {
      if (port === null) waiting.push(message);
      else port.postMessage(message);
    },
    onMessage(listener) {
      listeners.push(listener);
      if (listeners.length === 1) listen();
    },
  };
}
