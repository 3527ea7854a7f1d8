import { Button, Checkbox, Group } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SuiteCaseResult, SuiteCheck, SuiteRun } from '../../../preload/contract/quality.ts';
import { ErrorText } from '../../components/error-notice.tsx';
import { useAction } from '../../lib/actions.ts';
import { saveFile } from '../../lib/files.ts';
import { instantText, wallText } from '../../lib/quantities.ts';
import css from './quality.module.css';
import { useSuiteRun } from './suite-streams.ts';

const marks = { passed: '✓', failed: '✗', error: '!', skipped: '–', waiting: '…', running: '▸' } as const;

/** A run as it goes, and what came of it: case by case, expectation by expectation. */
export function RunResults({ runId }: { runId: string }) {
  const { t } = useTranslation();
  const run = useSuiteRun(runId);
  const [isOnlyUnmet, setOnlyUnmet] = useState(false);
  if (run === null) return <p className={css.centre}>{t('frame.loading')}</p>;
  const cases = isOnlyUnmet ? run.cases.filter(({ state }) => state === 'failed' || state === 'error') : run.cases;
  return (
    <div className={css.results}>
      <RunHead run={run} isOnlyUnmet={isOnlyUnmet} onOnlyUnmet={setOnlyUnmet} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.scroll} tabIndex={0} aria-label={t('quality.result')}>
        {run.budget.length > 0 && (
          <div className={css.result}>
            <h2>{t('quality.budget')}</h2>
            <CheckTable checks={run.budget} sessionId={null} />
          </div>
        )}
        {cases.map((each) => (
          <CaseResult key={each.name} result={each} isOnlyUnmet={isOnlyUnmet} />
        ))}
      </section>
    </div>
  );
}

function RunHead({ run, isOnlyUnmet, onOnlyUnmet }: { run: SuiteRun; isOnlyUnmet: boolean; onOnlyUnmet(is: boolean): void }) {
  const { t, i18n } = useTranslation();
  const action = useAction();
  const { waiting, ...counts } = run.counts;
  const done = run.cases.length - waiting;
  async function download(format: 'junit' | 'html'): Promise<void> {
    const language = i18n.language.startsWith('zh') ? 'zh' : 'en';
    const report = await action.run('suites.report', { runId: run.id, format, language });
    if (report !== null) saveFile(report.fileName, new TextEncoder().encode(report.text));
  }
  return (
    <header className={css.runHead}>
      <span className={css.state} data-state={run.state} role="status">
        {t(`quality.runState.${run.state}`)}
      </span>
      {run.state === 'running' && <progress value={done} max={run.cases.length} aria-label={t('quality.runState.running')} />}
      <span>{t('quality.counts', counts)}</span>
      <span className="quiet">
        {wallText(run.startedWallMs)} · {t('quality.took', { seconds: (run.durationMs / 1000).toFixed(1) })}
      </span>
      <span style={{ flex: 1 }} />
      <Checkbox
        size="xs"
        label={t('quality.onlyUnmet')}
        checked={isOnlyUnmet}
        onChange={(event) => onOnlyUnmet(event.currentTarget.checked)}
      />
      <Group gap={6} wrap="nowrap">
        {(['junit', 'html'] as const).map((format) => (
          <Button
            key={format}
            size="compact-xs"
            variant="default"
            disabled={run.state === 'running'}
            leftSection={<IconDownload size={13} />}
            onClick={() => void download(format)}
          >
            {t(`quality.${format}`)}
          </Button>
        ))}
      </Group>
    </header>
  );
}

function CaseResult({ result, isOnlyUnmet }: { result: SuiteCaseResult; isOnlyUnmet: boolean }) {
  const { t } = useTranslation();
  const { name, how, state, error, sessionId, goldenId, durationMs, checks } = result;
  const shown = isOnlyUnmet ? checks.filter(({ isMet }) => !isMet) : checks;
  return (
    <div className={css.result}>
      <h2>
        <span className={css.state} data-state={state} title={t(`quality.state.${state}`)}>
          <span aria-hidden>{marks[state]}</span> {t(`quality.state.${state}`)}
        </span>
        <span className="truncate">{name}</span>
        <small className="quiet">
          {t(`quality.how.${how}`)}
          {durationMs !== null && ` · ${t('quality.took', { seconds: (durationMs / 1000).toFixed(1) })}`}
        </small>
        {sessionId !== null && <a href={sessionLink(sessionId)}>{t('quality.openSession')}</a>}
        {sessionId !== null && goldenId !== null && (
          <a href={`#/quality?tab=compare&golden=${encodeURIComponent(goldenId)}&candidate=${encodeURIComponent(sessionId)}`}>
            {t('quality.openCompare')}
          </a>
        )}
      </h2>
      {error !== null && <ErrorText error={error} />}
      {shown.length > 0 && <CheckTable checks={shown} sessionId={sessionId} />}
    </div>
  );
}

function CheckTable({ checks, sessionId }: { checks: readonly SuiteCheck[]; sessionId: string | null }) {
  const { t } = useTranslation();
  return (
    <table className={css.checks}>
      <thead>
        <tr>
          <th>{t('quality.result')}</th>
          <th>{t('quality.expected')}</th>
          <th>{t('quality.found')}</th>
        </tr>
      </thead>
      <tbody>
        {checks.map(({ text, line, isMet, found, reason, place }) => (
          <tr key={`${line} ${text}`} data-met={isMet}>
            <td>
              <span className={css.state} data-state={isMet ? 'passed' : 'failed'}>
                <span aria-hidden>{isMet ? '✓' : '✗'}</span> {t(`quality.state.${isMet ? 'passed' : 'failed'}`)}
              </span>
            </td>
            <td>
              <code>{text}</code> {line !== null && <small className="quiet">{t('quality.line', { line })}</small>}
            </td>
            <td dir="auto">
              <span className={css.found}>{found}</span>
              {reason !== null && <small className="quiet">{t(`quality.reasons.${reason}`)}</small>}
              {!isMet && place !== null && sessionId !== null && (
                <a href={sessionLink(sessionId, place)}>{t('quality.openAt', { instant: instantText(place.atUs) })}</a>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The session at that instant, its turn selected. */
function sessionLink(sessionId: string, place: SuiteCheck['place'] = null): string {
  const parameters = new URLSearchParams();
  if (place !== null) {
    parameters.set('t', String(Math.round(place.atUs)));
    if (place.conversationId !== null) parameters.set('conversation', place.conversationId);
    if (place.turnId !== null && place.conversationId !== null) parameters.set('sel', `turn:${place.turnId}:${place.conversationId}`);
  }
  const query = parameters.toString();
  return `#/sessions/${encodeURIComponent(sessionId)}${query === '' ? '' : `?${query}`}`;
}
