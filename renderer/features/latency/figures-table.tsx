import { useTranslation } from 'react-i18next';
import type { LatencyGroup, LatencyMetric, LatencyStatistic } from '../../../preload/contract/latency.ts';
import css from './latency.module.css';
import { metricName, msText, statisticText } from './latency-words.ts';

export type FigureRow = Omit<LatencyStatistic, 'metric'>;

/** Percentiles with what they are of: n and the censored stand beside every one of them. */
export function FiguresTable({ head, rows }: { head: string; rows: readonly { name: string; unmeasured?: number; figures: FigureRow }[] }) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by key
    <section className={css.tableBox} aria-label={head} tabIndex={0}>
      <table className={css.figures}>
        <thead>
          <tr>
            <th data-left scope="col">
              {head}
            </th>
            <th scope="col">{t('latency.n')}</th>
            <th scope="col" title={t('latency.censoredHint')}>
              {t('latency.censored')}
            </th>
            <th scope="col">p50</th>
            <th scope="col">p90</th>
            <th scope="col">p95</th>
            <th scope="col">p99</th>
            <th scope="col">{t('latency.mean')}</th>
            <th scope="col" title={t('latency.maxHint')}>
              {t('latency.max')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, unmeasured = 0, figures }) => (
            <tr key={name}>
              <th scope="row">
                {name}
                {figures.isFew && (
                  <span className={css.few} title={t('latency.fewHint')}>
                    {t('latency.few')}
                  </span>
                )}
                {unmeasured > 0 && <span className="quiet"> · {t('latency.unmeasured', { count: unmeasured })}</span>}
              </th>
              <td>{figures.n}</td>
              <td>{figures.censored}</td>
              <td>{statisticText(t, figures.p50)}</td>
              <td>{statisticText(t, figures.p90)}</td>
              <td>{statisticText(t, figures.p95)}</td>
              <td>{statisticText(t, figures.p99)}</td>
              <td>{figures.mean === null ? '—' : msText(figures.mean)}</td>
              <td>{figures.max === null ? '—' : msText(figures.max)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Every metric of one group. */
export function GroupFigures({ group }: { group: LatencyGroup }) {
  const { t } = useTranslation();
  const rows = group.statistics.map((figures) => ({
    name: metricName(t, figures.metric),
    unmeasured: unmeasuredOf(group, figures),
    figures,
  }));
  return <FiguresTable head={t('latency.metricLabel')} rows={rows} />;
}

/** One metric of every group. */
export function MetricFigures({
  groups,
  metric,
  nameOf,
}: {
  groups: readonly LatencyGroup[];
  metric: LatencyMetric;
  nameOf(name: string): string;
}) {
  const { t } = useTranslation();
  const rows = groups.flatMap((group) => {
    const figures = group.statistics.find((each) => each.metric === metric);
    return figures === undefined ? [] : [{ name: nameOf(group.name), unmeasured: unmeasuredOf(group, figures), figures }];
  });
  return <FiguresTable head={t('latency.group')} rows={rows} />;
}

/** Of the totals only: parts are missing for reasons of their own. */
function unmeasuredOf({ spoken }: LatencyGroup, { metric, n, censored }: LatencyStatistic): number {
  return metric === 'v2v_device' || metric === 'v2v_server' ? Math.max(0, spoken - n - censored) : 0;
}
