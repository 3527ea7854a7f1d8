import { Checkbox, MultiSelect, NumberInput, SegmentedControl } from '@mantine/core';
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogRow } from '../../../preload/contract/logs.ts';
import { useLogState } from '../../lib/log-hooks.ts';
import type { IndexRange, LogView } from '../../lib/log-view.ts';
import { drawPlot, frameOf, numberText, type PlotScale, placeOf, pointsAt } from './plot-drawing.ts';
import css from './plot-panel.module.css';
import { rowsForPlot } from './plot-rows.ts';
import { type PlotSeries, seriesOf } from './row-numbers.ts';

export interface PlotPanelProps {
  view: LogView;
  /** Rows that are selected, when there are several. */
  selected: IndexRange | null;
  /** Names of ports, on a merged log. */
  portName: ((port: string) => string) | null;
  timeText(us: number): string;
  onShow(seq: number): void;
}

const tailRows = 3_000;
const refreshMs = 500;
const lineNames = ['--plot-1', '--plot-2', '--plot-3', '--plot-4', '--plot-5', '--plot-6'];

/** Numbers of the rows over time: `key=value`, `key: 1.2` and fields of JSON. Of the newest rows, the whole log or the selection. */
export function PlotPanel({ view, selected, portName, timeText, onShow }: PlotPanelProps) {
  const { t } = useTranslation();
  const [what, setWhat] = useState<'tail' | 'all' | 'selection'>('tail');
  const of = what === 'selection' && selected === null ? 'tail' : what;
  const { rows, isSampled } = usePlotRows(view, of, selected);
  const all = useMemo(() => seriesOf(rows, portName), [rows, portName]);
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const [isFixed, setFixed] = useState(false);
  const [fixed, setFixedScale] = useState({ least: 0, most: 100 });
  const names =
    chosen ??
    all
      .filter(({ points }) => points.length > 1)
      .slice(0, 1)
      .map(({ name }) => name);
  const series = all.filter(({ name }) => names.includes(name)).sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
  return (
    <div className={css.plot}>
      <SegmentedControl
        fullWidth
        aria-label={t('monitor.plot.of')}
        value={of}
        onChange={(value) => setWhat(value)}
        data={[
          { value: 'tail', label: t('monitor.plot.tail') },
          { value: 'all', label: t('monitor.plot.all') },
          { value: 'selection', label: t('monitor.plot.selection'), disabled: selected === null },
        ]}
      />
      <MultiSelect
        size="xs"
        aria-label={t('monitor.plot.keys')}
        placeholder={names.length === 0 ? t('monitor.plot.keys') : ''}
        searchable
        clearable
        data={[...new Set([...all.map(({ name }) => name), ...names])]}
        value={[...names]}
        onChange={setChosen}
        maxValues={lineNames.length}
        nothingFoundMessage={t('monitor.plot.none')}
      />
      {all.length === 0 ? (
        <p className="quiet">{t('monitor.plot.none')}</p>
      ) : (
        <Picture series={series} scale={isFixed ? fixed : free} timeText={timeText} onShow={onShow} />
      )}
      <div className={css.scale}>
        <Checkbox label={t('monitor.plot.fixed')} checked={isFixed} onChange={(event) => setFixed(event.currentTarget.checked)} />
        {isFixed && (
          <>
            <NumberInput
              size="xs"
              w={84}
              aria-label={t('monitor.plot.least')}
              value={fixed.least}
              onChange={(value) => setFixedScale({ ...fixed, least: Number(value) || 0 })}
            />
            <NumberInput
              size="xs"
              w={84}
              aria-label={t('monitor.plot.most')}
              value={fixed.most}
              onChange={(value) => setFixedScale({ ...fixed, most: Number(value) || 0 })}
            />
          </>
        )}
      </div>
      {isSampled && <p className="quiet">{t('monitor.plot.sampled')}</p>}
    </div>
  );
}

const free: PlotScale = { least: null, most: null };

/** The rows to plot, asked for again at most twice a second while the log grows. */
function usePlotRows(
  view: LogView,
  what: 'tail' | 'all' | 'selection',
  selected: IndexRange | null,
): { rows: LogRow[]; isSampled: boolean } {
  const length = useLogState(view, (each) => each.length);
  const generation = useLogState(view, (each) => each.generation);
  const [from, to] =
    what === 'selection' && selected !== null
      ? [selected[0], selected[1] + 1]
      : [what === 'all' ? view.start : Math.max(view.start, length - tailRows), length];
  const [found, setFound] = useState<{ key: string; rows: LogRow[]; isSampled: boolean }>({ key: '', rows: [], isSampled: false });
  const lastMs = useRef(0);
  const key = `${generation} ${what}`;
  useEffect(() => {
    let isOver = false;
    const timer = setTimeout(
      () => {
        lastMs.current = performance.now();
        rowsForPlot(view, from, to)
          .then((reply) => !isOver && setFound({ key, ...reply }))
          .catch(() => undefined); // asked again with the next rows
      },
      Math.max(0, lastMs.current + refreshMs - performance.now()),
    );
    return () => {
      clearTimeout(timer);
      isOver = key !== `${view.generation} ${what}`;
    };
  }, [view, from, to, key, what]);
  return found;
}

interface PictureProps {
  series: readonly PlotSeries[];
  scale: PlotScale;
  timeText(us: number): string;
  onShow(seq: number): void;
}

function Picture({ series, scale, timeText, onShow }: PictureProps) {
  const { t } = useTranslation();
  const { ref: sized, width, height } = useElementSize<HTMLCanvasElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const merged = useMergedRef(sized, canvas);
  const [x, setX] = useState<number | null>(null);
  const frame = width === 0 ? null : frameOf(series, width, height, scale);
  const near = frame === null || x === null ? [] : pointsAt(frame, series, x);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element === null || context === null || context === undefined) return;
    const ratio = window.devicePixelRatio;
    element.width = Math.round(width * ratio);
    element.height = Math.round(height * ratio);
    context.scale(ratio, ratio);
    if (frame === null) return;
    const style = getComputedStyle(element);
    const colour = (name: string): string => style.getPropertyValue(name);
    drawPlot(context, frame, series, { lines: lineNames.map(colour), grid: colour('--line'), text: colour('--text-quiet') }, timeText);
    context.fillStyle = colour('--text');
    for (const { point } of near) {
      const place = placeOf(frame, point);
      context.beginPath();
      context.arc(place.x, place.y, 3.5, 0, 2 * Math.PI);
      context.fill();
    }
  });

  return (
    <>
      <canvas
        ref={merged}
        className={css.picture}
        role="img"
        aria-label={t('monitor.plot.label', { names: series.map(({ name }) => name).join(', ') })}
        onPointerMove={(event) => setX(event.nativeEvent.offsetX)}
        onPointerLeave={() => setX(null)}
        onClick={() => near[0] !== undefined && onShow(near[0].point.seq)}
      />
      <ul className={css.legend}>
        {series.map(({ name, points }, index) => {
          const point = near.find((each) => each.name === name)?.point ?? points.at(-1);
          return (
            <li key={name}>
              <span className={css.line} style={{ background: `var(${lineNames[index % lineNames.length]})` }} />
              <span className="mono truncate">{name}</span>
              <b>{point === undefined ? '' : numberText(point.value)}</b>
              {x !== null && point !== undefined && <span className="quiet">{timeText(point.atUs)}</span>}
            </li>
          );
        })}
      </ul>
    </>
  );
}
