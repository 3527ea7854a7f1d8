import { Button, Checkbox, Popover } from '@mantine/core';
import { IconFilter, IconFilterOff } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type LatencyFacet, latencyFacets, type TurnFilter } from '../../../preload/contract/latency.ts';
import { useReply } from '../../lib/actions.ts';
import css from './latency.module.css';
import type { ChosenSessions } from './latency-data.ts';
import { listText } from './latency-link.ts';
import { facetValueName } from './latency-words.ts';

interface TurnFiltersProps {
  chosen: ChosenSessions;
  where: TurnFilter;
  change(changes: Record<string, string | null>): void;
}

/** Each kind of difference between the turns with its values; what is ticked stays. */
export function TurnFilters({ chosen, where, change }: TurnFiltersProps) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const facets = useReply('latency.facets', { ids: chosen.ids }, { version: chosen.version, isEnabled: isOpen && chosen.ids.length > 0 });
  const chosenCount = Object.values(where).reduce((sum, values) => sum + values.length, 0);
  // What is the same everywhere tells nothing apart.
  const shown = latencyFacets.filter((facet) => (facets.data?.facets[facet].length ?? 0) > 1 || where[facet] !== undefined);
  function toggle(facet: LatencyFacet, value: string): void {
    const values = where[facet] ?? [];
    change({ [`w.${facet}`]: listText(values.includes(value) ? values.filter((each) => each !== value) : [...values, value]), turn: null });
  }
  function clear(): void {
    change({ ...Object.fromEntries(latencyFacets.map((facet) => [`w.${facet}`, null])), turn: null });
  }
  return (
    <>
      <Popover position="bottom-start" withinPortal trapFocus opened={isOpen} onChange={setOpen}>
        <Popover.Target>
          <Button
            variant={chosenCount > 0 ? 'light' : 'default'}
            leftSection={<IconFilter size={15} aria-hidden />}
            onClick={() => setOpen(!isOpen)}
          >
            {chosenCount === 0 ? t('latency.filter') : `${t('latency.filter')} (${chosenCount})`}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <p className="quiet" style={{ margin: '0 0 8px' }}>
            {facets.data !== undefined && shown.length === 0 ? t('latency.noFilterValues') : t('latency.filterHint')}
          </p>
          <div
            className={css.facets}
            style={{ gridTemplateColumns: `repeat(${Math.max(1, Math.min(3, shown.length))}, minmax(160px, 220px))` }}
          >
            {shown.map((facet) => (
              <fieldset key={facet}>
                <legend>{t(`latency.facet.${facet}`)}</legend>
                <div className={css.choices} style={{ maxHeight: 140 }}>
                  {facets.data?.facets[facet].map(({ value, turns }) => (
                    <Checkbox
                      key={value}
                      checked={where[facet]?.includes(value) === true}
                      onChange={() => toggle(facet, value)}
                      label={
                        <>
                          {facetValueName(t, facet, value, chosen.all)} <span className="quiet">{turns}</span>
                        </>
                      }
                    />
                  ))}
                </div>
              </fieldset>
            ))}
          </div>
        </Popover.Dropdown>
      </Popover>
      {chosenCount > 0 && (
        <Button variant="subtle" px={6} aria-label={t('latency.clearFilter')} title={t('latency.clearFilter')} onClick={clear}>
          <IconFilterOff size={15} aria-hidden />
        </Button>
      )}
    </>
  );
}
