import { open } from 'node:fs/promises';
import { isTalkError, TalkError } from '../../../preload/contract/errors.ts';
import { type ChipIdentity, type FlashFile, type FlashOptions, type FlashPlan, flashOptions } from '../../../preload/contract/flash.ts';
import { readBuildFolder, reasonOf } from './build-folder.ts';
import { chipByImageId, chips, flashSizeCodes, normaliseChipName } from './esp/chips.ts';
import { type HeaderPatch, readImage, requireHeaderValues } from './image.ts';

const SECTOR_BYTES = 0x1000;
const LARGEST_FLASH_BYTES = 128 * 1024 * 1024;

export interface PlanRequest {
  files: readonly FlashFile[];
  buildFolder?: string | undefined;
  options: { [Key in keyof FlashOptions]?: FlashOptions[Key] | undefined };
}

/** What will be written, in order of offset. `data` is padded to a multiple of 4 with erased bytes. */
export interface Region {
  offset: number;
  name: string;
  sizeBytes: number;
  data: Uint8Array;
  /** The chip an application or bootloader was built for; null for anything else. */
  chip: string | null;
}

export interface PreparedFlash {
  plan: FlashPlan;
  regions: Region[];
}

/**
 * Reads and checks everything there is to write, touching no board. Fails with `flash/bad-file`, `flash/bad-offset`,
 * `flash/overlap` {first, second}, `flash/wrong-chip` (an image for another chip than the one expected), `flash/too-big` (for
 * the flash size given), `too-large` and, for an option that no such chip has, `bad-request`.
 */
export async function prepareFlash(request: PlanRequest): Promise<PreparedFlash> {
  const build = request.buildFolder === undefined ? null : await readBuildFolder(request.buildFolder);
  const given = Object.fromEntries(Object.entries(request.options).filter(([, value]) => value !== undefined));
  const options = flashOptions.parse({ ...build?.options, ...given });
  const files = [...(build?.files ?? []), ...request.files];
  if (files.length === 0) throw new TalkError('flash/bad-file', { path: request.buildFolder ?? '', reason: 'nothing to write' });

  const regions: Region[] = [];
  for (const file of files) regions.push(await readRegionOf(file));
  regions.sort((a, b) => a.offset - b.offset);
  requireApart(regions);
  const expectChip = options.expectChip === undefined ? null : requireKnownChip(options.expectChip);
  if (expectChip !== null) for (const region of regions) requireChip(region, expectChip);
  requireHeaderValues(headerPatchOf(options), expectChip === null ? chips : chips.filter(({ name }) => name === expectChip));
  const sizeCode = flashSizeCodes[options.flashSize.toUpperCase()];
  if (sizeCode !== undefined) requireRoom(regions, 2 ** sizeCode * 1024 * 1024);
  return {
    plan: {
      files: regions.map(({ offset, name, sizeBytes }) => ({ offset, name, sizeBytes })),
      totalBytes: regions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      expectChip,
      options,
    },
    regions,
  };
}

/** The same, against the chip that answered: before a byte is written. */
export function requireFits({ plan, regions }: PreparedFlash, identity: ChipIdentity): void {
  if (plan.expectChip !== null && plan.expectChip !== identity.chip)
    throw new TalkError('flash/wrong-chip', { expected: plan.expectChip, actual: identity.chip });
  for (const region of regions) requireChip(region, identity.chip);
  requireHeaderValues(
    headerPatchOf(plan.options),
    chips.filter(({ name }) => name === identity.chip),
  );
  if (identity.flashBytes !== null) requireRoom(regions, identity.flashBytes);
}

export function headerPatchOf({ flashMode, flashFrequency, flashSize }: FlashOptions): HeaderPatch {
  return { mode: flashMode, frequency: flashFrequency, size: flashSize };
}

async function readRegionOf(file: FlashFile): Promise<Region> {
  // Erasing takes whole sectors: a region that began inside one would take its neighbour's bytes with it.
  if (file.offset % SECTOR_BYTES !== 0) throw new TalkError('flash/bad-offset', { offset: file.offset, reason: 'not on a 4 KiB sector' });
  const raw = 'data' in file.source ? requireSize(file.name, file.source.data) : await readLimited(file.source.path);
  if (raw.length === 0) throw new TalkError('flash/bad-file', { path: file.name, reason: 'empty' });
  const image = readImage(raw);
  if (typeof image === 'string') throw new TalkError('flash/bad-file', { path: file.name, reason: `image: ${image}` });
  const chip = image === null ? null : (chipByImageId(image.chipId)?.name ?? `chip id ${image.chipId}`);
  const data = new Uint8Array(Math.ceil(raw.length / 4) * 4).fill(0xff);
  data.set(raw);
  return { offset: file.offset, name: file.name, sizeBytes: raw.length, data, chip };
}

async function readLimited(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    if (size > LARGEST_FLASH_BYTES) throw new TalkError('too-large', { limitBytes: LARGEST_FLASH_BYTES, sizeBytes: size });
    return await file.readFile();
  } catch (cause) {
    if (isTalkError(cause)) throw cause;
    throw new TalkError('flash/bad-file', { path, reason: reasonOf(cause) }, { cause });
  }
}

function requireSize(name: string, data: Uint8Array): Uint8Array {
  if (data.length > LARGEST_FLASH_BYTES)
    throw new TalkError('too-large', { name, limitBytes: LARGEST_FLASH_BYTES, sizeBytes: data.length });
  return data;
}

function requireApart(regions: readonly Region[]): void {
  regions.forEach((region, index) => {
    const next = regions[index + 1];
    if (next !== undefined && Math.ceil((region.offset + region.sizeBytes) / SECTOR_BYTES) * SECTOR_BYTES > next.offset)
      throw new TalkError('flash/overlap', { first: region.name, second: next.name });
  });
}

function requireRoom(regions: readonly Region[], flashBytes: number): void {
  for (const { offset, sizeBytes, name } of regions)
    if (offset + sizeBytes > flashBytes) throw new TalkError('flash/too-big', { offset, sizeBytes, flashBytes, file: name });
}

function requireKnownChip(given: string): string {
  const name = normaliseChipName(given);
  if (chips.some((chip) => chip.name === name)) return name;
  const message = `not one of ${chips.map((chip) => chip.name).join(', ')}`;
  throw new TalkError('bad-request', { issues: [{ path: ['expectChip'], message }] });
}

function requireChip({ chip, name }: Region, expected: string): void {
  if (chip !== null && chip !== expected) throw new TalkError('flash/wrong-chip', { expected, actual: chip, file: name });
}
