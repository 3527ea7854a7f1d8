import { randomUUID } from 'node:crypto';
import type { Log } from './log.ts';

/** What is not on disk by then is lost, as in a power cut. */
const FLUSH_TIMEOUT_MS = 3000;

/**
 * What becomes of a bug that nobody caught, in every process that has a core: it is logged with an id, what has been received so
 * far is brought to disk, and the process ends with code 1. A core in an unknown state does not go on recording; whoever
 * started it starts another (the desktop host does so by itself), and that one recovers the session and says so. Holds
 * until disposed of.
 */
export function endOnUncaught(log: Log, flush: () => Promise<void>): Disposable {
  let isEnding = false;
  const end = (error: unknown) => {
    log.fatal({ err: error, id: randomUUID().slice(0, 8) }, 'uncaught: the core ends');
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => process.exit(1), FLUSH_TIMEOUT_MS);
    flush()
      .catch((flushError: unknown) => log.error({ err: flushError }, 'not everything could be stored'))
      .finally(() => process.exit(1));
  };
  // A rejection that nobody handles is raised here too.
  process.on('uncaughtException', end);
  return { [Symbol.dispose]: () => void process.off('uncaughtException', end) };
}
