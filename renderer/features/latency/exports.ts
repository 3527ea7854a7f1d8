import { type LatencyMetric, type LatencyRow, latencyFacets, latencyMetrics, type TurnOrder } from '../../../preload/contract/latency.ts';
import type { Lab } from '../../lib/lab.ts';
import type { Asked } from './latency-data.ts';

const pageRows = 1000;

/** All turns as they are shown: filtered, in the table's order. */
export async function allRows(lab: Lab, { ids, where }: Asked, order: TurnOrder, signal: AbortSignal): Promise<LatencyRow[]> {
  const rows: LatencyRow[] = [];
  for (;;) {
    const body = { ids, ...(where !== undefined && { where }), order, from: rows.length, count: pageRows };
    const page = await lab.call('latency.turns', body, { signal });
    rows.push(...page.rows);
    if (page.rows.length === 0 || rows.length >= page.total) return rows;
  }
}

/** The session has a column of its own. */
const shownFacets = latencyFacets.filter((facet) => facet !== 'session');

/** RFC 4180; milliseconds, an empty cell for what is not known. */
export function csvOf(rows: readonly LatencyRow[]): string {
  const head = [
    'session',
    'conversation',
    'turn',
    'started_us',
    'initiator',
    'outcome',
    'censored',
    ...shownFacets.map((facet) => (facet === 'turn' ? 'first_or_later' : facet)),
    ...latencyMetrics,
    'user_text',
  ];
  const lines = rows.map((row) => [
    row.sessionId,
    row.conversationId,
    String(row.turnId),
    String(row.startedUs),
    row.initiator,
    row.outcome ?? '',
    row.isCensored ? '1' : '0',
    ...shownFacets.map((facet) => row.facets[facet]),
    ...latencyMetrics.map((metric) => numberCell(row, metric)),
    row.userText,
  ]);
  return `${[head, ...lines].map((cells) => cells.map(cell).join(',')).join('\r\n')}\r\n`;
}

function numberCell(row: LatencyRow, metric: LatencyMetric): string {
  const value = row.values[metric];
  return value === undefined ? '' : String(value);
}

/** What a spreadsheet would take for a formula is text: it came from a device. */
function cell(text: string): string {
  const safe = /^[=+@\t\r]/.test(text) || /^-(?!\d)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
