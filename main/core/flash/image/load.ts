import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { TalkError } from '../../../../preload/contract/errors.ts';
import { type FileSource, type Firmware, type FlashFile, type FlashOptions, flashOptions } from '../../../../preload/contract/flash.ts';
import type { LoadedFile } from '../tool.ts';
import { type Build, readBuildFolder } from './build-folder.ts';
import { arrangeSet } from './dropped-set.ts';
import { FLASHER_ARGS } from './flasher-args.ts';
import { LARGEST_BYTES, readLimited } from './read-file.ts';

/** A file before it is read. */
export interface Source {
  offset: number | undefined;
  name: string;
  source: FileSource;
  /** Given in the clear, to be encrypted by a chip that has flash encryption on. */
  isEncrypted: boolean;
}

export interface GivenFile extends LoadedFile {
  isEncrypted: boolean;
}

export interface LoadedFirmware {
  files: GivenFile[];
  options: FlashOptions;
  /** The folder that a build was found in. */
  buildFolder: string | null;
  /** Of a dropped set: what its build does not name. */
  leftOut: string[];
}

/**
 * Everything a request names, read: files, a folder, a dropped set. What the request does not say about how, the build says.
 * Fails with `flash/bad-file`, `flash/bad-offset` and `too-large`.
 */
export async function loadFirmware({ files, buildFolder, options, provisioning }: Firmware): Promise<LoadedFirmware> {
  const { build, rest } = await findBuild(buildFolder, files);
  const set = arrangeSet(rest.map((file) => ({ offset: file.offset, name: file.name, source: file.source, isEncrypted: false })));
  const sources = [...(build?.files ?? []), ...set.files];
  // A board that has its firmware can still be made another device.
  if (sources.length === 0 && provisioning === undefined)
    throw new TalkError('flash/bad-file', { path: buildFolder ?? '', reason: 'nothing to write' });
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return {
    files: await loadAll(sources),
    options: flashOptions.parse({ ...build?.options, ...set.options, ...given }),
    buildFolder: build?.folder ?? null,
    leftOut: set.leftOut,
  };
}

/** The folder asked for, or one among the files: dropped as a path, or by its flasher_args.json. */
async function findBuild(
  buildFolder: string | undefined,
  files: readonly FlashFile[],
): Promise<{ build: Build | null; rest: FlashFile[] }> {
  if (buildFolder !== undefined) return { build: await readBuildFolder(buildFolder), rest: [...files] };
  for (const file of files) {
    if (file.offset !== undefined || !('path' in file.source)) continue;
    const { path } = file.source;
    if (basename(path) === FLASHER_ARGS || (await isFolder(path)))
      return { build: await readBuildFolder(path), rest: files.filter((other) => other !== file) };
  }
  return { build: null, rest: [...files] };
}

async function loadAll(sources: readonly Source[]): Promise<GivenFile[]> {
  const loaded: GivenFile[] = [];
  let sizeBytes = 0;
  for (const { offset, name, source, isEncrypted } of sources) {
    const data = 'data' in source ? source.data : await readLimited(source.path);
    sizeBytes += data.length;
    // All of it would not fit any flash.
    if (sizeBytes > LARGEST_BYTES) throw new TalkError('too-large', { name, limitBytes: LARGEST_BYTES, sizeBytes });
    if (data.length === 0) throw new TalkError('flash/bad-file', { path: name, reason: 'empty' });
    loaded.push({ offset, name: plainName(name), data, path: 'path' in source ? source.path : null, isEncrypted });
  }
  return loaded;
}

/** A name goes to logs and terminals: what would move their cursor is not for it to say. */
function plainName(name: string): string {
  return name.replaceAll(/\p{Cc}/gu, '�');
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}
