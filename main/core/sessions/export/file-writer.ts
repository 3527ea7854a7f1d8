import { closeSync, openSync, writeSync } from 'node:fs';

/** Text and bytes into a file, in order, a stretch at a time. */
export interface FileWriter extends Disposable {
  write(part: string | Uint8Array): void;
}

const STRETCH_BYTES = 256 * 1024;

/** Recorded voices are the user's alone: nobody else reads the file. */
export function createFileWriter(path: string): FileWriter {
  const file = openSync(path, 'w', 0o600);
  let held: Uint8Array[] = [];
  let heldBytes = 0;

  function flush(): void {
    const whole = Buffer.concat(held);
    held = [];
    heldBytes = 0;
    for (let at = 0; at < whole.length; ) at += writeSync(file, whole, at);
  }

  return {
    write(part) {
      const bytes = typeof part === 'string' ? Buffer.from(part) : part;
      held.push(bytes);
      heldBytes += bytes.byteLength;
      if (heldBytes >= STRETCH_BYTES) flush();
    },
    [Symbol.dispose]() {
      try {
        flush();
      } finally {
        closeSync(file);
      }
    },
  };
}
