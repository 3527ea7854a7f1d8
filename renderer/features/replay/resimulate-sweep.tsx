import { useTranslation } from 'react-i18next';
import type { Resimulation, SimulatedFigures, SweepPoint } from '../../../preload/contract/replay.ts';
import css from './resimulate.module.css';
import { number } from './resimulate-result.tsx';

const WIDTH = 640;
const HEIGHT = 190;
const LEFT = 46;
const RIGHT = 34;
const TOP = 10;
const BOTTOM = 26;

type Line = { name: string; look: string | undefined; axis: 'ms' | 'count'; value(point: SweepPoint): number | null };

/** What each value of a setting would have come to: latency against turns that were cut off. The same numbers stand in the table. */
export function SweepPlot({ sweep, before }: { sweep: NonNullable<Resimulation['sweep']>; before: SimulatedFigures }) {
  const { t } = useTranslation();
  const { key, points } = sweep;
  const lines: Line[] = [
    { name: t('replay.whatIf.v2v', { percent: 50 }), look: css.p50, axis: 'ms', value: ({ figures }) => figures.v2v.p50 },
    { name: t('replay.whatIf.v2v', { percent: 95 }), look: css.p95, axis: 'ms', value: ({ figures }) => figures.v2v.p95 },
    { name: t('replay.whatIf.earlyCuts'), look: css.cuts, axis: 'count', value: ({ figures }) => figures.earlyCuts },
    { name: t('replay.whatIf.interruptions'), look: css.stops, axis: 'count', value: ({ figures }) => figures.interruptions },
  ];
  const most = (axis: Line['axis']) =>
    Math.max(1, ...lines.filter((line) => line.axis === axis).flatMap((line) => points.map((point) => line.value(point) ?? 0)));
  const tops = { ms: niceAbove(most('ms')), count: niceAbove(most('count')) };
  const x = (index: number) => LEFT + ((WIDTH - LEFT - RIGHT) * (index + 0.5)) / points.length;
  const y = (value: number, axis: Line['axis']) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * value) / tops[axis];
  const path = ({ value, axis }: Line) => {
    let isDrawn = false;
    return points
      .map((point, index) => {
        const at = value(point);
        if (at === null) {
          isDrawn = false;
          return '';
        }
        const command = isDrawn ? 'L' : 'M';
        isDrawn = true;
        return `${command}${x(index).toFixed(1)} ${y(at, axis).toFixed(1)}`;
      })
      .join('');
  };
  const label = t(`settings.field.${key as 'turns.vadSilenceMs'}.label`);
  return (
    <section className={css.sweep}>
      <h2>{t('replay.whatIf.sweep.title', { label })}</h2>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t('replay.whatIf.sweep.plot', { label })}>
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(tops.ms * share, 'ms')} y2={y(tops.ms * share, 'ms')} className={css.grid} />
            <text x={LEFT - 6} y={y(tops.ms * share, 'ms') + 4} textAnchor="end">
              {Math.round(tops.ms * share)}
            </text>
            <text x={WIDTH - RIGHT + 6} y={y(tops.count * share, 'count') + 4}>
              {Number((tops.count * share).toFixed(1))}
            </text>
          </g>
        ))}
        {points.map((point, index) => (
          <text key={String(point.value)} x={x(index)} y={HEIGHT - 8} textAnchor="middle">
            {index % Math.ceil(points.length / 12) === 0 ? String(point.value) : ''}
          </text>
        ))}
        {lines.map((line) => (
          <g key={line.name} className={line.look}>
            <path d={path(line)} fill="none" />
            {points.map((point, index) => {
              const at = line.value(point);
              return at === null ? null : <circle key={String(point.value)} cx={x(index)} cy={y(at, line.axis)} r={2.6} />;
            })}
          </g>
        ))}
      </svg>
      <div className={css.legend}>
        {lines.map(({ name, look, axis }) => (
          <span key={name} className={look}>
            {name} <span className="quiet">({t(`replay.whatIf.sweep.${axis}`)})</span>
          </span>
        ))}
      </div>
      <table className={css.turns}>
        <thead>
          <tr>
            {[
              label,
              t('replay.whatIf.v2v', { percent: 50 }),
              t('replay.whatIf.v2v', { percent: 95 }),
              t('replay.whatIf.endpoint', { percent: 50 }),
              t('replay.whatIf.userTurns'),
              t('replay.whatIf.earlyCuts'),
              t('replay.whatIf.changes.merged'),
              t('replay.whatIf.changes.split'),
              t('replay.whatIf.interruptions'),
              t('replay.whatIf.unanswered'),
            ].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Row name={t('replay.whatIf.before')} figures={before} />
          {points.map((point) => (
            <Row key={String(point.value)} name={String(point.value)} figures={point.figures} point={point} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ name, figures, point }: { name: string; figures: SimulatedFigures; point?: SweepPoint }) {
  const { v2v, endpoint, userTurns, earlyCuts, interruptions, unanswered } = figures;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className={css.number}>{number(v2v.p50, ' ms')}</td>
      <td className={css.number}>{number(v2v.p95, ' ms')}</td>
      <td className={css.number}>{number(endpoint.p50, ' ms')}</td>
      <td className={css.number}>{userTurns}</td>
      <td className={css.number}>{earlyCuts}</td>
      <td className={css.number}>{point?.merged ?? '—'}</td>
      <td className={css.number}>{point?.split ?? '—'}</td>
      <td className={css.number}>{interruptions}</td>
      <td className={css.number}>{unanswered}</td>
    </tr>
  );
}

/** 1, 2 or 5 times a power of ten, or an even count. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((each) => each * power >= value) ?? 10;
  return Math.max(2, step * power);
}
