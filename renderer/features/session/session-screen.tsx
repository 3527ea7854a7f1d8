import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionDetail } from '../../../preload/contract/sessions.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useReply } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import { setParameters, useParameters } from '../../lib/location.ts';
import { useShortcuts } from '../../lib/shortcuts.ts';
import { useSessionList } from '../../lib/streams.ts';
import { viewAround } from '../../lib/time-axis.ts';
import { useToasts } from '../../lib/toasts.ts';
import { EventDetails } from './event-details.tsx';
import { lanesOf, type Selected } from './lanes.ts';
import { LogPanel } from './log-panel.tsx';
import { LogRowDetails } from './log-row-details.tsx';
import { Player } from './player.ts';
import css from './session.module.css';
import { useNotableRows, useSessionEvents } from './session-data.ts';
import { SessionHead } from './session-head.tsx';
import { parametersOf, selectedOf, viewOf } from './session-link.ts';
import { createSessionView, SessionViewProvider, useSessionView, useSessionViewStore } from './session-view.ts';
import { Timeline } from './timeline.tsx';
import { TransportBar } from './transport-bar.tsx';
import { TurnDetails, TurnList } from './turns.tsx';

/** One session on one time axis. */
export function SessionScreen({ id }: { id: string }) {
  const { t } = useTranslation();
  const shown = useReply('sessions.show', { id });
  useLiveRefresh(id);
  if (shown.error !== null)
    return (
      <div className={css.centre}>
        <ErrorNotice error={errorValueOf(shown.error)} />
        <a href="#/sessions">{t('sessions.back')}</a>
      </div>
    );
  if (shown.data === undefined) return <div className={css.centre}>{t('frame.loading')}</div>;
  // A session that grew has another axis: the screen starts over, and finds its place in the link.
  return <LoadedSession key={shown.data.session.durationUs} detail={shown.data} />;
}

/** While the session is recorded its summary changes with every turn; the rest is asked for again then. */
function useLiveRefresh(id: string): void {
  const queries = useQueryClient();
  const summary = useSessionList()?.find((session) => session.id === id);
  const mark = summary === undefined ? null : `${summary.state} ${summary.turnCount} ${summary.title} ${summary.note}`;
  const before = useRef(mark);
  useEffect(() => {
    if (before.current !== null && before.current !== mark)
      void queries.invalidateQueries({ predicate: ({ queryKey }) => JSON.stringify(queryKey).includes(JSON.stringify(id)) });
    before.current = mark;
  }, [mark, queries, id]);
}

function LoadedSession({ detail }: { detail: SessionDetail }) {
  const parameters = useParameters();
  const [store] = useState(() =>
    createSessionView({
      durationUs: Math.max(1, detail.session.durationUs),
      cursorUs: Number(parameters.get('t') ?? 0) || 0,
      view: viewOf(parameters),
      selected: selectedOf(parameters) ?? firstAnswer(detail),
    }),
  );
  return (
    <SessionViewProvider value={store}>
      <Session detail={detail} />
    </SessionViewProvider>
  );
}

/** What a reader most likely came for: the first turn that has a latency. */
function firstAnswer({ turns }: SessionDetail): Selected | null {
  const turn = turns.find((each) => each.breakdown.totalUs !== null) ?? turns[0];
  return turn === undefined ? null : { kind: 'turn', conversationId: turn.conversationId, turnId: turn.turnId };
}

