import { Badge, Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconHandStop, IconPhoneOff } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConversationState } from '../../../preload/contract/pipeline.ts';
import type { TurnRecord } from '../../../preload/contract/sessions.ts';
import { useAction, useReply } from '../../lib/actions.ts';
import { heardAndUnheard } from '../../lib/heard.ts';
import { millisecondsText } from '../../lib/quantities.ts';
import { outcomeColours } from '../session/turns.tsx';
import { type LiveConversations, useEndedTurns, useTranscript } from './live-conversations.ts';
import css from './talk.module.css';
import type { TranscriptTurn } from './transcript.ts';

/** The store commits within 200 ms of a turn's end; its breakdown is asked for a little later. */
const breakdownDelayMs = 500;

export function ConversationView({ conversation, live }: { conversation: ConversationState; live: LiveConversations }) {
  const { t } = useTranslation();
  const { run } = useAction();
  const transcript = useTranscript(live, conversation);
  const records = useTurnRecords(conversation, live);
  const { conversationId, sessionId } = conversation;
  const isOpen = conversation.state !== 'closed';
  const end = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when something was said
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'end' });
  }, [transcript]);
  const state = isOpen ? (transcript.state === 'idle' ? conversation.state : transcript.state) : 'closed';

  return (
    <>
      <header className={css.head}>
        <h1>{conversation.deviceName}</h1>
        <span className="quiet truncate">
          {conversation.productId} · {conversation.gateway}
        </span>
        <Badge variant="light" color={isOpen ? 'trace' : 'gray'} data-testid="conversation-state">
          {t(`talk.state.${state as 'idle'}`, { defaultValue: state })}
        </Badge>
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
          onClick={() => void run('pipeline.interrupt', { conversationId })}
        >
          {t('talk.interrupt')}
        </Button>
        <Button
          size="compact-sm"
          color="red"
          variant="light"
          leftSection={<IconPhoneOff size={14} />}
          disabled={!isOpen}
          onClick={() => void run('pipeline.hangUp', { conversationId })}
        >
          {t('talk.hangUp')}
        </Button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <div className={css.transcript} role="log" aria-label={t('talk.transcript')} tabIndex={0}>
        {transcript.turns.map((turn) => (
          <TurnView key={turn.turnId} turn={turn} record={records.find((each) => each.turnId === turn.turnId)} />
        ))}
        {transcript.partial !== null && (
          <div className={css.said} data-who="user" data-partial>
            {transcript.partial}
          </div>
        )}
        <div ref={end} />
      </div>
      <SayBox conversationId={conversationId} isOpen={isOpen} />
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

function TurnView({ turn, record }: { turn: TranscriptTurn; record: TurnRecord | undefined }) {
  const { t } = useTranslation();
  const { heard, unheard } =
    turn.heardText === null ? { heard: turn.replyText, unheard: '' } : heardAndUnheard(turn.replyText, turn.heardText);
  return (
    <>
      {turn.userText !== '' && (
        <div className={css.said} data-who="user">
          {turn.userText}
        </div>
      )}
      {turn.tools.map((tool) => (
        <div key={tool.callId} className={css.tool}>
          <span className="mono">
            {tool.name}({JSON.stringify(tool.arguments)})
          </span>{' '}
          <span className="quiet">{tool.isOk === null ? t('session.toolPending') : `→ ${JSON.stringify(tool.result ?? null)}`}</span>
        </div>
      ))}
      {turn.replyText !== '' && (
        <div className={css.said} data-who="agent">
          {heard}
          {unheard !== '' && <s className="quiet">{unheard}</s>}
        </div>
      )}
      {(record !== undefined || (turn.outcome !== null && turn.outcome !== 'completed')) && (
        <div className={css.chips}>
          {turn.outcome !== null && turn.outcome !== 'completed' && (
            <Badge size="xs" variant="light" color={outcomeColours[turn.outcome]}>
              {t(`session.outcome.${turn.outcome}`)}
            </Badge>
          )}
          {record !== undefined && record.breakdown.totalUs !== null && (
            <span className={css.chip} data-total>
              {millisecondsText(record.breakdown.totalUs)}
            </span>
          )}
          {record?.breakdown.parts
            .filter((part) => part.durationUs >= 20_000)
            .map((part) => (
              <span key={part.key} className={css.chip} data-owner={part.owner} title={t(`session.partHint.${part.key}`)}>
                {t(`session.part.${part.key}`)} {millisecondsText(part.durationUs)}
              </span>
            ))}
        </div>
      )}
    </>
  );
}

function SayBox({ conversationId, isOpen }: { conversationId: string; isOpen: boolean }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [mode, setMode] = useState<'text' | 'say'>('text');
  const [text, setText] = useState('');
  async function send(): Promise<void> {
    if (text.trim() === '') return;
    const body = { conversationId, text: text.trim() };
    const sent = mode === 'text' ? await run('pipeline.text', body) : await run('pipeline.say', body);
    // What was typed meanwhile is the next one.
    if (sent !== null) setText((typed) => (typed === text ? '' : typed));
  }
  return (
    <form
      className={css.say}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <SegmentedControl
        aria-label={t('talk.mode')}
        value={mode}
        onChange={setMode}
        data={[
          { value: 'text', label: t('talk.ask') },
          { value: 'say', label: t('talk.sayThis') },
        ]}
      />
      <TextInput
        className={css.grow}
        aria-label={mode === 'text' ? t('talk.askHint') : t('talk.sayHint')}
        placeholder={mode === 'text' ? t('talk.askHint') : t('talk.sayHint')}
        value={text}
        disabled={!isOpen}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" disabled={!isOpen} loading={isBusy}>
        {t('monitor.send')}
      </Button>
    </form>
  );
}
