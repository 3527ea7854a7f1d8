import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import type { LatencyGroup } from '../../../preload/contract/latency.ts';
import css from './latency.module.css';
import { ownerOf, parts, statisticText } from './latency-words.ts';

/** The medians of the parts side by side, a bar a group; they are never added. */
export function PartMedians({ groups, nameOf }: { groups: readonly LatencyGroup[]; nameOf(name: string): string }) {
  const { t } = useTranslation();
  const shown = groups.slice(0, 6);
  const medianOf = (group: LatencyGroup, part: string) => group.statistics.find(({ metric }) => metric === part);
  const longest = Math.max(1, ...shown.flatMap((group) => parts.map((part) => medianOf(group, part)?.p50.ms ?? 0)));
  return (
    <section className={css.card}>
      <h2>{t('latency.medians')}</h2>
      <p className="quiet">{t('latency.mediansHint')}</p>
      <div className={css.medians}>
        {parts.map((part) => (
          <Fragment key={part}>
            {shown.length > 1 && <span data-part>{t(`session.part.${part}`)}</span>}
            {shown.map((group) => {
              const figures = medianOf(group, part);
              return (
                <Fragment key={group.name}>
                  <span className="truncate" title={t(`session.partHint.${part}`)}>
                    {shown.length > 1 ? nameOf(group.name) : t(`session.part.${part}`)}
                  </span>
                  <span className={css.medianTrack}>
                    {figures?.p50.ms !== null && figures !== undefined && (
                      <span
                        className={`${css.medianBar} ${css.owned}`}
                        data-owner={ownerOf[part]}
                        style={{ width: `${((figures.p50.ms ?? 0) / longest) * 100}%` }}
                      />
                    )}
                  </span>
                  <span style={{ textAlign: 'right' }}>
                    {figures === undefined ? '—' : `${statisticText(t, figures.p50)}${figures.p50.ms === null ? '' : ' ms'}`}{' '}
                    <span className="quiet">
                      n={figures?.n ?? 0}
                      {figures?.isFew === true ? ` ${t('latency.few')}` : ''}
                    </span>
                  </span>
                </Fragment>
              );
            })}
          </Fragment>
        ))}
      </div>
    </section>
  );
}
