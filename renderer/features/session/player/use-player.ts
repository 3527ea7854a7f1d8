import { useCallback, useEffect, useMemo, useState } from 'react';
import { errorValueOf } from '../../../lib/errors.ts';
import { useLab } from '../../../lib/lab.ts';
import { useToasts } from '../../../lib/toasts.ts';
import { type TimeSpan, useSessionViewStore } from '../session-view.ts';
import { createPlayback, levelOf, nextRate, type PlaybackStore } from './playback.ts';
import { Player } from './player.ts';
import { tracks } from './tracks.ts';

/** Packets of the last moment may still be on their way into the store. */
const liveEdgeUs = 1_000_000;
/** Who drags the cursor passes many places where nobody is going to play. */
const restMs = 150;

export interface PlayerSession {
  sessionId: string;
  /** Null: there is nothing to play. */
  conversationId: string | null;
  /** Where the sound ends, so far. */
  endUs: number;
  isLive: boolean;
}

export interface PlayerControls {
  playback: PlaybackStore;
  playOrPause(): void;
  /** Moves the cursor there and plays. */
  playFrom(us: number): void;
  step(byUs: number): void;
  changeRate(step: 1 | -1): void;
  setLoop(span: TimeSpan | null): void;
}

/** The player of a conversation: it follows the cursor wherever it is put, and moves it while it plays. */
export function usePlayer({ sessionId, conversationId, endUs, isLive }: PlayerSession): PlayerControls {
  const lab = useLab();
  const view = useSessionViewStore();
  const show = useToasts((state) => state.show);
  const [playback] = useState(createPlayback);
  const soundEndUs = isLive ? Math.max(0, endUs - liveEdgeUs) : endUs;

  const player = useMemo(() => {
    if (conversationId === null) return null;
    return new Player(
      lab,
      { sessionId, conversationId },
      {
        onMove: (us) => view.getState().moveCursor(us),
        onState({ isPlaying, isWaiting }) {
          view.getState().setPlaying(isPlaying);
          playback.setState({ isWaiting });
        },
        onFailure: (error) => show({ kind: 'error', error: errorValueOf(error) }),
      },
    );
  }, [lab, sessionId, conversationId, view, playback, show]);

  useEffect(() => player?.setEnd(soundEndUs), [player, soundEndUs]);
  useEffect(() => {
    if (player === null) return;
    const apply = (): void => {
      const state = playback.getState();
      player.setRate(state.rate);
      player.setLoop(state.loop);
      player.setDenoised(state.isDenoised);
      for (const track of tracks) player.setLevel(track, levelOf(track, state));
    };
    apply();
    const stopSettings = playback.subscribe(apply);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const prepare = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => player.prepare(view.getState().cursorUs), restMs);
    };
    const stopCursor = view.subscribe(({ cursorUs }, before) => {
      if (cursorUs === before.cursorUs || cursorUs === player.movedUs) return;
      if (player.isPlaying) player.seek(cursorUs);
      else prepare();
    });
    prepare();
    return () => {
      clearTimeout(timer);
      stopSettings();
      stopCursor();
      playback.setState({ isWaiting: false });
      void player.close(); // closing an audio context cannot fail in a way that matters
      if (view.getState().isPlaying) view.getState().setPlaying(false);
    };
  }, [player, playback, view]);

  const playFrom = useCallback(
    (us: number) => {
      view.getState().moveCursor(us);
      player?.play(us);
    },
    [player, view],
  );
  const playOrPause = useCallback(() => {
    if (player === null) return;
    if (player.isPlaying) return player.stop();
    const { cursorUs } = view.getState();
    const { loop } = playback.getState();
    const isOutside = loop !== null && (cursorUs < loop.fromUs || cursorUs >= loop.toUs);
    playFrom(isOutside ? loop.fromUs : cursorUs >= soundEndUs ? 0 : cursorUs);
  }, [player, view, playback, playFrom, soundEndUs]);
  const step = useCallback((byUs: number) => view.getState().moveCursor(view.getState().cursorUs + byUs), [view]);
  const changeRate = useCallback((by: 1 | -1) => playback.setState(({ rate }) => ({ rate: nextRate(rate, by) })), [playback]);
  const setLoop = useCallback((loop: TimeSpan | null) => playback.setState({ loop }), [playback]);
  return useMemo(
    () => ({ playback, playOrPause, playFrom, step, changeRate, setLoop }),
    [playback, playOrPause, playFrom, step, changeRate, setLoop],
  );
}
