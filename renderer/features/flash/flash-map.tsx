import { useElementSize } from '@mantine/hooks';
import type { TFunction } from 'i18next';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FlashJob, FlashPlan } from '../../../preload/contract/flash.ts';
import { bytesText, hexText } from '../../lib/quantities.ts';
import css from './flash-map.module.css';
import { flashMap, isOverfull, type MapPart, widthsOf } from './flash-map.ts';
import { MapTable } from './map-table.tsx';

const leastPx = 9;
/** About as much as a letter of the labels takes. */
const letterPx = 6.2;

export interface FlashMapProps {
  plan: Pick<FlashPlan, 'files' | 'partitions' | 'flashBytes'>;
  /** Of a board, whose table it is and of which nothing is planned: the applications it has. */
  apps?: FlashJob['apps'];
}

/** The flash as a bar: partitions to scale, how full each is written, and where a file does not fit. */
export function FlashMap({ plan, apps }: FlashMapProps) {
  const { t } = useTranslation();
  const { ref, width } = useElementSize();
  const parts = useMemo(() => flashMap(plan), [plan]);
  const [at, setAt] = useState(0);
  const firstWritten = Math.max(0, firstToShow(parts, apps !== undefined));
  const [isTouched, setTouched] = useState(false);
  if (parts.length === 0) return null;
  const current = Math.min(isTouched ? at : firstWritten, parts.length - 1);
  const widths = widthsOf(
    parts.map(({ sizeBytes }) => sizeBytes),
    Math.max(width, 1),
    leastPx,
  );
  const shown = parts[current];

  function move(to: number): void {
    setAt(Math.max(0, Math.min(parts.length - 1, to)));
    setTouched(true);
  }
  function onKeyDown(event: KeyboardEvent): void {
    const to = { ArrowRight: current + 1, ArrowLeft: current - 1, Home: 0, End: parts.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    move(to);
  }

  return (
    <section className={css.map} aria-label={t('flash.map.title')}>
      <header className={css.head}>
        <h2>{t('flash.map.title')}</h2>
        <span className="quiet">{t('flash.map.hint')}</span>
      </header>
      <div
        ref={ref}
        className={css.bar}
        role="slider"
        tabIndex={0}
        aria-label={t('flash.map.label', { count: parts.length })}
        aria-valuemin={1}
        aria-valuemax={parts.length}
        aria-valuenow={current + 1}
        aria-valuetext={shown === undefined ? '' : sentencesOf(t, shown, apps).join('. ')}
        onKeyDown={onKeyDown}
      >
        {parts.map((part, index) => (
          <Segment
            key={`${part.offset} ${part.name}`}
            part={part}
            widthPx={widths[index] ?? leastPx}
            isCurrent={index === current}
            onPoint={() => move(index)}
          />
        ))}
      </div>
      {plan.partitions === null && <p className={css.hint}>{t('flash.map.unknownTable')}</p>}
      {shown !== undefined && <PartDetails sentences={sentencesOf(t, shown, apps)} />}
      {apps === undefined && (
        <details className={css.all}>
          <summary>{t('flash.map.table')}</summary>
          <MapTable parts={parts} />
        </details>
      )}
    </section>
  );
}

/** What somebody most likely looks for: what does not fit, else the application. */
function firstToShow(parts: readonly MapPart[], isBoard: boolean): number {
  const over = parts.findIndex(isOverfull);
  if (over >= 0) return over;
  const app = parts.findIndex(({ partition, fillings }) => partition?.type === 'app' && (isBoard || fillings.length > 0));
  return app >= 0 ? app : parts.findIndex(({ fillings }) => fillings.length > 0);
}

function Segment({ part, widthPx, isCurrent, onPoint }: { part: MapPart; widthPx: number; isCurrent: boolean; onPoint(): void }) {
  const { partition, name, sizeBytes, fillings } = part;
  return (
    <div
      className={css.segment}
      data-kind={partition === null ? (name === null ? 'none' : 'file') : partition.type}
      data-current={isCurrent || undefined}
      data-over={isOverfull(part) || undefined}
      style={{ width: widthPx }}
      onPointerEnter={onPoint}
      onPointerDown={onPoint}
    >
      {fillings.map(({ file, fromBytes, usedBytes }) => (
        <span
          key={`${file.offset} ${file.name}`}
          className={css.filling}
          style={{ left: `${(fromBytes / sizeBytes) * 100}%`, width: `max(2px, ${(usedBytes / sizeBytes) * 100}%)` }}
        />
      ))}
      {name !== null && name.length * letterPx < widthPx - 6 && <span className={css.label}>{name}</span>}
    </div>
  );
}

function PartDetails({ sentences }: { sentences: readonly string[] }) {
  const [first, ...rest] = sentences;
  return (
    <p className={css.details} data-testid="map-details">
      <strong>{first}</strong>
      {rest.map((sentence) => (
        <span key={sentence}>{sentence}</span>
      ))}
    </p>
  );
}

/** What there is to say about a stretch of the flash, for eyes and ears. */
function sentencesOf(t: TFunction, { name, partition, offset, sizeBytes, fillings }: MapPart, apps?: FlashJob['apps']): string[] {
  const what = name ?? (offset === 0 ? t('flash.map.bootArea') : t('flash.map.free'));
  const place = t('flash.map.part', { name: what, from: hexText(offset), to: hexText(offset + sizeBytes), size: bytesText(sizeBytes) });
  const kind = partition === null ? [] : [`${partition.type}/${partition.subtype}`];
  const flags = [
    ...(partition?.isEncrypted === true ? [t('flash.map.encrypted')] : []),
    ...(partition?.isReadOnly === true ? [t('flash.map.readOnly')] : []),
  ];
  const isNamed = partition !== null;
  const filled = fillings.map(({ file, usedBytes, overBytes, isFromBefore }) => {
    if (isNamed && isFromBefore) return t('flash.map.across', { file: file.name });
    if (isNamed && overBytes > 0) return t('flash.map.over', { file: file.name, over: bytesText(overBytes) });
    const share = Math.max(1, Math.round((usedBytes / sizeBytes) * 100));
    return t('flash.map.filled', { file: file.name, share, used: bytesText(usedBytes), size: bytesText(sizeBytes) });
  });
  if (apps !== undefined) {
    // What else the board has there was not read.
    const own = apps.filter((app) => app.partition === name).map(({ app }) => `${app.project} ${app.version}`);
    return [[place, ...kind, ...flags].join(' · '), ...own];
  }
  return [[place, ...kind, ...flags].join(' · '), ...(filled.length === 0 ? [t('flash.map.empty')] : filled)];
}
