import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { TalkError } from '../../../../preload/contract/errors.ts';
import type { SymbolFile } from '../../../../preload/contract/symbols.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { Log } from '../../log.ts';
import { BadElf } from './byte-reader.ts';
import type { Build } from './decode.ts';
import { appDescription, Firmware } from './firmware.ts';

/** How often files are looked at for a new build. */
const WATCH_INTERVAL_US = 2_000_000;
/** A file that changed so recently is still being written. */
const SETTLED_MS = 700;
/** Builds before the newest that are still asked: a board runs the old one until it is flashed. */
const OLDER_BUILDS = 2;
const MAX_FILE_BYTES = 512 * 1024 * 1024;

const remembered = z.object({
  version: z.literal(1),
  files: z.array(
    z.union([z.object({ path: z.string() }), z.object({ name: z.string(), stored: z.string().regex(/^[0-9a-f]{64}\.elf$/) })]),
  ),
});
type Remembered = z.infer<typeof remembered>['files'][number];

interface Entry {
  file: SymbolFile;
  source: Remembered;
  /** Newest first. */
  builds: Build[];
  /** Of the file when it was read last, whatever was in it. */
  modifiedMs: number;
  readBytes: number;
}

export interface SymbolFilesDeps {
  /** Holds `symbols.json` (what was loaded) and `symbols/` (files that were sent). */
  dataDirectory: string;
  clock: Clock;
  log: Log;
  onChange(): void;
}

/** The loaded ELF files: remembered over restarts, read again when a build has changed them. */
export class SymbolFiles {
  readonly #deps: SymbolFilesDeps;
  readonly #entries = new Map<string, Entry>();
  #cancelWatch: () => void = () => {};
  #isClosed = false;
  /** One after the other, so that the newest list is what stays. */
  #saving: Promise<void> = Promise.resolve();

  constructor(deps: SymbolFilesDeps) {
    this.#deps = deps;
  }

