import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { linearScale, type PlotScale, roundTicks } from '../lib/plot-scale.ts';
import css from './plot.module.css';

export interface PlotAxis {
  domain: readonly [number, number];
  text(value: number): string;
  /** Instead of round numbers. */
  ticks?: readonly number[];
}

/** What can be read off: by the pointer what is nearest, by the arrow keys one after the other. */
export interface PlotReading {
  x: number;
  text: string;
}

export interface PlotTable {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

interface PlotProps {
  title: string;
  hint?: string | undefined;
  x: PlotAxis;
  y: PlotAxis;
  heightPx?: number;
  /** In the order of x. */
  readings: readonly PlotReading[];
  /** Vertical lines: what is allowed. */
  limits?: readonly { value: number; text: string }[] | undefined;
  limitAxis?: 'x' | 'y';
  /** The same as numbers, for who does not see the plot. */
  table: PlotTable;
  children(scales: { x: PlotScale; y: PlotScale }): ReactNode;
}

const margin = { left: 44, right: 14, top: 8, bottom: 20 };

/** Axes, a cursor that reads values off, limits and the table; what is drawn between them is its child's. */
export function Plot({ title, hint, x, y, heightPx = 190, readings, limits = [], limitAxis = 'x', table, children }: PlotProps) {
  const { t } = useTranslation();
  const [width, box] = useWidth();
  const [at, setAt] = useState<number | null>(null);
  const xTicks = x.ticks ?? roundTicks(...x.domain, width / 90);
  const yTicks = y.ticks ?? roundTicks(...y.domain, heightPx / 40);
  const right = Math.max(margin.left + 1, width - margin.right);
  const bottom = heightPx - margin.bottom;
  const scales = {
    x: linearScale(x.domain, [margin.left, right], xTicks),
    y: linearScale(y.domain, [bottom, margin.top], yTicks),
  };
  const reading = at === null ? undefined : readings[Math.min(at, readings.length - 1)];

  function onPointerMove(event: PointerEvent<SVGSVGElement>): void {
    const value = scales.x.valueAt(event.clientX - event.currentTarget.getBoundingClientRect().left);
    setAt(nearest(readings, value));
  }
  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -readings.length, End: readings.length }[event.key];
    if (step === undefined || readings.length === 0) return;
    event.preventDefault();
    setAt(at === null ? (step < 0 ? readings.length - 1 : 0) : Math.max(0, Math.min(readings.length - 1, at + step)));
  }

  return (
    <figure className={css.plot}>
      <figcaption>
        <b>{title}</b>
        {hint !== undefined && <span className="quiet">{hint}</span>}
      </figcaption>
      <div ref={box}>
        <svg
          className={css.svg}
          width={width}
          height={heightPx}
          role="img"
          aria-label={`${title}. ${t('latency.plotKeys')}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys read its values off
          tabIndex={0}
          onKeyDown={onKeyDown}
          onPointerMove={onPointerMove}
          onPointerLeave={() => setAt(null)}
          onBlur={() => setAt(null)}
        >
          {yTicks.map((tick) => (
            <g key={tick}>
              <line className={css.grid} x1={margin.left} x2={right} y1={scales.y.at(tick)} y2={scales.y.at(tick)} />
              <text x={margin.left - 6} y={scales.y.at(tick) + 4} textAnchor="end">
                {y.text(tick)}
              </text>
            </g>
          ))}
          {xTicks.map((tick) => (
            <text key={tick} x={scales.x.at(tick)} y={bottom + 15} textAnchor="middle">
              {x.text(tick)}
            </text>
          ))}
          <line className={css.axis} x1={margin.left} x2={right} y1={bottom} y2={bottom} />
          {children(scales)}
          {limits.map(({ value, text }) => {
            const place = scales[limitAxis].at(value);
            const [low, high] = limitAxis === 'x' ? [margin.left, right] : [margin.top, bottom];
            if (place < low || place > high) return null;
            const line =
              limitAxis === 'x'
                ? { x1: place, x2: place, y1: margin.top, y2: bottom }
                : { x1: margin.left, x2: right, y1: place, y2: place };
            return (
              <g key={text}>
                <line className={css.limit} {...line} />
                <text
                  className={css.limitText}
                  x={limitAxis === 'x' ? place + 4 : right}
                  y={limitAxis === 'x' ? margin.top + 10 : place - 4}
                  textAnchor={limitAxis === 'x' ? 'start' : 'end'}
                >
                  {text}
                </text>
              </g>
            );
          })}
          {reading !== undefined && (
            <line className={css.cursor} x1={scales.x.at(reading.x)} x2={scales.x.at(reading.x)} y1={margin.top} y2={bottom} />
          )}
        </svg>
      </div>
      <div className={css.reading} aria-live="polite">
        {reading?.text ?? ''}
      </div>
      <details>
        <summary>{t('latency.asTable')}</summary>
        <PlotValues {...table} label={title} />
      </details>
    </figure>
  );
}

function PlotValues({ columns, rows, label }: PlotTable & { label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long table is scrolled by key
    <section className={css.table} aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the rows of a drawn plot have no other name
            <tr key={i}>
              {row.map((cell, column) => (
                <td key={columns[column]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function nearest(readings: readonly PlotReading[], value: number): number | null {
  let found: number | null = null;
  for (const [i, { x }] of readings.entries())
    if (found === null || Math.abs(x - value) < Math.abs((readings[found]?.x ?? 0) - value)) found = i;
  return found;
}

function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(480);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [width, box] as const;
}

/** Told apart by dashes as well as by colour. */
const strokes = [
  { stroke: 'var(--user)' },
  { stroke: 'var(--warning)', strokeDasharray: '7 3' },
  { stroke: 'var(--agent)', strokeDasharray: '2 3' },
  { stroke: 'var(--accent)', strokeDasharray: '9 3 2 3' },
  { stroke: 'var(--danger)', strokeDasharray: '4 4' },
  { stroke: 'var(--text-quiet)' },
] as const;
/** So many lines can be told apart in one plot. */
export const mostSeries = strokes.length;

export function seriesStroke(i: number): { stroke: string; strokeDasharray?: string } {
  return strokes[i % strokes.length] ?? strokes[0];
}

export function PlotLegend({ names }: { names: readonly string[] }) {
  return (
    <div className={css.legend}>
      {names.map((name, i) => (
        <span key={name}>
          <svg width={26} height={8} aria-hidden>
            <line x1={0} x2={26} y1={4} y2={4} strokeWidth={2} {...seriesStroke(i)} />
          </svg>
          {name}
        </span>
      ))}
    </div>
  );
}
