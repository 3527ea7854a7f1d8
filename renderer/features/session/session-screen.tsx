import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConversationRecord, SessionDetail, TurnRecord } from '../../../preload/contract/sessions.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { errorValueOf } from '../../lib/errors.ts';
import { useParameters } from '../../lib/location.ts';
import { viewAround } from '../../lib/time-axis.ts';
import { useToasts } from '../../lib/toasts.ts';
import { ConversationPanel, type ConversationTab } from './conversation-panel.tsx';
import { EventDetails } from './event-details.tsx';
import { FlashDetails } from './flash-details.tsx';
import type { NumberedEvent } from './lanes.ts';
import { LogPanel } from './log-panel.tsx';
import { LogRowDetails } from './log-row-details.tsx';
import { TimelineOverlay } from './notes/timeline-overlay.tsx';
import { useNotes } from './notes/use-notes.ts';
import { usePlayer } from './player/use-player.ts';
import css from './session.module.css';
import { useTranscriptEvents } from './session-data.ts';
import { SessionHead } from './session-head.tsx';
import { cursorOf, rangeOf, selectedOf, viewOf } from './session-link.ts';
import { SessionTroubles } from './session-troubles.tsx';
import {
  createSessionView,
  type SessionView,
  SessionViewProvider,
  type TimeSpan,
  useSessionView,
  useSessionViewStore,
} from './session-view.ts';
import { useConversation } from './shown-conversation.ts';
import { Timeline } from './timeline.tsx';
import { TransportBar } from './transport-bar.tsx';
import { TurnDetails } from './turns.tsx';
import { linkToHere, useLink } from './use-link.ts';
import { useLiveSession } from './use-live-session.ts';
import { useSessionKeys } from './use-session-keys.ts';

/** One session on one time axis. */
export function SessionScreen({ id }: { id: string }) {
  const { t } = useTranslation();
  const { detail, error } = useLiveSession(id);
  if (error !== null)
    return (
      <div className={css.centre}>
        <ErrorNotice error={errorValueOf(error)} />
        <a href="#/sessions">{t('sessions.back')}</a>
      </div>
    );
  if (detail === undefined) return <div className={css.centre}>{t('frame.loading')}</div>;
  return <LoadedSession detail={detail} />;
}

function LoadedSession({ detail }: { detail: SessionDetail }) {
  const parameters = useParameters();
  const { session } = detail;
  const [store] = useState(() => {
    const cursorUs = cursorOf(parameters);
    const view = viewOf(parameters);
    const isRecording = session.state === 'recording';
    const linked = selectedOf(parameters);
    const first = linked === null && !isRecording ? firstAnswer(detail) : null;
    return createSessionView({
      durationUs: Math.max(1, session.durationUs),
      // Where nobody asked for another place, what plays first is what is shown first.
      cursorUs: cursorUs ?? first?.startedUs ?? 0,
      view,
      range: rangeOf(parameters),
      selected: linked ?? (first === null ? null : { kind: 'turn', conversationId: first.conversationId, turnId: first.turnId }),
      // Who follows a link into a recording wants what it leads to.
      isFollowing: isRecording && linked === null && view === null && cursorUs === null,
    });
  });
  useEffect(() => store.getState().grow(Math.max(1, session.durationUs)), [store, session.durationUs]);
  return (
    <SessionViewProvider value={store}>
      <Session detail={detail} />
    </SessionViewProvider>
  );
}

/** What a reader most likely came for: the first turn that has a latency. */
function firstAnswer({ turns }: SessionDetail): TurnRecord | null {
  return turns.find((each) => each.breakdown.totalUs !== null) ?? turns[0] ?? null;
}

const noEvents: readonly NumberedEvent[] = [];

