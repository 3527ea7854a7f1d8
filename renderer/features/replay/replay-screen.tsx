import { ActionIcon, NativeSelect, Tooltip } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../../components/error-notice.tsx';
import strip from '../../components/tab-strip.module.css';
import { useReply } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { setParameters, useParameters } from '../../lib/location.ts';
import { sessionTitle } from '../../lib/session-title.ts';
import { useSessionList } from '../../lib/streams.ts';
import { LogReplayPanel } from './log.tsx';
import css from './replay.module.css';
import { RerunPanel } from './rerun.tsx';
import { ResimulatePanel } from './resimulate.tsx';

const tabs = ['whatIf', 'again', 'log'] as const;

/** A recorded session done again, one of three ways: `#/replay?session=…&conversation=…&tab=…`. */
export function ReplayScreen() {
  const { t } = useTranslation();
  const parameters = useParameters();
  const sessions = useSessionList();
  const sessionId = parameters.get('session') ?? sessions?.[0]?.id ?? null;
  const tab = tabs.find((each) => each === parameters.get('tab')) ?? 'whatIf';
  const shown = useReply('sessions.show', { id: sessionId ?? '' }, { isEnabled: sessionId !== null });
  const conversations = shown.data?.conversations ?? [];
  const conversationId = conversations.find((each) => each.conversationId === parameters.get('conversation'))?.conversationId ?? null;

  return (
    <div className={css.screen}>
      <header className={css.head}>
        <Tooltip label={t('replay.back')}>
          <ActionIcon
            component="a"
            href={sessionId === null ? '#/sessions' : `#/sessions/${encodeURIComponent(sessionId)}`}
            aria-label={t('replay.back')}
          >
            <IconArrowLeft size={17} />
          </ActionIcon>
        </Tooltip>
        <h1>{t('replay.title')}</h1>
        <NativeSelect
          aria-label={t('replay.session')}
          size="xs"
          className={css.session}
          value={sessionId ?? ''}
          data={[
            ...(sessions?.some(({ id }) => id === sessionId) === false ? [{ value: sessionId ?? '', label: sessionId ?? '' }] : []),
            ...(sessions ?? []).map((session) => ({ value: session.id, label: sessionTitle(session) })),
          ]}
          onChange={(event) => setParameters({ session: event.currentTarget.value, conversation: null })}
        />
        {conversations.length > 1 && (
          <NativeSelect
            aria-label={t('replay.conversation')}
            size="xs"
            value={conversationId ?? ''}
            data={[
              { value: '', label: t('replay.allConversations', { count: conversations.length }) },
              ...conversations.map((each) => ({ value: each.conversationId, label: `${each.deviceName} · ${each.conversationId}` })),
            ]}
            onChange={(event) => setParameters({ conversation: event.currentTarget.value || null })}
          />
        )}
      </header>
      <div className={strip.tabs} role="tablist" aria-label={t('replay.tabs.label')}>
        {tabs.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`replay-tab-${each}`}
            aria-controls="replay-panel"
            aria-selected={each === tab}
            onClick={() => setParameters({ tab: each === 'whatIf' ? null : each })}
          >
            {t(`replay.tabs.${each}`)}
          </button>
        ))}
      </div>
      <div className={css.panel} role="tabpanel" id="replay-panel" aria-labelledby={`replay-tab-${tab}`}>
        {shown.error !== null ? (
          <div className={css.centre}>
            <ErrorNotice error={errorValueOf(shown.error)} />
            <a href="#/sessions">{t('sessions.back')}</a>
          </div>
        ) : sessionId === null ? (
          <p className={css.centre}>{sessions === null ? t('frame.loading') : t('replay.nothing')}</p>
        ) : shown.data === undefined ? (
          <p className={css.centre}>{t('frame.loading')}</p>
        ) : tab === 'whatIf' ? (
          <ResimulatePanel key={sessionId} detail={shown.data} conversationId={conversationId} />
        ) : tab === 'again' ? (
          <RerunPanel key={sessionId} detail={shown.data} conversationId={conversationId} />
        ) : (
          <LogReplayPanel key={sessionId} detail={shown.data} />
        )}
      </div>
    </div>
  );
}
