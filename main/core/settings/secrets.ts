import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { TalkError } from '../../../preload/contract/errors.ts';
import { writePrivateFile } from './private-file.ts';

/** Device secrets and API keys by name ('device/<product>/<name>'). Never in the database, a log, a reply or an export. */
export interface SecretStore {
  get(name: string): Promise<string | null>;
  set(name: string, value: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Many at once, in one write of the file. */
  setAll(secrets: ReadonlyMap<string, string>): Promise<void>;
  removeAll(names: readonly string[]): Promise<void>;
  /** Both, in one write: either all of it is so afterwards or none. */
  change(added: ReadonlyMap<string, string>, removed: readonly string[]): Promise<void>;
  /** By name, as they are now. */
  all(): Promise<ReadonlyMap<string, string>>;
  /** For taking them out of what leaves the machine. The same array until they change. */
  values(): Promise<readonly string[]>;
}

const contents = z.record(z.string(), z.string());

/**
 * Secrets in a JSON file that only its owner may read: what there is where no keyring can be had. Writes replace the file
 * whole, one after the other. Throws at opening when the file is there but cannot be read (TalkError 'settings/invalid' when it
 * is no such file): starting without the secrets would overwrite them.
 */
export async function openSecretFile(path: string): Promise<SecretStore> {
  let secrets: ReadonlyMap<string, string> = new Map(Object.entries(await readContents(path)));
  let writing: Promise<void> = Promise.resolve();
  let values: readonly string[] | null = null;

  async function write(added: ReadonlyMap<string, string>, removed: readonly string[]): Promise<void> {
    const next = new Map(secrets);
    const isLess = removed.filter((name) => next.delete(name)).length > 0;
    for (const [name, value] of added) next.set(name, value);
    if (!isLess && added.size === 0) return;
    await writePrivateFile(path, JSON.stringify(Object.fromEntries(next)));
    // What cannot be written has not changed.
    secrets = next;
    values = null;
  }

  /** After the one before, whether that one succeeded or not. */
  function change(added: ReadonlyMap<string, string>, removed: readonly string[]): Promise<void> {
    const changed = writing.then(() => write(added, removed));
    writing = changed.catch(() => {});
    return changed;
  }

  return {
    get: async (name) => secrets.get(name) ?? null,
    set: (name, value) => change(new Map([[name, value]]), []),
    remove: (name) => change(new Map(), [name]),
    setAll: (added) => change(added, []),
    removeAll: (removed) => change(new Map(), removed),
    change,
    all: async () => secrets,
    async values() {
      values ??= [...secrets.values()];
      return values;
    },
  };
}

async function readContents(path: string): Promise<Record<string, string>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
  const parsed = contents.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new TalkError('settings/invalid', { key: path, issues: ['not a JSON object of names and secrets'] });
}

/** Without the parser's error, which quotes the file. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
