import { Button, Checkbox, NativeSelect, TextInput, VisuallyHidden } from '@mantine/core';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CheckRunSummary } from '../../../../preload/contract/checks.ts';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { useReply } from '../../../lib/actions.ts';
import { errorValueOf } from '../../../lib/errors.ts';
import { setParameters, useParameters } from '../../../lib/location.ts';
import { durationText, wallText } from '../../../lib/quantities.ts';
import { useCheckLists, useEndedRuns } from '../check-streams.ts';
import { useCheckWords } from '../check-words.ts';
import shared from '../checks.module.css';
import { ReportButtons } from '../report-buttons.tsx';
import { useListName } from '../run/in-language.ts';
import { boardNameOf } from '../run/run-card.tsx';
import { filterOf } from './filter.ts';
import css from './history.module.css';
import { YieldFigures } from './yield-figures.tsx';

/** The page takes no more; figures above it are of all. */
const mostRuns = 500;

/** What was checked, how many boards passed, and what fails most: `serial=…&list=…&kind=…&from=…&to=…`. */
export function HistoryTab() {
  const { t } = useTranslation();
  const parameters = useParameters();
  const text = parameters.toString();
  const filter = useDeferredValue(useMemo(() => filterOf(new URLSearchParams(text)), [text]));
  const version = useEndedRuns();
  const history = useReply('checks.history', { ...filter, limit: mostRuns }, { version });
  const yields = useReply('checks.yield', filter, { version });
  const error = history.error ?? yields.error;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section className={shared.scroll} tabIndex={0} aria-label={t('checks.tabs.history')}>
      <VisuallyHidden component="h1">{t('checks.tabs.history')}</VisuallyHidden>
      <Filters parameters={parameters} />
      {error !== null && <ErrorNotice error={errorValueOf(error)} />}
      {yields.data !== undefined && yields.data.runs > 0 && <YieldFigures yields={yields.data} />}
      {history.data !== undefined &&
        (history.data.runs.length === 0 ? <Nothing isFiltered={Object.keys(filter).length > 0} /> : <RunTable runs={history.data.runs} />)}
    </section>
  );
}

/** Nothing that fits, or nothing at all: either has another way on. */
function Nothing({ isFiltered }: { isFiltered: boolean }) {
  const { t } = useTranslation();
  return (
    <div className={shared.nothing}>
      <span>{t(isFiltered ? 'checks.history.nothing' : 'checks.history.never')}</span>
      {isFiltered ? (
        <Button size="compact-sm" variant="default" component="a" href="#/checks?tab=history">
          {t('checks.history.everything')}
        </Button>
      ) : (
        <Button component="a" href="#/checks">
          {t('checks.start.title')}
        </Button>
      )}
    </div>
  );
}

function Filters({ parameters }: { parameters: URLSearchParams }) {
  const { t } = useTranslation();
  const words = useCheckWords();
  const lists = useCheckLists() ?? [];
  const field = (name: string) => ({
    value: parameters.get(name) ?? '',
    onChange: (event: { currentTarget: { value: string } }) => setParameters({ [name]: event.currentTarget.value || null }),
  });
  return (
    <div className={css.filters}>
      <TextInput label={t('checks.history.serialNumber')} spellCheck={false} autoComplete="off" {...field('serial')} />
      <NativeSelect
        className={css.listFilter ?? ''}
        size="xs"
        label={t('checks.history.list')}
        data={[{ value: '', label: t('checks.history.everyList') }, ...lists.map((each) => ({ value: each.id, label: words.list(each) }))]}
        {...field('list')}
      />
      <TextInput label={t('checks.history.boardKind')} spellCheck={false} autoComplete="off" {...field('kind')} />
      <TextInput type="date" label={t('checks.history.from')} max={parameters.get('to') ?? undefined} {...field('from')} />
      <TextInput type="date" label={t('checks.history.to')} min={parameters.get('from') ?? undefined} {...field('to')} />
    </div>
  );
}

function RunTable({ runs }: { runs: readonly CheckRunSummary[] }) {
  const { t } = useTranslation();
  const words = useCheckWords();
  const listName = useListName();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const selected = runs.filter(({ id, state }) => state !== 'running' && ticked.has(id)).map(({ id }) => id);
  const all = runs.filter(({ state }) => state !== 'running').map(({ id }) => id);
  function tick(ids: readonly string[], is: boolean): void {
    setTicked(new Set(is ? [...ticked, ...ids] : [...ticked].filter((id) => !ids.includes(id))));
  }
  return (
    <section aria-label={t('checks.history.table')}>
      <div className={css.tableBar}>
        <Checkbox
          label={t('checks.history.selectAll')}
          checked={selected.length > 0 && selected.length === all.length}
          indeterminate={selected.length > 0 && selected.length < all.length}
          onChange={(event) => tick(all, event.currentTarget.checked)}
        />
        <span className="quiet">
          {t('checks.history.selected', { count: selected.length })}
          {runs.length === mostRuns && ` · ${t('checks.history.newest', { count: mostRuns })}`}
        </span>
        <ReportButtons runIds={selected} />
      </div>
      <table className={shared.table}>
        <thead>
          <tr>
            <th aria-hidden />
            <th scope="col">{t('checks.history.serialNumber')}</th>
            <th scope="col">{t('checks.history.result')}</th>
            <th scope="col">{t('checks.history.failed')}</th>
            <th scope="col">{t('checks.history.list')}</th>
            <th scope="col">{t('checks.history.boardKind')}</th>
            <th scope="col">{t('checks.history.firmware')}</th>
            <th scope="col">{t('checks.run.started')}</th>
            <th scope="col">{t('checks.run.took')}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <td>
                <Checkbox
                  aria-label={t('checks.history.select', { serial: boardNameOf(run), at: wallText(run.startedWallMs) })}
                  disabled={run.state === 'running'}
                  checked={ticked.has(run.id)}
                  onChange={(event) => tick([run.id], event.currentTarget.checked)}
                />
              </td>
              <th scope="row">
                <a className={shared.link} href={`#/checks?run=${encodeURIComponent(run.id)}`}>
                  {boardNameOf(run)}
                </a>
              </th>
              <td>
                <span className={shared.verdictWord} data-state={run.state}>
                  {words.runState(run.state)}
                </span>
              </td>
              <td>{(run.failedItems?.map(words.title) ?? run.failed.map(words.check)).join(' · ')}</td>
              <td>{listName(run)}</td>
              <td className={css.kind}>{run.boardKind}</td>
              <td className={`mono ${shared.oneLine}`}>{run.firmwareVersion}</td>
              <td className={shared.oneLine}>{wallText(run.startedWallMs)}</td>
              <td className={shared.oneLine}>{durationText(run.durationMs * 1000)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
