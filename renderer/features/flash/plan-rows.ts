import type { FlashPlan, PlannedFile } from '../../../preload/contract/flash.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import type { ChosenFile } from './chosen-firmware.ts';

/** A line of the plan: what is written, what was chosen, or both in one. */
export interface PlanRow {
  key: string;
  name: string;
  chosen: ChosenFile | null;
  planned: PlannedFile | null;
  /** What stands in the way is about this file. */
  isBad: boolean;
  /** Why a file of a plan is not in it itself: its parts are, or it only tells about the others. */
  aside: 'parts' | 'read' | null;
}

/** Files that are several in one: each part has its own place in it. */
const container = /\.(hex|uf2|soc|binpkg|hbinpkg|json)$/i;

/** Whether an offset means anything for it. */
export function hasOffset({ name }: ChosenFile): boolean {
  return !container.test(name);
}

/** Planned ones in the order of the flash, then those that were chosen and go nowhere by themselves (or nobody knows yet where). */
export function planRows(files: readonly ChosenFile[], plan: FlashPlan | null, problem: TalkErrorValue | null): PlanRow[] {
  const named = new Set(
    ['name', 'file', 'path', 'first', 'second'].flatMap((key) => {
      const value = problem?.data[key];
      return typeof value === 'string' ? [value] : [];
    }),
  );
  const planned = (plan?.files ?? []).toSorted((a, b) => a.offset - b.offset);
  const rows = planned.map(
    (file): PlanRow => ({
      key: `${file.offset} ${file.name}`,
      name: file.name,
      chosen: files.find(({ name }) => name === file.name) ?? null,
      planned: file,
      isBad: named.has(file.name),
      aside: null,
    }),
  );
  const rest = files
    .filter(({ name }) => planned.every((file) => file.name !== name))
    .map(
      (chosen): PlanRow => ({
        key: chosen.name,
        name: chosen.name,
        chosen,
        planned: null,
        isBad: named.has(chosen.name),
        aside: plan === null ? null : hasOffset(chosen) || chosen.name.endsWith('.json') ? 'read' : 'parts',
      }),
    );
  return [...rows, ...rest];
}
