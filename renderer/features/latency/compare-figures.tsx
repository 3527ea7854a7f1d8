import { useTranslation } from 'react-i18next';
import type { CallReply } from '../../../preload/contract/index.ts';
import type { LatencyMetric } from '../../../preload/contract/latency.ts';
import { useReply } from '../../lib/actions.ts';
import type { Side } from './compare-tab.tsx';
import { CdfPlot } from './distribution-plots.tsx';
import { FiguresTable } from './figures-table.tsx';
import css from './latency.module.css';
import { metricName, signedText, statisticText } from './latency-words.ts';
import { useLimits } from './spread-tab.tsx';

interface CompareFiguresProps {
  comparison: CallReply<'latency.compare'>;
  a: Side;
  b: Side;
  version: string;
  metric: LatencyMetric;
  conditions: string;
}

/** What was different, what that did to each figure, and both curves in one plot. */
export function CompareFigures({ comparison, a, b, version, metric, conditions }: CompareFiguresProps) {
  const { t } = useTranslation();
  const { configuration, differences, shared } = comparison;
  const [curveA, curveB] = [useCurve(a, metric, version), useCurve(b, metric, version)];
  const limits = useLimits({ ids: b.ids, version, ...(b.where !== undefined && { where: b.where }) }, conditions, metric);
  const rows = (['a', 'b'] as const).flatMap((side) => {
    const figures = comparison[side].statistics.find((each) => each.metric === metric);
    const name = `${side.toUpperCase()}: ${t('latency.groupCount', { spoken: comparison[side].spoken, unanswered: comparison[side].unanswered })}`;
    return figures === undefined ? [] : [{ name, figures }];
  });
  return (
    <>
      {shared > 0 && <p className={css.warning}>{t('latency.shared', { count: shared })}</p>}
      <div className={css.columns}>
        <section>
          <h2>{metricName(t, metric)}</h2>
          <FiguresTable head={t('latency.group')} rows={rows} />
          {curveA !== undefined && curveB !== undefined && (
            <CdfPlot
              groups={[
                { ...curveA, name: 'A' },
                { ...curveB, name: 'B' },
              ]}
              limits={limits}
            />
          )}
        </section>
        <section>
          <h2>{t('latency.configuration')}</h2>
          {configuration.length === 0 ? <p className="quiet">{t('latency.noConfiguration')}</p> : <Configuration rows={configuration} />}
        </section>
      </div>
      <section>
        <h2>{t('latency.differences')}</h2>
        <p className="quiet">
          {t('latency.intervalHint')} {t('latency.manyHint')}
        </p>
        <Differences rows={differences} />
      </section>
    </>
  );
}

function useCurve({ ids, where }: Side, metric: LatencyMetric, version: string) {
  const reply = useReply('latency.distribution', { ids, metric, ...(where !== undefined && { where }) }, { version });
  return reply.data?.groups[0];
}

function Configuration({ rows }: { rows: CallReply<'latency.compare'>['configuration'] }) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by key
    <section className={css.tableBox} aria-label={t('latency.configuration')} tabIndex={0} style={{ maxHeight: 300 }}>
      <table className={css.figures}>
        <thead>
          <tr>
            <th data-left scope="col">
              {t('latency.setting')}
            </th>
            <th data-left scope="col">
              A
            </th>
            <th data-left scope="col">
              B
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, a, b }) => (
            <tr key={key}>
              <th scope="row" className="mono">
                {key}
              </th>
              <td data-left data-wrap>
                {a.join(', ') || '—'}
              </td>
              <td data-left data-wrap>
                {b.join(', ') || '—'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Differences({ rows }: { rows: CallReply<'latency.compare'>['differences'] }) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by key
    <section className={css.tableBox} aria-label={t('latency.differences')} tabIndex={0}>
      <table className={css.figures}>
        <thead>
          <tr>
            <th data-left scope="col">
              {t('latency.metricLabel')}
            </th>
            <th scope="col">{t('latency.statistic')}</th>
            <th scope="col">A</th>
            <th scope="col">B</th>
            <th scope="col">{t('latency.difference')}</th>
            <th scope="col">{t('latency.interval')}</th>
            <th data-left scope="col">
              {t('latency.verdictLabel')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ metric, statistic, a, b, difference, low, high, verdict }) => (
            <tr key={`${metric} ${statistic}`}>
              <th scope="row">{metricName(t, metric)}</th>
              <td>{statistic}</td>
              <td>{statisticText(t, a)}</td>
              <td>{statisticText(t, b)}</td>
              <td>{difference === null ? '—' : signedText(difference)}</td>
              <td>
                {verdict === 'too-few' ? '—' : `${low === null ? '−∞' : signedText(low)} … ${high === null ? '+∞' : signedText(high)}`}
              </td>
              <td data-left data-good={verdict === 'b-faster' || undefined} data-bad={verdict === 'b-slower' || undefined}>
                {t(`latency.verdict.${verdict}`)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
