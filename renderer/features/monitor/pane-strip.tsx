import type { RefObject } from 'react';
import { useLogState } from '../../lib/log-hooks.ts';
import type { LogView } from '../../lib/log-view.ts';
import { useHistogram } from './histogram.ts';
import { HistogramStrip, type HistogramStripProps, type TimeRange } from './histogram-strip.tsx';
import { useVisibleRows } from './visible-rows.ts';

export interface PaneStripProps extends Pick<HistogramStripProps, 'timeText' | 'onJump' | 'onRange' | 'onOnly'> {
  view: LogView;
  /** What the list stands in. */
  box: RefObject<HTMLElement | null>;
  /** The stretch of time that is shown alone. */
  range: TimeRange | null;
  /** The one that the log's filter leaves. */
  filtered: TimeRange | null;
}

/** The strip above a log, as the log runs. */
export function PaneStrip({ view, box, range, filtered, ...rest }: PaneStripProps) {
  const length = useLogState(view, (each) => each.length);
  const histogram = useHistogram(view, length, range ?? filtered);
  const viewport = useVisibleRows(box, view);
  return <HistogramStrip {...rest} histogram={histogram} viewport={viewport} isZoomed={range !== null} />;
}
