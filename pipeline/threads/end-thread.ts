import { parentPort, type Worker } from 'node:worker_threads';

const END = 'end of thread';

/** A thread in the middle of native code, or one that only just starts on a busy machine, may take so long to come to its next message. */
const GRACE_MS = 15_000;

/**
 * Lets a worker thread end: it does so at its next message. `terminate` would stop it anywhere, and where that is within a native addon
 * the addon's next word to the runtime throws with nobody to catch it, which ends the whole process (Napi::Error, SIGABRT). Only one that
 * does not come to its end in time, stuck in a loop, is stopped that way, and no more waited for.
 */
export function endThread(worker: Worker, graceMs = GRACE_MS): Promise<void> {
  // One that has ended tells nobody any more.
  if (worker.threadId === -1) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      void worker.terminate();
      worker.unref();
      resolve();
    }, graceMs);
    worker.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    worker.ref();
    worker.postMessage(END);
  });
}

/** The thread's side: messages go to `handle` until the end is asked for. */
export function serveThread<Message>(handle: (message: Message) => void): void {
  const port = parentPort;
  if (!port) throw new Error('not in a worker thread');
  port.on('message', (message: Message | typeof END) => {
    if (message === END) port.close();
    else handle(message);
  });
}