function Session({ detail }: { detail: SessionDetail }) {
  const { t } = useTranslation();
  const { session, conversations, turns, ports, flashes } = detail;
  const show = useToasts((state) => state.show);
  const isRecording = session.state === 'recording';
  const [conversation, onConversation] = useConversation(conversations, isRecording);
  const conversationId = conversation?.conversationId ?? null;
  const [tab, setTab] = useState<ConversationTab>('turns');
  const [isWriting, setWriting] = useState(false);

  const notes = useNotes(session.id);
  const events = useTranscriptEvents(session.id).data ?? noEvents;
  const conversationTurns = useMemo(() => turns.filter((turn) => turn.conversationId === conversationId), [turns, conversationId]);
  const conversationEvents = useMemo(() => events.filter(({ event }) => isOf(event, conversation)), [events, conversation]);

  const isOpen = isRecording && conversation !== null && conversation.closedUs === null;
  const player = usePlayer({
    sessionId: session.id,
    conversationId,
    endUs: isOpen ? session.durationUs : (conversation?.closedUs ?? session.durationUs),
    isLive: isOpen,
  });
  const onTurn = useTurnSteps(conversationTurns);
  const onLoop = useLoop(player.setLoop, () => player.playback.getState().loop !== null, turns);
  const onNote = useCallback(() => {
    setTab('notes');
    setWriting(true);
  }, []);
  useSessionKeys({ player, isRecording, onTurn, onLoop, onNote });
  const writeLink = useLink();
  async function copyLink(): Promise<void> {
    writeLink();
    await navigator.clipboard.writeText(linkToHere());
    show({ kind: 'done', text: t('playback.linkCopied') });
  }

  return (
    <div className={css.screen}>
      <SessionHead session={session} onCopyLink={() => void copyLink()} />
      <SessionTroubles detail={detail} events={events} />
      <TransportBar
        conversations={conversations}
        conversation={conversation}
        isRecording={isRecording}
        player={player}
        onConversation={onConversation}
        onTurn={onTurn}
        onLoop={onLoop}
      />
      <Timeline
        key={`${session.id} ${conversationId}`}
        sessionId={session.id}
        conversationId={conversationId}
        turns={conversationTurns}
        flashes={flashes}
        overlay={<TimelineOverlay notes={notes} />}
      />
      <div className={css.panels}>
        <ConversationPanel
          tab={tab}
          onTab={setTab}
          session={session}
          turns={conversationTurns}
          events={conversationEvents}
          notes={notes}
          onPlay={player.playFrom}
          isWriting={isWriting}
          onWriting={setWriting}
        />
        <section className={css.panel}>
          <header className={css.panelHead}>
            <h2>{t('session.details')}</h2>
          </header>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
          <section className={css.body} tabIndex={0} aria-label={t('session.details')}>
            <Details detail={detail} />
          </section>
        </section>
        <LogPanel sessionId={session.id} ports={ports} />
      </div>
    </div>
  );
}

/** What is of one conversation, or of none; of devices only of its own. */
function isOf(event: NumberedEvent['event'], conversation: ConversationRecord | null): boolean {
  if (event.kind === 'device.offline') return event.deviceName === conversation?.deviceName;
  return !('conversationId' in event) || event.conversationId === undefined || event.conversationId === conversation?.conversationId;
}

function Details({ detail }: { detail: SessionDetail }) {
  const { t } = useTranslation();
  const selected = useSessionView((state) => state.selected);
  if (selected?.kind === 'turn') {
    const turn = detail.turns.find((each) => each.turnId === selected.turnId && each.conversationId === selected.conversationId);
    if (turn !== undefined) return <TurnDetails turn={turn} sessionId={detail.session.id} />;
  }
  if (selected?.kind === 'event') return <EventDetails detail={detail} ordinal={selected.ordinal} />;
  if (selected?.kind === 'log') return <LogRowDetails sessionId={detail.session.id} seq={selected.seq} />;
  if (selected?.kind === 'flash') {
    const flash = detail.flashes.find(({ jobId }) => jobId === selected.jobId);
    if (flash !== undefined) return <FlashDetails flash={flash} session={detail.session} />;
  }
  return <span className="quiet">{t('session.selectSomething')}</span>;
}

function useTurnSteps(turns: readonly TurnRecord[]): (step: 1 | -1) => void {
  const store = useSessionViewStore();
  return useCallback(
    (step: 1 | -1) => {
      const { selected, cursorUs, select, setView, durationUs } = store.getState();
      const index = selected?.kind === 'turn' ? turns.findIndex((turn) => turn.turnId === selected.turnId) : -1;
      const next =
        index >= 0
          ? turns[index + step]
          : step > 0
            ? turns.find((turn) => turn.startedUs > cursorUs)
            : turns.findLast((turn) => turn.startedUs < cursorUs);
      if (next === undefined) return;
      select({ kind: 'turn', conversationId: next.conversationId, turnId: next.turnId }, next.startedUs);
      setView(viewAround(next.startedUs, next.endedUs ?? next.startedUs, durationUs));
    },
    [store, turns],
  );
}

/** Loops what is marked; else what is lit, the selected turn, or what is in view. Again: plays on to the end. */
function useLoop(setLoop: (span: TimeSpan | null) => void, isLooping: () => boolean, turns: readonly TurnRecord[]): () => void {
  const store = useSessionViewStore();
  useEffect(
    () =>
      store.subscribe((state, before) => {
        if (state.range !== before.range && state.range !== null && isLooping()) setLoop(state.range);
      }),
    [store, setLoop, isLooping],
  );
  return () => setLoop(isLooping() ? null : spanToLoop(store.getState(), turns));
}

function spanToLoop({ range, lit, selected, view }: SessionView, turns: readonly TurnRecord[]): TimeSpan {
  const turn =
    selected?.kind === 'turn'
      ? turns.find((each) => each.turnId === selected.turnId && each.conversationId === selected.conversationId)
      : undefined;
  if (range !== null) return range;
  if (lit !== null && lit.toUs - lit.fromUs > shortestLoopUs) return lit;
  if (turn?.endedUs != null && turn.endedUs - turn.startedUs > shortestLoopUs) return { fromUs: turn.startedUs, toUs: turn.endedUs };
  return view;
}

/** What is shorter is no sound any more. */
const shortestLoopUs = 100_000;
