import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Firmware } from '../../../../pipeline/gateways/twetalk/ota/updates.ts';
import { type OtaFile, otaFile } from '../../../../preload/contract/cloud/twetalk.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Log } from '../../log.ts';
import { FirmwareShelf } from '../../recipes/firmware-shelf.ts';
import type { Store } from '../../store/store.ts';

export interface FirmwareFilesDeps {
  store: Store;
  dataDirectory: string;
  wallMs: () => number;
  log: Log;
}

/** Firmware that boards may be updated with: documents of the library, their bytes on a shelf by content. */
export class FirmwareFiles {
  readonly #deps: FirmwareFilesDeps;
  readonly #shelf: FirmwareShelf;
  readonly #files = new Map<string, OtaFile & { sha256: string }>();

  private constructor(deps: FirmwareFilesDeps) {
    this.#deps = deps;
    this.#shelf = new FirmwareShelf(join(deps.dataDirectory, 'ota'));
  }

  static async open(deps: FirmwareFilesDeps): Promise<FirmwareFiles> {
    const files = new FirmwareFiles(deps);
    for (const { id, body } of await deps.store.read('document.list', { kind: 'ota-file' })) {
      const parsed = storedFile.safeParse(body);
      if (parsed.success) files.#files.set(id, parsed.data);
      else deps.log.error({ id }, 'a stored firmware file cannot be read');
    }
    return files;
  }

  list(): OtaFile[] {
    return [...this.#files.values()].map(visible);
  }

  async add({ name, version, data }: { name: string; version: string; data: Uint8Array }): Promise<OtaFile> {
    const md5 = createHash('md5').update(data).digest('hex');
    const sha256 = await this.#shelf.put(data);
    // The same again, as a script does that updates every board by hand.
    const known = [...this.#files.values()].find((file) => file.sha256 === sha256 && file.name === name && file.version === version);
    if (known !== undefined) return visible(known);
    const file = { id: randomUUID(), name, version, sizeBytes: data.length, md5, addedWallMs: this.#deps.wallMs(), sha256 };
    await this.#deps.store.write('document.save', { kind: 'ota-file', id: file.id, body: file, wallMs: file.addedWallMs });
    this.#files.set(file.id, file);
    return visible(file);
  }

  async remove(id: string): Promise<void> {
    this.#find(id);
    await this.#deps.store.write('document.remove', { kind: 'ota-file', id });
    this.#files.delete(id);
    await this.#shelf.keepOnly(new Set([...this.#files.values()].map(({ sha256 }) => sha256)));
  }

  /** Throws TalkError 'not-found'. */
  firmware(id: string): Firmware {
    const { name, version, sizeBytes, md5, sha256 } = this.#find(id);
    return { fileId: id, name, version, sizeBytes, md5, path: this.#shelf.path(sha256) };
  }

  #find(id: string): OtaFile & { sha256: string } {
    const file = this.#files.get(id);
    if (file === undefined) throw new TalkError('not-found', { what: 'firmware', id });
    return file;
  }
}

const storedFile = otaFile.extend({ sha256: otaFile.shape.id });

function visible({ id, name, version, sizeBytes, md5, addedWallMs }: OtaFile): OtaFile {
  return { id, name, version, sizeBytes, md5, addedWallMs };
}
