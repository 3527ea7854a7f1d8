import { useTranslation } from 'react-i18next';
import type { TurnBreakdown } from '../../../preload/contract/sessions.ts';
import { millisecondsText } from '../../lib/quantities.ts';
import css from './conversation.module.css';

/** A part under this is in the bar and in the sum, but gets no words. */
const namedFromUs = 1000;

/**
 * From the last word of the user to the first of the reply, in parts that add up. `scaleUs`: what the whole width stands for, the same
 * for all turns of a conversation, so that they can be compared. A turn that nobody spoke begins later than one that was, and is whole.
 */
export function LatencyBar({ breakdown, scaleUs, isSpoken }: { breakdown: TurnBreakdown; scaleUs: number; isSpoken: boolean }) {
  const { t } = useTranslation();
  const { parts, totalUs } = breakdown;
  if (parts.length === 0) return null;
  const sumUs = parts.reduce((sum, part) => sum + part.durationUs, 0);
  return (
    <div className={css.latency} data-testid="latency">
      <span className={css.latencyTotal} title={totalUs === null ? t('session.sumOfParts') : t('session.total')}>
        {isSpoken && totalUs === null && '≥ '}
        {millisecondsText(totalUs ?? sumUs)}
      </span>
      <span className={css.latencyTrack}>
        <span className={css.latencyBar} style={{ width: `${Math.min(100, (sumUs / scaleUs) * 100)}%` }}>
          {parts.map((part) => (
            <span
              key={part.key}
              data-owner={part.owner}
              title={`${t(`session.part.${part.key}`)} ${millisecondsText(part.durationUs)}`}
              style={{ flexGrow: part.durationUs }}
            />
          ))}
        </span>
      </span>
      <span className={css.latencyParts}>
        {parts
          .filter((part) => part.durationUs >= namedFromUs)
          .map((part) => (
            <span key={part.key} data-part={part.key} title={t(`session.partHint.${part.key}`)}>
              <i className={css.swatch} data-owner={part.owner} />
              {t(`session.part.${part.key}`)} <b>{millisecondsText(part.durationUs)}</b>
            </span>
          ))}
      </span>
    </div>
  );
}
