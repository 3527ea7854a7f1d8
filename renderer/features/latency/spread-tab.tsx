import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LatencyMetric, LatencyRow } from '../../../preload/contract/latency.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { mostSeries } from '../../components/plot.tsx';
import { useReply } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { CdfPlot, HistogramPlot, type PlotLimit } from './distribution-plots.tsx';
import { GroupFigures, MetricFigures } from './figures-table.tsx';
import css from './latency.module.css';
import { type Asked, useChecks, useFigures } from './latency-data.ts';
import { metricName } from './latency-words.ts';
import { PartMedians } from './part-medians.tsx';
import { TrendPlot } from './trend-plot.tsx';

interface SpreadTabProps {
  asked: Asked;
  metric: LatencyMetric;
  conditions: string;
  marked: readonly LatencyRow[];
  nameOf(group: string): string;
  sessionName(id: string): string;
}

/** How the turns are spread: figures, curves and buckets of one metric, medians of all parts, and how it went on. */
export function SpreadTab({ asked, metric, conditions, marked, nameOf, sessionName }: SpreadTabProps) {
  const { t } = useTranslation();
  const [isCut, setCut] = useState(true);
  const figures = useFigures(asked);
  const limits = useLimits(asked, conditions, metric);
  const { version, ...body } = asked;
  const groups = figures.data?.groups ?? [];
  const cutMs = isCut ? cutOf(groups, metric) : undefined;
  const distribution = useReply('latency.distribution', { ...body, metric, ...(cutMs !== undefined && { toMs: cutMs }) }, { version });
  const trend = useReply('latency.trend', { ...body, metric }, { version });
  const error = figures.error ?? distribution.error ?? trend.error;
  if (error !== null)
    return (
      <div className={css.page}>
        <ErrorNotice error={errorValueOf(error)} />
      </div>
    );
  if (figures.data === undefined || distribution.data === undefined) return <p className={css.centre}>{t('frame.loading')}</p>;
  const [only] = groups;
  const named = distribution.data.groups.map((group) => ({ ...group, name: nameOf(group.name) }));
  const marks = marked.flatMap((row) => {
    const ms = row.values[metric];
    return ms === undefined ? [] : [{ ms, text: `${t('session.turnNumber', { number: row.turnId })} ${row.userText}` }];
  });
  return (
    <div className={css.page}>
      <section>
        <h2>
          {metricName(t, metric)} · {t('latency.percentiles')}
        </h2>
        <MetricFigures groups={groups} metric={metric} nameOf={nameOf} />
      </section>
      <div>
        <SegmentedControl
          aria-label={t('latency.histogram')}
          value={isCut ? 'cut' : 'whole'}
          onChange={(value) => setCut(value === 'cut')}
          data={[
            { value: 'cut', label: t('latency.cutTail') },
            { value: 'whole', label: t('latency.wholeRange') },
          ]}
        />
      </div>
      {groups.length > mostSeries && <p className={css.warning}>{t('latency.onlyGroups', { count: mostSeries, total: groups.length })}</p>}
      <div className={css.columns}>
        <CdfPlot groups={named} limits={limits} cutMs={cutMs} />
        {named.slice(0, mostSeries).map((group) => (
          <HistogramPlot
            key={group.name}
            group={group}
            title={named.length > 1 ? `${t('latency.histogram')} · ${group.name}` : t('latency.histogram')}
            marks={marks}
            limits={limits}
          />
        ))}
        {trend.data?.groups
          .filter(({ points }) => points.length > 0)
          .slice(0, mostSeries)
          .map(({ name, points }, _, all) => (
            <TrendPlot
              key={name}
              trend={trend.data}
              points={points}
              title={`${t(trend.data.isPerSession ? 'latency.trendSessions' : 'latency.trendWithin')}${all.length > 1 ? ` · ${nameOf(name)}` : ''}`}
              limits={limits}
              sessionName={sessionName}
            />
          ))}
      </div>
      <PartMedians groups={groups} nameOf={nameOf} />
      {groups.length === 1 && only !== undefined && (
        <section>
          <h2>{t('latency.allMetrics')}</h2>
          <GroupFigures group={only} />
        </section>
      )}
    </div>
  );
}

/** What the conditions allow of this metric, once each. */
export function useLimits(asked: Asked, conditions: string, metric: LatencyMetric): PlotLimit[] {
  const { t } = useTranslation();
  const checks = useChecks(asked, conditions).data?.checks ?? [];
  const own = checks.filter((check) => check.metric === metric && check.statistic !== 'n' && check.statistic !== 'censored');
  return [...new Map(own.map(({ text, limit }) => [text, { value: limit, text: t('latency.budgetLine', { text }) }])).values()];
}

/** To where the plots go: a few slow turns would press all others against the axis. */
function cutOf(
  groups: readonly { statistics: readonly { metric: string; p99: { ms: number | null }; max: number | null }[] }[],
  metric: string,
) {
  const ends = groups.flatMap(({ statistics }) => {
    const own = statistics.find((each) => each.metric === metric);
    return own === undefined ? [] : (own.p99.ms ?? own.max ?? []);
  });
  return ends.length === 0 ? undefined : Math.max(...ends);
}
