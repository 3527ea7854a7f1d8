import { fileURLToPath } from 'node:url';
import type { CoreDeps } from '../core/core.ts';
import type { FromCore, ToCore } from './core-messages.ts';

type StartNodeProcess = NonNullable<CoreDeps['startProcess']>;
type NodeProcess = ReturnType<StartNodeProcess>;
type NodeProcessEnd = Parameters<Parameters<NodeProcess['onExit']>[0]>[0];

/** What of Electron's ports is used here. */
export interface RelayPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  start(): void;
}

export interface RelayParent {
  postMessage(message: FromCore): void;
  on(event: 'message', listener: (event: { data: ToCore; ports: readonly RelayPort[] }) => void): unknown;
}

/** The core's helper processes, started by the main process: the other side of helper-processes.ts. */
export function relayedProcesses(parent: RelayParent): StartNodeProcess {
  const helpers = new Map<number, Helper>();
  let lastId = 0;
  parent.on('message', ({ data, ports: [port] }) => {
    if (data.type === 'helper' && port !== undefined) helpers.get(data.id)?.connect(port);
    else if (data.type === 'helper-ended') {
      helpers.get(data.id)?.end({ code: data.code, said: data.said });
      helpers.delete(data.id);
    }
  });
  return (script, args = []) => {
    const id = ++lastId;
    const helper = new Helper(() => parent.postMessage({ type: 'kill-helper', id }));
    helpers.set(id, helper);
    parent.postMessage({ type: 'start-helper', id, script: fileURLToPath(script), args });
    return helper;
  };
}

class Helper implements NodeProcess {
  isRunning = true;
  readonly #kill: () => void;
  readonly #ended = Promise.withResolvers<NodeProcessEnd>();
  readonly #listeners: ((message: never) => void)[] = [];
  readonly #waiting: unknown[] = [];
  #port: RelayPort | null = null;

  constructor(kill: () => void) {
    this.#kill = kill;
  }

  connect(port: RelayPort): void {
    this.#port = port;
    port.on('message', ({ data }) => {
      for (const listener of this.#listeners) listener(data as never);
    });
    port.start();
    for (const message of this.#waiting.splice(0)) port.postMessage(message);
  }

  end(how: NodeProcessEnd): void {
    this.isRunning = false;
    this.#ended.resolve(how);
  }

  send(message: unknown): void {
    if (!this.isRunning) return;
    if (this.#port === null) this.#waiting.push(message);
    else this.#port.postMessage(message);
  }

  onMessage<Message>(listener: (message: Message) => void): void {
    this.#listeners.push(listener);
  }

  onExit(listener: (end: NodeProcessEnd) => void): void {
    void this.#ended.promise.then(listener);
  }

  kill(): void {
    this.isRunning = false;
    this.#kill();
  }

  /** The core never ends by itself: it is told to. */
  keepWaiting(): void {}
}
