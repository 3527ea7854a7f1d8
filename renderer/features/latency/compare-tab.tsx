import { Button, Select } from '@mantine/core';
import { IconArrowsExchange } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type LatencyFacet, type LatencyMetric, latencyFacets, type TurnFilter } from '../../../preload/contract/latency.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useReply } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { setParameters, useParameters } from '../../lib/location.ts';
import { CompareFigures } from './compare-figures.tsx';
import { CopyCommand } from './copy-command.tsx';
import css from './latency.module.css';
import type { Asked, ChosenSessions } from './latency-data.ts';
import { latencyCommand, listText } from './latency-link.ts';
import { facetValueName } from './latency-words.ts';
import { SessionChooser } from './session-chooser.tsx';

export interface Side {
  name: 'A' | 'B';
  ids: string[];
  where?: TurnFilter;
}

interface CompareTabProps {
  chosen: ChosenSessions;
  asked: Asked;
  metric: LatencyMetric;
  conditions: string;
}

/** Two samples beside each other: sessions, or the chosen ones split by a facet. */
export function CompareTab({ chosen, asked, metric, conditions }: CompareTabProps) {
  const { t } = useTranslation();
  const parameters = useParameters();
  const facet = latencyFacets.find((each) => each === parameters.get('split')) ?? null;
  const facets = useReply('latency.facets', { ids: chosen.ids }, { version: chosen.version, isEnabled: facet !== null });
  const values = facet === null ? [] : (facets.data?.facets[facet] ?? []);
  const sideOf = (name: 'A' | 'B'): Side => {
    const key = name.toLowerCase();
    if (facet !== null) {
      const value = parameters.get(`v${key}`) ?? values[name === 'A' ? 0 : 1]?.value;
      return {
        name,
        ids: value === undefined ? [] : asked.ids,
        where: { ...asked.where, ...(value !== undefined && { [facet]: [value] }) },
      };
    }
    const given = (parameters.get(key) ?? '')
      .split(',')
      .filter((id) => id !== '')
      .map(decodeURIComponent);
    // Two chosen sessions are the two to compare, the older one first.
    const startOf = (id: string) => chosen.all.find((session) => session.id === id)?.startedWallMs ?? 0;
    const byDefault = chosen.ids.length === 2 ? chosen.ids.toSorted((one, other) => startOf(one) - startOf(other)) : [];
    const ids = given.length > 0 ? given : byDefault.slice(name === 'A' ? 0 : 1, name === 'A' ? 1 : 2);
    return { name, ids, ...(asked.where !== undefined && { where: asked.where }) };
  };
  const [a, b] = [sideOf('A'), sideOf('B')];

  function swap(): void {
    if (facet === null) setParameters({ a: listText(b.ids), b: listText(a.ids) });
    else setParameters({ va: b.where?.[facet]?.[0] ?? null, vb: a.where?.[facet]?.[0] ?? null });
  }
  return (
    <div className={css.page}>
      <section>
        <p className="quiet">{t('latency.compareHint')}</p>
        <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8, alignItems: 'center' }}>
          {([a, b] as const).map((side) => (
            <span key={side.name} style={{ display: 'flex', gap: 6, alignItems: 'center' }}>
              <b>{side.name}</b>
              {facet === null ? (
                <SessionChooser
                  chosen={{ ids: side.ids, all: chosen.all }}
                  label={side.name}
                  onChoose={(ids) => setParameters({ [side.name.toLowerCase()]: listText(ids) })}
                />
              ) : (
                <FacetValue facet={facet} side={side} values={values} chosen={chosen} />
              )}
            </span>
          ))}
          <Button variant="default" px={8} aria-label={t('latency.swap')} title={t('latency.swap')} onClick={swap}>
            <IconArrowsExchange size={15} aria-hidden />
          </Button>
          <Select
            w={230}
            clearable
            aria-label={t('latency.compareFacet')}
            placeholder={t('latency.compareFacet')}
            value={facet}
            data={latencyFacets.filter((each) => each !== 'session').map((each) => ({ value: each, label: t(`latency.facet.${each}`) }))}
            onChange={(value) => setParameters({ split: value, va: null, vb: null })}
          />
          {/* The command compares sessions; a split of them is the screen's. */}
          {facet === null && a.ids.length > 0 && b.ids.length > 0 && (
            <CopyCommand command={latencyCommand({ ids: [], where: asked.where ?? {}, by: null, conditions, compare: [a.ids, b.ids] })} />
          )}
        </div>
      </section>
      {a.ids.length === 0 || b.ids.length === 0 ? (
        <p className={css.centre}>{t('latency.compareNothing')}</p>
      ) : (
        <Compared a={a} b={b} version={asked.version} metric={metric} conditions={conditions} />
      )}
    </div>
  );
}

function FacetValue({
  facet,
  side,
  values,
  chosen,
}: {
  facet: LatencyFacet;
  side: Side;
  values: readonly { value: string; turns: number }[];
  chosen: ChosenSessions;
}) {
  const { t } = useTranslation();
  return (
    <Select
      w={190}
      aria-label={`${side.name}: ${t(`latency.facet.${facet}`)}`}
      allowDeselect={false}
      value={side.where?.[facet]?.[0] ?? null}
      data={values.map(({ value, turns }) => ({ value, label: `${facetValueName(t, facet, value, chosen.all)} (${turns})` }))}
      onChange={(value) => setParameters({ [`v${side.name.toLowerCase()}`]: value })}
    />
  );
}

function Compared({ a, b, version, metric, conditions }: { a: Side; b: Side; version: string; metric: LatencyMetric; conditions: string }) {
  const { t } = useTranslation();
  const groups = {
    a: a.ids,
    b: b.ids,
    ...(a.where !== undefined && { whereA: a.where }),
    ...(b.where !== undefined && { whereB: b.where }),
  };
  const comparison = useReply('latency.compare', groups, { version });
  if (comparison.error !== null) return <ErrorNotice error={errorValueOf(comparison.error)} />;
  if (comparison.data === undefined) return <p className={css.centre}>{t('frame.loading')}</p>;
  return <CompareFigures comparison={comparison.data} a={a} b={b} version={version} metric={metric} conditions={conditions} />;
}
