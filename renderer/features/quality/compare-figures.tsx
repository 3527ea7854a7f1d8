import { useTranslation } from 'react-i18next';
import type { ErrorCount, SessionComparison } from '../../../preload/contract/quality.ts';
import css from './quality.module.css';

/** Words, replies and latency of all turns together. */
export function CompareFigures({ comparison }: { comparison: SessionComparison }) {
  const { t } = useTranslation();
  const { transcript, replySimilarity, golden, candidate, latency } = comparison;
  const rate = ({ rate: share, reference }: ErrorCount) =>
    reference === 0 && share === 0
      ? '—'
      : t('quality.ofUnits', { rate: share === null ? '∞' : `${(share * 100).toFixed(1)} %`, count: reference });
  const figures = [
    [t('quality.figures.turns'), `${golden.turns} → ${candidate.turns}`],
    [t('quality.figures.errors'), rate(transcript.mixed)],
    [t('quality.figures.words'), rate(transcript.words)],
    [t('quality.figures.characters'), rate(transcript.characters)],
    [t('quality.figures.replies'), replySimilarity === null ? '—' : `${Math.round(replySimilarity * 100)} %`],
  ];
  const shown = latency.filter(
    ({ metric, statistic }) => statistic === 'p50' && (metric === 'v2v_device' || metric === 'llm_ttft' || metric === 'tts_ttfb'),
  );
  return (
    <div className={css.figures}>
      <dl>
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {shown.length > 0 && (
        <table className={css.checks} aria-label={t('quality.latency')}>
          <thead>
            <tr>
              <th>{t('quality.metric')}</th>
              <th>{t('quality.golden')}</th>
              <th>{t('quality.candidate')}</th>
              <th>Δ p50</th>
              <th>{t('quality.interval')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ metric, a, b, difference, low, high, verdict }) => (
              <tr key={metric}>
                <td className="mono">{metric}.p50</td>
                <td>{msText(a.ms)}</td>
                <td>{msText(b.ms)}</td>
                <td>{difference === null ? '—' : signedMs(difference)}</td>
                <td>
                  {low !== null || high !== null ? `${msText(low)} … ${msText(high)} · ` : ''}
                  {t(`quality.verdicts.${verdict}`)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function msText(ms: number | null): string {
  return ms === null ? '—' : `${Math.round(ms)} ms`;
}

export function signedMs(ms: number): string {
  return `${ms >= 0 ? '+' : '−'}${Math.abs(Math.round(ms))} ms`;
}
