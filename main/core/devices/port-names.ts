import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type PortInfo, portColour } from '../../../preload/contract/ports.ts';

const given = z.object({ name: z.string().max(80), colour: portColour.nullable() });
const file = z.record(z.string(), given);
type Given = z.infer<typeof given>;

const FILE = 'port-names.json';

/** Names and colours that the user gave to boards, by identity. Kept in the data directory; read once. */
export class PortNames {
  readonly #directory: string;
  #names: Promise<Map<string, Given>> | null = null;
  #saving: Promise<void> = Promise.resolve();

  constructor(dataDirectory: string) {
    this.#directory = dataDirectory;
  }

  async set(identity: string, value: Given): Promise<void> {
    const names = await this.#load();
    if (value.name === '' && value.colour === null) names.delete(identity);
    else names.set(identity, value);
    const saved = this.#saving.then(() => this.#save(names));
    this.#saving = saved.catch(() => {});
    await saved;
  }

  /** The list with the names in it; a named port is called by its name. */
  async applyTo(ports: readonly PortInfo[]): Promise<PortInfo[]> {
    const names = await this.#load();
    return ports.map((port) => {
      const value = names.get(port.identity ?? port.address);
      if (value === undefined) return port;
      return {
        ...port,
        ...(value.name === '' ? {} : { name: value.name, label: value.name }),
        ...(value.colour === null ? {} : { colour: value.colour }),
      };
    });
  }

  #load(): Promise<Map<string, Given>> {
    this.#names ??= readFile(join(this.#directory, FILE), 'utf8').then(
      (text) => new Map(Object.entries(file.safeParse(parseJson(text)).data ?? {})),
      () => new Map(),
    );
    return this.#names;
  }

  async #save(names: ReadonlyMap<string, Given>): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const path = join(this.#directory, FILE);
    await writeFile(`${path}.new`, `${JSON.stringify(Object.fromEntries(names), null, 2)}\n`);
    await rename(`${path}.new`, path);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
