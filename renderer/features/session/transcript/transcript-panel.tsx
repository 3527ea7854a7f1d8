import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { TurnRecord } from '../../../../preload/contract/sessions.ts';
import { errorSentences } from '../../../lib/errors.ts';
import { instantText, millisecondsText } from '../../../lib/quantities.ts';
import type { NumberedEvent, Selected } from '../lanes.ts';
import sessionCss from '../session.module.css';
import { useSessionView, useSessionViewStore } from '../session-view.ts';
import { lineAt, linesOf, type TranscriptLine } from './lines.ts';
import css from './transcript.module.css';

export interface TranscriptPanelProps {
  turns: readonly TurnRecord[];
  /** Those of the transcript, of this conversation and of none. */
  events: readonly NumberedEvent[];
  onPlay(fromUs: number): void;
}

/** What was said, as it is read. The line that plays is lit; one that is clicked is selected, by its time it is played from. */
export function TranscriptPanel({ turns, events, onPlay }: TranscriptPanelProps) {
  const { t } = useTranslation();
  const store = useSessionViewStore();
  const lines = useMemo(() => linesOf(turns, events), [turns, events]);
  const now = useSessionView((state) => lineAt(lines, state.cursorUs)?.key ?? null);
  const isPlaying = useSessionView((state) => state.isPlaying);
  const selected = useSessionView((state) => state.selected);
  const list = useRef<HTMLUListElement>(null);
  const wanted = isPlaying ? now : null;
  useEffect(() => {
    if (wanted === null) return;
    list.current?.querySelector('[data-now="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [wanted]);
  const first = lines.find((line) => isSelected(line, selected))?.key ?? null;
  useEffect(() => {
    if (first !== null) list.current?.querySelector('[data-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [first]);

  if (lines.length === 0) return <p className={sessionCss.nothing}>{t('playback.noTranscript')}</p>;
  return (
    <ul className={css.lines} ref={list} aria-label={t('playback.transcript')}>
      {lines.map((line) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the button with its time does as much by key
        <li
          key={line.key}
          className={css.line}
          data-now={line.key === now}
          data-selected={isSelected(line, selected)}
          onClick={() => {
            if (window.getSelection()?.isCollapsed === false) return; // who marks text wants the text
            store.getState().select(targetOf(line), line.fromUs);
          }}
        >
          <button
            type="button"
            className={css.time}
            onClick={(event) => {
              event.stopPropagation();
              store.getState().select(targetOf(line), line.fromUs);
              onPlay(line.fromUs);
            }}
            title={t('playback.playLine')}
            aria-label={`${t('playback.playLine')} ${instantText(line.fromUs, 1)}`}
          >
            {instantText(line.fromUs, 1)}
          </button>
          <div className={css.text}>
            <LineText line={line} />
          </div>
        </li>
      ))}
    </ul>
  );
}

function targetOf(line: TranscriptLine): Selected {
  if (line.kind === 'event') return { kind: 'event', ordinal: line.ordinal };
  return { kind: 'turn', conversationId: line.turn.conversationId, turnId: line.turn.turnId };
}

function isSelected(line: TranscriptLine, selected: Selected | null): boolean {
  if (selected === null) return false;
  if (line.kind === 'event') return selected.kind === 'event' && selected.ordinal === line.ordinal;
  return selected.kind === 'turn' && selected.turnId === line.turn.turnId && selected.conversationId === line.turn.conversationId;
}

function LineText({ line }: { line: TranscriptLine }) {
  const { t } = useTranslation();
  switch (line.kind) {
    case 'user':
      return (
        <>
          <span className={css.who} data-who="user">
            {t('session.user')}
          </span>
          {line.text}
        </>
      );
    case 'agent':
      return (
        <>
          <span className={css.who} data-who="agent">
            {t('session.agent')}
          </span>
          {line.heard}
          {line.unheard !== '' && (
            <s className={css.unheard} title={t('playback.unheardHint')}>
              {line.unheard}
            </s>
          )}
        </>
      );
    case 'tool':
      return <ToolLine call={line.call} />;
    case 'event':
      return <TroubleLine event={line.event} />;
  }
}

function ToolLine({ call }: { call: TurnRecord['toolCalls'][number] }) {
  const { t } = useTranslation();
  const time = millisecondsText(call.elapsedUs ?? 0);
  const answer =
    call.isOk === null ? t('playback.noAnswer') : call.isOk ? t('playback.answered', { time }) : t('playback.refused', { time });
  return (
    <div className={css.tool}>
      {t('playback.asked', { name: call.name })} <code>{JSON.stringify(call.arguments)}</code> · {answer}
      {call.isOk !== null && (
        <>
          {' '}
          <code>{JSON.stringify(call.result ?? null)}</code>
        </>
      )}
    </div>
  );
}

function TroubleLine({ event }: { event: Extract<TranscriptLine, { kind: 'event' }>['event'] }) {
  const { t } = useTranslation();
  return (
    <div className={css.trouble} data-kind={event.kind}>
      {troubleText()}
    </div>
  );
  function troubleText(): string {
    switch (event.kind) {
      case 'engine.error':
        return `${event.stage}: ${errorSentences(t, event.error).what}`;
      case 'conversation.idle':
        return event.retry === 0 ? t('playback.idleEnd') : t('playback.idle', { retry: event.retry });
      case 'dropped':
        return t('playback.dropped', { count: event.count, what: event.what });
      case 'downlink.underrun':
        return t('playback.underrun', { time: millisecondsText(event.gapUs) });
      case 'conversation.closed':
        return t('playback.closed', { reason: event.reason });
      case 'device.offline':
        return t('playback.offline', { device: event.deviceName, reason: event.reason });
    }
  }
}
