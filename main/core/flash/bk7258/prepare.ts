import { createHash } from 'node:crypto';
import { TalkError } from '../../../../preload/contract/errors.ts';
import { type FlashOptions, type FlashPlan, flashOptions, type PlannedFile } from '../../../../preload/contract/flash.ts';
import { isBinpkg } from '../cat1/package/binpkg.ts';
import type { PackageInfo } from '../cat1/package/info.ts';
import { listScript } from '../cat1/package/script.ts';
import { chipByImageId } from '../esp/chips.ts';
import { PORT_PLACEHOLDER, shellWord } from '../image/commands.ts';
import { foreignFormat } from '../image/content.ts';
import { readImage } from '../image/esp-image.ts';
import { isIntelHex } from '../image/intel-hex.ts';
import { isUf2 } from '../image/uf2.ts';
import { requireOwnTool } from '../image/vendor-tool.ts';
import type { LoadedFile, PreparedFlash } from '../tool.ts';
import { hex, SECTOR_BYTES } from './board.ts';
import { dialectFor } from './dialect.ts';
import { isBekenChip, openBekenSoc } from './package.ts';
import { isBareProgram } from './script-crc.ts';
import { type BootImage, writeBk7258 } from './write.ts';

/** As rates of packages go. */
const RATES = { least: 9600, most: 12_000_000 };
const contractRate = flashOptions.parse({}).baudRate;

/** Where a file for one of Espressif's chips begins with an image: at once, or merged with what stands before its bootloader. */
const ESP_BOOTLOADERS = [0, 0x1000, 0x2000];

interface Part extends BootImage {
  part: string | null;
  script: Uint8Array | null;
}

/**
 * The flash of a BK7258: a LuatOS `.soc` of that chip, or files with an offset each and `expectChip`. Null: neither. Fails with
 * `flash/…`, `too-large` and, for parts that it has not, `bad-request`.
 */
export async function prepareBk7258(files: LoadedFile[], options: FlashOptions): Promise<PreparedFlash | null> {
  const opened = await openFirst(files, options);
  if (opened === null && !isBekenChip(options.expectChip ?? '')) return null;
  if (opened !== null && options.expectChip !== undefined && !isBekenChip(options.expectChip))
    throw new TalkError('flash/wrong-chip', { expected: options.expectChip, actual: 'bk7258' });
  if (options.eraseAll) throw new TalkError('flash/protected', { offset: 0, sizeBytes: 0, what: 'calibration' });
  if (opened === null && !options.force) for (const file of files) requireContents(file);
  const chosen = opened === null ? placed(files) : chosenOf(opened.images, options.parts);
  for (const part of chosen) requireSector(part);
  const parts = withScriptInside(chosen);
  requireApart(parts);
  const info = opened?.info ?? null;
  const images = parts.map(({ name, address, data }) => ({ name, address, data }));
  const baudRate = rateOf(options, info);
  return { plan: planOf(files, parts, info, options), write: (run) => writeBk7258({ images, baudRate, options }, run) };
}

async function openFirst(files: readonly LoadedFile[], options: FlashOptions) {
  for (const file of files) {
    const opened = await openBekenSoc(file, dialectFor(options));
    if (opened === null) continue;
    const stranger = files.find((other) => other !== file);
    if (stranger === undefined) return opened;
    throw new TalkError('flash/bad-file', { path: stranger.name, reason: `${file.name} is a whole package, and goes alone` });
  }
  return null;
}

/**
 * What is written goes to the flash as it is: nothing that says of itself that it is for another chip, or is no contents of a flash.
 * Fails with `flash/wrong-chip`, `flash/vendor-tool` and `flash/bad-file`.
 */
function requireContents(file: LoadedFile): void {
  const { name, data } = file;
  const chip = espChipOf(data) ?? (isBinpkg(data, name) ? 'LTE module' : null);
  if (chip !== null) throw new TalkError('flash/wrong-chip', { expected: chip, actual: 'bk7258', file: name });
  requireOwnTool([file], undefined);
  const isText = isIntelHex(data) || isUf2(data);
  const reason = isText ? 'Intel HEX or UF2: give the .bin that the build makes of it' : foreignFormat(data);
  if (reason !== null) throw new TalkError('flash/bad-file', { path: name, reason });
}

/** By the image that it is, damaged or not, or that it has, merged, where the bootloader is. */
function espChipOf(data: Uint8Array): string | null {
  for (const at of ESP_BOOTLOADERS) {
    const inside = data.subarray(at);
    const image = readImage(inside);
    if (image === null || (typeof image === 'string' && at > 0)) continue;
    const [low = 0, high = 0] = inside.subarray(12);
    const chip = chipByImageId(low | (high << 8));
    if (chip !== undefined) return chip.name;
  }
  return null;
}

