import { TalkError } from '../../../../../preload/contract/errors.ts';
import { familyIn } from '../families.ts';
import { archiveKind, unpackArchive } from './archive.ts';
import { type Binpkg, readBinpkg } from './binpkg.ts';
import { type PackageInfo, readInfo } from './info.ts';

/** A LuatOS package, opened. */
export interface Soc {
  info: PackageInfo;
  binpkg: Binpkg;
  /** The application's script, where it has one. */
  script: Uint8Array | null;
}

const wanted = [/^info\.json$/i, /\.h?binpkg$/i, /^script\.bin$/i];

/** A ZIP may be anything; only one that is called so is a package. */
export function isSoc(bytes: Uint8Array, name: string): boolean {
  const kind = archiveKind(bytes);
  return kind === '7z' || (kind === 'zip' && /\.soc$/i.test(name)) || (kind === null && /\.soc$/i.test(name));
}

/** Fails with 'flash/bad-file' {path, reason}, 'too-large', and 'flash/vendor-tool' {chip, tool} for chips of others. */
export async function openSoc(bytes: Uint8Array, path: string): Promise<Soc> {
  const bad = (reason: string) => new TalkError('flash/bad-file', { path, reason });
  if (archiveKind(bytes) === null) throw bad('neither a 7z nor a ZIP archive');
  const files = await unpackArchive(bytes, wanted, path);
  const find = (pattern: RegExp) => files.find(({ name }) => pattern.test(name))?.data;
  const infoBytes = find(/^info\.json$/i);
  if (infoBytes === undefined) throw bad('no info.json in it');
  const info = readInfo(infoBytes, path);
  if (familyIn(info.chip.type) === null) throw new TalkError('flash/vendor-tool', { chip: info.chip.type, tool: 'Luatools' });
  const binpkg = find(/\.h?binpkg$/i);
  if (binpkg === undefined) throw bad('no .binpkg in it');
  return { info, binpkg: readBinpkg(binpkg, path), script: find(/^script\.bin$/i) ?? null };
}
