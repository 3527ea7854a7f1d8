import { Button, Select } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type LatencyRow, latencyFacets } from '../../../preload/contract/latency.ts';
import strip from '../../components/tab-strip.module.css';
import { goTo } from '../../lib/location.ts';
import { BudgetTab } from './budget-tab.tsx';
import { CompareTab } from './compare-tab.tsx';
import { CopyCommand } from './copy-command.tsx';
import { ExportMenu } from './export-menu.tsx';
import css from './latency.module.css';
import { askedOf, type ChosenSessions, useChosenSessions } from './latency-data.ts';
import { latencyCommand, listText, orderText, placeText, sessionLink, tabs, useLatencyView } from './latency-link.ts';
import { facetValueName, metricName, shownMetrics } from './latency-words.ts';
import { SessionChooser } from './session-chooser.tsx';
import { SoundTab } from './sound-tab.tsx';
import { SpreadTab } from './spread-tab.tsx';
import { TurnFilters } from './turn-filters.tsx';
import { TurnPanel } from './turn-panel.tsx';
import { TurnTable } from './turn-table.tsx';
import { WavTab } from './wav-tab.tsx';

/** Where the time of turns went, across sessions. */
export function LatencyScreen() {
  const { t } = useTranslation();
  const { view } = useLatencyView();
  const chosen = useChosenSessions(view);
  if (chosen === null) return <p className={css.centre}>{t('frame.loading')}</p>;
  return <Loaded chosen={chosen} />;
}

function Loaded({ chosen }: { chosen: ChosenSessions }) {
  const { t } = useTranslation();
  const { view, change } = useLatencyView();
  const [marked, setMarked] = useState<ReadonlyMap<string, LatencyRow>>(new Map());
  const { tab, by, metric, conditions } = view;
  const isOfSessions = tab !== 'wav';
  const isEmpty = isOfSessions && chosen.ids.length === 0;
  const nameOf = (group: string) => facetValueName(t, by, group, chosen.all);
  const sessionName = (id: string) => facetValueName(t, 'session', id, chosen.all);
  // Only where groups are shown are turns told apart.
  const isGrouped = tab === 'spread' || tab === 'budget';
  const asked = askedOf(isGrouped ? view : { ...view, by: null }, chosen);

  function mark(row: LatencyRow): void {
    const place = placeText(row);
    const next = new Map(marked);
    if (!next.delete(place)) next.set(place, row);
    setMarked(next);
  }

  return (
    <div className={css.screen}>
      <header className={css.head}>
        <h1>{t('latency.title')}</h1>
        {isOfSessions && (
          <>
            <SessionChooser chosen={chosen} label={t('latency.sessions')} onChoose={(ids) => change({ ids: listText(ids), turn: null })} />
            <TurnFilters chosen={chosen} where={view.where} change={change} />
            <Select
              w={200}
              aria-label={t('latency.metricLabel')}
              allowDeselect={false}
              searchable
              value={metric}
              data={shownMetrics.map((each) => ({ value: each, label: metricName(t, each) }))}
              onChange={(value) => change({ metric: value === 'v2v_device' ? null : value })}
            />
            {isGrouped && (
              <Select
                w={150}
                aria-label={t('latency.groupBy')}
                placeholder={t('latency.groupBy')}
                clearable
                value={by}
                data={latencyFacets.map((each) => ({ value: each, label: t(`latency.facet.${each}`) }))}
                onChange={(value) => change({ by: value })}
              />
            )}
            <span className={css.grow} />
            {marked.size > 0 && (
              <Button variant="subtle" onClick={() => setMarked(new Map())}>
                {t('latency.marked', { count: marked.size })} · {t('latency.unmarkAll')}
              </Button>
            )}
            {!isEmpty && (
              <>
                {tab !== 'compare' && (
                  <CopyCommand command={latencyCommand({ ids: chosen.ids, where: view.where, by: isGrouped ? by : null, conditions })} />
                )}
                <ExportMenu asked={asked} order={view.order} conditions={conditions} />
              </>
            )}
          </>
        )}
      </header>
      <div className={strip.tabs} role="tablist" aria-label={t('latency.tabs')}>
        {tabs.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`latency-tab-${each}`}
            aria-controls="latency-panel"
            aria-selected={each === tab}
            onClick={() => change({ tab: each === 'turns' ? null : each })}
          >
            {t(`latency.tab.${each}`)}
          </button>
        ))}
      </div>
      <div
        className={css.body}
        role="tabpanel"
        id="latency-panel"
        aria-labelledby={`latency-tab-${tab}`}
        data-testid={`latency-panel-${tab}`}
      >
        {isEmpty && (
          <div className={css.centre}>
            <p>{t('latency.noSessions')}</p>
            <Button variant="default" onClick={() => goTo('/sessions')}>
              {t('frame.sessions')}
            </Button>
          </div>
        )}
        {tab === 'wav' && <WavTab />}
        {!isEmpty && tab === 'turns' && (
          <div className={css.split}>
            <TurnTable
              asked={asked}
              order={view.order}
              metric={metric}
              selected={view.selected}
              marked={marked}
              onOrder={(order) => change({ order: orderText(order) })}
              onSelect={(row) => change({ turn: placeText(row) })}
              onMark={mark}
              onOpen={(row) => goTo(sessionLink(row))}
            />
            {view.selected === null ? (
              <aside className={`${css.side} quiet`}>{t('latency.selectTurn')}</aside>
            ) : (
              <TurnPanel key={placeText(view.selected)} place={view.selected} sessions={chosen.all} />
            )}
          </div>
        )}
        {!isEmpty && tab === 'spread' && (
          <SpreadTab
            asked={asked}
            metric={metric}
            conditions={conditions}
            marked={[...marked.values()]}
            nameOf={nameOf}
            sessionName={sessionName}
          />
        )}
        {!isEmpty && tab === 'compare' && <CompareTab chosen={chosen} asked={asked} metric={metric} conditions={conditions} />}
        {!isEmpty && tab === 'budget' && <BudgetTab asked={asked} conditions={conditions} nameOf={nameOf} change={change} />}
        {!isEmpty && tab === 'sound' && <SoundTab key={chosen.ids.join()} ids={chosen.ids} sessionName={sessionName} />}
      </div>
    </div>
  );
}
