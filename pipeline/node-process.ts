import { fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/** A script of ours that Node runs in a process of its own, however it was started. The script's side is parent-process.ts. */
export interface NodeProcess {
  /** False as soon as it has ended or was killed; `onExit` may come a moment later. */
  readonly isRunning: boolean;
  /** By structured clone: samples stay binary. What is sent to one that has ended is lost. */
  send(message: unknown): void;
  onMessage<Message>(listener: (message: Message) => void): void;
  /** Once, after its last message and its last words; also for one that could not be started. */
  onExit(listener: (end: NodeProcessEnd) => void): void;
  /** At once; safe twice. */
  kill(): void;
  /** Whether this process waits for it before it ends by itself; it does, unless told otherwise. */
  keepWaiting(isNeeded: boolean): void;
}

export interface NodeProcessEnd {
  /** Its exit code, the signal that ended it, or why it could not be started; null: unknown. */
  code: number | string | null;
  /** The end of what it wrote on standard error. */
  said: string;
}

/** Injected where `child_process` cannot do it: a packaged Electron runs no scripts that way. */
export type StartNodeProcess = (script: URL, args?: readonly string[]) => NodeProcess;

/** Of standard error, the end: a library's reason stands there. */
const LAST_WORDS_LENGTH = 300;

/** As a child of this process. */
export function forkNodeProcess(script: URL, args: readonly string[] = []): NodeProcess {
  const child = fork(fileURLToPath(script), args, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
    // Electron's executable is Node only with this variable; Node does not look at it.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
  const ended = Promise.withResolvers<NodeProcessEnd>();
  let isRunning = true;
  let said = '';
  child.stderr?.on('data', (text: Buffer) => {
    said = (said + text.toString()).slice(-LAST_WORDS_LENGTH);
  });
  const over = (code: NodeProcessEnd['code']) => {
    isRunning = false;
    ended.resolve({ code, said });
  };
  child.once('exit', () => {
    isRunning = false;
  });
  child.once('close', (code, signal) => over(code ?? signal));
  child.on('error', (error) => {
    // One that never began has no exit.
    if (child.pid === undefined) over(error.message);
  });
  return {
    get isRunning() {
      return isRunning;
    },
    send(message) {
      if (child.connected) child.send(message as object, () => {}); // its end is told by its exit
    },
    onMessage: <Message>(listener: (message: Message) => void) => void child.on('message', (message) => listener(message as Message)),
    onExit: (listener) => void ended.promise.then(listener),
    kill() {
      isRunning = false;
      child.kill('SIGKILL');
    },
    keepWaiting(isNeeded) {
      for (const handle of [child, child.channel, child.stderr as Socket | null]) {
        if (isNeeded) handle?.ref();
        else handle?.unref();
      }
    },
  };
}
