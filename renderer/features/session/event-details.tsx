import { ActionIcon, Button, Loader, Tooltip } from '@mantine/core';
import { IconArrowLeft, IconArrowRight, IconFileText, IconTimeline } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { SessionDetail } from '../../../preload/contract/sessions.ts';
import { BytesView } from '../../components/bytes-view.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { errorValueOf } from '../../lib/errors.ts';
import { type Lab, useLab } from '../../lib/lab.ts';
import { LogView } from '../../lib/log-view.ts';
import { instantText } from '../../lib/quantities.ts';
import { useSessionViewStore } from './session-view.ts';
import css from './turns.module.css';

function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // not every message is JSON
  }
}

/** What went over the wire: as it was kept, or the text of it. */
function bytesOf(event: Extract<PipelineEvent, { kind: 'wire.message' }>): Uint8Array {
  return event.bytes ?? new TextEncoder().encode(event.text ?? '');
}

/** The event with this ordinal, read when it is looked at: a long session has a million. */
function useEvent(sessionId: string, ordinal: number) {
  const lab = useLab();
  return useQuery({
    queryKey: ['session.event', { id: sessionId, ordinal }],
    queryFn: async ({ signal }) => {
      const { events } = await lab.call('sessions.events', { id: sessionId, afterOrdinal: ordinal - 1, limit: 1 }, { signal });
      return events[0]?.ordinal === ordinal ? events[0].event : null;
    },
    placeholderData: keepPreviousData,
  });
}

/** One event as it was recorded. A message on the wire shows what it says, its bytes, and where else it can be seen. */
export function EventDetails({ detail, ordinal }: { detail: SessionDetail; ordinal: number }) {
  const { t } = useTranslation();
  const found = useEvent(detail.session.id, ordinal);
  if (found.error !== null) return <ErrorNotice error={errorValueOf(found.error)} />;
  if (found.data === undefined) return <Loader size="sm" aria-label={t('frame.loading')} />;
  if (found.data === null) return <span className="quiet">{t('playback.event.gone')}</span>;
  return <EventFacts detail={detail} ordinal={ordinal} event={found.data} />;
}

function EventFacts({ detail, ordinal, event }: { detail: SessionDetail; ordinal: number; event: PipelineEvent }) {
  const { t } = useTranslation();
  const { kind, atUs, ...facts } = event;
  return (
    <div style={{ display: 'grid', gap: 8 }} data-testid="event-details">
      <div style={{ display: 'flex', alignItems: 'center', gap: 6 }}>
        <strong className="mono truncate">{kind}</strong>
        <span className="quiet">
          #{ordinal} · {instantText(atUs)}
        </span>
        <span style={{ flex: 1 }} />
        <Neighbour sessionId={detail.session.id} ordinal={ordinal} step={-1} />
        <Neighbour sessionId={detail.session.id} ordinal={ordinal} step={1} />
      </div>
      <Links detail={detail} event={event} />
      {event.kind === 'wire.message' ? (
        <>
          <div>
            {t(`session.direction.${event.direction}`)} · {event.channel} · <span className="mono">{event.name}</span>
            {event.isUnknown === true && <span style={{ color: 'var(--warning)' }}> · {t('session.unknownMessage')}</span>}
          </div>
          {event.note !== undefined && <div className="quiet">{event.note}</div>}
          {event.text !== undefined && event.text !== '' && <pre className={css.code}>{readable(event.text)}</pre>}
          <details open={event.text === undefined}>
            <summary>{t('playback.event.bytes', { count: bytesOf(event).length })}</summary>
            <BytesView bytes={bytesOf(event)} label={t('playback.event.bytes', { count: bytesOf(event).length })} />
          </details>
        </>
      ) : (
        <pre className={css.code}>{JSON.stringify(facts, null, 2)}</pre>
      )}
    </div>
  );
}

function Neighbour({ sessionId, ordinal, step }: { sessionId: string; ordinal: number; step: 1 | -1 }) {
  const { t } = useTranslation();
  const lab = useLab();
  const store = useSessionViewStore();
  const label = step < 0 ? t('playback.event.previous') : t('playback.event.next');
  async function go(): Promise<void> {
    const { events } = await lab.call('sessions.events', { id: sessionId, afterOrdinal: ordinal + step - 1, limit: 1 });
    const next = events[0];
    if (next !== undefined) store.getState().select({ kind: 'event', ordinal: next.ordinal }, next.event.atUs);
  }
  return (
    <Tooltip label={label}>
      <ActionIcon size={20} aria-label={label} disabled={ordinal + step < 0} onClick={() => void go().catch(() => undefined)}>
        {step < 0 ? <IconArrowLeft size={14} /> : <IconArrowRight size={14} />}
      </ActionIcon>
    </Tooltip>
  );
}

/** To the turn it is part of, to messages like it on the wire, and to what the board's log said at that instant. */
function Links({ detail, event }: { detail: SessionDetail; event: PipelineEvent }) {
  const { t } = useTranslation();
  const lab = useLab();
  const store = useSessionViewStore();
  const turnId = 'turnId' in event ? event.turnId : undefined;
  const conversationId = 'conversationId' in event ? event.conversationId : undefined;
  const hasTurn = detail.turns.some((turn) => turn.turnId === turnId && turn.conversationId === conversationId);
  async function openLog(): Promise<void> {
    const row = await rowAt(lab, detail.session.id, event.atUs);
    if (row !== null) store.getState().select({ kind: 'log', port: row.port, seq: row.seq }, row.atUs);
  }
  return (
    <div style={{ display: 'flex', flexWrap: 'wrap', gap: 6 }}>
      {hasTurn && turnId !== undefined && conversationId !== undefined && (
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconTimeline size={13} />}
          onClick={() => store.getState().select({ kind: 'turn', conversationId, turnId })}
        >
          {t('playback.event.turn', { number: turnId })}
        </Button>
      )}
      {detail.ports.length > 0 && (
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconFileText size={13} />}
          onClick={() => void openLog().catch(() => undefined)}
        >
          {t('playback.event.openLog')}
        </Button>
      )}
      {event.kind === 'wire.message' && (
        <Button size="compact-xs" variant="default" component="a" href={wireHref(event)}>
          {t('playback.event.openWire')}
        </Button>
      )}
    </div>
  );
}

function wireHref(event: Extract<PipelineEvent, { kind: 'wire.message' }>): string {
  const parameters = new URLSearchParams({ channel: event.channel, direction: event.direction, find: event.name });
  if (event.conversationId !== undefined) parameters.set('conversation', event.conversationId);
  return `#/wire?${parameters}`;
}

/** The last log row at or before an instant. */
async function rowAt(lab: Lab, sessionId: string, atUs: number) {
  const view = new LogView(lab, { sessionId, filter: {}, tail: 0 });
  const close = view.open();
  try {
    await view.judged(new AbortController().signal);
    const place = await view.locate({ atUs });
    const [row] = await view.rows(place.atUs === atUs ? place.index : Math.max(0, place.index - 1), 1);
    return row ?? null;
  } finally {
    close();
  }
}
