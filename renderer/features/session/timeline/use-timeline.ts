import { useEffect, useMemo, useReducer, useState } from 'react';
import type { TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
import { errorValueOf, isCancelled } from '../../../lib/errors.ts';
import { beginWork } from '../../../lib/idle.ts';
import { type Lab, useLab } from '../../../lib/lab.ts';
import { Labels } from './labels.ts';
import { TimelineModel } from './model.ts';
import { TrackPeaks } from './peaks.ts';

export interface LoadedTimeline {
  model: TimelineModel;
  labels: Labels;
  peaks: TrackPeaks | null;
  /** Changes whenever something new can be drawn. */
  version: number;
  /** Share of the events that are here, 0 … 1. */
  progress: number;
  error: TalkErrorValue | null;
}

/** Reads a session's lanes once, then only what has come since: `grownUs` says when to look. */
export function useTimeline(sessionId: string, conversationId: string | null, grownUs: number): LoadedTimeline {
  const lab = useLab();
  const [version, redraw] = useReducer((count: number) => count + 1, 0);
  const [progress, setProgress] = useState(0);
  const [error, setError] = useState<TalkErrorValue | null>(null);
  const reader = useMemo(
    () =>
      new TimelineReader(lab, sessionId, conversationId, {
        onChange: redraw,
        onProgress: setProgress,
        onFailure: (failure) => setError(errorValueOf(failure)),
      }),
    [lab, sessionId, conversationId],
  );
  useEffect(() => () => reader.close(), [reader]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looks again when the session has grown
  useEffect(() => reader.read(), [reader, grownUs]);
  return { model: reader.model, labels: reader.labels, peaks: reader.peaks, version, progress, error };
}

/** Pieces that come faster are drawn together: each is rendered for. */
const TOLD_EVERY_MS = 120;

/** Calls at once, and then no more often than that. */
function seldom(tell: () => void): { tell(): void; cancel(): void } {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let done: (() => void) | null = null;
  const end = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    done?.();
    done = null;
  };
  const wait = (): void => {
    timer = setTimeout(() => {
      const isWanted = done !== null;
      end();
      if (!isWanted) return;
      tell();
      wait();
    }, TOLD_EVERY_MS);
  };
  return {
    tell() {
      if (timer !== null) {
        done ??= beginWork();
        return;
      }
      tell();
      wait();
    },
    cancel: end,
  };
}

interface ReaderEvents {
  onChange(): void;
  onProgress(share: number): void;
  onFailure(error: unknown): void;
}

class TimelineReader {
  readonly model = new TimelineModel();
  readonly labels: Labels;
  readonly peaks: TrackPeaks | null;
  readonly #lab: Lab;
  readonly #sessionId: string;
  readonly #conversationId: string | null;
  readonly #events: ReaderEvents;
  #cursor: string | null = null;
  #rowCursor: string | null = null;
  #abort = new AbortController();
  #isReading = false;
  #isWantedAgain = false;

  readonly #change: { tell(): void; cancel(): void };

  constructor(lab: Lab, sessionId: string, conversationId: string | null, events: ReaderEvents) {
    this.#change = seldom(events.onChange);
    this.#lab = lab;
    this.#sessionId = sessionId;
    this.#conversationId = conversationId;
    this.#events = events;
    this.labels = new Labels(lab, sessionId, this.#change.tell);
    this.peaks = conversationId === null ? null : new TrackPeaks(lab, { id: sessionId, conversationId }, this.#change.tell);
  }

  /** At most one reading at a time; what was asked for meanwhile is read after it. */
  read(): void {
    if (this.#isReading) {
      this.#isWantedAgain = true;
      return;
    }
    this.#isReading = true;
    this.#readAll()
      .catch((error: unknown) => {
        if (!isCancelled(error)) this.#events.onFailure(error);
      })
      .finally(() => {
        this.#isReading = false;
        if (this.#isWantedAgain) {
          this.#isWantedAgain = false;
          this.read();
        }
      });
  }

  close(): void {
    this.#isWantedAgain = false;
    this.#abort.abort();
    this.#change.cancel();
    this.#abort = new AbortController();
    this.labels.close();
    this.peaks?.close();
  }

  async #readAll(): Promise<void> {
    const { signal } = this.#abort;
    for (let hasMore = true; hasMore; ) {
      const body = { id: this.#sessionId, conversationId: this.#conversationId, cursor: this.#cursor };
      const reply = await this.#lab.call('timeline.events', body, { signal });
      if (signal.aborted) return;
      this.#cursor = reply.cursor;
      ({ hasMore } = reply);
      this.model.add(reply.series);
      this.model.setOpen(reply.open);
      this.#events.onProgress(reply.totalEvents === 0 ? 1 : reply.doneEvents / reply.totalEvents);
      this.#change.tell();
    }
    void this.peaks?.refresh(); // never rejects
    for (let hasMore = true; hasMore; ) {
      const reply = await this.#lab.call('timeline.rows', { id: this.#sessionId, cursor: this.#rowCursor }, { signal });
      if (signal.aborted) return;
      this.#rowCursor = reply.cursor;
      ({ hasMore } = reply);
      if (reply.series.length === 0) continue;
      this.model.add(reply.series);
      this.#change.tell();
    }
  }
}
