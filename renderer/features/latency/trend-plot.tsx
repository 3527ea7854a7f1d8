import { useTranslation } from 'react-i18next';
import type { CallReply } from '../../../preload/contract/index.ts';
import type { TrendPoint } from '../../../preload/contract/latency.ts';
import { Plot, PlotLegend, seriesStroke } from '../../components/plot.tsx';
import { instantText } from '../../lib/quantities.ts';
import type { PlotLimit } from './distribution-plots.tsx';
import { statisticText } from './latency-words.ts';

const percentiles = ['p50', 'p90', 'p95'] as const;

interface TrendPlotProps {
  trend: CallReply<'latency.trend'>;
  points: readonly TrendPoint[];
  title: string;
  limits?: readonly PlotLimit[] | undefined;
  sessionName(id: string): string;
}

/** p50, p90 and p95 from session to session, or along one. A percentile without a number has no point. */
export function TrendPlot({ trend: { isPerSession }, points, title, limits, sessionName }: TrendPlotProps) {
  const { t } = useTranslation();
  const highest = Math.max(1, ...points.flatMap((point) => percentiles.map((percentile) => point[percentile].ms ?? 0)));
  const placeOf = (point: TrendPoint) => (isPerSession ? sessionName(point.sessionId) : instantText(point.atUs, 0));
  const label = (place: number) => {
    const point = points[place];
    if (point === undefined || !Number.isInteger(place)) return '';
    return isPerSession ? sessionName(point.sessionId).slice(0, 14) : placeOf(point);
  };
  const stride = Math.max(1, Math.ceil(points.length / 6));
  return (
    <div>
      <Plot
        title={title}
        hint={t(isPerSession ? 'latency.trendSessionsHint' : 'latency.trendWithinHint')}
        x={{
          domain: [-0.5, Math.max(0.5, points.length - 0.5)],
          text: label,
          ticks: points.map((_, i) => i).filter((i) => i % stride === 0),
        }}
        y={{ domain: [0, highest * 1.05], text: (value) => String(Math.round(value)) }}
        readings={points.map((point, x) => ({
          x,
          text:
            `${placeOf(point)}: ${percentiles.map((percentile) => `${percentile} ${statisticText(t, point[percentile])}`).join(', ')}` +
            ` (n=${point.n}, ${t('latency.censored')} ${point.censored}${point.isFew ? `, ${t('latency.few')}` : ''})`,
        }))}
        limits={limits}
        limitAxis="y"
        table={{
          columns: ['', ...percentiles, t('latency.n'), t('latency.censored')],
          rows: points.map((point) => [
            `${placeOf(point)}${point.isFew ? ` (${t('latency.few')})` : ''}`,
            ...percentiles.map((percentile) => statisticText(t, point[percentile])),
            String(point.n),
            String(point.censored),
          ]),
        }}
      >
        {({ x, y }) =>
          percentiles.map((percentile, i) => {
            const known = points.flatMap((point, place) => {
              const { ms } = point[percentile];
              return ms === null ? [] : [{ place, ms, isFew: point.isFew }];
            });
            return (
              <g key={percentile}>
                {/* A line leads only over neighbours: nothing is known of what lies between others. */}
                <path
                  d={known
                    .map(
                      ({ place, ms }, k) =>
                        `${known[k - 1]?.place === place - 1 ? 'L' : 'M'} ${x.at(place).toFixed(1)} ${y.at(ms).toFixed(1)}`,
                    )
                    .join(' ')}
                  fill="none"
                  strokeWidth={2}
                  {...seriesStroke(i)}
                />
                {known.map(({ place, ms, isFew }) => (
                  <circle
                    key={place}
                    cx={x.at(place)}
                    cy={y.at(ms)}
                    r={3.5}
                    stroke={seriesStroke(i).stroke}
                    strokeWidth={1.5}
                    fill={isFew ? 'var(--surface-page)' : seriesStroke(i).stroke}
                  />
                ))}
              </g>
            );
          })
        }
      </Plot>
      <PlotLegend names={percentiles} />
    </div>
  );
}
