import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { durationText, instantText, millisecondsText } from '../../../lib/quantities.ts';
import { useSessionView } from '../session-view.ts';
import css from '../timeline.module.css';
import type { Row } from './lane-places.ts';
import type { LaneKey, Thing, TimelineModel } from './model.ts';
import { exactText } from './overlay.tsx';
import { statisticsOf } from './statistics.ts';

/** Rows of one page of the list: a table that a screen reader can be walked through. */
const PAGE = 100;

function Panel({ title, label, onClose, children }: { title: ReactNode; label: string; onClose(): void; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <section className={css.panel} aria-label={label}>
      <header>
        <h3>{title}</h3>
        <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('timeline.close')} onClick={onClose}>
          <IconX size={14} />
        </ActionIcon>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <div className={css.panelBody} tabIndex={0}>
        {children}
      </div>
    </section>
  );
}

export interface RangePanelProps {
  model: TimelineModel;
  version: number;
  rows: readonly Row[];
  titleOf(key: LaneKey): string;
  onClose(): void;
}

/** Of every lane in sight: what begins in the range, and how long it lasts. */
export function RangePanel({ model, version, rows, titleOf, onClose }: RangePanelProps) {
  const { t } = useTranslation();
  const range = useSessionView((state) => state.range);
  const found = useMemo(() => {
    void version; // the model is the same object with more in it
    return range === null
      ? []
      : rows.flatMap((row) => {
          if (row.kind !== 'lane') return [];
          const statistics = statisticsOf(model.lanes.get(row.key) ?? [], range.fromUs, range.toUs);
          return statistics.marks + statistics.spans === 0 ? [] : [{ key: row.key, ...statistics }];
        });
  }, [model, version, rows, range]);
  if (range === null) return null;
  const columns = ['sumUs', 'minUs', 'meanUs', 'p50Us', 'p95Us', 'maxUs'] as const;
  return (
    <Panel
      label={t('timeline.range')}
      onClose={onClose}
      title={
        <>
          {t('timeline.range')} {instantText(range.fromUs)} – {instantText(range.toUs)} · <b>{exactText(range.toUs - range.fromUs)}</b>
        </>
      }
    >
      {found.length === 0 ? (
        <p className="quiet">{t('timeline.nothingInRange')}</p>
      ) : (
        <table className={css.table}>
          <thead>
            <tr>
              <th>{t('timeline.lane')}</th>
              <th>{t('timeline.marks')}</th>
              <th>{t('timeline.spans')}</th>
              {columns.map((column) => (
                <th key={column}>{t(`timeline.statistic.${column}`)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.map(({ key, marks, spans, durations }) => (
              <tr key={key}>
                <th scope="row">{titleOf(key)}</th>
                <td>{marks}</td>
                <td>{spans}</td>
                {columns.map((column) => (
                  <td key={column}>{durations === null ? '—' : millisecondsText(durations[column])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

export interface LaneListProps {
  model: TimelineModel;
  version: number;
  lane: LaneKey;
  title: string;
  textOf(thing: Thing): string | undefined;
  isSelected(thing: Thing): boolean;
  onSelect(thing: Thing): void;
  onClose(): void;
}

/** A lane as a table: what it shows in the stretch that is seen, in words. */
export function LaneList({ model, version, lane, title, textOf, isSelected, onSelect, onClose }: LaneListProps) {
  const { t } = useTranslation();
  const view = useSessionView((state) => state.view);
  const [page, setPage] = useState(0);
  const { things, total } = useMemo(() => {
    void version; // the model is the same object with more in it
    return model.within(lane, view.fromUs, view.toUs, (page + 1) * PAGE);
  }, [model, version, lane, view, page]);
  const from = Math.min(page * PAGE, Math.max(0, things.length - 1));
  const shown = things.slice(page * PAGE, (page + 1) * PAGE);
  return (
    <Panel
      label={t('timeline.list', { lane: title })}
      onClose={onClose}
      title={
        <>
          {title} · {t('timeline.inSight', { count: total })}
          {total > PAGE && (
            <span className={css.pages}>
              <button type="button" disabled={page === 0} onClick={() => setPage(page - 1)}>
                {t('timeline.pageBefore')}
              </button>
              {from + 1}–{Math.min(total, (page + 1) * PAGE)}
              <button type="button" disabled={(page + 1) * PAGE >= total} onClick={() => setPage(page + 1)}>
                {t('timeline.pageAfter')}
              </button>
            </span>
          )}
        </>
      }
    >
      <table className={css.table}>
        <thead>
          <tr>
            <th>{t('timeline.at')}</th>
            <th>{t('timeline.lasts')}</th>
            <th className={css.words}>{t('timeline.what')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((thing) => (
            <tr key={`${thing.id} ${thing.series.tone} ${thing.fromUs}`} aria-selected={isSelected(thing)}>
              <td>
                <button type="button" onClick={() => onSelect(thing)}>
                  {instantText(thing.fromUs)}
                </button>
              </td>
              <td>{thing.toUs > thing.fromUs ? durationText(thing.toUs - thing.fromUs) : '—'}</td>
              <td className={css.words}>
                <i style={{ background: `var(${toneColours[thing.series.tone]})` }} title={t(`timeline.tone.${thing.series.tone}`)} />
                {textOf(thing) ?? '…'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

const toneColours: Record<Thing['series']['tone'], string> = {
  user: '--user',
  agent: '--agent',
  engine: '--owner-engine',
  setting: '--owner-setting',
  pipeline: '--owner-pipeline',
  device: '--owner-device',
  quiet: '--line-strong',
  warn: '--warning',
  error: '--danger',
  up: '--user',
  down: '--agent',
  unheard: '--line-strong',
};