function Session({ detail }: { detail: SessionDetail }) {
  const { t } = useTranslation();
  const { session, conversations, turns, ports, flashes } = detail;
  const store = useSessionViewStore();
  const parameters = useParameters();
  const wanted = parameters.get('conversation');
  const conversation = conversations.find((each) => each.conversationId === wanted) ?? conversations[0];
  const conversationId = conversation?.conversationId ?? null;
  const endUs = conversation?.closedUs ?? session.durationUs;

  const events = useSessionEvents(session.id);
  const rows = useNotableRows(session.id);
  const peaks = useReply(
    'sessions.peaks',
    { id: session.id, conversationId: conversationId ?? '' },
    { isEnabled: conversationId !== null },
  );
  const lanes = useMemo(() => {
    const shown = (events.data ?? []).filter(
      ({ event }) => !('conversationId' in event) || event.conversationId === undefined || event.conversationId === conversationId,
    );
    return lanesOf(shown, rows.data ?? [], flashes, endUs, (state) => t(`talk.state.${state}`));
  }, [events.data, rows.data, flashes, conversationId, endUs, t]);
  const conversationTurns = useMemo(() => turns.filter((turn) => turn.conversationId === conversationId), [turns, conversationId]);

  const player = usePlayer(session.id, conversationId, endUs);
  const onPlay = useCallback(() => {
    const { isPlaying, cursorUs } = store.getState();
    if (isPlaying) player?.stop();
    else player?.play(cursorUs >= endUs ? 0 : cursorUs);
  }, [player, store, endUs]);
  const onTurn = useCallback(
    (step: 1 | -1) => {
      const { selected, cursorUs, select, setView, durationUs } = store.getState();
      const index = selected?.kind === 'turn' ? conversationTurns.findIndex((turn) => turn.turnId === selected.turnId) : -1;
      const next =
        index >= 0
          ? conversationTurns[index + step]
          : step > 0
            ? conversationTurns.find((turn) => turn.startedUs > cursorUs)
            : conversationTurns.findLast((turn) => turn.startedUs < cursorUs);
      if (next === undefined) return;
      select({ kind: 'turn', conversationId: next.conversationId, turnId: next.turnId }, next.startedUs);
      setView(viewAround(next.startedUs, next.endedUs ?? next.startedUs, durationUs));
    },
    [store, conversationTurns],
  );
  useKeys(onPlay, onTurn);
  useLink();

  return (
    <div className={css.screen}>
      <SessionHead session={session} />
      <TransportBar
        conversations={conversations}
        conversationId={conversationId}
        onConversation={(id) => setParameters({ conversation: id })}
        onPlay={onPlay}
        onTurn={onTurn}
        onMute={(track, isMuted) => player?.setMuted(track, isMuted)}
      />
      <Timeline lanes={lanes} peaks={peaks.data ?? null} turns={conversationTurns} />
      <div className={css.panels}>
        <section className={css.panel}>
          <header className={css.panelHead}>
            <h2>{t('session.turns')}</h2>
            <span className="quiet">{conversationTurns.length}</span>
          </header>
          {conversationTurns.length === 0 ? <p className={css.nothing}>{t('session.noTurns')}</p> : <TurnList turns={conversationTurns} />}
        </section>
        <section className={css.panel}>
          <header className={css.panelHead}>
            <h2>{t('session.details')}</h2>
          </header>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
          <section className={css.body} tabIndex={0} aria-label={t('session.details')}>
            <Details detail={detail} events={events.data ?? []} />
          </section>
        </section>
        <LogPanel sessionId={session.id} ports={ports} />
      </div>
    </div>
  );
}

function Details({ detail, events }: { detail: SessionDetail; events: NonNullable<ReturnType<typeof useSessionEvents>['data']> }) {
  const { t } = useTranslation();
  const selected = useSessionView((state) => state.selected);
  if (selected?.kind === 'turn') {
    const turn = detail.turns.find((each) => each.turnId === selected.turnId && each.conversationId === selected.conversationId);
    if (turn !== undefined) return <TurnDetails turn={turn} />;
  }
  if (selected?.kind === 'event') {
    const event = events.find((each) => each.ordinal === selected.ordinal);
    if (event !== undefined) return <EventDetails event={event} />;
  }
  if (selected?.kind === 'log') return <LogRowDetails sessionId={detail.session.id} seq={selected.seq} />;
  return <span className="quiet">{t('session.selectSomething')}</span>;
}

function usePlayer(sessionId: string, conversationId: string | null, endUs: number): Player | null {
  const lab = useLab();
  const store = useSessionViewStore();
  const show = useToasts((state) => state.show);
  const player = useMemo(
    () =>
      conversationId === null
        ? null
        : new Player(
            lab,
            { sessionId, conversationId, endUs },
            {
              onMove: (us) => {
                if (!store.getState().isPlaying) store.getState().setPlaying(true);
                store.getState().moveCursor(us);
              },
              onStop: () => store.getState().setPlaying(false),
              onFailure: (error) => show({ kind: 'error', error: errorValueOf(error) }),
            },
          ),
    [lab, store, show, sessionId, conversationId, endUs],
  );
  useEffect(() => () => void player?.close(), [player]); // closing an audio context cannot fail in a way that matters
  return player;
}

function useKeys(onPlay: () => void, onTurn: (step: 1 | -1) => void): void {
  const store = useSessionViewStore();
  const zoomIn = () => store.getState().zoom(1 / 1.4);
  const zoomOut = () => store.getState().zoom(1.4);
  const pan = (share: number) => () => store.getState().pan(share);
  const fit = () => store.getState().fit();
  const deselect = () => store.getState().select(null);
  useShortcuts({
    Space: onPlay,
    '[': () => onTurn(-1),
    ']': () => onTurn(1),
    KeyW: zoomIn,
    KeyS: zoomOut,
    KeyA: pan(-0.15),
    KeyD: pan(0.15),
    ArrowUp: zoomIn,
    ArrowDown: zoomOut,
    ArrowLeft: pan(-0.15),
    ArrowRight: pan(0.15),
    KeyF: fit,
    Escape: deselect,
  });
}

/** Keeps the address in step, a little behind: it is for reloading and for sending, not for every frame. */
function useLink(): void {
  const store = useSessionViewStore();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const unsubscribe = store.subscribe((state) => {
      if (state.isPlaying) return;
      clearTimeout(timer);
      timer = setTimeout(() => setParameters(parametersOf(state)), 250);
    });
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [store]);
}
