import { Badge } from '@mantine/core';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { TurnRecord } from '../../../preload/contract/sessions.ts';
import { heardAndUnheard } from '../../lib/heard.ts';
import { durationText, instantText, millisecondsText } from '../../lib/quantities.ts';
import { Breakdown } from './breakdown.tsx';
import { useSessionView, useSessionViewStore } from './session-view.ts';
import css from './turns.module.css';

export const outcomeColours = { completed: 'trace', interrupted: 'orange', 'no-reply': 'gray', failed: 'red', unanswered: 'red' } as const;

export function TurnList({ turns }: { turns: readonly TurnRecord[] }) {
  const { t } = useTranslation();
  const store = useSessionViewStore();
  const selected = useSessionView((state) => state.selected);
  const list = useRef<HTMLDivElement>(null);
  const selectedTurn = selected?.kind === 'turn' ? selected.turnId : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when another turn is selected
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [selectedTurn]);
  function choose(turn: TurnRecord): void {
    store.getState().select({ kind: 'turn', conversationId: turn.conversationId, turnId: turn.turnId }, turn.startedUs);
  }
  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const next = turns[turns.findIndex((turn) => turn.turnId === selectedTurn) + step];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    choose(next);
  }
  return (
    <div
      className={css.turns}
      ref={list}
      role="listbox"
      aria-label={t('session.turns')}
      aria-activedescendant={selectedTurn === null ? undefined : `turn-${selectedTurn}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      {turns.map((turn) => (
        // biome-ignore lint/a11y/useFocusableInteractive: an option of a listbox with aria-activedescendant is not focused itself
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the listbox, which has the focus
        <div
          key={`${turn.conversationId}/${turn.turnId}`}
          id={`turn-${turn.turnId}`}
          role="option"
          aria-selected={selectedTurn === turn.turnId}
          className={css.turn}
          onClick={() => choose(turn)}
        >
          <span className={css.number}>{turn.turnId}</span>
          <span className={css.said}>{turn.userText === '' ? t(`session.initiator.${turn.initiator}`) : turn.userText}</span>
          <span className={css.latency}>{turn.breakdown.totalUs === null ? '—' : millisecondsText(turn.breakdown.totalUs)}</span>
          <span className={css.reply}>
            {turn.outcome !== null && turn.outcome !== 'completed' && (
              <Badge size="xs" variant="light" mr={6} color={outcomeColours[turn.outcome]}>
                {t(`session.outcome.${turn.outcome}`)}
              </Badge>
            )}
            {turn.replyText}
          </span>
        </div>
      ))}
    </div>
  );
}

export function TurnDetails({ turn }: { turn: TurnRecord }) {
  const { t } = useTranslation();
  const { heard, unheard } = heardAndUnheard(turn.replyText, turn.heardText);
  return (
    <div style={{ display: 'grid', gap: 10 }}>
      <div className="quiet">
        {t('session.turnNumber', { number: turn.turnId })} · {t(`session.initiator.${turn.initiator}`)} · {instantText(turn.startedUs)}
        {turn.endedUs !== null && ` · ${durationText(turn.endedUs - turn.startedUs)}`}
        {turn.outcome !== null && ` · ${t(`session.outcome.${turn.outcome}`)}`}
      </div>
      <Breakdown breakdown={turn.breakdown} isSpoken={turn.initiator === 'user-speech'} />
      {turn.userText !== '' && (
        <div className={css.bubble} data-who="user">
          <span className={css.who}>{t('session.user')}</span>
          {turn.userText}
        </div>
      )}
      {turn.replyText !== '' && (
        <div className={css.bubble} data-who="agent">
          <span className={css.who}>{unheard === '' ? t('session.agent') : t('session.agentCut')}</span>
          {heard}
          {unheard !== '' && (
            <s className={css.unheard} title={t('session.unheard')}>
              {unheard}
            </s>
          )}
        </div>
      )}
      {turn.toolCalls.map((call) => (
        <div key={call.callId}>
          <div>
            <span className="mono">{call.name}</span>{' '}
            <span className="quiet">
              {call.isOk === null ? t('session.toolPending') : call.isOk ? t('session.toolOk') : t('session.toolFailed')}
              {call.elapsedUs !== null && ` · ${millisecondsText(call.elapsedUs)}`}
            </span>
          </div>
          <pre className={css.code}>{`${JSON.stringify(call.arguments)} → ${JSON.stringify(call.result ?? null)}`}</pre>
        </div>
      ))}
    </div>
  );
}
