import { TalkError } from '../../../../preload/contract/errors.ts';
import { normaliseChipName } from '../esp/chips.ts';
import type { LoadedFile } from '../tool.ts';

interface VendorChip {
  /** As a person writes it. */
  chip: string;
  tool: string;
  /** What `expectChip` may say, letters and digits only. */
  names: readonly string[];
  /** How its packages begin. */
  magics: readonly string[];
  /** How they are called. */
  files: RegExp | null;
}

/** Boards whose flashing protocol nobody published: their vendors' tools write them. */
const vendorChips: readonly VendorChip[] = [
  {
    chip: 'GX318/GX308',
    tool: 'AICXTEK',
    names: ['gx318', 'gx308'],
    magics: [],
    files: /(^|[^a-z0-9])gx3[01]8([^0-9]|$)/i,
  },
  {
    chip: 'AC79',
    tool: 'Jieli',
    names: ['ac79', 'ac791', 'ac791n', 'ac792', 'ac792n', 'ac7911', 'ac7916'],
    magics: [],
    files: /\.ufw$|(^|[/\\])jl_isd\.(fw|bin)$/i,
  },
  {
    chip: 'RV1106/RK3588',
    tool: 'rkdeveloptool, upgrade_tool, RKDevTool',
    names: ['rv1103', 'rv1106', 'rk3566', 'rk3568', 'rk3576', 'rk3588', 'rk3588s'],
    magics: ['RKFW', 'RKAF', 'LDR ', 'RKNS'],
    files: null,
  },
  {
    chip: 'Jetson Orin',
    tool: 'NVIDIA SDK Manager, flash.sh',
    names: ['orin', 'jetsonorin', 'orinnano', 'orinnx', 'agxorin', 'jetsonorinnano', 'jetsonorinnx', 'jetsonagxorin'],
    magics: [],
    files: /(^|[/\\])(flash|tegraflash)\.(sh|tar\.gz)$|(^|[/\\])jetson[-_][^/\\]*\.(tbz2|tar\.gz|img)$/i,
  },
];

/** Fails with `flash/vendor-tool` {chip, tool} for a chip, or a package for one, that only its vendor's tool can write. */
export function requireOwnTool(files: readonly Pick<LoadedFile, 'name' | 'data'>[], expectChip: string | undefined): void {
  const name = expectChip === undefined ? null : normaliseChipName(expectChip);
  const found = vendorChips.find((one) => (name !== null && one.names.includes(name)) || files.some((file) => isFor(one, file)));
  if (found !== undefined) throw new TalkError('flash/vendor-tool', { chip: found.chip, tool: found.tool });
}

function isFor({ magics, files }: VendorChip, { name, data }: Pick<LoadedFile, 'name' | 'data'>): boolean {
  const beginning = Buffer.from(data.subarray(0, 4)).toString('latin1');
  return magics.includes(beginning) || files?.test(name) === true;
}
