import { Button } from '@mantine/core';
import { IconHandStop, IconPhoneOff } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Fragment, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConversationState } from '../../../preload/contract/pipeline.ts';
import type { TurnRecord } from '../../../preload/contract/sessions.ts';
import { useAction, useReply } from '../../lib/actions.ts';
import { useShortcuts } from '../../lib/shortcuts.ts';
import css from './conversation.module.css';
import type { Levels } from './levels.ts';
import { type LiveConversations, useEndedTurns, useTranscript } from './live-conversations.ts';
import { SayBox } from './say-box.tsx';
import { shownState } from './shown-state.ts';
import { StateBand } from './state-band.tsx';
import { NoticeView, TurnView } from './turn-view.tsx';

/** The store commits within 200 ms of a turn's end; its breakdown is asked for a little later. */
const breakdownDelayMs = 500;
/** The width of the latency bars is a second, or the slowest turn. */
const leastScaleUs = 1_000_000;

interface ViewProps {
  conversation: ConversationState;
  live: LiveConversations;
  levels: Levels;
}

export function ConversationView({ conversation, live, levels }: ViewProps) {
  const { t } = useTranslation();
  const { run } = useAction();
  const transcript = useTranscript(live, conversation);
  const records = useTurnRecords(conversation, live);
  const { conversationId, sessionId } = conversation;
  const isOpen = conversation.state !== 'closed';
  const log = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when something was said, unless somebody reads further up
  useEffect(() => {
    if (isAtEnd.current) log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [transcript, records]);

  const interrupt = (): void => void run('pipeline.interrupt', { conversationId });
  const hangUp = (): void => void run('pipeline.hangUp', { conversationId });
  useShortcuts({ i: interrupt, H: hangUp, t: () => document.querySelector<HTMLElement>('[data-say]')?.focus() }, isOpen);

  const scaleUs = records.reduce((most, { breakdown }) => Math.max(most, breakdown.totalUs ?? 0), leastScaleUs);
  const noticesAfter = (turnId: number) =>
    transcript.notices
      .filter((notice) => notice.afterTurn === turnId)
      .map((notice) => <NoticeView key={notice.key} notice={notice} conversationId={conversationId} />);

  return (
    <>
      <header className={css.head}>
        <h1 className="truncate">{conversation.deviceName}</h1>
        <span className="quiet truncate">
          {conversation.productId} · {conversation.gateway}
        </span>
        <span className={css.grow} />
        {sessionId !== null && (
          <Button
            component="a"
            size="compact-sm"
            variant="default"
            href={`#/sessions/${encodeURIComponent(sessionId)}?conversation=${encodeURIComponent(conversationId)}`}
          >
            {t('talk.openSession')}
          </Button>
        )}
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconHandStop size={14} />}
          disabled={!isOpen}
          aria-keyshortcuts="i"
          title={`${t('talk.interrupt')} · I`}
          onClick={interrupt}
        >
          {t('talk.interrupt')}
        </Button>
        <Button
          size="compact-sm"
          color="red"
          variant="light"
          leftSection={<IconPhoneOff size={14} />}
          disabled={!isOpen}
          aria-keyshortcuts="Shift+H"
          title={`${t('talk.hangUp')} · Shift+H`}
          onClick={hangUp}
        >
          {t('talk.hangUp')}
        </Button>
      </header>
      <StateBand state={shownState(transcript, conversation.state)} conversationId={conversationId} levels={levels} />
      <div
        className={css.transcript}
        ref={log}
        role="log"
        aria-label={t('talk.transcript')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < 40;
        }}
      >
        {noticesAfter(0)}
        {transcript.turns.map((turn) => (
          <Fragment key={turn.turnId}>
            <TurnView turn={turn} record={records.find((each) => each.turnId === turn.turnId)} scaleUs={scaleUs} />
            {noticesAfter(turn.turnId)}
          </Fragment>
        ))}
        {transcript.partial !== null && (
          <div className={css.said} data-who="user" data-partial>
            {transcript.partial}
          </div>
        )}
      </div>
      <SayBox conversation={conversation} isOpen={isOpen} />
    </>
  );
}

function useTurnRecords(conversation: ConversationState, live: LiveConversations): TurnRecord[] {
  const queries = useQueryClient();
  const { sessionId, conversationId } = conversation;
  const shown = useReply('sessions.show', { id: sessionId ?? '' }, { isEnabled: sessionId !== null });
  const ended = useEndedTurns(live);
  useEffect(() => {
    if (ended === 0 || sessionId === null) return;
    const timer = setTimeout(() => void queries.invalidateQueries({ queryKey: ['sessions.show', { id: sessionId }] }), breakdownDelayMs);
    return () => clearTimeout(timer);
  }, [ended, sessionId, queries]);
  return shown.data?.turns.filter((turn) => turn.conversationId === conversationId) ?? [];
}
