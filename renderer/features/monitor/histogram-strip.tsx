import { ActionIcon, Tooltip } from '@mantine/core';
import { IconFilter, IconX } from '@tabler/icons-react';
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Histogram, histogramPaths, shareOf, timeAtShare } from './histogram.ts';
import css from './histogram-strip.module.css';

export interface TimeRange {
  fromUs: number;
  toUs: number;
}

export interface HistogramStripProps {
  histogram: Histogram | null;
  /** What the list shows now. */
  viewport: TimeRange | null;
  /** The strip shows only a stretch of the log. */
  isZoomed: boolean;
  timeText(us: number): string;
  onJump(us: number): void;
  /** A stretch was drawn: zoom to it, select its rows. Null: the whole log again. */
  onRange(range: TimeRange | null): void;
  /** Show only the rows of the stretch that the strip shows. */
  onOnly(): void;
}

const clickShare = 0.004;

/** Rows per stretch of time by severity, errors at the bottom. Click to go there, drag to zoom; arrows, Shift+arrows and Enter do the same. */
export function HistogramStrip({ histogram, viewport, isZoomed, timeText, onJump, onRange, onOnly }: HistogramStripProps) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  /** The stretch being drawn or the keyboard's cursor: shares of the width. */
  const [drawn, setDrawn] = useState<{ from: number; to: number } | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  if (histogram === null) return <div className={css.strip} aria-hidden />;

  const buckets = histogram.counts.error.length;
  const shareAt = (event: PointerEvent): number => {
    const rect = box.current?.getBoundingClientRect();
    return rect === undefined ? 0 : Math.min(1, Math.max(0, (event.clientX - rect.left) / Math.max(1, rect.width)));
  };
  function finish(from: number, to: number): void {
    if (histogram === null) return;
    const [low, high] = from < to ? [from, to] : [to, from];
    setDrawn(null);
    if (high - low < clickShare) onJump(timeAtShare(histogram, low));
    else onRange({ fromUs: timeAtShare(histogram, low), toUs: timeAtShare(histogram, high) });
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (histogram === null) return;
    const step = (event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0) / buckets;
    const at = drawn ?? { from: 1, to: 1 };
    if (step !== 0) {
      const to = Math.min(1, Math.max(0, at.to + step));
      setDrawn({ from: event.shiftKey ? at.from : to, to });
      setHover(to);
    } else if (event.key === 'Enter' && drawn !== null) finish(drawn.from, drawn.to);
    else if (event.key === 'Escape') {
      setDrawn(null);
      setHover(null);
      if (drawn === null) onRange(null);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const bucket = hover === null ? null : Math.min(buckets - 1, Math.floor(hover * buckets));
  const facts = bucket === null ? null : factsAt(histogram, bucket);
  const readout =
    facts === null || hover === null
      ? ''
      : `${timeText(timeAtShare(histogram, hover))} · ${t('monitor.histogram.counts', { all: facts.all, errors: facts.error, warnings: facts.warn })}`;
  const paths = histogramPaths(histogram);
  const view = viewport === null ? null : [shareOf(histogram, viewport.fromUs), shareOf(histogram, viewport.toUs)];

  return (
    <div className={css.strip}>
      <Tooltip label={readout} opened={readout !== ''} position="bottom" disabled={readout === ''}>
        <div
          ref={box}
          className={css.bars}
          role="slider"
          tabIndex={0}
          aria-label={t('monitor.histogram.label')}
          aria-valuemin={0}
          aria-valuemax={buckets - 1}
          aria-valuenow={bucket ?? buckets - 1}
          aria-valuetext={readout}
          onKeyDown={onKeyDown}
          onBlur={() => setHover(null)}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            const at = shareAt(event);
            setDrawn({ from: at, to: at });
          }}
          onPointerMove={(event) => {
            const at = shareAt(event);
            setHover(at);
            if (event.buttons === 1 && drawn !== null) setDrawn({ from: drawn.from, to: at });
          }}
          onPointerUp={(event) => drawn !== null && finish(drawn.from, shareAt(event))}
          onPointerLeave={() => setHover(null)}
        >
          <svg viewBox={`0 0 ${buckets} 100`} preserveAspectRatio="none" aria-hidden>
            <path className={css.other} d={paths.other} />
            <path className={css.info} d={paths.info} />
            <path className={css.warn} d={paths.warn} />
            <path className={css.error} d={paths.error} />
          </svg>
          {view !== null && <span className={css.viewport} style={stretch(view[0] ?? 0, view[1] ?? 0)} />}
          {drawn !== null && <span className={css.drawn} style={stretch(Math.min(drawn.from, drawn.to), Math.max(drawn.from, drawn.to))} />}
        </div>
      </Tooltip>
      <span className={css.ends} aria-hidden>
        <span>{timeText(histogram.fromUs)}</span>
        <span>{timeText(histogram.toUs)}</span>
      </span>
      {isZoomed && (
        <span className={css.tools}>
          <Tooltip label={`${t('monitor.histogram.only')} · Shift+Z`}>
            <ActionIcon size={20} variant="filled" color="gray" aria-label={t('monitor.histogram.only')} onClick={onOnly}>
              <IconFilter size={13} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={`${t('monitor.histogram.whole')} · Z`}>
            <ActionIcon size={20} variant="filled" color="gray" aria-label={t('monitor.histogram.whole')} onClick={() => onRange(null)}>
              <IconX size={13} />
            </ActionIcon>
          </Tooltip>
        </span>
      )}
    </div>
  );
}

function stretch(from: number, to: number): { left: string; width: string } {
  return { left: `${from * 100}%`, width: `max(2px, ${(to - from) * 100}%)` };
}

function factsAt({ counts }: Histogram, bucket: number): { all: number; error: number; warn: number } {
  const [error, warn, info, other] = [counts.error, counts.warn, counts.info, counts.other].map((list) => list[bucket] ?? 0) as [
    number,
    number,
    number,
    number,
  ];
  return { all: error + warn + info + other, error, warn };
}
