import { Button, SegmentedControl } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogFilter, LogPattern } from '../../../preload/contract/logs.ts';
import css from './filter-bar.module.css';
import { type FilterPart, partsOf, withoutPart } from './filter-parts.ts';
import type { Pane } from './panes.ts';

export interface FilterChipsProps {
  filter: LogFilter;
  mode: Pane['mode'];
  counts: ReactNode;
  timeText(us: number): string;
  onChange(filter: LogFilter): void;
  onMode(mode: Pane['mode']): void;
}

/** What the filter is made of; each condition can be taken away on its own. */
export function FilterChips({ filter, mode, counts, timeText, onChange, onMode }: FilterChipsProps) {
  const { t } = useTranslation();
  const parts = partsOf(filter);
  if (parts.length === 0) return null;
  return (
    <section className={css.chips} aria-label={t('monitor.filter.active')}>
      <SegmentedControl
        size="xs"
        className={css.mode ?? ''}
        aria-label={t('monitor.filter.mode')}
        value={mode}
        onChange={(value) => onMode(value)}
        data={[
          { value: 'hide', label: t('monitor.filter.hide') },
          { value: 'dim', label: t('monitor.filter.dim') },
        ]}
      />
      {parts.map((part) => (
        <Chip key={JSON.stringify(part)} part={part} timeText={timeText} onRemove={() => onChange(withoutPart(filter, part))} />
      ))}
      <Button size="compact-xs" variant="subtle" color="gray" onClick={() => onChange({})}>
        {t('monitor.filter.clear')}
      </Button>
      <span className={css.grow} />
      <span className={css.counts}>{counts}</span>
    </section>
  );
}

function patternWords({ text, isRegexp, isCaseSensitive }: LogPattern): string {
  return `${isRegexp ? `/${text}/` : `“${text}”`}${isCaseSensitive ? ' Aa' : ''}`;
}

function Chip({ part, timeText, onRemove }: { part: FilterPart; timeText(us: number): string; onRemove(): void }) {
  const { t } = useTranslation();
  const words = ((): string => {
    switch (part.kind) {
      case 'level':
        return t(`monitor.levelFrom.${part.level}`);
      case 'plain':
        return t('monitor.filter.plain');
      case 'tagLevel':
        return `${part.tag}: ${part.level === 'off' ? t('monitor.filter.off') : t(`monitor.levelFrom.${part.level}`)}`;
      case 'tag':
        return t('monitor.filter.onlyTag', { tag: part.tag });
      case 'anyEvent':
        return t('monitor.filter.anyEvent');
      case 'event':
        return part.event;
      case 'pattern':
        return patternWords(part.pattern);
      case 'exclude':
        return t('monitor.filter.without', { what: patternWords(part.pattern) });
      case 'repeats':
        return t('monitor.filter.repeats');
      case 'directions':
        return t('monitor.filter.noSent');
      case 'time':
        return `${part.fromUs === undefined ? '' : timeText(part.fromUs)} – ${part.toUs === undefined ? '' : timeText(part.toUs)}`.trim();
    }
  })();
  return (
    <span className={css.chip} data-kind={part.kind}>
      <span className="truncate" title={words}>
        {words}
      </span>
      <button type="button" aria-label={t('monitor.filter.remove', { what: words })} onClick={onRemove}>
        <IconX size={11} />
      </button>
    </span>
  );
}
