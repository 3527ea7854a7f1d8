import { useQueries } from '@tanstack/react-query';
import type { LatencyRow, TurnOrder } from '../../../preload/contract/latency.ts';
import { useLab } from '../../lib/lab.ts';
import type { Asked } from './latency-data.ts';

const pageRows = 200;

export interface TurnPages {
  /** Undefined while no page is there. */
  total: number | undefined;
  /** Undefined while its page is on its way. */
  row(index: number): LatencyRow | undefined;
  error: unknown;
}

/** The pages that hold the rows in sight; the core sorts, and a hundred thousand turns are never here at once. */
export function useTurnPages({ ids, where, version }: Asked, order: TurnOrder, seen: { first: number; last: number }): TurnPages {
  const lab = useLab();
  const firstPage = Math.floor(Math.max(0, seen.first) / pageRows);
  const lastPage = Math.floor(Math.max(0, seen.last) / pageRows);
  const pages = Array.from({ length: lastPage - firstPage + 1 }, (_, i) => firstPage + i);
  const replies = useQueries({
    queries: pages.map((page) => {
      const body = { ids, ...(where !== undefined && { where }), order, from: page * pageRows, count: pageRows };
      return {
        queryKey: ['latency.turns', body, version],
        queryFn: ({ signal }: { signal: AbortSignal }) => lab.call('latency.turns', body, { signal }),
        gcTime: 30_000,
      };
    }),
  });
  return {
    total: replies.find(({ data }) => data !== undefined)?.data?.total,
    row: (index) => replies[Math.floor(index / pageRows) - firstPage]?.data?.rows[index % pageRows],
    error: replies.find(({ error }) => error !== null)?.error ?? null,
  };
}
