import { useTranslation } from 'react-i18next';
import type { CallReply } from '../../../preload/contract/index.ts';
import { mostSeries, Plot, PlotLegend, type PlotReading, seriesStroke } from '../../components/plot.tsx';
import { roundTicks } from '../../lib/plot-scale.ts';
import { msText } from './latency-words.ts';

type Distribution = CallReply<'latency.distribution'>['groups'][number];
/** `name` as it is shown. */
export type NamedDistribution = Distribution;

export interface PlotLimit {
  value: number;
  text: string;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

/** The share of turns answered within so many ms, a line a group. */
export function CdfPlot({
  groups,
  limits,
  cutMs,
}: {
  groups: readonly NamedDistribution[];
  limits?: readonly PlotLimit[];
  cutMs?: number | undefined;
}) {
  const { t } = useTranslation();
  const drawn = groups.filter(({ cdf }) => cdf.length > 0).slice(0, mostSeries);
  const values = drawn.flatMap(({ cdf }) => [cdf[0]?.ms ?? 0, cdf.at(-1)?.ms ?? 0]);
  const from = Math.min(0, ...values);
  const to = Math.max(from + 1, Math.min(cutMs ?? Number.POSITIVE_INFINITY, Math.max(1, ...values)));
  const readings: PlotReading[] = drawn
    .flatMap(({ name, cdf }) =>
      cdf.map(({ ms, share }) => ({ x: ms, text: `${drawn.length > 1 ? `${name}: ` : ''}${percent(share)} ≤ ${msText(ms)} ms` })),
    )
    .filter(({ x }) => x <= to)
    .sort((one, other) => one.x - other.x);
  return (
    <div>
      <Plot
        title={t('latency.cdf')}
        hint={groups.some(({ censored }) => censored > 0) ? t('latency.cdfHint') : undefined}
        x={{ domain: [from, to], text: msText }}
        y={{ domain: [0, 1], text: (share) => `${Math.round(share * 100)} %`, ticks: [0, 0.25, 0.5, 0.75, 1] }}
        readings={readings}
        limits={limits}
        table={{
          columns: [t('latency.group'), 'ms', '%', t('latency.n'), t('latency.censored')],
          rows: drawn.flatMap(({ name, cdf, n, censored }) =>
            every(cdf, 40).map(({ ms, share }) => [name, msText(ms), percent(share), String(n), String(censored)]),
          ),
        }}
      >
        {({ x, y }) =>
          drawn.map(({ name, cdf }, i) => (
            <path key={name} d={stepsOf(cdf, to, x.at, y.at)} fill="none" strokeWidth={2} {...seriesStroke(i)}>
              <title>{name}</title>
            </path>
          ))
        }
      </Plot>
      {drawn.length > 1 && (
        <PlotLegend names={drawn.map(({ name, n, censored }) => `${name} (n=${n}, ${t('latency.censored')} ${censored})`)} />
      )}
    </div>
  );
}

function stepsOf(cdf: Distribution['cdf'], to: number, x: (ms: number) => number, y: (share: number) => number): string {
  let path = `M ${x(Math.min(0, cdf[0]?.ms ?? 0))} ${y(0)}`;
  for (const { ms, share } of cdf) {
    if (ms > to) return `${path} H ${x(to)}`;
    path += ` H ${x(ms).toFixed(1)} V ${y(share).toFixed(1)}`;
  }
  return `${path} H ${x(to)}`;
}

/** Evenly chosen, with the last. */
function every<Item>(items: readonly Item[], most: number): Item[] {
  const stride = Math.max(1, Math.ceil(items.length / most));
  return items.filter((_, i) => (i + 1) % stride === 0 || i === items.length - 1);
}

interface HistogramProps {
  group: NamedDistribution;
  title: string;
  marks?: readonly { ms: number; text: string }[];
  limits?: readonly PlotLimit[] | undefined;
}

/** How many turns took how long; marked turns stand as lines over it. */
export function HistogramPlot({ group: { histogram, n, censored }, title, marks = [], limits }: HistogramProps) {
  const { t } = useTranslation();
  const { fromMs, counts, beyond } = histogram;
  const bucketMs = histogram.bucketMs > 0 ? histogram.bucketMs : 1;
  const toMs = fromMs + bucketMs * Math.max(1, counts.length);
  const highest = Math.max(1, ...counts);
  const spanOf = (i: number) => `${msText(fromMs + i * bucketMs)} – ${msText(fromMs + (i + 1) * bucketMs)} ms`;
  return (
    <Plot
      title={title}
      hint={`n=${n}, ${t('latency.censored')} ${censored}${beyond > 0 ? ` · ${t('latency.beyond', { count: beyond, ms: msText(toMs) })}` : ''}`}
      x={{ domain: [fromMs, toMs], text: msText }}
      y={{ domain: [0, highest], text: String, ticks: roundTicks(0, highest, 4).filter((tick) => Number.isInteger(tick)) }}
      readings={counts.map((count, i) => ({ x: fromMs + (i + 0.5) * bucketMs, text: `${spanOf(i)}: ${count} ${t('latency.turnsAxis')}` }))}
      limits={limits}
      table={{ columns: ['ms', t('latency.turnsAxis')], rows: counts.map((count, i) => [spanOf(i), String(count)]) }}
    >
      {({ x, y }) => (
        <>
          {counts.map((count, i) => {
            const left = x.at(fromMs + i * bucketMs);
            const width = Math.max(1, x.at(fromMs + (i + 1) * bucketMs) - left - 1);
            // biome-ignore lint/suspicious/noArrayIndexKey: a bucket is its place
            return <rect key={i} x={left} width={width} y={y.at(count)} height={y.at(0) - y.at(count)} fill="var(--user)" />;
          })}
          {marks
            .filter(({ ms }) => ms >= fromMs && ms <= toMs)
            .map(({ ms, text }) => (
              <g key={text}>
                <line x1={x.at(ms)} x2={x.at(ms)} y1={y.at(highest)} y2={y.at(0)} stroke="var(--text)" strokeWidth={2} />
                <circle cx={x.at(ms)} cy={y.at(0)} r={4} fill="var(--warning)">
                  <title>{text}</title>
                </circle>
              </g>
            ))}
        </>
      )}
    </Plot>
  );
}
