import { constants } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { ModelEntry } from '../../../../preload/contract/engines.ts';
import { TalkError } from '../../../../preload/contract/errors.ts';
import { acceptPart, dropPart, partPath, readPart, requireSpace, sha256Of, sizeOf, writeFault } from './part.ts';

const manifest = z.object({ files: z.array(z.object({ path: z.string(), sizeBytes: z.number(), sha256: z.string() })) });
export type ModelFile = z.infer<typeof manifest>['files'][number];

const MANIFEST = 'talkbench-model.json';

/** The folder of models: one folder each, and in it, once every file is whole, a list of them with their hashes. */
export class ModelShelf {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  folder(entry: ModelEntry): string {
    return join(this.#root, entry.id);
  }

  path(entry: ModelEntry, file: { path: string }): string {
    return join(this.folder(entry), file.path);
  }

  /** The files of a model that is whole; null when it is not, or a file is gone or cut since. */
  async files(entry: ModelEntry): Promise<ModelFile[] | null> {
    const text = await readFile(join(this.folder(entry), MANIFEST), 'utf8').catch(() => null);
    if (text === null) return null;
    const parsed = manifest.safeParse(jsonOf(text));
    if (!parsed.success) return null;
    for (const { path } of entry.files) {
      const listed = parsed.data.files.find((file) => file.path === path);
      if (listed === undefined || (await sizeOf(this.path(entry, listed))) !== listed.sizeBytes) return null;
    }
    return parsed.data.files;
  }

  /** How much of it is here, whole files and beginnings. */
  async doneBytes(entry: ModelEntry): Promise<number> {
    let bytes = 0;
    for (const file of entry.files) {
      const path = this.path(entry, file);
      bytes += (await sizeOf(path)) ?? (await readPart(path))?.doneBytes ?? 0;
    }
    return bytes;
  }

  /** A file that an earlier attempt finished; one that has another hash than it should goes. */
  async finished(entry: ModelEntry, file: ModelEntry['files'][number], signal: AbortSignal): Promise<ModelFile | null> {
    const path = this.path(entry, file);
    const sizeBytes = await sizeOf(path);
    if (sizeBytes === null) return null;
    const sha256 = await sha256Of(path, signal);
    if (file.sha256 === '' || sha256 === file.sha256) return { path: file.path, sizeBytes, sha256 };
    await rm(path);
    return null;
  }

  /** It is whole now. */
  async complete(entry: ModelEntry, files: readonly ModelFile[]): Promise<void> {
    const path = join(this.folder(entry), MANIFEST);
    await writeFile(`${path}.new`, JSON.stringify({ files }));
    await rename(`${path}.new`, path);
  }

  async remove(entry: ModelEntry): Promise<void> {
    await rm(this.folder(entry), { recursive: true, force: true });
  }

  /**
   * Copies the model's files out of a folder, found by their paths or bare names, checked as a download is. Throws TalkError
   * 'model/incomplete' {folder, missing} before anything is copied, 'model/mismatch', 'model/no-space'.
   */
  async import(entry: ModelEntry, folder: string, signal: AbortSignal, onFile: (doneBytes: number) => void): Promise<ModelFile[]> {
    const found: { file: ModelEntry['files'][number]; from: string; sizeBytes: number }[] = [];
    const missing: string[] = [];
    for (const file of entry.files) {
      const from = await firstThere([join(folder, file.path), join(folder, basename(file.path))]);
      if (from === null) missing.push(file.path);
      else found.push({ file, ...from });
    }
    if (missing.length > 0) throw new TalkError('model/incomplete', { folder, missing: missing.join(', ') });
    await mkdir(this.folder(entry), { recursive: true });
    const neededBytes = found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    await requireSpace(this.path(entry, { path: MANIFEST }), neededBytes);

    const files: ModelFile[] = [];
    let doneBytes = 0;
    for (const { file, from, sizeBytes } of found) {
      signal.throwIfAborted();
      const path = this.path(entry, file);
      await mkdir(dirname(path), { recursive: true });
      await dropPart(path);
      try {
        await copyFile(from, partPath(path), constants.COPYFILE_FICLONE);
      } catch (error) {
        throw await writeFault(error, path, sizeBytes);
      }
      files.push({ path: file.path, ...(await acceptPart(path, file.path, file.sha256, signal)) });
      doneBytes += sizeBytes;
      onFile(doneBytes);
    }
    return files;
  }
}

async function firstThere(paths: readonly string[]): Promise<{ from: string; sizeBytes: number } | null> {
  for (const from of paths) {
    const sizeBytes = await sizeOf(from);
    if (sizeBytes !== null) return { from, sizeBytes };
  }
  return null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
