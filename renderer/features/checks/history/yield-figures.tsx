import { useTranslation } from 'react-i18next';
import type { CheckYield } from '../../../../preload/contract/checks.ts';
import { Plot } from '../../../components/plot.tsx';
import { roundTicks } from '../../../lib/plot-scale.ts';
import { useCheckWords } from '../check-words.ts';
import css from './history.module.css';
import { shortName } from './short-name.ts';

export function percentText(part: number, of: number): string {
  return of === 0 ? '—' : `${((part / of) * 100).toFixed(part === of || part === 0 ? 0 : 1)}%`;
}

/** How many boards pass at once and in the end, what fails most, and how it goes from day to day. */
export function YieldFigures({ yields }: { yields: CheckYield }) {
  const { t } = useTranslation();
  const { boards, passedFirst, passedLast, runs } = yields;
  return (
    <div className={css.yield} data-testid="check-yield">
      <dl className={css.yieldNumbers}>
        <div>
          <dt>{t('checks.history.passedFirst')}</dt>
          <dd>
            <b>{percentText(passedFirst, boards)}</b> {passedFirst} / {boards}
          </dd>
        </div>
        <div>
          <dt>{t('checks.history.passedLast')}</dt>
          <dd>
            <b>{percentText(passedLast, boards)}</b> {passedLast} / {boards}
          </dd>
        </div>
        <div>
          <dt>{t('checks.history.boards')}</dt>
          <dd>
            <b>{boards}</b>
          </dd>
        </div>
        <div>
          <dt>{t('checks.history.runs')}</dt>
          <dd>
            <b>{runs}</b>
          </dd>
        </div>
      </dl>
      <Pareto pareto={yields.pareto} />
      <Days days={yields.days} />
    </div>
  );
}

const mostBars = 10;
const whole = (value: number): string => (Number.isInteger(value) ? String(value) : '');

type Bar = CheckYield['pareto'][number];

/** Bars by how many boards failed a check at first; the line says how much of all failures the bars up to there are. */
function Pareto({ pareto }: Pick<CheckYield, 'pareto'>) {
  const { t } = useTranslation();
  const words = useCheckWords();
  if (pareto.length === 0) return <p className="quiet">{t('checks.history.noFailures')}</p>;
  const shown = pareto.slice(0, mostBars);
  const most = Math.max(1, ...shown.map(({ boards }) => boards));
  const nameOf = ({ check, question }: Bar): string => question?.title ?? words.check(check);
  const textOf = (bar: Bar): string => `${nameOf(bar)}: ${bar.boards} · ${(bar.cumulative * 100).toFixed(0)}%`;
  return (
    <Plot
      title={t('checks.history.pareto')}
      hint={t('checks.history.paretoHint')}
      x={{
        domain: [-0.5, shown.length - 0.5],
        ticks: shown.map((_, i) => i),
        text: (place) => shortName(shown[place] === undefined ? '' : nameOf(shown[place]), shown.length),
      }}
      y={{ domain: [0, most * 1.12], ticks: roundTicks(0, most, 4).filter(Number.isInteger), text: whole }}
      readings={shown.map((each, x) => ({ x, text: textOf(each) }))}
      table={{
        columns: [t('checks.history.check'), t('checks.history.boards'), t('checks.history.runs'), t('checks.history.cumulative')],
        rows: pareto.map((bar) => [nameOf(bar), String(bar.boards), String(bar.runs), `${(bar.cumulative * 100).toFixed(0)}%`]),
      }}
    >
      {({ x, y }) => {
        const half = Math.min(34, (x.at(1) - x.at(0)) * 0.35);
        const line = shown.map(({ cumulative }, i) => ({ left: x.at(i), top: y.at(cumulative * most), cumulative }));
        return (
          <>
            {shown.map(({ check, question, boards }, i) => (
              <rect
                key={question === undefined ? check : `${question.list} ${question.id}`}
                x={x.at(i) - half}
                width={half * 2}
                y={y.at(boards)}
                height={y.at(0) - y.at(boards)}
                fill="var(--danger)"
                opacity={0.75}
              />
            ))}
            <path
              d={line.map(({ left, top }, i) => `${i === 0 ? 'M' : 'L'} ${left.toFixed(1)} ${top.toFixed(1)}`).join(' ')}
              fill="none"
              stroke="var(--text)"
              strokeWidth={1.6}
            />
            {line.map(({ left, top, cumulative }) => (
              <g key={left}>
                <circle cx={left} cy={top} r={3} fill="var(--text)" />
                <text className={css.share} x={left} y={top - 7} textAnchor="middle">
                  {(cumulative * 100).toFixed(0)}%
                </text>
              </g>
            ))}
          </>
        );
      }}
    </Plot>
  );
}

function Days({ days }: Pick<CheckYield, 'days'>) {
  const { t } = useTranslation();
  if (days.length === 0) return null;
  const most = Math.max(1, ...days.map(({ boards }) => boards));
  const stride = Math.max(1, Math.ceil(days.length / 8));
  return (
    <Plot
      title={t('checks.history.days')}
      hint={t('checks.history.daysHint')}
      x={{
        domain: [-0.5, days.length - 0.5],
        ticks: days.map((_, i) => i).filter((i) => i % stride === 0),
        text: (place) => days[place]?.day.slice(5) ?? '',
      }}
      y={{ domain: [0, most * 1.12], ticks: roundTicks(0, most, 4).filter(Number.isInteger), text: whole }}
      readings={days.map(({ day, boards, passedFirst }, x) => ({
        x,
        text: `${day}: ${passedFirst} / ${boards} (${percentText(passedFirst, boards)})`,
      }))}
      table={{
        columns: [t('checks.history.day'), t('checks.history.boards'), t('checks.history.passedFirst')],
        rows: days.map(({ day, boards, passedFirst }) => [day, String(boards), String(passedFirst)]),
      }}
    >
      {({ x, y }) => {
        const half = Math.min(26, Math.max(1.5, (x.at(1) - x.at(0)) * 0.35));
        return days.map(({ day, boards, passedFirst }, i) => (
          <g key={day}>
            <rect
              x={x.at(i) - half}
              width={half * 2}
              y={y.at(boards)}
              height={y.at(0) - y.at(boards)}
              fill="none"
              stroke="var(--line-strong)"
            />
            <rect
              x={x.at(i) - half}
              width={half * 2}
              y={y.at(passedFirst)}
              height={y.at(0) - y.at(passedFirst)}
              fill="var(--accent)"
              opacity={0.8}
            />
          </g>
        ));
      }}
    </Plot>
  );
}
