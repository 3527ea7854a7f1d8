import { Badge } from '@mantine/core';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BreakdownPart, TurnRecord } from '../../../preload/contract/sessions.ts';
import { Breakdown } from '../../components/breakdown.tsx';
import { heardAndUnheard } from '../../lib/heard.ts';
import { durationText, instantText, millisecondsText } from '../../lib/quantities.ts';
import { contentHeight, indexAtScroll, scrollForIndex } from '../../lib/virtual-window.ts';
import { useSessionView, useSessionViewStore } from './session-view.ts';
import css from './turns.module.css';

export const outcomeColours = { completed: 'trace', interrupted: 'orange', 'no-reply': 'gray', failed: 'red', unanswered: 'red' } as const;

/** As the stylesheet has it: two lines and what is around them. */
const rowPx = 52;
/** Rows beyond those in sight: scrolled, they are there already. */
const margin = 6;
/** Until the list has been measured. */
const guessedPx = 480;

/** The turns of a conversation. Only those in sight are there: hundreds of them took longer to lay out than all else of the screen. */
export function TurnList({ turns }: { turns: readonly TurnRecord[] }) {
  const { t } = useTranslation();
  const store = useSessionViewStore();
  const selected = useSessionView((state) => state.selected);
  const list = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState<{ top: number; heightPx: number | null }>({ top: 0, heightPx: null });
  const selectedTurn = selected?.kind === 'turn' ? selected.turnId : null;
  const selectedIndex = selectedTurn === null ? -1 : turns.findIndex((turn) => turn.turnId === selectedTurn);
  const heightPx = seen.heightPx ?? guessedPx;
  const topIndex = indexAtScroll(seen.top, heightPx, turns.length, rowPx);
  const first = Math.max(0, Math.floor(topIndex) - margin);
  const shown = turns.slice(first, Math.ceil(topIndex + heightPx / rowPx) + margin);
  const isShown = selectedIndex >= first && selectedIndex < first + shown.length;

  useEffect(() => {
    const element = list.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setSeen({ top: element.scrollTop, heightPx: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  // Scrolls when another turn is selected, and as soon as it is known how far: not when the list grows under its reader.
  const shownTurn = useRef<number | null>(null);
  const { heightPx: measuredPx } = seen;
  const { length } = turns;
  useEffect(() => {
    const element = list.current;
    if (element === null || measuredPx === null || shownTurn.current === selectedTurn) return;
    if (selectedTurn !== null && selectedIndex < 0) return;
    shownTurn.current = selectedTurn;
    if (selectedTurn === null) return;
    const inSight = measuredPx / rowPx;
    const top = indexAtScroll(element.scrollTop, measuredPx, length, rowPx);
    if (selectedIndex < top) element.scrollTop = scrollForIndex(selectedIndex, measuredPx, length, rowPx);
    else if (selectedIndex + 1 > top + inSight) element.scrollTop = scrollForIndex(selectedIndex + 1 - inSight, measuredPx, length, rowPx);
  }, [selectedTurn, selectedIndex, measuredPx, length]);
  function choose(turn: TurnRecord): void {
    store.getState().select({ kind: 'turn', conversationId: turn.conversationId, turnId: turn.turnId }, turn.startedUs);
  }
  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const next = turns[selectedIndex + step];
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
      aria-activedescendant={isShown ? `turn-${selectedTurn}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={(event) => setSeen({ top: event.currentTarget.scrollTop, heightPx: event.currentTarget.clientHeight })}
    >
      <div role="presentation" style={{ height: contentHeight(turns.length, rowPx) }}>
        {shown.map((turn, i) => (
          // biome-ignore lint/a11y/useFocusableInteractive: an option of a listbox with aria-activedescendant is not focused itself
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the listbox, which has the focus
          <div
            key={`${turn.conversationId}/${turn.turnId}`}
            id={`turn-${turn.turnId}`}
            role="option"
            aria-selected={selectedTurn === turn.turnId}
            aria-setsize={turns.length}
            aria-posinset={first + i + 1}
            className={css.turn}
            style={{ top: seen.top + (first + i - topIndex) * rowPx }}
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
    </div>
  );
}

export function TurnDetails({ turn, sessionId }: { turn: TurnRecord; sessionId: string }) {
  const { t } = useTranslation();
  const store = useSessionViewStore();
  const lit = useSessionView((state) => state.lit);
  const litPart = turn.breakdown.parts.find((part) => lit !== null && part.fromUs === lit.fromUs && part.toUs === lit.toUs);
  /** A part is lit where it lies on the tracks, and no longer when it is chosen again. */
  function light({ key, fromUs, toUs }: BreakdownPart): void {
    const { light: show, moveCursor } = store.getState();
    const isLit = litPart?.key === key;
    if (!isLit) moveCursor(fromUs);
    show(isLit ? null : { fromUs, toUs });
  }
  const { heard, unheard } = heardAndUnheard(turn.replyText, turn.heardText);
  return (
    <div style={{ display: 'grid', gap: 10 }}>
      <div className="quiet">
        {t('session.turnNumber', { number: turn.turnId })} · {t(`session.initiator.${turn.initiator}`)} · {instantText(turn.startedUs)}
        {turn.endedUs !== null && ` · ${durationText(turn.endedUs - turn.startedUs)}`}
        {turn.outcome !== null && ` · ${t(`session.outcome.${turn.outcome}`)}`} ·{' '}
        <a href={`#/quality?new=${encodeURIComponent(sessionId)}`}>{t('session.expectAgain')}</a>
      </div>
      <Breakdown breakdown={turn.breakdown} isSpoken={turn.initiator === 'user-speech'} onPart={light} chosenPart={litPart?.key ?? null} />
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
