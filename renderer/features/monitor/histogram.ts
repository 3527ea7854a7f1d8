import { startTransition, useEffect, useRef, useState } from 'react';
import type { CallReply } from '../../../preload/contract/index.ts';
import { isCancelled } from '../../lib/errors.ts';
import type { LogView } from '../../lib/log-view.ts';
import { atNextTick } from '../../lib/ticks.ts';
import type { TimeRange } from './histogram-strip.tsx';

export type Histogram = CallReply<'logs.histogram'>;

const severities = ['error', 'warn', 'info', 'other'] as const;
type Severity = (typeof severities)[number];

/**
 * One path a severity, stacked from below in a box of `buckets` × 100, errors first. Heights are square roots: one error among a
 * thousand lines is still seen.
 */
export function histogramPaths({ counts }: Pick<Histogram, 'counts'>): Record<Severity, string> {
  const buckets = counts.error.length;
  const totals = Array.from({ length: buckets }, (_, at) => severities.reduce((sum, each) => sum + (counts[each][at] ?? 0), 0));
  const most = Math.sqrt(Math.max(1, ...totals));
  const paths: Record<Severity, string> = { error: '', warn: '', info: '', other: '' };
  for (const [at, total] of totals.entries()) {
    if (total === 0) continue;
    const present = severities.filter((each) => (counts[each][at] ?? 0) > 0);
    const weights = present.map((each) => Math.sqrt(counts[each][at] ?? 0));
    const weight = weights.reduce((sum, each) => sum + each, 0);
    const height = Math.max(6, (Math.sqrt(total) / most) * 100);
    let top = 100;
    for (const [index, each] of present.entries()) {
      const part = ((weights[index] ?? 0) / weight) * height;
      paths[each] += `M${at + 0.08} ${round(top)}v${round(-part)}h0.84v${round(part)}z`;
      top -= part;
    }
  }
  return paths;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export function timeAtShare({ fromUs, toUs }: TimeRange, share: number): number {
  return fromUs + share * (toUs - fromUs);
}

/** Where an instant stands in the strip, 0 … 1. */
export function shareOf({ fromUs, toUs }: TimeRange, us: number): number {
  return toUs <= fromUs ? 0 : Math.min(1, Math.max(0, (us - fromUs) / (toUs - fromUs)));
}

const bucketCount = 160;
const refreshMs = 1_000;

/** The histogram of a view, asked again at most once a second while rows come. Null while there is none to show. */
export function useHistogram(view: LogView, length: number, range: TimeRange | null): Histogram | null {
  const { fromUs, toUs } = range ?? {};
  const generation = view.generation;
  const subject = `${generation} ${fromUs} ${toUs}`;
  const [shown, setShown] = useState<{ view: LogView; subject: string; histogram: Histogram } | null>(null);
  const asked = useRef({ atMs: 0, subject: '' });
  const began = useRef<{ view: LogView; of: string; atUs: number } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the length says that there is something new to ask for
  useEffect(() => {
    if (!view.isReady) return;
    const isRefresh = asked.current.subject === subject;
    const wait = isRefresh ? Math.max(0, asked.current.atMs + refreshMs - performance.now()) : 0;
    const timer = setTimeout(() => {
      asked.current = { atMs: performance.now(), subject };
      // From its own first row on: a port that was opened in the evening has not the whole day before it.
      const bounds = async (): Promise<Partial<TimeRange>> => {
        if (fromUs !== undefined && toUs !== undefined) return { fromUs, toUs };
        const of = `${generation} ${view.start}`;
        if (began.current?.view !== view || began.current.of !== of) {
          const [row] = await view.rows(view.start, 1);
          if (row === undefined) return {};
          began.current = { view, of, atUs: row.atUs };
        }
        return { fromUs: began.current.atUs };
      };
      const ask = async (): Promise<Histogram> => view.histogram(bucketCount, await bounds());
      ask().then(
        // As a log runs it is drawn with all else that runs; whoever chose another stretch is waiting for it.
        (histogram) => {
          const show = (): void => {
            if (asked.current.subject === subject) setShown({ view, subject, histogram });
          };
          if (isRefresh) atNextTick(() => startTransition(show));
          else show();
        },
        // The strip is an ornament of the list: where it cannot be had, the list says why.
        (error: unknown) => !isCancelled(error) && setShown(null),
      );
    }, wait);
    return () => clearTimeout(timer);
  }, [view, length, generation, subject, fromUs, toUs]);
  return shown?.view === view && length > 0 ? shown.histogram : null;
}
