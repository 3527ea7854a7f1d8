import { dirname } from 'node:path';
import { type MessagePortMain, utilityProcess } from 'electron';
import type { FromCore } from './core-messages.ts';
import { serveHelperProcesses } from './helper-processes.ts';
import { servePrinting } from './printing.ts';
import { childEnvironment } from './security.ts';
import type { CoreProcess } from './supervisor.ts';

/** The name `child-process-gone` reports it under. */
export const CORE_SERVICE = 'talkbench-core';

export interface UtilityCore extends CoreProcess {
  /** Gives the core its end of a channel to a page. */
  connect(port: MessagePortMain): void;
}

/** Starts the core in a utility process. (With the runAsNode fuse off, child_process.fork would start nothing.) */
export function startUtilityCore(entry: string, args: readonly string[]): UtilityCore {
  const child = utilityProcess.fork(entry, [...args], {
    serviceName: CORE_SERVICE,
    // A port that is written to holds one of libuv's threads until its bytes are out: four would let four boards be flashed at a time.
    env: { UV_THREADPOOL_SIZE: '32', ...childEnvironment(process.env) },
    stdio: 'inherit',
  });
  serveHelperProcesses(child, dirname(entry));
  servePrinting(child);
  return {
    post: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', (message: FromCore) => listener(message)),
    onExit: (listener) => void child.once('exit', (code) => listener(`exit ${code}`)),
    kill: () => void child.kill(),
    connect: (port) => child.postMessage({ type: 'connect' }, [port]),
  };
}
