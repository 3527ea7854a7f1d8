import type { CheckHistoryFilter } from '../../../../preload/contract/checks.ts';

/** Midnight of a day as a date field has it ('2026-03-02'), in the reader's zone; null for anything else. */
function midnightOf(day: string | null, daysLater = 0): number | null {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day ?? '') ?? [];
  return year === undefined ? null : new Date(Number(year), Number(month) - 1, Number(date) + daysLater).getTime();
}

/** What the address asks for. Both days are included. */
export function filterOf(parameters: URLSearchParams): CheckHistoryFilter {
  const text = (name: string): string | null => parameters.get(name)?.trim() || null;
  const [serialNumber, listId, boardKind] = [text('serial'), text('list'), text('kind')];
  const [fromWallMs, endWallMs] = [midnightOf(parameters.get('from')), midnightOf(parameters.get('to'), 1)];
  return {
    ...(serialNumber === null ? {} : { serialNumber }),
    ...(listId === null ? {} : { listId }),
    ...(boardKind === null ? {} : { boardKind }),
    ...(fromWallMs === null ? {} : { fromWallMs }),
    ...(endWallMs === null ? {} : { toWallMs: endWallMs - 1 }),
  };
}

export function todayFromMs(now = new Date()): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
}
