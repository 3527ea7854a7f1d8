import type { LogRow } from '../../../../preload/contract/logs.ts';
import { isOfBoard } from './own-part.ts';
import { templateOf } from './template.ts';

/**
 * What a good board says while it boots: each kind of line once, in the order of its first appearance, and how often it came. Masked: nothing
 * of the one board is in it.
 */
export interface BootBaseline {
  firmwareVersion: string;
  lines: { template: string; count: number }[];
}

export interface BootDifference {
  /** Not in the baseline, or (`wasCount`) more often than there. `row` is where it stands. */
  added: { row: LogRow; count: number; wasCount: number }[];
  /** Templates that are in the baseline and not here. */
  missing: string[];
  /** Said in another order than the baseline's: how many lines would have to move. */
  moved: number;
}

/** Longer boots are a loop of something; the rest says nothing new. */
const MOST_LINES = 2000;

/** `rows`: of one boot, oldest first. `names`: what this board alone is called. */
export function baselineOf(firmwareVersion: string, rows: readonly LogRow[], names: readonly string[] = []): BootBaseline {
  const lines = new Map<string, BootBaseline['lines'][number]>();
  for (const { template } of templatesOf(rows, names)) {
    const known = lines.get(template);
    if (known !== undefined) known.count++;
    else if (lines.size < MOST_LINES) lines.set(template, { template, count: 1 });
  }
  return { firmwareVersion, lines: [...lines.values()] };
}

/** What this boot says that the good one did not, no longer says, and says in another order. */
export function compareBoot(baseline: BootBaseline, rows: readonly LogRow[], names: readonly string[] = []): BootDifference {
  const good = new Map(baseline.lines.map((line, index) => [line.template, { ...line, index }]));
  const seen = new Map<string, { row: LogRow; count: number }>();
  for (const { template, row } of templatesOf(rows, names)) {
    const known = seen.get(template);
    if (known === undefined) seen.set(template, { row, count: 1 });
    else known.count++;
  }
  const added = [...seen].flatMap(([template, { row, count }]) => {
    const wasCount = good.get(template)?.count ?? 0;
    return wasCount === 0 || isMoreFrequent(count, wasCount) ? [{ row, count, wasCount }] : [];
  });
  const missing = baseline.lines.filter(({ template }) => !seen.has(template)).map(({ template }) => template);
  const order = [...seen.keys()].flatMap((template) => good.get(template)?.index ?? []);
  return { added, missing, moved: order.length - longestRise(order) };
}

/** Retries and polls differ by a few from boot to boot. */
function isMoreFrequent(count: number, wasCount: number): boolean {
  return count >= wasCount * 3 && count - wasCount >= 3;
}

function* templatesOf(rows: readonly LogRow[], names: readonly string[]): Generator<{ template: string; row: LogRow }> {
  for (const row of rows) {
    if (row.direction !== 'received' || !isOfBoard(row)) continue;
    const template = templateOf(row, names);
    if (template !== '') yield { template, row };
  }
}

/** Length of the longest rising subsequence: what kept its order. */
function longestRise(order: readonly number[]): number {
  const tails: number[] = [];
  for (const value of order) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((tails[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    tails[low] = value;
  }
  return tails.length;
}
