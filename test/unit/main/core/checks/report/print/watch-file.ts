import { readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** The text of a file that another process makes, as soon as it is there. */
export function watchFile(path: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const look = () => {
    try {
      resolve(readFileSync(path, 'utf8'));
    } catch {
      // Not yet.
    }
  };
  const watcher = watch(dirname(path), look);
  look();
  return promise.finally(() => watcher.close());
}
