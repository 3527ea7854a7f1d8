import { posix } from 'node:path';
import { TalkError } from '../../../../preload/contract/errors.ts';
import type { FlashOptions } from '../../../../preload/contract/flash.ts';
import { FLASHER_ARGS, parseFlasherArgs } from './flasher-args.ts';
import { knownParts } from './known-builds.ts';
import type { Source } from './load.ts';

export interface ArrangedSet {
  files: Source[];
  options: Partial<FlashOptions>;
  /** Files that could be meant for the flash and that the build does not name. */
  leftOut: string[];
}

/**
 * Files dropped together, with names as their folder has them ('build/bootloader/bootloader.bin'), or picked without it. Where
 * an uploaded flasher_args.json is among them it says what goes where; what it does not name, and has no offset of its own,
 * stays out. A dropped folder of PlatformIO's or Arduino's is known by its names. Fails with `flash/bad-file` {path, reason}.
 */
export function arrangeSet(files: readonly Source[]): ArrangedSet {
  const named = files.map((file) => ({ file, path: normalised(file.name) }));
  const argFiles = named.filter(({ file, path }) => file.offset === undefined && posix.basename(path) === FLASHER_ARGS);
  // The bootloader's build, inside the application's, leaves one too: the outermost speaks for the whole.
  const [args, second] = argFiles.sort((a, b) => depth(a.path) - depth(b.path));
  if (args === undefined || !('data' in args.file.source)) return arrangeByNames(named);
  if (second !== undefined && depth(second.path) === depth(args.path))
    throw new TalkError('flash/bad-file', { path: second.file.name, reason: `a second ${FLASHER_ARGS}: choose one build` });

  const { files: entries, options } = parseFlasherArgs(Buffer.from(args.file.source.data).toString('utf8'), args.file.name);
  const folder = posix.dirname(args.path);
  const used = new Set<Source>([args.file]);
  const build = entries.map(({ offset, name, isEncrypted }): Source => {
    const wanted = insideOf(folder, name);
    const file = (named.find(({ path }) => path === wanted) ?? onlyOf(named.filter(({ path }) => path === posix.basename(wanted))))?.file;
    if (file === undefined)
      throw new TalkError('flash/bad-file', { path: name, reason: `named by ${FLASHER_ARGS} and not among the files` });
    used.add(file);
    return { offset, name, source: file.source, isEncrypted };
  });
  const others = files.filter((file) => !used.has(file));
  return {
    files: [...build, ...others.filter(({ offset }) => offset !== undefined)],
    options,
    leftOut: flashable(others),
  };
}

/** The first folder with a build takes the place of all that came with folders; single files stay as they were picked. */
function arrangeByNames(named: readonly { file: Source; path: string }[]): ArrangedSet {
  for (const folder of new Set(named.map(({ path }) => posix.dirname(path)))) {
    const beside = named.filter(({ path, file }) => posix.dirname(path) === folder && file.offset === undefined);
    const parts = knownParts(beside.map(({ path }) => posix.basename(path)));
    if (parts === null) continue;
    const isPart = (path: string) => posix.dirname(path) === folder && parts.includes(posix.basename(path));
    // Picked one by one, each is meant; but a merged image holds what is beside it.
    const isMeant = ({ file, path }: { file: Source; path: string }) =>
      file.offset !== undefined || isPart(path) || (!path.includes('/') && !path.endsWith('.merged.bin'));
    return {
      files: named.filter(isMeant).map(({ file }) => file),
      options: {},
      leftOut: flashable(named.filter((one) => !isMeant(one)).map(({ file }) => file)),
    };
  }
  return { files: named.map(({ file }) => file), options: {}, leftOut: [] };
}

function flashable(files: readonly Source[]): string[] {
  return files.filter(({ offset, name }) => offset === undefined && /\.(bin|hex|uf2)$/i.test(name)).map(({ name }) => name);
}

/** Names of a Windows folder have backslashes. */
function normalised(name: string): string {
  return posix.normalize(name.replaceAll('\\', '/')).replace(/^\/+/, '');
}

function insideOf(folder: string, name: string): string {
  const clean = posix.normalize(name.replaceAll('\\', '/'));
  if (clean.startsWith('../') || clean === '..' || clean.startsWith('/') || /^[a-z]:/i.test(clean))
    throw new TalkError('flash/bad-file', { path: name, reason: 'outside the build folder' });
  return posix.join(folder, clean);
}

function depth(path: string): number {
  return path.split('/').length;
}

function onlyOf<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}
