import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { errorValueOf } from '../../../lib/errors.ts';
import { setParameters, useParameters } from '../../../lib/location.ts';
import { useShortcuts } from '../../../lib/shortcuts.ts';
import { byGroup } from '../by-group.ts';
import { useCheckRun } from '../check-streams.ts';
import shared from '../checks.module.css';
import { DuplexVerdict } from './duplex-verdict.tsx';
import { useInLanguage } from './in-language.ts';
import { tellingResult } from './progress.ts';
import { QuestionCard } from './question-card.tsx';
import { ResultDetails } from './result-details.tsx';
import { ResultList } from './result-list.tsx';
import css from './run.module.css';
import { RunHead } from './run-head.tsx';

/** One run as it goes, and what came of it. Whatever asks a person stands in front of what is looked at. */
export function RunView({ runId }: { runId: string }) {
  const { t } = useTranslation();
  const { run: kept, error } = useCheckRun(runId);
  const run = useInLanguage(kept);
  const chosen = useParameters().get('check');
  const results = byGroup(run?.results ?? []).flatMap(({ items }) => items);
  const shown = results.find(({ id }) => id === chosen) ?? tellingResult(results);
  const asking = results.find(({ state }) => state === 'asking');

  // A question comes to the front, whatever was looked at.
  const askingId = asking?.id ?? null;
  useEffect(() => {
    if (askingId !== null) setParameters({ check: null });
  }, [askingId]);

  function move(by: number): void {
    const at = results.findIndex(({ id }) => id === shown?.id);
    const next = results[Math.max(0, Math.min(results.length - 1, at + by))];
    if (next === undefined) return;
    setParameters({ check: next.id });
    document.getElementById(`check-${next.id}`)?.focus();
  }
  const [down, up] = [() => move(1), () => move(-1)];
  useShortcuts({ j: down, k: up, ArrowDown: down, ArrowUp: up });

  if (run === null)
    return <div className={shared.centre}>{error === null ? t('frame.loading') : <ErrorNotice error={errorValueOf(error)} />}</div>;
  return (
    <section className={css.run} aria-label={t('checks.run.choose')} data-testid="check-run" data-state={run.state}>
      <RunHead run={run} />
      <DuplexVerdict run={run} />
      <div className={css.runBody}>
        <ResultList results={run.results} shownId={shown?.id ?? null} onMove={move} />
        {asking !== undefined && (shown === undefined || shown.id === asking.id) && asking.question !== null ? (
          <QuestionCard key={asking.id} runId={run.id} result={asking} question={asking.question} />
        ) : (
          shown !== undefined && <ResultDetails key={shown.id} run={run} result={shown} />
        )}
      </div>
    </section>
  );
}
