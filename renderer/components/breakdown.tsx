import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import type { BreakdownPart, TurnBreakdown } from '../../preload/contract/sessions.ts';
import { millisecondsText } from '../lib/quantities.ts';
import css from './breakdown.module.css';

const owners = ['setting', 'engine', 'pipeline', 'device'] as const;

interface BreakdownProps {
  breakdown: TurnBreakdown;
  isSpoken: boolean;
  /** A part was chosen: where there is something to show it on. */
  onPart?: (part: BreakdownPart) => void;
  /** The one that is shown there. */
  chosenPart?: BreakdownPart['key'] | null;
}

/** From the last sample the user spoke to the first the reply was heard: contiguous parts that visibly add up. */
export function Breakdown({ breakdown, isSpoken, onPart, chosenPart = null }: BreakdownProps) {
  const { t } = useTranslation();
  const { parts, totalUs } = breakdown;
  // U1 is where the user stopped speaking: a greeting has none, and nothing is amiss.
  const missing = isSpoken ? breakdown.missing : breakdown.missing.filter((bound) => bound !== 'U1');
  const fromUs = parts[0]?.fromUs ?? 0;
  const sumUs = parts.reduce((sum, part) => sum + part.durationUs, 0);
  const spanUs = Math.max(1, (parts.at(-1)?.toUs ?? 0) - fromUs);
  const unexplainedUs = totalUs === null ? 0 : totalUs - sumUs;
  return (
    <div style={{ display: 'grid', gap: 8 }} data-testid="breakdown">
      {missing.length > 0 && (
        <div style={{ color: 'var(--warning)' }}>
          {t('session.missing')}{' '}
          {missing.map((bound) => (
            <span key={bound} title={t('session.boundHint')} className="mono">
              {bound}{' '}
            </span>
          ))}
        </div>
      )}
      {parts.length > 0 && (
        <div className={css.waterfall}>
          {parts.map((part) => (
            <Fragment key={part.key}>
              {onPart === undefined ? (
                <span className="truncate" title={t(`session.partHint.${part.key}`)}>
                  {t(`session.part.${part.key}`)}
                </span>
              ) : (
                <button
                  type="button"
                  className={css.part}
                  title={t(`session.partHint.${part.key}`)}
                  aria-label={t('playback.part.light', { part: t(`session.part.${part.key}`) })}
                  aria-pressed={chosenPart === part.key}
                  onClick={() => onPart(part)}
                >
                  {t(`session.part.${part.key}`)}
                </button>
              )}
              <span className={css.track}>
                <span
                  className={css.bar}
                  data-owner={part.owner}
                  style={{ left: `${((part.fromUs - fromUs) / spanUs) * 100}%`, width: `${(part.durationUs / spanUs) * 100}%` }}
                />
              </span>
              <span className={css.value}>{millisecondsText(part.durationUs)}</span>
            </Fragment>
          ))}
          {unexplainedUs > 0 && (
            <>
              <span title={t('session.unexplainedHint')}>{t('session.unexplained')}</span>
              <span className={css.track} />
              <span className={css.value} data-testid="unexplained">
                {millisecondsText(unexplainedUs)}
              </span>
            </>
          )}
          <div className={css.total}>
            <span>{totalUs === null ? t('session.sumOfParts') : t('session.total')}</span>
            <span className={css.stack}>
              {parts.map((part) => (
                <span key={part.key} className={css.bar} data-owner={part.owner} style={{ flex: part.durationUs }} />
              ))}
              {unexplainedUs > 0 && <span className={css.unexplained} style={{ flex: unexplainedUs }} />}
            </span>
            <span className={css.value} data-testid="total">
              {millisecondsText(totalUs ?? sumUs)}
            </span>
          </div>
        </div>
      )}
      {parts.length > 0 && (
        <div className={css.legend}>
          {owners.map((owner) => (
            <span key={owner}>
              <i className={css.bar} data-owner={owner} />
              {t(`session.owner.${owner}`)}
            </span>
          ))}
          {breakdown.audibleSource !== null && (
            <span title={t('session.audibleHint')}>{t(`session.audible.${breakdown.audibleSource}`)}</span>
          )}
        </div>
      )}
      <ProductMetrics breakdown={breakdown} />
    </div>
  );
}

/** The vendors' own names for the same events; unknown is a dash, never a zero. */
function ProductMetrics({ breakdown }: { breakdown: TurnBreakdown }) {
  const { t } = useTranslation();
  const { product, interruption } = breakdown;
  const stops = interruption === null ? [] : (['stopUs', 'detectUs', 'serverStopUs', 'residualUs'] as const);
  return (
    <>
      <h2 style={{ margin: 0, fontSize: 12 }}>{t('session.productMetrics')}</h2>
      <dl className={css.facts}>
        {Object.entries(product).map(([name, value]) => (
          <div key={name}>
            <dt className="mono" title={name}>
              {name}
            </dt>
            <dd>{value === null ? '—' : name === 'tts_discontinuity' ? value : `${Math.round(value)} ms`}</dd>
          </div>
        ))}
        {stops.map((name) => {
          const us = interruption?.[name] ?? null;
          return (
            <div key={name}>
              <dt>{t(`session.stop.${name}`)}</dt>
              <dd>{us === null ? '—' : millisecondsText(us)}</dd>
            </div>
          );
        })}
      </dl>
    </>
  );
}
