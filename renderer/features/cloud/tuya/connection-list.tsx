import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { TuyaConnection } from '../../../../preload/contract/cloud/tuya.ts';
import { useAction } from '../../../lib/actions.ts';
import { clockText, wallText } from '../../../lib/quantities.ts';
import { useCoreStatus } from '../../../lib/streams.ts';
import css from '../cloud.module.css';
import own from '../services.module.css';

type Session = TuyaConnection['sessions'][number];

/** Each connection with its sessions, and the event that is under way on them. */
export function ConnectionList({ connections }: { connections: readonly TuyaConnection[] }) {
  const { t } = useTranslation();
  const listeners = (useCoreStatus()?.listeners ?? []).filter(({ name }) => name === 'tuya' || name === 'tuya-tls');
  return (
    <section aria-labelledby="tuya-connections">
      <h2 id="tuya-connections">{t('tuya.connections')}</h2>
      {connections.length === 0 && (
        <p className="quiet">
          {t('tuya.noConnections')}{' '}
          {listeners.map(({ name, host, port }) => (
            <span key={name} className="mono">
              {name === 'tuya' ? '' : 'TLS '}
              {host}:{port}{' '}
            </span>
          ))}
        </p>
      )}
      <div style={{ display: 'grid', gap: 8 }}>
        {connections.map((connection) => (
          <ConnectionCard key={connection.connectionId} connection={connection} />
        ))}
      </div>
    </section>
  );
}

function ConnectionCard({ connection }: { connection: TuyaConnection }) {
  const { t } = useTranslation();
  const { deviceName, productId, peer, clientType, version, security, isTls, openedWallMs, sessions, connectionId } = connection;
  const deviceId = `${productId}_${deviceName}`;
  return (
    <article className={css.card} aria-label={deviceName}>
      <div className={css.head}>
        <span className="truncate">
          <strong>{deviceName}</strong>{' '}
          <span className="quiet">
            {t(`tuya.client.${clientType}`)} · V{version === 2 ? '2.1' : '1'} · {security}
            {isTls ? ' · TLS' : ''} · {peer} · {clockText(openedWallMs)}
          </span>
        </span>
        <a className={own.link} href={`#/wire?gateway=tuya&device=${encodeURIComponent(deviceId)}`}>
          {t('cloud.onWire')}
        </a>
      </div>
      {sessions.length === 0 && <span className="quiet">{t('tuya.noSessions')}</span>}
      {sessions.map((session) => (
        <SessionLine key={session.sessionId} connectionId={connectionId} session={session} />
      ))}
    </article>
  );
}

function SessionLine({ connectionId, session }: { connectionId: string; session: Session }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const { sessionId, agentCode, tokenExpiresWallMs, downlink, eventId, sendIds, receiveIds, conversationId } = session;
  return (
    <div className={own.row}>
      <span className="mono truncate" style={{ maxWidth: 190 }} title={sessionId}>
        {sessionId}
      </span>
      {eventId === null ? (
        <span className="quiet">{t('tuya.noEvent')}</span>
      ) : (
        <span className={css.good} title={eventId}>
          {t('tuya.event', { eventId: eventId.slice(0, 12) })}
        </span>
      )}
      <span className="quiet">
        ↑ {sendIds.join(' ')} · ↓ {receiveIds.join(' ')} · {t(`tuya.downlink.${downlink}`)}
        {agentCode === null ? '' : ` · ${agentCode}`}
      </span>
      <span className={own.grow} />
      <a className={own.link} href={`#/wire?conversation=${encodeURIComponent(conversationId)}`}>
        {t('wire.conversation')}
      </a>
      {tokenExpiresWallMs === null ? (
        <span className="quiet">{t('tuya.noToken')}</span>
      ) : (
        <Button
          size="compact-xs"
          variant="default"
          disabled={isBusy}
          title={t('tuya.tokenUntil', { at: wallText(tokenExpiresWallMs) })}
          onClick={() => void run('tuya.expireToken', { connectionId, sessionId })}
        >
          {t('tuya.expire')}
        </Button>
      )}
    </div>
  );
}
