import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { TalkError } from '../../../../preload/contract/errors.ts';
import type { FlashOptions } from '../../../../preload/contract/flash.ts';
import { FLASHER_ARGS, parseFlasherArgs } from './flasher-args.ts';
import { knownParts } from './known-builds.ts';
import type { Source } from './load.ts';
import { readLimited, reasonOf } from './read-file.ts';

export interface Build {
  folder: string;
  files: Source[];
  options: Partial<FlashOptions>;
}

/**
 * What there is to flash in a folder: an ESP-IDF build (its flasher_args.json, or that file itself), one of PlatformIO or an
 * export of Arduino's, or a project folder that holds such a one. Fails with `flash/bad-file` {path, reason} and
 * `flash/bad-offset`.
 */
export async function readBuildFolder(path: string): Promise<Build> {
  const given = resolve(path);
  if (!(await isFolder(given))) {
    if (basename(given) === FLASHER_ARGS) return readIdfBuild(await realpath(dirname(given)));
    throw new TalkError('flash/bad-file', { path, reason: 'neither a folder nor a flasher_args.json' });
  }
  // Files have their real paths: those of a folder behind a link would else not be known as its own.
  const root = await realpath(given);
  const places = [root, join(root, 'build')];
  for (const folder of places) {
    const build = await readBuild(folder);
    if (build !== null) return build;
  }
  // One folder an environment (PlatformIO), one a board (Arduino).
  for (const folder of [join(root, '.pio', 'build'), join(root, 'build'), root]) {
    const builds: Build[] = [];
    for (const { name } of (await list(folder)).filter((entry) => entry.isDirectory()).slice(0, 64)) {
      const build = await readBuild(join(folder, name));
      if (build !== null) builds.push(build);
    }
    const [only, second] = builds;
    if (second !== undefined) {
      const names = builds.map((build) => basename(build.folder)).join(', ');
      throw new TalkError('flash/bad-file', { path, reason: `several builds in it (${names}): choose one of these folders` });
    }
    if (only !== undefined) return only;
  }
  throw new TalkError('flash/bad-file', { path, reason: 'no build in it: no flasher_args.json, firmware.bin or *.ino.bin' });
}

async function readBuild(folder: string): Promise<Build | null> {
  const names = (await list(folder)).map(({ name }) => name);
  const parts = knownParts(names);
  if (parts !== null) {
    const files: Source[] = [];
    for (const name of parts) files.push({ offset: undefined, name, source: { path: await insideOf(folder, name) }, isEncrypted: false });
    return { folder, files, options: {} };
  }
  return names.includes(FLASHER_ARGS) ? readIdfBuild(folder) : null;
}

async function readIdfBuild(folder: string): Promise<Build> {
  const path = join(folder, FLASHER_ARGS);
  const args = parseFlasherArgs(Buffer.from(await readLimited(path)).toString('utf8'), path);
  const files: Source[] = [];
  for (const file of args.files) files.push({ ...file, source: { path: await insideOf(folder, file.name) } });
  return { folder, files, options: args.options };
}

/** A folder somebody was given must not make us read anything else, by its paths or by its links. */
async function insideOf(folder: string, name: string): Promise<string> {
  const path = resolve(folder, name);
  try {
    const root = await realpath(folder);
    const real = await realpath(path);
    const way = relative(root, real);
    if (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return real;
  } catch (cause) {
    throw new TalkError('flash/bad-file', { path, reason: reasonOf(cause) }, { cause });
  }
  throw new TalkError('flash/bad-file', { path, reason: 'outside the build folder' });
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new TalkError('flash/bad-file', { path, reason: reasonOf(cause) }, { cause });
  }
}

/** Empty for one that is not there. */
async function list(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(() => []);
}
