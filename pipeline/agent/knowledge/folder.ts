import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setImmediate as nextMacrotask } from 'node:timers/promises';
import { TermIndex } from './index-of-terms.ts';
import { passagesOf } from './passages.ts';
import { termsOf } from './terms.ts';

/** What is beyond these is left out, and said. */
const MOST_FILES = 500;
const MOST_FILE_BYTES = 1024 * 1024;
const MOST_FOLDER_BYTES = 8 * 1024 * 1024;
const DEEPEST = 4;
/** A folder is read while boards talk, whose next frame is due within milliseconds. */
const LONGEST_STRETCH_MS = 2;
const readable = /\.(?:md|markdown|txt)$/iu;

export interface KnowledgePassage {
  /** Relative to the folder. */
  file: string;
  heading: string;
  text: string;
}

interface IndexedFile {
  /** Size and time of change: the file is read anew when they differ. */
  version: string;
  index: TermIndex;
}

/** The text and Markdown files of a folder, searched by BM25. A changed file is seen at the next question. */
export class KnowledgeFolder {
  readonly #folder: string;
  readonly #files = new Map<string, IndexedFile>();
  #reading: Promise<number> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The `limit` passages nearest to the question, best first, and how many files were left out for their size or number. Rejects with
   * the system's error when the folder cannot be read.
   */
  async search(question: string, limit: number): Promise<{ passages: KnowledgePassage[]; leftOut: number }> {
    // Questions that come together share one look at the disk.
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    const leftOut = await this.#reading;
    const files = [...this.#files];
    const passageCount = files.reduce((sum, [, { index }]) => sum + index.passages.length, 0);
    const termCount = files.reduce((sum, [, { index }]) => sum + index.termCount, 0);
    const weights = new Map<string, number>();
    for (const term of new Set(termsOf(question))) {
      const having = files.reduce((sum, [, { index }]) => sum + index.passagesWith(term), 0);
      if (having > 0) weights.set(term, Math.log(1 + (passageCount - having + 0.5) / (having + 0.5)));
    }
    const found: (KnowledgePassage & { score: number })[] = [];
    const breathe = createBreather();
    for (const [file, { index }] of files) {
      await breathe();
      for (const { passage, score } of index.find(weights, termCount / passageCount)) found.push({ file, ...passage, score });
    }
    found.sort((one, other) => other.score - one.score || one.file.localeCompare(other.file));
    return { passages: found.slice(0, limit).map(({ file, heading, text }) => ({ file, heading, text })), leftOut };
  }

  async #read(): Promise<number> {
    const there = await this.#list();
    let leftOut = Math.max(0, there.length - MOST_FILES);
    let total = 0;
    const current = new Set<string>();
    for (const path of there.slice(0, MOST_FILES)) {
      const file = relative(this.#folder, path).replaceAll('\\', '/');
      try {
        const { size, mtimeMs } = await stat(path);
        if (size > MOST_FILE_BYTES || total + size > MOST_FOLDER_BYTES) {
          leftOut += 1;
          continue;
        }
        total += size;
        const version = `${size}/${mtimeMs}`;
        if (this.#files.get(file)?.version !== version) {
          this.#files.set(file, { version, index: await indexOf(decoded(await readFile(path))) });
        }
        current.add(file);
      } catch {
        // Gone or unreadable between the look and the reading: as if it were not there.
      }
    }
    for (const file of [...this.#files.keys()]) if (!current.has(file)) this.#files.delete(file);
    return leftOut;
  }

  /** Files only: what a link leads to may lie anywhere. */
  async #list(folder = this.#folder, depth = 1): Promise<string[]> {
    let entries: Dirent[];
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      if (depth === 1) throw error;
      return [];
    }
    const paths: string[] = [];
    for (const entry of entries.toSorted((one, other) => one.name.localeCompare(other.name))) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith('.') || paths.length > MOST_FILES) continue;
      if (entry.isFile() && readable.test(entry.name)) paths.push(path);
      else if (entry.isDirectory() && depth < DEEPEST) paths.push(...(await this.#list(path, depth + 1)));
    }
    return paths;
  }
}

async function indexOf(text: string): Promise<TermIndex> {
  const index = new TermIndex();
  const breathe = createBreather();
  for (const passage of passagesOf(text)) {
    index.add(passage);
    await breathe();
  }
  return index;
}

/** Lets others run when this has run for a while. */
function createBreather(): () => Promise<void> {
  let startedMs = performance.now();
  return async () => {
    if (performance.now() - startedMs < LONGEST_STRETCH_MS) return;
    await nextMacrotask();
    startedMs = performance.now();
  };
}

/** Text files on Chinese Windows are often in GB 18030. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}
