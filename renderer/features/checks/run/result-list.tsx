import { type KeyboardEvent, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { CheckResult } from '../../../../preload/contract/checks.ts';
import { setParameters } from '../../../lib/location.ts';
import { durationText } from '../../../lib/quantities.ts';
import { byGroup } from '../by-group.ts';
import { useCheckWords } from '../check-words.ts';
import shared from '../checks.module.css';
import { tellingValue } from '../value-bar.ts';
import { isOver } from './progress.ts';
import css from './run.module.css';
import { StateMark } from './state-mark.tsx';
import { ValueFigure } from './value-figure.tsx';

interface ResultListProps {
  results: readonly CheckResult[];
  shownId: string | null;
  onMove(by: number): void;
}

/** Checks by group, each with the value that says most. Rows are of one height from the beginning: nothing jumps while values arrive. */
export function ResultList({ results, shownId, onMove }: ResultListProps) {
  const { t } = useTranslation();
  const words = useCheckWords();
  // What is followed stays in sight.
  useEffect(() => {
    if (shownId !== null) document.getElementById(`check-${shownId}`)?.scrollIntoView({ block: 'nearest' });
  }, [shownId]);
  function onKeyDown(event: KeyboardEvent): void {
    const by = { ArrowDown: 1, ArrowUp: -1, Home: -results.length, End: results.length }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    onMove(by);
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys go from button to button in it
    <div className={css.results} onKeyDown={onKeyDown}>
      {byGroup(results).map(({ group, items }) => (
        <section key={group} aria-labelledby={`check-group-${group}`}>
          <h2 id={`check-group-${group}`}>
            {words.group(group)}
            <span className="quiet">
              {t('checks.run.progress', { done: items.filter(({ state }) => isOver(state)).length, all: items.length })}
            </span>
          </h2>
          <ul>
            {items.map((result) => (
              <li key={result.id}>
                <ResultRow result={result} isShown={result.id === shownId} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function ResultRow({ result, isShown }: { result: CheckResult; isShown: boolean }) {
  const words = useCheckWords();
  const { id, state, values, reason, durationMs, progress } = result;
  const why = reason === null ? (state === 'waiting' ? '' : words.state(state)) : words.reason(reason);
  const telling = state === 'skipped' || state === 'waiting' ? undefined : tellingValue(values);
  return (
    <button
      type="button"
      id={`check-${id}`}
      className={css.result}
      data-state={state}
      aria-current={isShown}
      onClick={() => setParameters({ check: id })}
    >
      <StateMark state={state} />
      <span className={css.resultTitle}>
        <span className="truncate" title={words.title(result)}>
          {words.title(result)}
        </span>
      </span>
      <span className={css.resultValue}>
        {state === 'running' ? (
          <progress className={shared.progress} value={progress} max={1} aria-label={words.state('running')} />
        ) : telling !== undefined && telling.value !== null ? (
          <ValueFigure check={result.check} value={telling} />
        ) : (
          <span className="quiet truncate" title={why}>
            {why}
          </span>
        )}
      </span>
      <small className="quiet">{durationMs === null ? '' : durationText(durationMs * 1000)}</small>
    </button>
  );
}
