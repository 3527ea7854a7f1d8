import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TalkError } from '../../../preload/contract/errors.ts';

/** Files of recipes that were given as bytes, by their SHA-256: what a browser uploads has no path to come back to. */
export class FirmwareShelf {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Returns the SHA-256, hex. */
  async put(data: Uint8Array): Promise<string> {
    const sha256 = createHash('sha256').update(data).digest('hex');
    await mkdir(this.#directory, { recursive: true });
    // Whole or not at all: what is named by its content must be that content.
    const temporary = join(this.#directory, `.${randomUUID()}`);
    try {
      await writeFile(temporary, data);
      await rename(temporary, this.path(sha256));
    } finally {
      await rm(temporary, { force: true });
    }
    return sha256;
  }

  path(sha256: string): string {
    return join(this.#directory, sha256);
  }

  /** Fails with `flash/bad-file` when it is not there, or is no longer what it was. */
  async read(sha256: string, name: string): Promise<Uint8Array> {
    const data = await readFile(this.path(sha256)).catch((cause: unknown) => {
      throw new TalkError('flash/bad-file', { path: name, reason: 'not in the library' }, { cause });
    });
    if (createHash('sha256').update(data).digest('hex') !== sha256)
      throw new TalkError('flash/bad-file', { path: name, reason: 'damaged in the library' });
    return data;
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.#names()).includes(sha256);
  }

  /** Forgets what no recipe names any more. */
  async keepOnly(named: ReadonlySet<string>): Promise<void> {
    for (const name of await this.#names()) if (!named.has(name)) await rm(this.path(name), { force: true });
  }

  async #names(): Promise<string[]> {
    return readdir(this.#directory).catch(() => []);
  }
}
