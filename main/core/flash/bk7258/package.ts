import { z } from 'zod';
import { TalkError } from '../../../../preload/contract/errors.ts';
import { archiveKind, unpackArchive } from '../cat1/package/archive.ts';
import { type PackageInfo, readInfo } from '../cat1/package/info.ts';
import { isSoc } from '../cat1/package/soc.ts';
import type { LoadedFile } from '../tool.ts';
import type { Dialect } from './dialect.ts';
import { hasBlockCrcs, withBlockCrcs } from './script-crc.ts';
import type { BootImage } from './write.ts';

/** What of a LuatOS package's info.json only Beken's have. Sizes are in KiB. */
const scriptPlace = z
  .object({ bkcrc: z.boolean().optional().catch(undefined), size: z.coerce.number().int().positive().optional().catch(undefined) })
  .optional()
  .catch(undefined);
const bekenInfo = z.object({
  download: z.object({ bl_addr: z.unknown() }).partial().optional().catch(undefined),
  rom: z
    .object({ fs: z.object({ script: scriptPlace }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

export interface BekenPackage {
  info: PackageInfo;
  images: (BootImage & { part: 'ROM' | 'SCRIPT'; script: Uint8Array | null })[];
}

export function isBekenChip(name: string): boolean {
  return /^(bk72(xx|58|36)|air8101)$/i.test(name.trim());
}

/** Null: not of this chip. Fails with 'flash/bad-file' {path, reason}, 'too-large', 'flash/does-not-fit'. */
export async function openBekenSoc({ data, name }: LoadedFile, { scriptCrc }: Pick<Dialect, 'scriptCrc'>): Promise<BekenPackage | null> {
  if (!isSoc(data, name) || archiveKind(data) === null) return null;
  const files = await unpackArchive(data, [/^info\.json$/i, /\.bin$/i], name);
  const find = (wanted: string) => files.find((file) => file.name.toLowerCase() === wanted.toLowerCase())?.data;
  const infoBytes = find('info.json');
  if (infoBytes === undefined) return null;
  const info = readInfo(infoBytes, name);
  if (!isBekenChip(info.chip.type)) return null;
  const bad = (reason: string) => new TalkError('flash/bad-file', { path: name, reason });
  const romName = info.rom?.file ?? 'luatos.bin';
  const rom = find(romName);
  if (rom === undefined || rom.length === 0) throw bad(`no ${romName} in it`);
  const beken = bekenInfo.parse(JSON.parse(new TextDecoder().decode(infoBytes).replace(/^\uFEFF/, '')));
  // Without a word of it the ROM begins the flash; with one that nobody can read it may begin anywhere.
  if (beken.download?.bl_addr !== undefined && info.download?.bl_addr === undefined) throw bad('its bl_addr is no address');
  const images: BekenPackage['images'] = [{ name: romName, part: 'ROM', address: info.download?.bl_addr ?? 0, data: rom, script: null }];
  const scriptName = info.script?.file ?? 'script.bin';
  const script = find(scriptName);
  if (script === undefined || script.length === 0) return { info, images };
  const address = info.download?.script_addr;
  if (address === undefined || address === 0) throw bad('its info.json has no script_addr');
  const place = beken.rom?.fs?.script;
  const isWrapped = hasBlockCrcs(script);
  const isToWrap = !isWrapped && (scriptCrc === 'always' || (scriptCrc === 'auto' && place?.bkcrc === true));
  const written = isToWrap ? withBlockCrcs(script) : script;
  const roomBytes = place?.size === undefined ? null : place.size * 1024;
  if (roomBytes !== null && written.length > roomBytes)
    throw new TalkError('flash/does-not-fit', {
      name: scriptName,
      sizeBytes: written.length,
      partition: 'SCRIPT',
      partitionBytes: roomBytes,
    });
  images.push({ name: scriptName, part: 'SCRIPT', address, data: written, script: isWrapped ? null : script });
  return { info, images };
}
