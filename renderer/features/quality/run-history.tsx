import { useTranslation } from 'react-i18next';
import type { SuiteRunSummary } from '../../../preload/contract/quality.ts';
import { setParameters } from '../../lib/location.ts';
import { wallText } from '../../lib/quantities.ts';
import css from './quality.module.css';

const HEIGHT = 90;
const BAR = 18;

/** How a suite went over time: a bar a run, then the runs. */
export function RunHistory({ runs }: { runs: readonly SuiteRunSummary[] }) {
  const { t } = useTranslation();
  const oldestFirst = runs.toReversed();
  const most = Math.max(1, ...runs.map(casesOf));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section className={css.scroll} tabIndex={0} aria-label={t('quality.history')}>
      <figure className={css.trend}>
        <figcaption className="quiet">{t('quality.trend')}</figcaption>
        <svg role="img" aria-label={t('quality.trend')} width={oldestFirst.length * (BAR + 4)} height={HEIGHT}>
          {oldestFirst.map((run, i) => {
            const { passed, failed, errors } = run.counts;
            const heights = [passed, failed, errors].map((count) => (count / most) * HEIGHT);
            let y = HEIGHT;
            return (
              <g key={run.id}>
                <title>{`${wallText(run.startedWallMs)}: ${t('quality.counts', withoutWaiting(run))}`}</title>
                {(['passed', 'failed', 'error'] as const).map((state, place) => {
                  const height = heights[place] ?? 0;
                  y -= height;
                  return <rect key={state} data-state={state} x={i * (BAR + 4)} y={y} width={BAR} height={height} />;
                })}
              </g>
            );
          })}
        </svg>
      </figure>
      <table className={css.checks}>
        <thead>
          <tr>
            <th>{t('quality.started')}</th>
            <th>{t('quality.result')}</th>
            <th>{t('quality.cases', { count: most })}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <td>
                <button type="button" className={css.caseName} onClick={() => setParameters({ view: 'results', run: run.id })}>
                  {wallText(run.startedWallMs)}
                </button>
              </td>
              <td>
                <span className={css.state} data-state={run.state}>
                  {t(`quality.runState.${run.state}`)}
                </span>
              </td>
              <td>
                {t('quality.counts', withoutWaiting(run))} · {t('quality.took', { seconds: (run.durationMs / 1000).toFixed(1) })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function casesOf({ counts }: SuiteRunSummary): number {
  return counts.passed + counts.failed + counts.errors + counts.skipped + counts.waiting;
}

function withoutWaiting({ counts }: SuiteRunSummary) {
  const { waiting: _waiting, ...rest } = counts;
  return rest;
}
