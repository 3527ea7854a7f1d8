import { ActionIcon, Tooltip, useMantineColorScheme } from '@mantine/core';
import { IconLanguage, IconMoon, IconSun } from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { CoreStatus } from '../../preload/contract/core.ts';
import { useAction } from '../lib/actions.ts';
import { coreProcess } from '../lib/connect.ts';
import { errorSentences } from '../lib/errors.ts';
import { useConnection } from '../lib/lab.ts';
import { sessionTitle } from '../lib/session-title.ts';
import { useCoreStatus, useDevices, useSessionList } from '../lib/streams.ts';
import css from './frame.module.css';

export function StatusBar() {
  const status = useCoreStatus();
  const { state: connection } = useConnection();
  return (
    <footer className={css.status}>
      <CoreState connectionState={connection.state === 'lost' ? 'lost' : (status?.state ?? 'starting')} version={status?.appVersion} />
      {status !== null && connection.state !== 'lost' && <BenchState status={status} />}
      <span style={{ flex: 1 }} />
      <Appearance />
    </footer>
  );
}

/** The desktop host watches the core's process and knows more than the connection does: that it restarts, how often, and why. */
function CoreState({ connectionState, version }: { connectionState: CoreStatus['state'] | 'lost'; version: string | undefined }) {
  const { t } = useTranslation();
  const supervised = useSyncExternalStore(coreProcess.subscribe, coreProcess.get);
  const state = supervised === null || supervised.state === 'ready' ? connectionState : supervised.state;
  const facts = [
    ...(version === undefined ? [] : [`Talkbench ${version}`]),
    ...(supervised === null || supervised.reason === null ? [] : [t('frame.coreEnded', { reason: supervised.reason })]),
  ];
  return (
    <span className={css.item} role="status" title={facts.join(' · ')}>
      <span className={css.dot} data-state={state} />
      {t(`frame.core.${state}`)}
      {supervised !== null && supervised.restarts > 0 && ` · ${t('frame.coreRestarts', { count: supervised.restarts })}`}
    </span>
  );
}

function BenchState({ status }: { status: CoreStatus }) {
  const { t } = useTranslation();
  const devices = useDevices();
  return (
    <>
      <Recording sessionId={status.recordingSessionId} />
      {status.droppedCount > 0 && (
        <Tooltip label={t('frame.droppedHint')}>
          <span className={`${css.item} ${css.alarm}`}>{t('frame.dropped', { count: status.droppedCount })}</span>
        </Tooltip>
      )}
      {status.recoveredSessionIds.length > 0 && (
        <a className={css.item} href="#/sessions">
          {t('frame.recovered', { count: status.recoveredSessionIds.length })}
        </a>
      )}
      <Listeners listeners={status.listeners} />
      {devices !== null && (
        <a className={css.item} href="#/talk">
          {t('frame.devicesOnline', { count: devices.filter((device) => device.isOnline).length })}
        </a>
      )}
    </>
  );
}

/** Those that every board begins with; of the others the broken ones, and how many are well. */
const shownAlways = ['mqtt', 'gateway'];

function Listeners({ listeners }: { listeners: CoreStatus['listeners'] }) {
  const { t } = useTranslation();
  const ofBoards = listeners.filter((listener) => listener.name !== 'ui');
  const isShown = ({ name, state }: CoreStatus['listeners'][number]): boolean => shownAlways.includes(name) || state === 'failed';
  const others = ofBoards.filter((listener) => !isShown(listener));
  return (
    <>
      {ofBoards.filter(isShown).map((listener) => (
        <Tooltip
          key={listener.name}
          label={
            listener.error === undefined
              ? t(`frame.listener.${listener.state}`, { name: listener.name })
              : errorSentences(t, listener.error).what
          }
        >
          <a className={css.item} href="#/cloud?tab=reach">
            <span className={css.dot} data-state={listener.state === 'listening' ? 'ready' : listener.state} />
            {listener.name.toUpperCase()} <span className="mono">{`${listener.host}:${listener.port}`}</span>
          </a>
        </Tooltip>
      ))}
      {others.length > 0 && (
        <Tooltip label={others.map(({ name, port }) => `${name} ${port}`).join(' · ')}>
          <a className={css.item} href="#/cloud?tab=reach">
            {t('frame.moreListeners', { count: others.length })}
          </a>
        </Tooltip>
      )}
    </>
  );
}

function Recording({ sessionId }: { sessionId: string | null }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const sessions = useSessionList();
  if (sessionId === null)
    return (
      <button type="button" className={css.item} disabled={isBusy} onClick={() => void run('sessions.start', {})}>
        <span className={css.dot} />
        {t('frame.record')}
      </button>
    );
  const session = sessions?.find((each) => each.id === sessionId);
  const title = session === undefined ? '' : sessionTitle(session);
  return (
    <span className={css.item}>
      <a className={`${css.item} ${css.recording}`} href={`#/sessions/${encodeURIComponent(sessionId)}`}>
        <span className={css.dot} data-state="recording" />
        {t('frame.recording')}
        <span className="truncate" style={{ maxWidth: 180, fontWeight: 400 }}>
          {title}
        </span>
      </a>
      <button type="button" className={css.item} disabled={isBusy} onClick={() => void run('sessions.stop', {})}>
        · {t('frame.stop')}
      </button>
    </span>
  );
}

/** One click each; Settings has the rest ("system", density). */
function Appearance() {
  const { t, i18n } = useTranslation();
  const { run } = useAction();
  const isDark = useMantineColorScheme().colorScheme !== 'light';
  const other = i18n.language === 'zh' ? 'en' : 'zh';
  return (
    <span className={css.item}>
      <Tooltip label={t('frame.switchLanguage')}>
        <ActionIcon
          size={20}
          aria-label={t('frame.switchLanguage')}
          onClick={() => void run('settings.set', { changes: { ui: { language: other } } })}
        >
          <IconLanguage size={15} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t('frame.switchTheme')}>
        <ActionIcon
          size={20}
          aria-label={t('frame.switchTheme')}
          onClick={() => void run('settings.set', { changes: { ui: { theme: isDark ? 'light' : 'dark' } } })}
        >
          {isDark ? <IconSun size={15} /> : <IconMoon size={15} />}
        </ActionIcon>
      </Tooltip>
    </span>
  );
}
