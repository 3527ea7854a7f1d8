import { TalkError } from '../../../../preload/contract/errors.ts';
import type { Partition, PlanWarning } from '../../../../preload/contract/flash.ts';
import { chips } from '../esp/chips.ts';
import { beginsLikeImage } from './esp-image.ts';
import { firstApp } from './merged.ts';
import { USUAL_APP_OFFSET } from './placing.ts';
import type { Region } from './region.ts';

/** What is known of where a chip starts from: its name, and the table that will be on the board; null what is not. */
export interface Known {
  chip: string | null;
  table: readonly Partition[] | null;
}

export interface NoImage {
  name: string;
  offset: number;
  /** 'bootloader', 'application', or a partition's name. */
  place: string;
  /** That it is such a place, that the file is meant for it, and that there is anything in it. */
  isCertain: boolean;
}

/** What would stand where a chip starts from, and is nothing that it starts. */
export function noImages(regions: readonly Pick<Region, 'name' | 'offset' | 'sizeBytes' | 'data'>[], known: Known): NoImage[] {
  const places = placesOf(known);
  return regions.flatMap(({ name, offset: from, sizeBytes, data }) =>
    places.flatMap(({ offset, place, isKnown, isFirst }) => {
      const isItsPlace = from === offset;
      const isWithin = isKnown && isFirst && offset > from && offset < from + sizeBytes;
      if (!isItsPlace && !isWithin) return [];
      const inside = data.subarray(offset - from);
      if (beginsLikeImage(inside)) return [];
      const isBlank = inside.every((byte) => byte === 0xff);
      // Of one that reaches over it, it may be left out.
      if (isBlank && !isItsPlace) return [];
      return [{ name, offset, place, isCertain: isKnown && isItsPlace && !isBlank }];
    }),
  );
}

/** Fails with `flash/no-image` {name, offset, place}. */
export function requireImages(regions: readonly Region[], known: Known): void {
  const found = noImages(regions, known).find(({ isCertain }) => isCertain);
  if (found === undefined) return;
  const { name, offset, place } = found;
  throw new TalkError('flash/no-image', { name, offset, place });
}

export function noImageWarnings(regions: readonly Region[], known: Known): PlanWarning[] {
  return noImages(regions, known).map(({ name, offset, place }) => ({ code: 'no-image', data: { name, offset, place } }));
}

interface BootPlace extends Pick<NoImage, 'offset' | 'place'> {
  isKnown: boolean;
  /** What a board without a choice of its own starts from. */
  isFirst: boolean;
}

function placesOf({ chip, table }: Known): BootPlace[] {
  const offsets = chips.filter(({ name }) => chip === null || name === chip).map(({ bootloaderOffset }) => bootloaderOffset);
  const bootloaders = [...new Set(offsets)].map((offset) => ({ offset, place: 'bootloader', isKnown: chip !== null, isFirst: true }));
  if (table === null) return [...bootloaders, { offset: USUAL_APP_OFFSET, place: 'application', isKnown: false, isFirst: true }];
  const first = firstApp(table);
  const apps = table.filter(({ type }) => type === 'app');
  return [...bootloaders, ...apps.map((app) => ({ offset: app.offset, place: app.name, isKnown: true, isFirst: app === first }))];
}
