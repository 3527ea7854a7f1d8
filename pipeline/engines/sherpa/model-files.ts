import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TalkError } from '../../../preload/contract/talk-error.ts';

/** Where a model's own description stands: behind the graph, at the end of the file (onnx.proto3, `metadata_props`). */
const METADATA_BYTES = 64 * 1024;

/**
 * The files of a model's folder. Looked at before the native library sees them: all it says of a missing one is "Please check your
 * config!".
 */
export class ModelFiles {
  readonly folder: string;
  readonly #names: readonly string[];

  private constructor(folder: string, names: readonly string[]) {
    this.folder = folder;
    this.#names = names;
  }

  /** Throws TalkError 'model/incomplete' {folder, missing} for a folder that is none. */
  static async of(folder: string): Promise<ModelFiles> {
    try {
      return new ModelFiles(folder, (await readdir(folder)).sort());
    } catch {
      throw new TalkError('model/incomplete', { folder, missing: folder });
    }
  }

  has(name: string): boolean {
    return this.#names.includes(name);
  }

  /** The path of the first pattern that a name of the folder has; undefined when none has. */
  find(...patterns: readonly RegExp[]): string | undefined {
    for (const pattern of patterns) {
      const name = this.#names.find((candidate) => pattern.test(candidate));
      if (name !== undefined) return join(this.folder, name);
    }
    return undefined;
  }

  all(pattern: RegExp): string[] {
    return this.#names.filter((name) => pattern.test(name)).map((name) => join(this.folder, name));
  }

  /** A file called `part`: the smaller int8 one where there are both. */
  onnx(part: string): string | undefined {
    return this.find(new RegExp(`(^|[-_.])${part}.*int8.*\\.(onnx|ort)$`, 'u'), new RegExp(`(^|[-_.])${part}.*\\.(onnx|ort)$`, 'u'));
  }

  tokens(): string {
    return this.require('tokens.txt', this.find(/^tokens\.txt$/u, /-tokens\.txt$/u));
  }

  /** Throws TalkError 'model/incomplete' {folder, missing}. */
  require(name: string, path: string | undefined): string {
    if (path === undefined) throw new TalkError('model/incomplete', { folder: this.folder, missing: name });
    return path;
  }
}

/** Whether an ONNX file's own description has one of these words. */
export async function describesItselfAs(path: string, word: string): Promise<boolean> {
  const { size } = await stat(path);
  await using file = await open(path);
  const length = Math.min(size, METADATA_BYTES);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.includes(word);
}