function placed(files: readonly LoadedFile[]): Part[] {
  return files.map(({ name, offset, data }) => {
    if (offset === undefined) throw new TalkError('flash/no-offset', { name, reason: 'chip-without-table' });
    return { name, address: offset, data, part: null, script: null };
  });
}

/** By their names or what they are; all unless said. */
function chosenOf(images: readonly Part[], wanted: readonly string[] | undefined): Part[] {
  if (wanted === undefined) return [...images];
  const isIt = ({ name, part }: Part, each: string) => [name, part].some((known) => known?.toLowerCase() === each.toLowerCase());
  const unknown = wanted.find((each) => !images.some((image) => isIt(image, each)));
  if (unknown !== undefined) {
    const message = `${unknown} is not one of ${images.map(({ name }) => name).join(', ')}`;
    throw new TalkError('bad-request', { issues: [{ path: ['parts'], message }] });
  }
  return images.filter((image) => wanted.some((each) => isIt(image, each)));
}

/** A ROM image that goes on over the script's place has room for it there: one image then, because sectors are written once. */
function withScriptInside(parts: readonly Part[]): Part[] {
  const rom = parts.find(({ part }) => part === 'ROM');
  const script = parts.find(({ part }) => part === 'SCRIPT');
  if (rom === undefined || script === undefined) return [...parts];
  const at = script.address - rom.address;
  if (at < 0 || at >= rom.data.length) return [...parts];
  const data = new Uint8Array(Math.max(rom.data.length, at + script.data.length));
  data.set(rom.data);
  data.set(script.data, at);
  return [{ ...rom, name: `${rom.name} + ${script.name}`, data, script: script.script }];
}

function requireSector({ address }: Part): void {
  if (address % SECTOR_BYTES === 0) return;
  throw new TalkError('flash/bad-offset', { offset: hex(address), reason: 'off-sector' });
}

/** By whole sectors: that is what is erased. */
function requireApart(parts: readonly Part[]): void {
  const sorted = [...parts].sort((a, b) => a.address - b.address);
  sorted.forEach((first, index) => {
    const second = sorted[index + 1];
    const end = Math.ceil((first.address + first.data.length) / SECTOR_BYTES) * SECTOR_BYTES;
    if (second !== undefined && second.address < end) throw new TalkError('flash/overlap', { first: first.name, second: second.name });
  });
}

/** What a person chose, then what the package wants. The contract's own default is nobody's choice, and careful. */
function rateOf({ baudRate }: FlashOptions, info: PackageInfo | null): number {
  const forced = info?.download?.force_br ?? 0;
  return baudRate === contractRate && forced >= RATES.least && forced <= RATES.most ? forced : baudRate;
}

function planOf(files: readonly LoadedFile[], parts: readonly Part[], info: PackageInfo | null, options: FlashOptions): FlashPlan {
  const { agentboot: _, ...planned } = options;
  return {
    family: 'bk7258',
    title: info === null ? null : titleOf(info),
    files: parts.map(plannedFile),
    totalBytes: parts.reduce((sum, { data }) => sum + data.length, 0),
    expectChip: 'bk7258',
    options: planned,
    partitions: null,
    flashBytes: null,
    warnings: parts.filter(({ data }) => isBareProgram(data)).map(({ name }) => ({ code: 'no-block-crc', data: { name } })),
    commands: commandsOf(files, info, options),
  };
}

function plannedFile({ name, address, data, part, script }: Part): PlannedFile {
  const contents = script === null ? null : listScript(script);
  return {
    offset: address,
    name,
    sizeBytes: data.length,
    sha256: createHash('sha256').update(data).digest('hex'),
    kind: part === null ? 'data' : 'module-image',
    chip: 'bk7258',
    app: null,
    partition: part,
    ...(contents === null ? {} : { contents }),
  };
}

function titleOf({ chip, rom, user }: PackageInfo): string {
  const bsp = rom?.['version-bsp'];
  const project = [user?.project, user?.version].filter(Boolean).join(' ');
  return [chip.type, ...(bsp ? [`LuatOS ${bsp}`] : []), ...(project === '' ? [] : [project])].join(' · ');
}

function commandsOf(files: readonly LoadedFile[], info: PackageInfo | null, { parts }: FlashOptions): FlashPlan['commands'] {
  if (files.some(({ path }) => path === null)) return [];
  const targets = files.map(({ path, offset }) => (info === null ? `${hex(offset ?? 0)}=${path}` : (path ?? '')));
  const words = [...(info === null ? ['--chip', 'bk7258'] : []), ...targets, ...(parts === undefined ? [] : ['--part', ...parts])];
  return [{ tool: 'talkbench', line: `talkbench flash --port ${PORT_PLACEHOLDER} ${words.map(shellWord).join(' ')}` }];
}
