import { useTranslation } from 'react-i18next';
import type { CheckValue } from '../../../../preload/contract/checks.ts';
import { bytesText } from '../../../lib/quantities.ts';
import { useCheckWords } from '../check-words.ts';
import { barOf } from '../value-bar.ts';
import css from './run.module.css';

/** A measured value, and where it lies between what is allowed. What has no unit, a yes or a number of things, says of what: the name has the room. */
export function ValueFigure({ check, value }: { check: string; value: CheckValue }) {
  const words = useCheckWords();
  const name = words.valueName(check, value.name);
  const isNamed = typeof value.value === 'boolean' || value.unit === 'count';
  const text = value.unit === 'bytes' && typeof value.value === 'number' && value.value >= 0 ? bytesText(value.value) : words.value(value);
  return (
    <span className={css.figure} data-met={value.isMet ?? undefined}>
      {!isNamed && <ValueLine value={value} />}
      <span className={css.figureText} title={`${name}: ${words.value(value)}`}>
        {isNamed && <span className="truncate">{name}</span>}
        <span className={isNamed ? undefined : 'truncate'}>{isNamed ? `: ${text}` : text}</span>
      </span>
    </span>
  );
}

/** The line alone; nothing where there is no bound. The colour is not the only sign: the mark leaves the band. */
export function ValueLine({ value }: { value: CheckValue }) {
  const { t } = useTranslation();
  const words = useCheckWords();
  const bar = barOf(value.value, value.limit);
  if (bar === null) return null;
  const label = t('checks.run.bar', { value: words.value(value), limit: words.limit(value) });
  return (
    <svg
      className={css.line}
      viewBox="0 0 100 12"
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      data-met={value.isMet ?? undefined}
    >
      <title>{label}</title>
      <rect x={0} y={4} width={100} height={4} className={css.lineTrack} />
      <rect
        x={bar.allowedFrom * 100}
        y={4}
        width={Math.max(0.5, (bar.allowedTo - bar.allowedFrom) * 100)}
        height={4}
        className={css.lineAllowed}
      />
      <rect x={Math.max(0, Math.min(97.5, bar.at * 100 - 1.25))} y={0} width={2.5} height={12} className={css.lineValue} />
    </svg>
  );
}
