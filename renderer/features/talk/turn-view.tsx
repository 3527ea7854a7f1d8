import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { TurnRecord } from '../../../preload/contract/sessions.ts';
import { heardAndUnheard } from '../../lib/heard.ts';
import { millisecondsText } from '../../lib/quantities.ts';
import { outcomeColours } from '../session/turns.tsx';
import css from './conversation.module.css';
import { ErrorCard } from './error-card.tsx';
import { LatencyBar } from './latency-bar.tsx';
import type { Notice, ToolCall, TranscriptTurn } from './transcript.ts';

/** One turn: what was said, what was done for it, what of the answer was heard, and where its time went. */
export function TurnView({ turn, record, scaleUs }: { turn: TranscriptTurn; record: TurnRecord | undefined; scaleUs: number }) {
  const { t } = useTranslation();
  const said = turn.heardText === null ? saidSoFar(turn) : { ...heardAndUnheard(turn.replyText, turn.heardText), isUnderWay: false };
  const hasMarks = (turn.outcome !== null && turn.outcome !== 'completed') || turn.preempted !== null;
  return (
    <section className={css.turn} aria-label={t('session.turnNumber', { number: turn.turnId })} data-turn={turn.turnId}>
      {turn.userText !== '' && (
        <div className={css.said} data-who="user">
          {turn.userText}
        </div>
      )}
      {turn.reasoning !== '' && (
        <details className={css.reasoning}>
          <summary>{t('talk.reasoning')}</summary>
          {turn.reasoning}
        </details>
      )}
      {turn.tools.map((tool) => (
        <ToolView key={tool.callId} tool={tool} />
      ))}
      {said.heard + said.unheard !== '' && (
        <div className={css.said} data-who="agent">
          {said.heard}
          {said.unheard !== '' &&
            (said.isUnderWay ? (
              <span className="quiet">{said.unheard}</span>
            ) : (
              <s className="quiet" title={t('session.unheard')}>
                {said.unheard}
              </s>
            ))}
        </div>
      )}
      {hasMarks && (
        <div className={css.marks}>
          {turn.outcome !== null && turn.outcome !== 'completed' && (
            <Badge size="xs" variant="light" color={outcomeColours[turn.outcome]}>
              {t(`session.outcome.${turn.outcome}`)}
            </Badge>
          )}
          {turn.preempted !== null && (
            <span title={turn.preempted.reason}>{turn.preempted.isUsed ? t('talk.mark.preempted') : t('talk.mark.discarded')}</span>
          )}
        </div>
      )}
      {record !== undefined && <LatencyBar breakdown={record.breakdown} scaleUs={scaleUs} isSpoken={turn.initiator === 'user-speech'} />}
    </section>
  );
}

/** While the reply is under way: its sentences that are being heard, and behind them what is only written yet. */
function saidSoFar({ replyText, generatedText }: TranscriptTurn): { heard: string; unheard: string; isUnderWay: boolean } {
  const { heard, unheard } = heardAndUnheard(generatedText, replyText);
  return unheard === '' || !heard.startsWith(replyText.slice(0, 1))
    ? { heard: replyText, unheard: replyText === '' ? generatedText : '', isUnderWay: true }
    : { heard, unheard, isUnderWay: true };
}

function ToolView({ tool }: { tool: ToolCall }) {
  const { t } = useTranslation();
  const state = tool.isOk === null ? 'toolPending' : tool.isOk ? 'toolOk' : 'toolFailed';
  return (
    <details className={css.tool} data-ok={tool.isOk ?? undefined}>
      <summary>
        <span className="mono">
          {tool.name}({brief(tool.arguments)})
        </span>{' '}
        <span className="quiet">
          {t(`session.${state}`)}
          {tool.elapsedUs !== null && ` · ${millisecondsText(tool.elapsedUs)}`}
        </span>
      </summary>
      <pre className="mono">{JSON.stringify(tool.arguments, null, 2)}</pre>
      {tool.isOk !== null && <pre className="mono">→ {JSON.stringify(tool.result ?? null, null, 2)}</pre>}
    </details>
  );
}

function brief(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** What is no turn: something failed, nobody spoke, something changed. */
export function NoticeView({ notice, conversationId }: { notice: Notice; conversationId: string }) {
  const { t } = useTranslation();
  switch (notice.kind) {
    case 'error':
      return <ErrorCard notice={notice} conversationId={conversationId} />;
    case 'idle':
      return <div className={css.mark}>{notice.retry === 0 ? t('talk.mark.idleEnd') : t('talk.mark.idle', { retry: notice.retry })}</div>;
    case 'changed':
      return <div className={css.mark}>{t('talk.mark.changed', { names: notice.names.join(', ') })}</div>;
    case 'false-interruption':
      return <div className={css.mark}>{notice.resumed ? t('talk.mark.resumed') : t('talk.mark.notResumed')}</div>;
  }
}
