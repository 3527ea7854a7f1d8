import { TalkError } from '../../../../preload/contract/errors.ts';
import type { FlashOptions, FlashPlan, Partition, PlannedFile } from '../../../../preload/contract/flash.ts';
import type { Provisioning } from '../../../../preload/contract/provisioning.ts';
import { chips, normaliseChipName } from '../esp/chips.ts';
import { requireImages } from './boot-places.ts';
import { requireApart, requireChip, requirePartitionRoom, requireRoom } from './checks.ts';
import { commandsOf } from './commands.ts';
import { flashBytesOfName, headerPatchOf, requireHeaderValues } from './header.ts';
import type { LoadedFirmware } from './load.ts';
import { carveOut, findProvisioned } from './provisioned.ts';
import { bootloaderAmong, type Recognised, recognise, tableAmong } from './recognise.ts';
import { type EspFlash, type Region, regionOf } from './region.ts';
import { warningsOf } from './warnings.ts';

const MEGABYTE = 1024 * 1024;

/**
 * The plan of an ESP32-family flash: every file in its place, all of it checked as far as that goes without a board. Fails with
 * `flash/bad-file`, `flash/bad-offset`, `flash/no-offset`, `flash/overlap`, `flash/does-not-fit`, `flash/wrong-chip`,
 * `flash/too-big`, `flash/no-image`, `flash/no-partition`, `too-large`, `bad-request`.
 */
export function prepareEsp(loaded: LoadedFirmware, provisioning: Pick<Provisioning, 'partition'> | null): EspFlash {
  const { options, leftOut, buildFolder } = loaded;
  const recognised = loaded.files.flatMap((file) => recognise(file, options.force));
  const table = tableAmong(recognised);
  const nvs = provisioning === null || table === null ? null : findProvisioned(table, provisioning.partition);
  const regions = placeAll(recognised, table, nvs);
  requireApart(regions);

  const expectChip = requireOneChip(regions, options);
  requireHeaderValues(headerPatchOf(options), expectChip === null ? chips : chips.filter(({ name }) => name === expectChip));
  const chosenBytes = flashBytesOfName(options.flashSize);
  if (chosenBytes !== null) requireRoom(nvs === null ? regions : [...regions, nvs], chosenBytes);
  if (!options.force) {
    if (table !== null) requirePartitionRoom(regions, table);
    requireImages(regions, { chip: expectChip, table });
  }

  const bootloader = bootloaderAmong(recognised);
  const flashBytes = chosenBytes ?? (bootloader === null ? null : 2 ** bootloader.flash.size * MEGABYTE);
  const files = [...regions.map(plannedFile), ...(nvs === null ? [] : [plannedNvs(nvs)])];
  const { agentboot: _, ...shown } = options;
  const plan: FlashPlan = {
    family: 'esp',
    title: titleOf(regions),
    files,
    totalBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    expectChip,
    options: shown,
    partitions: table,
    flashBytes,
    warnings: warningsOf({ regions, table, nvs, flashBytes, bootloader, leftOut, expectChip }),
    commands: commandsOf({ regions, nvs, options, expectChip, buildFolder }),
  };
  return { plan, regions, table };
}

/** In order of offset. The same file given twice is one. */
function placeAll(recognised: readonly Recognised[], table: readonly Partition[] | null, nvs: Partition | null): Region[] {
  const regions = recognised.map((one) => regionOf(one, table)).sort((a, b) => a.offset - b.offset);
  const seen = new Set<string>();
  const single = regions.filter(({ offset, sizeBytes, sha256 }) => {
    const key = `${offset} ${sizeBytes} ${sha256}`;
    return !seen.has(key) && seen.add(key);
  });
  return nvs === null ? single : carveOut(single, nvs);
}

/** The chip asked for, else the one that all images are for; null where nothing says it. */
function requireOneChip(regions: readonly Region[], { expectChip }: FlashOptions): string | null {
  const chip =
    expectChip === undefined
      ? regions.find((region) => chips.some(({ name }) => name === region.chip))?.chip
      : requireKnownChip(expectChip);
  if (chip === undefined || chip === null) return null;
  requireChip(regions, chip);
  return chip;
}

function requireKnownChip(given: string): string {
  const name = normaliseChipName(given);
  if (chips.some((chip) => chip.name === name)) return name;
  const message = `not one of ${chips.map((chip) => chip.name).join(', ')}`;
  throw new TalkError('bad-request', { issues: [{ path: ['expectChip'], message }] });
}

function plannedFile({ offset, name, sizeBytes, sha256, kind, chip, app, partition }: Region): PlannedFile {
  return { offset, name, sizeBytes, sha256, kind, chip, app, partition };
}

/** Its bytes are made when the board is known. */
function plannedNvs({ name, offset, sizeBytes }: Partition): PlannedFile {
  return { offset, name, sizeBytes, sha256: '', kind: 'nvs', chip: null, app: null, partition: name };
}

function titleOf(regions: readonly Region[]): string | null {
  const app = regions.find((region) => region.app !== null)?.app;
  return app === undefined || app === null ? null : `${app.project} ${app.version}`.trim();
}
