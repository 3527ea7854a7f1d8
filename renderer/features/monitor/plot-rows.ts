import type { LogRow } from '../../../preload/contract/logs.ts';
import type { LogView } from '../../lib/log-view.ts';

const wholeRows = 5_000;
const sampleStretches = 20;
const stretchRows = 250;

/**
 * Rows [from, to) of a view for a plot: all of them when they are few, else stretches spread evenly over them, so that a log of any
 * length is drawn from some thousand rows. Rejects with a TalkError.
 */
export async function rowsForPlot(view: Pick<LogView, 'rows'>, from: number, to: number): Promise<{ rows: LogRow[]; isSampled: boolean }> {
  const count = Math.max(0, to - from);
  if (count <= wholeRows) return { rows: await view.rows(from, count), isSampled: false };
  const rows: LogRow[] = [];
  for (let stretch = 0; stretch < sampleStretches; stretch++) {
    const at = from + Math.floor(((count - stretchRows) * stretch) / (sampleStretches - 1));
    rows.push(...(await view.rows(at, stretchRows)));
  }
  return { rows, isSampled: true };
}