  /** What was loaded before the restart. A file that is gone stays in the list as 'missing'. */
  async restore(): Promise<void> {
    const text = await readFile(this.#listPath, 'utf8').catch(() => null);
    if (text === null) return;
    const parsed = remembered.safeParse(parseJson(text));
    if (!parsed.success) {
      this.#deps.log.warn({ path: this.#listPath }, 'the list of symbol files is not readable');
      return;
    }
    for (const source of parsed.data.files) {
      const entry = this.#entryOf(source);
      this.#entries.set(entry.file.id, entry);
      await this.#read(entry);
    }
    this.#deps.onChange();
    this.#watch();
  }

  get files(): SymbolFile[] {
    return [...this.#entries.values()].map(({ file }) => file);
  }

  /** Every build that can be asked: the newest of each file, then older ones. */
  get builds(): Build[] {
    const all = [...this.#entries.values()].map(({ builds }) => builds);
    return [...all.flatMap(([newest]) => newest ?? []), ...all.flatMap(([, ...older]) => older)];
  }

  /** Throws TalkError 'symbols/bad-elf', 'not-found', 'too-large'. `path` may be a build's folder: its newest ELF file is taken. */
  async loadPath(path: string): Promise<SymbolFile> {
    return this.#load({ path: await elfIn(resolve(path)) });
  }

  async loadData(name: string, data: Uint8Array): Promise<SymbolFile> {
    const bytes = new Uint8Array(data);
    open(name, bytes); // refused before it is kept
    const stored = `${await sha256Of(bytes)}.elf`;
    await mkdir(this.#storedDirectory, { recursive: true });
    await writeFile(join(this.#storedDirectory, stored), bytes);
    return this.#load({ name: basename(name), stored });
  }

  async remove(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new TalkError('not-found', { what: 'symbol file', id });
    this.#entries.delete(id);
    if ('stored' in entry.source) await rm(this.#pathOf(entry.source), { force: true });
    await this.#remember();
    this.#deps.onChange();
  }

  /** Reads what has changed since. */
  async refresh(): Promise<void> {
    for (const entry of this.#entries.values()) if ('path' in entry.source) await this.#refreshOne(entry);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelWatch();
    await this.#saving;
  }

  async #load(source: Remembered): Promise<SymbolFile> {
    const fresh = this.#entryOf(source);
    const entry = this.#entries.get(fresh.file.id) ?? fresh;
    const problem = await this.#read(entry);
    if (problem !== null && entry.builds.length === 0) throw problem;
    this.#entries.set(entry.file.id, entry);
    await this.#remember();
    this.#deps.onChange();
    this.#watch();
    return entry.file;
  }

  async #refreshOne(entry: Entry): Promise<void> {
    const facts = await stat(this.#pathOf(entry.source)).catch(() => null);
    if (facts === null) {
      if (entry.file.state === 'missing') return;
    } else {
      const isSame = facts.mtimeMs === entry.modifiedMs && facts.size === entry.readBytes;
      if ((isSame && entry.file.state !== 'missing') || this.#deps.clock.wallMs() - facts.mtimeMs < SETTLED_MS) return;
    }
    await this.#read(entry);
    this.#deps.onChange();
  }

  /** Leaves the outcome in the entry; what was read before stays in use when this fails. */
  async #read(entry: Entry): Promise<TalkError | null> {
    const path = this.#pathOf(entry.source);
    try {
      const { bytes, modifiedMs } = await readWhole(path);
      const sha256 = await sha256Of(bytes);
      entry.modifiedMs = modifiedMs;
      entry.readBytes = bytes.length;
      if (entry.builds[0]?.sha256 === sha256) {
        const { problem: _, ...file } = entry.file;
        entry.file = { ...file, state: 'ready' };
        return null;
      }
      const firmware = open(path, bytes);
      const isReload = entry.builds.length > 0;
      entry.builds = [{ id: entry.file.id, sha256, firmware }, ...entry.builds].slice(0, OLDER_BUILDS + 1);
      entry.file = {
        id: entry.file.id,
        name: entry.file.name,
        ...('path' in entry.source ? { path: entry.source.path } : {}),
        ...factsOf(firmware),
        state: 'ready',
        sizeBytes: bytes.length,
        sha256,
        loadedWallMs: this.#deps.clock.wallMs(),
        reloads: entry.file.reloads + (isReload ? 1 : 0),
      };
      return null;
    } catch (error) {
      if (!(error instanceof TalkError)) throw error;
      entry.file = { ...entry.file, state: error.code === 'not-found' ? 'missing' : 'bad', problem: error.value };
      return error;
    }
  }

  #entryOf(source: Remembered): Entry {
    const key = 'path' in source ? source.path : source.stored;
    const file: SymbolFile = {
      id: createHash('sha256').update(key).digest('hex').slice(0, 16),
      name: 'path' in source ? basename(source.path) : source.name,
      ...('path' in source ? { path: source.path } : {}),
      state: 'missing',
      sizeBytes: 0,
      sha256: '',
      machine: 'other',
      functions: 0,
      hasLines: false,
      loadedWallMs: 0,
      reloads: 0,
    };
    return { file, source, builds: [], modifiedMs: 0, readBytes: 0 };
  }

  #watch(): void {
    this.#cancelWatch();
    if (this.#isClosed || ![...this.#entries.values()].some(({ source }) => 'path' in source)) return;
    this.#cancelWatch = this.#deps.clock.at((this.#deps.clock.nowUs() + WATCH_INTERVAL_US) as MonoUs, () => {
      // A bug's throw is the core's to hear; expected failures are in the entries.
      void this.refresh().then(() => this.#watch());
    });
  }

  #remember(): Promise<void> {
    const text = `${JSON.stringify({ version: 1, files: [...this.#entries.values()].map(({ source }) => source) }, null, 2)}\n`;
    this.#saving = this.#saving.then(async () => {
      try {
        await mkdir(this.#deps.dataDirectory, { recursive: true });
        await writeFile(`${this.#listPath}.new`, text);
        await rename(`${this.#listPath}.new`, this.#listPath);
      } catch (error) {
        this.#deps.log.error({ err: error }, 'the list of symbol files was not saved');
      }
    });
    return this.#saving;
  }

  #pathOf(source: Remembered): string {
    return 'path' in source ? source.path : join(this.#storedDirectory, source.stored);
  }

  get #listPath(): string {
    return join(this.#deps.dataDirectory, 'symbols.json');
  }

  get #storedDirectory(): string {
    return join(this.#deps.dataDirectory, 'symbols');
  }
}

function factsOf(firmware: Firmware): Pick<SymbolFile, 'machine' | 'functions' | 'hasLines'> & Partial<SymbolFile> {
  const description = appDescription(firmware);
  return {
    machine: firmware.machine,
    functions: firmware.functionCount,
    hasLines: firmware.hasLines,
    ...(firmware.damage === null ? {} : { damage: firmware.damage }),
    ...(description === null ? {} : { project: description.project, appVersion: description.version, idfVersion: description.idfVersion }),
  };
}

/** Throws TalkError 'symbols/bad-elf'. */
export function open(path: string, bytes: Uint8Array): Firmware {
  try {
    return new Firmware(bytes);
  } catch (error) {
    if (error instanceof BadElf) throw new TalkError('symbols/bad-elf', { path, reason: error.message });
    throw error;
  }
}

/** Of a folder, its newest ELF file. Throws TalkError 'not-found', 'too-large', 'symbols/bad-elf' for a folder without one. */
export async function readWhole(given: string): Promise<{ bytes: Uint8Array<ArrayBuffer>; modifiedMs: number; path: string }> {
  const path = await elfIn(given);
  try {
    const facts = await stat(path);
    // Opening a pipe waits for ever, reading /dev/zero too, and opening a serial port may reset a board.
    if (!facts.isFile()) throw new TalkError('symbols/bad-elf', { path, reason: 'not a file' });
    const { size, mtimeMs } = facts;
    if (size > MAX_FILE_BYTES) throw new TalkError('too-large', { limitBytes: MAX_FILE_BYTES, sizeBytes: size });
    return { bytes: await readFile(path), modifiedMs: mtimeMs, path };
  } catch (error) {
    if (error instanceof TalkError) throw error;
    throw new TalkError('not-found', { what: 'file', id: path, reason: codeOf(error) });
  }
}

/** Off the thread: tens of megabytes take that many milliseconds. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
}

/** The file itself, or the newest ELF file of a project's or build's folder. */
async function elfIn(path: string): Promise<string> {
  const isFolder = await stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
  if (!isFolder) return path;
  const found: { path: string; modifiedMs: number }[] = [];
  for (const folder of [path, join(path, 'build')]) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (!name.endsWith('.elf')) continue;
      // A link to a build that was cleaned away.
      const facts = await stat(join(folder, name)).catch(() => null);
      if (facts?.isFile() === true) found.push({ path: join(folder, name), modifiedMs: facts.mtimeMs });
    }
  }
  const [newest] = found.sort((a, b) => b.modifiedMs - a.modifiedMs);
  if (newest === undefined) throw new TalkError('symbols/bad-elf', { path, reason: 'no .elf file in this folder or its build folder' });
  return newest.path;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unreadable';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
